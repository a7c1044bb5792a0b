//! For every reader: axe-core finds nothing, every chart has a sentence and a table.

use serde_json::Value;

use crate::harness::{Page, number};

async fn assert_axe_finds_nothing(page: &Page, state: &str) {
    assert_eq!(page.axe().await, Vec::<String>::new(), "{state}");
}

#[tokio::test]
async fn axe_finds_nothing_in_any_state_of_the_page() {
    let page = Page::open("#lang=en&theme=light").await;
    assert_axe_finds_nothing(&page, "light, with the question").await;
    page.eval("document.querySelectorAll('.question button')[0].click()").await;
    page.eval("gatescope.step(400)").await;
    assert_axe_finds_nothing(&page, "with the verdict").await;
    page.enter("#setting-len", "40").await;
    page.until("!!document.querySelector('.draft')", "the offer to start again").await;
    assert_axe_finds_nothing(&page, "with the offer to start again").await;
    page.goto("#lang=it&theme=dark&lanes=rnn-tanh,rnn-relu,lstm,lstm&len=900&flavour=sweet&update=3").await;
    assert_axe_finds_nothing(&page, "dark, Italian, four lanes, with a notice").await;
    page.eval("document.querySelector('.lane .row-gate .table-button').click()").await;
    page.until("document.querySelector('dialog').open", "the table").await;
    assert_axe_finds_nothing(&page, "with a table, dark").await;
    page.goto("#task=adding&lanes=rnn-relu,lstm&opt=sgd&lr=10&clip=0&len=60&update=30&theme=light").await;
    assert_axe_finds_nothing(&page, "with a lane that diverged").await;
    page.eval("document.querySelector('.hero .table-button').click()").await;
    page.until("document.querySelector('dialog').open", "the table").await;
    assert_axe_finds_nothing(&page, "with a table, light").await;
    page.launch("#lang=en&update=900000").await;
    page.until("(document.querySelector('.replay progress')?.value ?? 0) > 0.001", "a replay").await;
    assert_axe_finds_nothing(&page, "while replaying").await;
}

#[tokio::test]
async fn axe_finds_nothing_on_a_phone() {
    let page = Page::blank(390, 844).await;
    page.device(390, 844, 3.0, true).await;
    for hash in ["#lang=en&theme=light", "#lang=it&theme=dark&update=20"] {
        page.goto(hash).await;
        assert_axe_finds_nothing(&page, hash).await;
        page.eval("document.querySelector('.drawer-button').click()").await;
        page.until("document.querySelector('.settings').checkVisibility()", "the drawer").await;
        assert_axe_finds_nothing(&page, &format!("{hash}, with the drawer")).await;
    }
}

#[tokio::test]
async fn every_canvas_says_in_words_what_is_to_be_seen() {
    let page = Page::open("#lang=en&update=50").await;
    let names = "[...document.querySelectorAll('canvas')].map((canvas) => canvas.getAttribute('aria-label') ?? '')";
    let names: Vec<String> = serde_json::from_value(page.eval(names).await).unwrap();
    assert_eq!(names.len(), 17);
    for name in &names {
        assert!(name.len() > 20, "{name}");
    }
    let of =
        |start: &str| names.iter().find(|name| name.starts_with(start)).unwrap_or_else(|| panic!("{start}: {names:?}"));
    let snapshot = page.snapshot().await;
    let loss = snapshot["lanes"][1]["loss"].as_f64().unwrap();
    let said = of("Loss after 50 updates.");
    let number: f64 = said
        .split("LSTM: ")
        .nth(1)
        .unwrap()
        .trim_end_matches('.')
        .split(['.', ' '])
        .take(2)
        .collect::<Vec<_>>()
        .join(".")
        .parse()
        .unwrap();
    assert!((number - loss).abs() < 0.005 * loss, "{said}: {loss}");
    assert!(of("Sigmoid RNN – input: ").split(": ").nth(1).unwrap().split(' ').count() == 30, "the symbols one by one");
    assert!(of("LSTM – answer so far: ").contains("with probability"));
    assert!(of("LSTM – forget gate: ").starts_with("LSTM – forget gate: 16 by 30 steps, from "));
}

/// Opens the table of each chart in turn: the chart's name, the heads, the cells.
const TABLES: &str = "(async () => {
  const dialog = document.querySelector('dialog');
  const tables = [];
  for (const button of document.querySelectorAll('.table-button')) {
    button.click();
    for (let turn = 0; turn < 50 && !dialog.open; turn += 1) await new Promise((next) => setTimeout(next, 10));
    const texts = (root, cells) => [...root.querySelectorAll(cells)].map((cell) => cell.textContent);
    tables.push({
      name: button.getAttribute('aria-label'),
      title: dialog.querySelector('h2')?.textContent,
      heads: texts(dialog, 'thead th'),
      rows: [...dialog.querySelectorAll('tbody tr')].map((row) => texts(row, 'th, td')),
    });
    dialog.querySelector(':scope > button').click();
    for (let turn = 0; turn < 50 && dialog.querySelector('table'); turn += 1) await new Promise((next) => setTimeout(next, 10));
  }
  return tables;
})()";

