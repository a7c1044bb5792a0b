//! Without a pointer.

use std::collections::HashSet;

use thirtyfour::Key;

use crate::harness::Page;

/// All that can take the focus now, as indices into the document's elements.
const REACHABLE: &str = "[...document.querySelectorAll('*')].flatMap((one, index) => {
  const takes = one.matches('button, select, input, a[href], [tabindex]') && one.tabIndex >= 0 && !one.disabled;
  return takes && one.checkVisibility({ visibilityProperty: true }) ? [index] : [];
})";

const FOCUSED: &str = "(() => {
  const at = document.activeElement;
  const style = getComputedStyle(at);
  return {
    index: [...document.querySelectorAll('*')].indexOf(at),
    name: at.outerHTML.slice(0, 120),
    outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
    inside: at !== document.body && at !== document.documentElement,
  };
})()";

#[tokio::test]
async fn tab_reaches_every_control_shows_where_it_is_and_is_never_trapped() {
    let page = Page::open("#lang=en&bad=1").await;
    let reachable: HashSet<u64> = serde_json::from_value(page.eval(REACHABLE).await).unwrap();
    assert!(reachable.len() > 30, "{} controls", reachable.len());
    let mut reached = HashSet::new();
    // Once round, and a few more for the browser's own stops.
    for _ in 0..reachable.len() + 8 {
        page.press(Key::Tab).await;
        let focused = page.eval(FOCUSED).await;
        if focused["inside"] == true {
            assert_eq!(focused["outlined"], true, "the focus is not to be seen on {}", focused["name"]);
            reached.insert(focused["index"].as_u64().unwrap());
        }
    }
    let missed: Vec<_> = reachable.difference(&reached).collect();
    let names = format!("{missed:?}.map((index) => document.querySelectorAll('*')[index].outerHTML.slice(0, 120))");
    assert!(missed.is_empty(), "never reached: {}", page.eval(&names).await);
}

#[tokio::test]
async fn training_is_played_stepped_and_reset_by_keys() {
    let page = Page::open("#lang=en").await;
    page.focus("[data-testid=play]").await;
    page.press(" ").await;
    page.until_update(2).await;
    page.press(Key::Enter).await;
    page.eval("gatescope.pause()").await;
    assert_eq!(page.text_of("play").await, "▶ Play");
    let update = page.update().await;
    page.press(Key::Tab).await;
    page.press(Key::Enter).await;
    page.until_update(update + 1).await;
    page.press(Key::Tab).await;
    page.press(Key::Tab).await;
    page.press(" ").await;
    page.until("(await gatescope.snapshot()).update === 0", "Reset").await;
    page.focus("[data-testid=task]").await;
    page.press(Key::Down).await;
    page.until("(await gatescope.config()).task !== 'order'", "another task").await;
    page.focus("#setting-len").await;
    page.press(Key::Control + "a").await;
    page.press("17").await;
    page.press(Key::Enter).await;
    page.until("(await gatescope.config()).len === 17", "another length").await;
}

#[tokio::test]
async fn arrow_keys_on_the_hero_and_on_lanes_choose_step_and_unit_everywhere() {
    let page = Page::open("#lang=en").await;
    let title = "document.querySelector('[data-testid=inspector] h2')";
    let chosen = || page.eval("gatescope.config().then(({ t, unit }) => [t, unit])");
    let band = "document.querySelector('.page').style.getPropertyValue('--band-left')";
    for place in [".hero-plot", ".lane-rows"] {
        page.focus(place).await;
        for (key, t, unit) in [
            (Key::Home, 1, 1),
            (Key::Right, 2, 1),
            (Key::Right, 3, 1),
            (Key::Left, 2, 1),
            (Key::Down, 2, 2),
            (Key::Down, 2, 3),
            (Key::Up, 2, 2),
            (Key::End, 30, 2),
            (Key::Right, 30, 2),
            (Key::Up, 30, 1),
            (Key::Up, 30, 1),
        ] {
            page.press(key.clone()).await;
            assert_eq!(chosen().await, serde_json::json!([t, unit]), "{place}: {key:?}");
            assert_eq!(page.text(title).await, format!("LSTM, step {t}, unit {unit}"));
            let left = format!("{:.4}%", 100.0 * f64::from(t - 1) / 30.0);
            assert_eq!(page.eval(band).await, left.as_str(), "the marker stands there in every lane");
        }
    }
    page.until("location.hash.includes('t=30')", "the address follows").await;
}

