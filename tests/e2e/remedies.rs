//! The fold of remedies, what is held out, sequences of their own lengths and networks of several layers.

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::harness::Page;

const OPEN: &str = "document.querySelector('[data-testid=more]').open";

#[tokio::test]
async fn remedies_are_folded_away_at_first_and_each_says_what_it_does_and_does_not_cure() {
    let page = Page::open("").await;
    assert_eq!(page.eval(OPEN).await, false);
    page.eval("document.querySelector('[data-testid=more] summary').click()").await;
    assert_eq!(page.eval(OPEN).await, true);
    let explained = page
        .eval("[...document.querySelectorAll('.remedy')].filter((one) => one.querySelector('p.muted').innerText.length > 40).length")
        .await;
    // Those that are folded, and the optimiser and its learning rate.
    assert_eq!(explained, 13);
    assert_eq!(page.eval("document.querySelectorAll('.more > p').length").await, 3, "and of others above");
    page.enter("[data-testid=init]", "orthogonal").await;
    page.enter("[data-testid=clipmode]", "value").await;
    page.click("norm").await;
    page.click("ragged").await;
    page.enter("#setting-train", "50").await;
    page.enter("#setting-layers", "2").await;
    let config = page.eval("gatescope.config()").await;
    let expected =
        json!({ "init": "orthogonal", "clipmode": "value", "norm": 1, "ragged": 1, "train": 50, "layers": 2 });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(config[key], *value, "{key}");
    }
    page.eval("gatescope.step(3)").await;
    page.click("norm").await;
    page.until("!!document.querySelector('.draft')", "a change while a run is under way is offered first").await;
    assert_eq!(page.snapshot().await["update"], 3);
    page.goto("#decay=0.01&lang=it").await;
    assert_eq!(page.eval(OPEN).await, true, "a link that sets one opens the fold");
    assert_eq!(page.eval("document.querySelector('[data-testid=norm]').checked").await, false);
}

#[tokio::test]
async fn a_value_that_cannot_be_is_refused_where_it_is_typed_with_what_is_allowed() {
    let page = Page::open("#init=xavier&lang=en").await;
    let said = async |key: &str| page.text(&format!("document.querySelector('#{key}-refused')")).await;
    let all = [
        ("decay", "7", "a number from 0 to 1"),
        ("dropout", "0.95", "a number from 0 to 0.9"),
        ("lr", "1e9", "a number from 0.000001 to 10"),
        ("clip", "NaN", "a number from 0 to 1000000"),
        ("len", "1,5", "a whole number from 2 to 200"),
        ("batch", "many", "a whole number from 1 to 128"),
    ];
    for (key, value, allowed) in all {
        let before = page.eval(&format!("gatescope.config().then((config) => config.{key})")).await;
        let field = format!("document.querySelector('#setting-{key}')");
        assert_eq!(page.eval(&format!("{field}.ariaInvalid")).await, "false");
        page.enter(&format!("#setting-{key}"), value).await;
        let words = said(key).await;
        assert!(words.starts_with(&format!("Found “{value}”; allowed: {allowed}. ")), "{words}");
        assert!(words.ends_with("still holds."), "{words}");
        assert_eq!(page.eval(&format!("{field}.ariaInvalid")).await, "true");
        assert_eq!(page.eval(&format!("{field}.getAttribute('aria-describedby')")).await, format!("{key}-refused"));
        assert_eq!(page.eval(&format!("gatescope.config().then((config) => config.{key})")).await, before);
        assert_eq!(page.eval(&format!("{field}.value")).await, value, "it can be mended");
    }
    assert_eq!(page.notices().await, [] as [String; 0]);
    let open = "[...document.querySelectorAll('.refused')].filter((one) => one.innerText).length";
    assert_eq!(page.eval(open).await, all.len(), "one a field");
    page.enter("#setting-len", "0").await;
    assert_eq!(page.eval(open).await, all.len(), "the last word of each");
    // The value that held is a good one too.
    page.enter("#setting-batch", "016").await;
    assert_eq!((page.eval(open).await, said("batch").await), ((all.len() - 1).into(), String::new()));
    assert_eq!(page.eval("document.querySelector('#setting-batch').value").await, "16");
    page.focus("#setting-hidden").await;
    page.press(Key::Up).await;
    page.until("(await gatescope.config()).hidden === 17", "one more").await;
    assert_eq!(page.eval(open).await, all.len() - 1, "what was said of others stays");
    page.click("reset").await;
    page.until(&format!("{open} === 0"), "the run began anew").await;
    assert_eq!(page.eval("document.querySelector('#setting-len').value").await, "30");
}