fn assert_table(tables: &[Value], name: &str, by_step: &Value) {
    let table = tables.iter().find(|table| table["name"].as_str().unwrap().ends_with(name));
    let table = table.unwrap_or_else(|| panic!("no table {name}"));
    for (t, step) in by_step.as_array().unwrap().iter().enumerate() {
        let expected = step.as_array().map_or_else(|| vec![step.clone()], Clone::clone);
        let row = table["rows"][t].as_array().unwrap();
        assert_eq!(row[0], (t + 1).to_string(), "{name}");
        assert_eq!(row.len(), expected.len() + 1, "{name}");
        assert_eq!(table["heads"].as_array().unwrap().len(), row.len(), "{name}");
        for (cell, expected) in row[1..].iter().zip(&expected) {
            let (cell, expected) = (number(cell.as_str().unwrap()), expected.as_f64().unwrap());
            assert!((cell - expected).abs() <= 6e-4 * expected.abs(), "{name}, step {}: {cell}, not {expected}", t + 1);
        }
    }
}

#[tokio::test]
async fn every_chart_has_a_table_with_its_numbers() {
    let page = Page::open("#lang=en&len=9&hidden=5&update=30&scale=absolute").await;
    let tables = page.eval(TABLES).await;
    let tables = tables.as_array().unwrap();
    assert_eq!(tables.len(), 17, "one for each canvas");
    for table in tables {
        let rows = match table["name"].as_str().unwrap() {
            "Table: Loss over training" => 30,
            // Also the updates that the replay passed.
            name if name.ends_with("update by update") => 31,
            _ => 9,
        };
        assert_eq!(table["rows"].as_array().unwrap().len(), rows, "{}", table["name"]);
        assert!(table["name"].as_str().unwrap().ends_with(table["title"].as_str().unwrap()), "{}", table["name"]);
    }
    let lanes = &page.snapshot().await["lanes"];
    let norms: Vec<Value> = (0..9)
        .map(|t| {
            let of = |lane: usize, name: &str| lanes[lane]["gradientNorms"][name][t].clone();
            Value::Array(vec![of(0, "h"), of(1, "h"), of(1, "c")])
        })
        .collect();
    assert_table(tables, "How much of the error reaches back to step t?", &Value::Array(norms));
    assert_table(tables, "Sigmoid RNN – slope, at most 0.25", &lanes[0]["gates"]["dphi"]);
    assert_table(tables, "Sigmoid RNN – hidden state", &lanes[0]["h"]);
    assert_table(tables, "Sigmoid RNN – hidden, as lines", &lanes[0]["h"]);
    for (gate, name) in [("i", "input gate"), ("f", "forget gate"), ("g", "candidate"), ("o", "output gate")] {
        assert_table(tables, &format!("LSTM – {name}"), &lanes[1]["gates"][gate]);
    }
    assert_table(tables, "LSTM – cell state", &lanes[1]["c"]);
    let loss = tables.iter().find(|table| table["name"] == "Table: Loss over training").unwrap();
    assert_eq!(loss["rows"][0][0], "30");
    assert!((number(loss["rows"][0][2].as_str().unwrap()) - lanes[1]["loss"].as_f64().unwrap()).abs() < 1e-3);
}

#[tokio::test]
async fn what_is_pressed_can_be_told_in_the_systems_own_colours() {
    let page = Page::blank(1280, 800).await;
    page.media(&[("forced-colors", "active")]).await;
    page.goto("#lang=en&why=factors").await;
    for pair in ["[data-testid^=inspector-][aria-pressed=@]", ".why-buttons [aria-expanded=@]"] {
        let colour = async |value: &str| {
            let one = pair.replace('@', value);
            page.eval(&format!("getComputedStyle(document.querySelector('{one}')).backgroundColor")).await
        };
        assert_ne!(colour("true").await, colour("false").await, "{pair}");
    }
}

#[tokio::test]
async fn what_will_be_read_out_has_its_place_before_it_is_said() {
    let page =
        Page::open("#lang=en&task=adding&lanes=lstm,rnn-relu&opt=sgd&lr=1&clip=0&speed=max&why=saturation").await;
    page.eval("(window.places = [...document.querySelectorAll('[role=status]')], null)").await;
    let said = "places.filter((place) => place.isConnected).map((place) => place.textContent).join('\\n')";
    page.eval("gatescope.step(30)").await;
    page.until(&format!("{said}.includes('Stopped at update')"), "a lane that diverges").await;
    page.enter("#setting-len", "12").await;
    page.until(&format!("{said}.includes('These changes start the run again')"), "the offer to start again").await;
    let label = page.eval("document.querySelector('[data-testid=chart-saturation-1] canvas').ariaLabel").await;
    assert!(label.as_str().unwrap().contains(" %"), "the histogram in words: {label}");
    page.eval("gatescope.configure({ why: 'factors' })").await;
    page.click("explode").await;
    page.until(&format!("{said}.includes('Networks: Tanh RNN, ReLU RNN')"), "another run").await;
    page.until(&format!("{said}.includes('Paused at update 0.')"), "from its beginning").await;
}