#[tokio::test]
async fn escape_closes_a_table_and_the_focus_returns_to_its_button() {
    let page = Page::open("#lang=en").await;
    for place in [".hero .table-button", ".lane .row-gate .table-button", ".timeline .table-button"] {
        page.focus(place).await;
        page.press(Key::Enter).await;
        page.until("document.querySelector('dialog').open", "the table").await;
        page.press(Key::Tab).await;
        assert_eq!(page.eval("!!document.activeElement.closest('dialog')").await, true, "the focus is in the dialog");
        page.press(Key::Escape).await;
        page.until("!document.querySelector('dialog').open", "the table is closed").await;
        assert_eq!(page.eval(&format!("document.activeElement === document.querySelector('{place}')")).await, true);
    }
}

#[tokio::test]
async fn a_question_mark_shows_the_keys_but_not_while_a_text_is_written() {
    let page = Page::open("#lang=it").await;
    page.focus("#setting-len").await;
    page.press("?").await;
    assert_eq!(page.eval("document.querySelector('dialog').open").await, false, "in a field it is a letter");
    page.focus(".hero-plot").await;
    page.press("?").await;
    page.until("document.querySelector('dialog').open", "the table of keys").await;
    let text = page.text("document.querySelector('dialog')").await;
    assert!(text.starts_with("Tasti") && text.contains("Questa tabella"), "{text}");
    page.press(Key::Escape).await;
    page.until("!document.querySelector('dialog').open", "the table is closed").await;
    assert_eq!(page.eval("document.activeElement.className").await, "hero-plot");
    page.click("lang").await;
    page.eval("document.querySelector('.page-head [aria-haspopup]').click()").await;
    page.until("document.querySelector('dialog').innerText.startsWith('Keys')", "the button shows them too").await;
}

#[tokio::test]
async fn the_drawer_takes_the_focus_and_gives_it_back() {
    let page = Page::blank(600, 800).await;
    page.goto("#lang=en").await;
    let at = "document.activeElement.dataset.testid";
    let open = "!!document.querySelector('.drawer-open')";
    page.focus("[data-testid=drawer]").await;
    page.press(Key::Enter).await;
    page.until(&format!("{at} === 'task'"), "its first control").await;
    page.press(Key::Escape).await;
    page.until(&format!("!{open}"), "closed").await;
    assert_eq!(page.eval(at).await, "drawer");
    page.eval("gatescope.step(1)").await;
    page.press(Key::Enter).await;
    page.enter("#setting-len", "12").await;
    page.until("!!document.querySelector('.draft button')", "the offer to start again").await;
    page.focus(".draft button").await;
    page.press(Key::Enter).await;
    page.until(&format!("!{open}"), "it closes").await;
    assert_eq!(page.eval(at).await, "play");
}

#[tokio::test]
async fn step_inside_after_a_film_leads_into_the_next() {
    let page = Page::open("#lang=en&len=6&hidden=4&batch=3").await;
    for update in 1..=2 {
        page.focus("[data-testid=step-inside]").await;
        page.press(Key::Enter).await;
        page.until("document.activeElement.dataset.testid === 'inside'", "the film has the focus").await;
        let title = format!("document.querySelector('.inside h2').innerText === 'Inside update {update}'");
        page.until(&title, "the next update").await;
        page.press(Key::End).await;
        page.until(&format!("(await gatescope.snapshot()).update === {update}"), "it is made").await;
    }
}