#[tokio::test]
async fn what_is_held_out_is_drawn_beside_the_training_loss_and_comes_back_to_the_bit() {
    let link = "#lang=en&task=recall&len=8&train=20&update=90&dropout=0.2";
    let page = Page::open(link).await;
    let lines = page.plotted("loss").await;
    let named: Vec<&str> = lines.as_array().unwrap().iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(named, ["loss", "loss", "held-out", "held-out"]);
    assert_eq!(lines[3]["x"], json!([40, 80]));
    assert!(page.text_of("diagnosis").await.contains("On sequences held out of training its loss is"));
    page.eval("gatescope.seek(30)").await;
    page.eval("gatescope.seek(90)").await;
    assert_eq!(page.plotted("loss").await, lines);
    page.goto(link).await;
    assert_eq!(page.plotted("loss").await, lines);
}

#[tokio::test]
async fn each_layer_can_be_looked_at_and_the_chart_has_a_line_for_all() {
    let page = Page::open("#layers=3&len=10&update=5&lang=en").await;
    let names = async |page: &Page| {
        let lines = page.plotted("gradient").await;
        let of_first = lines.as_array().unwrap().iter().filter(|line| line["lane"] == 0);
        of_first.map(|line| line["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&page).await, ["layer 2", "layer 3", "h"]);
    let lines = page.plotted("gradient").await;
    let first = page.snapshot().await;
    page.enter("[data-testid=layer]", "3").await;
    page.until("location.hash.includes('layer=3')", "the link says which").await;
    page.eval("gatescope.pause()").await;
    assert_eq!(names(&page).await, ["layer 1", "layer 2", "h"]);
    let third = page.snapshot().await;
    assert_ne!(third["lanes"][0]["h"], first["lanes"][0]["h"]);
    assert_eq!(third["lanes"][0]["output"], first["lanes"][0]["output"], "there is one readout");
    assert_eq!(third["lanes"][1]["loss"], first["lanes"][1]["loss"]);
    let again = page.plotted("gradient").await;
    let of = |lines: &Value, name: &str| {
        lines.as_array().unwrap().iter().find(|line| line["lane"] == 0 && line["name"] == name).unwrap()["y"].clone()
    };
    assert_eq!((of(&lines, "layer 3"), of(&lines, "h")), (of(&again, "h"), of(&again, "layer 1")));
    assert!(page.text_of("diagnosis").await.contains("layer 3 of 3"));
    // The equations' sums hold in every layer: what a layer reads is the h of the one below.
    page.click("inspector-forward").await;
    assert!(page.text_of("equations").await.contains("="));
    let shown = page.eval("gatescope.configure({ layer: 1 }).then(() => gatescope.snapshot())").await;
    assert_eq!(shown["lanes"][0]["h"], first["lanes"][0]["h"], "what configure() led to is on show");
    assert_eq!(page.console_errors().await, [] as [String; 0]);
}

#[tokio::test]
async fn a_sequence_ends_where_it_ends_in_every_chart() {
    let page = Page::open("#ragged=1&len=20&probe=3&lang=en&t=20").await;
    let shown = page.snapshot().await;
    let len = shown["lanes"][0]["gradientNorms"]["h"].as_array().unwrap().len();
    assert!((10..20).contains(&len), "{len}");
    assert_eq!(page.plotted("gradient").await[0]["x"].as_array().unwrap().len(), len);
    assert_eq!(page.plotted("hidden/1").await["cols"], len);
    assert!(page.text_of("inspector").await.contains(&format!("step {len}")), "a step beyond it is its last");
    page.eval("gatescope.configure({ scale: 'batch' })").await;
    page.eval("gatescope.step(1)").await;
    assert_eq!(page.plotted("gradient").await[0]["x"].as_array().unwrap().len(), 20, "the batch has all steps");
    assert_eq!(page.console_errors().await, [] as [String; 0]);
}

#[tokio::test]
async fn a_lane_that_diverges_says_what_overflowed_and_where() {
    let page =
        Page::open("#seed=7&data=4&task=order&lanes=rnn-relu,lstm&lr=10&opt=sgd&clip=0&len=20&update=50&lang=en").await;
    let stopped = page.snapshot().await["lanes"][0]["stopped"].clone();
    let words = page.text_of("lane-0").await;
    assert!(words.contains(&format!("Stopped at update {}", stopped["update"])), "{words}");
    if let Some(quantity) = stopped["quantity"].as_str() {
        let said = format!("(first to overflow: {quantity} at step {})", stopped["step"]);
        assert!(words.contains(&said), "{said}: {words}");
    }
}
