//! Travelling through training on its timeline.

use serde_json::json;
use thirtyfour::prelude::*;

use crate::harness::Page;

const KNOWN: u64 = 120;

#[tokio::test]
async fn the_timeline_leads_to_any_update_made_and_on_from_there_as_before() {
    let page = Page::open("").await;
    page.eval(&format!("gatescope.step({KNOWN})")).await;
    let end = page.snapshot().await;
    page.eval("gatescope.seek(40)").await;
    let there = page.snapshot().await;
    page.eval(&format!("gatescope.seek({KNOWN})")).await;
    assert_eq!(page.snapshot().await, end, "forth again");

    // The strip ends at update 120 (its axis is a round number): a third of it is update 40.
    let strip = page.by_id("chart-loss").await;
    let place = page.eval("(({ width, height }) => [width, height])(document.querySelector('[data-testid=chart-loss]').getBoundingClientRect())").await;
    let (width, height) = (place[0].as_f64().expect("a width"), place[1].as_f64().expect("a height"));
    assert!(height > 20.0);
    let from_middle = |fraction: f64| ((fraction - 0.5) * width).round() as i64;
    page.driver
        .action_chain()
        .move_to_element_with_offset(&strip, from_middle(0.9), 0)
        .click_and_hold()
        .move_to_element_with_offset(&strip, from_middle(0.6), 0)
        .move_to_element_with_offset(&strip, from_middle(1.0 / 3.0), 0)
        .release()
        .perform()
        .await
        .expect("the pointer can be dragged");
    let near = "Math.abs(Number(document.querySelector('[data-testid=update-count]').dataset.value) - 40) <= 1";
    page.until(near, "the page follows the pointer to a third of the strip").await;

    page.focus("[data-testid=chart-loss]").await;
    page.press(Key::Home).await;
    page.until("document.querySelector('[data-testid=update-count]').dataset.value === '0'", "Home is update 0").await;
    for _ in 0..3 {
        page.press(Key::Right).await;
    }
    page.until("document.querySelector('[data-testid=update-count]').dataset.value === '3'", "three arrows").await;
    page.press(Key::End).await;
    page.until_update(KNOWN).await;
    assert_eq!(page.snapshot().await, end, "the end, by keys");
    for _ in 0..80 {
        page.press(Key::Left).await;
    }
    page.until("document.querySelector('[data-testid=update-count]').dataset.value === '40'", "eighty arrows back")
        .await;
    assert_eq!(page.snapshot().await, there);

    // What is known ahead stays on the strip, and is not made up: the same losses come again.
    let ahead = page.plotted("loss").await;
    assert_eq!(ahead[0]["y"].as_array().map(Vec::len), Some(40), "plotted: one loss an update made");
    let now = page.eval("document.querySelector('[data-testid=chart-loss]').getAttribute('aria-valuemax')").await;
    assert_eq!(now, json!(KNOWN.to_string()));
    page.eval(&format!("gatescope.step({})", KNOWN - 40)).await;
    assert_eq!(page.snapshot().await, end, "on from there as before");
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}
