//! What is chosen is read out: the number, and what it does.

use serde_json::Value;
use thirtyfour::Key;

use crate::harness::{Page, number};

const SAID: &str = "document.querySelector('[data-testid=narration]').innerText";

async fn until_said(page: &Page, start: &str) -> String {
    page.until(&format!("{SAID}.startsWith(\"{start}\")"), start).await;
    page.eval(SAID).await.as_str().expect("a text").to_owned()
}

/// The numbers of a narration, of which the last may be followed by words.
fn numbers(text: &str, between: &[&str]) -> Vec<f64> {
    let mut rest = text;
    let mut found = Vec::new();
    for pair in between.windows(2) {
        rest = rest.split_once(pair[0]).unwrap_or_else(|| panic!("{text}: no {:?}", pair[0])).1;
        let end = if pair[1].is_empty() { rest.len() } else { rest.find(pair[1]).unwrap_or_else(|| panic!("{text}")) };
        found.push(number(&rest[..end].replace(',', ".")));
    }
    found
}

fn close(shown: f64, value: f64) {
    assert!((shown - value).abs() <= 0.06 * value.abs(), "{shown}, not {value}");
}

fn at(series: &Value, t: usize, unit: usize) -> f64 {
    series[t - 1][unit - 1].as_f64().expect("a number")
}

#[tokio::test]
async fn a_gate_says_its_value_and_what_it_does_with_it() {
    let page = Page::open("#lang=en&update=100&t=7&unit=5").await;
    let lstm = page.snapshot().await["lanes"][1].clone();
    let gate = |name: &str, t: usize| at(&lstm["gates"][name], t, 5);
    page.focus("[data-testid=lane-1] .lane-rows").await;
    page.press(Key::Right).await;
    let said = until_said(&page, "Step 8, forget gate of unit 5: ").await;
    let [value, kept] = numbers(&said, &["unit 5: ", ", keeps ", " of the cell’s "])[..] else { panic!("{said}") };
    close(value, gate("f", 8));
    close(kept, gate("f", 8) * at(&lstm["c"], 7, 5));
    close(numbers(&said, &["of the cell’s ", ""])[0], at(&lstm["c"], 7, 5));
    page.press("i").await;
    let said = until_said(&page, "Step 8, input gate of unit 5: ").await;
    let [_, let_in] = numbers(&said, &["unit 5: ", ", lets in ", " of the candidate’s "])[..] else {
        panic!("{said}")
    };
    close(let_in, gate("i", 8) * gate("g", 8));
    close(numbers(&said, &["of the candidate’s ", ""])[0], gate("g", 8));
    page.press("g").await;
    let said = until_said(&page, "Step 8, candidate of unit 5: ").await;
    let [_, written] = numbers(&said, &["unit 5: ", ", writes ", " into the cell"])[..] else { panic!("{said}") };
    close(written, gate("i", 8) * gate("g", 8));
    page.press("o").await;
    let said = until_said(&page, "Step 8, output gate of unit 5: ").await;
    let [_, shown] = numbers(&said, &["unit 5: ", ", shows ", " of the cell"])[..] else { panic!("{said}") };
    close(shown, at(&lstm["h"], 8, 5));
    close(numbers(&said, &["tanh(c) = ", ""])[0], at(&lstm["c"], 8, 5).tanh());
    page.press("c").await;
    let said = until_said(&page, "Step 8, cell state of unit 5: ").await;
    close(numbers(&said, &["unit 5: ", ""])[0], at(&lstm["c"], 8, 5));
    page.press("y").await;
    until_said(&page, "Step 8, answer so far: ").await;
    page.press(Key::Home).await;
    page.press("f").await;
    assert!(until_said(&page, "Step 1, forget gate of unit 5: ").await.ends_with(", keeps 0 of the cell’s 0"));
    // An RNN has a slope, and no cell.
    page.focus("[data-testid=lane-0] .lane-rows").await;
    page.press("c").await;
    page.press("s").await;
    until_said(&page, "Step 1, slope of unit 5: ").await;
    page.focus("[data-testid=chart-gradient]").await;
    page.press(Key::End).await;
    until_said(&page, "Step 30, gradient: Sigmoid RNN 1.0, LSTM · h 1.0, LSTM · c 1.0").await;
}

#[tokio::test]
async fn italian_is_read_out_too_and_nothing_is_while_training_plays() {
    let page = Page::open("#lang=it&update=40&t=3&unit=2").await;
    let canvas = "document.querySelectorAll('[data-testid=chart-gates-1] canvas')[1]";
    page.eval(&format!(
        "(() => {{ const canvas = {canvas}; const {{ left, top, width, height }} = canvas.getBoundingClientRect();
           canvas.dispatchEvent(new MouseEvent('click', {{ bubbles: true, clientX: left + 0.5 * width, clientY: top + 0.99 * height }})); }})()"
    ))
    .await;
    let said = until_said(&page, "Passo 16, porta di oblio, unità 16: 0,").await;
    assert!(said.contains(", conserva ") && said.ends_with(" della cella"), "{said}");
    page.eval("(gatescope.play(), null)").await;
    page.until_update(45).await;
    page.focus("[data-testid=chart-gradient]").await;
    page.press(Key::Home).await;
    page.eval("new Promise((resolve) => setTimeout(resolve, 600))").await;
    assert_eq!(page.eval(SAID).await, "", "nobody could follow, and what was said is of another update");
}

#[tokio::test]
async fn what_is_chosen_in_the_inspector_is_read_out_and_what_was_said_of_another_sequence_goes() {
    let page = Page::open("#lang=en&update=100&t=7&unit=5").await;
    assert_eq!(page.eval(SAID).await, "", "nothing was chosen yet");
    let press = async |picker: &str, which: usize| {
        page.eval(&format!(
            "document.getElementById('pick-{picker}').parentElement.querySelectorAll('button')[{which}].click()"
        ))
        .await;
    };
    press("t", 1).await;
    let lstm = page.snapshot().await["lanes"][1].clone();
    let said = until_said(&page, "Step 8, forget gate of unit 5: ").await;
    close(numbers(&said, &["unit 5: ", ", keeps ", " of the cell"])[0], at(&lstm["gates"]["f"], 8, 5));
    press("unit", 0).await;
    until_said(&page, "Step 8, forget gate of unit 4: ").await;
    page.click("lang").await;
    page.until(&format!("{SAID} === ''"), "it was in another language").await;
    page.click("lang").await;
    // A chart speaks for itself: of what was chosen in it nothing else is said.
    page.focus("[data-testid=chart-gradient]").await;
    page.press(Key::Right).await;
    until_said(&page, "Step 9, gradient: ").await;
    page.eval("new Promise((resolve) => setTimeout(resolve, 700))").await;
    until_said(&page, "Step 9, gradient: ").await;
    press("probe", 1).await;
    page.until(&format!("!{SAID}.includes('gradient')"), "that was of another sequence").await;
    let said = until_said(&page, "Step 9, forget gate of unit 4: ").await;
    let lstm = page.snapshot().await["lanes"][1].clone();
    close(numbers(&said, &["unit 4: ", ", keeps ", " of the cell"])[0], at(&lstm["gates"]["f"], 9, 4));
}
