//! What charts draw is what the snapshot holds, and it is really on the screen.

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::harness::Page;

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap_or_else(|| panic!("a list, not {list}")).iter().map(|x| x.as_f64().unwrap()).collect()
}

/// A chart's `{rows, cols, values}` equals a `[t][row]` array, within `tolerance`.
fn assert_map(chart: &str, drawn: &Value, by_step: &[Vec<f64>], tolerance: f64) {
    let (rows, cols) = (by_step[0].len(), by_step.len());
    assert_eq!((&drawn["rows"], &drawn["cols"]), (&json!(rows), &json!(cols)), "{chart}");
    let values = numbers(&drawn["values"]);
    assert_eq!(values.len(), rows * cols, "{chart}");
    for (t, step) in by_step.iter().enumerate() {
        for (row, expected) in step.iter().enumerate() {
            let value = values[row * cols + t];
            assert!((value - expected).abs() <= tolerance, "{chart}, t {t}, row {row}: {value}, not {expected}");
        }
    }
}

fn steps(by_step: &Value) -> Vec<Vec<f64>> {
    by_step.as_array().unwrap().iter().map(numbers).collect()
}

fn softmax(scores: &[f64]) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scores.iter().map(|score| (score - top).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// Compares every chart of the page as it stands with the snapshot.
async fn assert_charts_show_the_snapshot(page: &Page) {
    let snapshot = page.snapshot().await;
    let lanes = snapshot["lanes"].as_array().unwrap();
    for scale in ["absolute", "relative"] {
        page.eval(&format!("gatescope.configure({{ scale: '{scale}' }})")).await;
        let mut expected = Vec::new();
        for (k, lane) in lanes.iter().enumerate() {
            for name in ["h", "c"] {
                let mut y = numbers(&lane["gradientNorms"][name]);
                if y.is_empty() {
                    assert!(name == "c" && lane["code"] != "lstm");
                    continue;
                }
                let last = y[y.len() - 1];
                if scale == "relative" {
                    y = if last > 0.0 { y.iter().map(|norm| norm / last).collect() } else { Vec::new() };
                }
                let x: Vec<usize> = (1..=y.len()).collect();
                let x: Vec<f64> = x.into_iter().map(|t| t as f64).collect();
                expected.push((json!(k), name, json!(scale), x, y));
            }
        }
        let drawn = page.plotted("gradient").await;
        let drawn = drawn.as_array().unwrap();
        assert_eq!(drawn.len(), expected.len(), "gradient lines");
        for (line, (lane, name, scale, x, y)) in drawn.iter().zip(&expected) {
            assert_eq!((&line["lane"], &line["name"], &line["scale"]), (lane, &json!(name), scale));
            assert_eq!((&numbers(&line["x"]), &numbers(&line["y"])), (x, y), "{scale} {name} of lane {lane}");
        }
    }

    let loss = page.plotted("loss").await;
    assert_eq!(loss.as_array().unwrap().len(), lanes.len());
    let updates = snapshot["update"].as_u64().unwrap();
    let classes = page.eval("(await gatescope.config()).task").await != "adding";
    for (k, lane) in lanes.iter().enumerate() {
        let line = &loss[k];
        assert_eq!((&line["lane"], &line["name"]), (&json!(k), &json!("loss")));
        assert_eq!(numbers(&line["x"]), (1..=updates).map(|update| update as f64).collect::<Vec<_>>());
        let y = numbers(&line["y"]);
        assert_eq!(y.len() as u64, updates, "one loss an update");
        let shown: f64 = page.value_of(&format!("loss-{k}")).await.parse().unwrap();
        assert_eq!(shown, lane["loss"].as_f64().unwrap());
        assert!(y.last().is_none_or(|&last| last == shown), "the last of {y:?} is on show: {shown}");

        for (gate, values) in lane["gates"].as_object().unwrap() {
            let chart = format!("gates/{k}/{gate}");
            assert_map(&chart, &page.plotted(&chart).await, &steps(values), 0.0);
        }
        let h = steps(&lane["h"]);
        assert_map(&format!("hidden/{k}"), &page.plotted(&format!("hidden/{k}")).await, &h, 0.0);
        let output = steps(&lane["output"]);
        let answer = if classes { output.iter().map(|scores| softmax(scores)).collect() } else { output };
        let chart = format!("output/{k}");
        assert_map(&chart, &page.plotted(&chart).await, &answer, if classes { 1e-6 } else { 0.0 });

        if lane["code"] == "lstm" {
            let c = steps(&lane["c"]);
            let drawn = page.plotted(&format!("cell/{k}")).await;
            assert_eq!(drawn.as_array().unwrap().len(), c[0].len(), "a line a unit");
            for unit in 0..c[0].len() {
                let line = &drawn[unit];
                assert_eq!((&line["lane"], &line["name"]), (&json!(k), &json!(unit.to_string())));
                assert_eq!(numbers(&line["x"]), (1..=c.len()).map(|t| t as f64).collect::<Vec<_>>());
                assert_eq!(numbers(&line["y"]), c.iter().map(|step| step[unit]).collect::<Vec<_>>(), "unit {unit}");
            }
        } else {
            let refused = page.eval(&format!("gatescope.plotted('cell/{k}').catch((error) => error.message)")).await;
            assert!(refused.as_str().unwrap().starts_with("no chart"), "an RNN has no cell: {refused}");
            assert_eq!(lane["c"], json!([]));
        }
    }
}

#[tokio::test]
async fn every_chart_has_drawn_the_numbers_of_the_snapshot() {
    let page = Page::open("").await;
    for (hash, updates) in [
        ("#scale=relative", vec![0, 1, 150]),
        ("#task=adding&len=20&hidden=7&probe=3", vec![0, 40]),
        ("#lanes=rnn-tanh,rnn-relu&len=9", vec![0, 30]),
        // More units than the screen has room for, so that heat maps pool.
        ("#hidden=100&len=120&lanes=lstm&task=recall&batch=2", vec![2]),
    ] {
        page.goto(hash).await;
        for count in updates {
            page.eval(&format!("gatescope.step({count})")).await;
            assert_charts_show_the_snapshot(&page).await;
        }
    }
    let refused = page.eval("gatescope.plotted('weights').catch((error) => error.message)").await;
    assert!(refused.as_str().unwrap().contains("gates/<k>/<gate>"), "{refused}");
}

#[tokio::test]
async fn charts_keep_up_while_training_plays_and_after_a_change_of_view() {
    let page = Page::open("#speed=max").await;
    page.click("play").await;
    page.until_update(40).await;
    // One turn of the event loop: nothing can be drawn between the three.
    let state = page
        .eval(
            "Promise.all([gatescope.snapshot(), gatescope.plotted('loss'), gatescope.plotted('hidden/1')])
               .then(([snapshot, loss, hidden]) => ({ snapshot, loss, hidden }))",
        )
        .await;
    assert_map("hidden/1", &state["hidden"], &steps(&state["snapshot"]["lanes"][1]["h"]), 0.0);
    let y = numbers(&state["loss"][0]["y"]);
    let update = state["snapshot"]["update"].as_u64().unwrap() as usize;
    assert_eq!(y.len(), update, "as many losses as updates");
    assert_eq!(y[update - 1], state["snapshot"]["lanes"][0]["loss"].as_f64().unwrap());
    page.eval("gatescope.pause()").await;
    let before = page.snapshot().await;
    page.eval("gatescope.configure({ probe: 5 })").await;
    let after = page.snapshot().await;
    assert_eq!(before["update"], after["update"]);
    assert_ne!(before["lanes"][0]["h"], after["lanes"][0]["h"], "another sequence");
    assert_eq!(before["lanes"][0]["loss"], after["lanes"][0]["loss"]);
    assert_charts_show_the_snapshot(&page).await;
}

/// For each canvas: its name, how many different colours it holds, its pixels in short, and its sizes.
const CANVASES: &str = "[...document.querySelectorAll('canvas')].map((canvas) => {
  const { width, height } = canvas;
  const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, width, height).data.buffer);
  let sum = 0;
  for (const pixel of pixels) sum = (Math.imul(sum, 31) + pixel) >>> 0;
  const box = canvas.getBoundingClientRect();
  const place = canvas.closest('[data-testid]').dataset.testid + ' ' + canvas.closest('.row, .timeline, .hero').className;
  return { place, colours: new Set(pixels).size, sum, width, height, cssWidth: box.width, cssHeight: box.height };
})";

#[tokio::test]
async fn every_chart_is_painted_and_changes_with_training_and_is_sharp_on_a_dense_screen() {
    let page = Page::blank(1280, 800).await;
    page.device(1280, 800, 2.0, false).await;
    page.goto("").await;
    let before = page.eval(CANVASES).await;
    page.eval("gatescope.step(60)").await;
    let after = page.eval(CANVASES).await;
    let (before, after) = (before.as_array().unwrap(), after.as_array().unwrap());
    // Loss, gradient; of the RNN 5 rows, of the LSTM 8; each one's gradient by update.
    assert_eq!(before.len(), 17);
    for (before, after) in before.iter().zip(after) {
        let place = before["place"].as_str().unwrap();
        assert!(after["colours"].as_u64().unwrap() >= 3, "{place} is blank: {after}");
        if place.contains("row-input") {
            assert_eq!(before["sum"], after["sum"], "the sequence stays");
        } else {
            assert_ne!(before["sum"], after["sum"], "{place} changes with training");
        }
        for (pixels, css) in [("width", "cssWidth"), ("height", "cssHeight")] {
            let (pixels, css) = (after[pixels].as_f64().unwrap(), after[css].as_f64().unwrap());
            assert!(css > 10.0 && (pixels - 2.0 * css).abs() <= 1.0, "{place}: {pixels} pixels for {css}");
        }
    }
}

/// Of the map of how far back the gradient reached: the updates in its table.
async fn reach_updates(page: &Page) -> Vec<u64> {
    page.eval("document.querySelector('[data-testid=chart-reach-0] .table-button').click()").await;
    page.until("!!document.querySelector('dialog[open] tbody tr')", "the table").await;
    let read = "[...document.querySelector('dialog[open] tbody').rows].map((row) => Number(row.cells[0].innerText.replace(/\\D/g, '')))";
    let updates = serde_json::from_value(page.eval(read).await).unwrap();
    page.eval("document.querySelector('dialog[open]').close()").await;
    updates
}

#[tokio::test]
async fn the_map_of_the_gradients_reach_has_no_gap_after_a_jump_and_at_full_speed() {
    let page = Page::open("#lang=en&len=10&hidden=4&batch=2&update=2000").await;
    page.until_update(2000).await;
    let updates = reach_updates(&page).await;
    // At 2,000 updates a column stands for 8, and the table has every third of 250 columns.
    assert!(updates.len() > 80, "{updates:?}");
    assert!(updates.windows(2).all(|pair| pair[1] - pair[0] <= 24), "{updates:?}");
}

#[tokio::test]
async fn the_map_of_the_gradients_reach_is_travelled_by_keys_and_its_scale_fits_what_explodes() {
    let page = Page::open("#lang=en&len=100&lanes=rnn-tanh,rnn-relu,window&opt=sgd&gain=6").await;
    for _ in 0..3 {
        page.eval("gatescope.step(1)").await;
    }
    page.focus("[data-testid=chart-reach-1] [role=slider]").await;
    for (key, update) in [(Key::Left, 2), (Key::Left, 1), (Key::End, 3), (Key::Home, 0), (Key::Right, 1)] {
        page.press(key).await;
        page.until(&format!("(await gatescope.snapshot()).update === {update}"), "another update").await;
    }
    let top = page.text("document.querySelector('[data-testid=chart-reach-1] .ticks span')").await;
    assert!(["10²⁰", "10⁴⁰", "10⁸⁰"].contains(&top.as_str()), "{top}");
    assert!(page.text("document.querySelector('#reach-title + p')").await.contains("(Window network: ‖∂L/∂xₜ‖)"));
}

#[tokio::test]
async fn the_timeline_is_higher_where_two_losses_a_lane_are_to_be_told_apart() {
    let page = Page::open("#lang=en&len=8&train=20&update=90").await;
    let height = "document.querySelector('.timeline-plot').clientHeight";
    assert!(page.eval(height).await.as_u64().unwrap() >= 80);
    assert!(page.text_of("timeline").await.contains("– – held out"), "beside the plot");
    page.goto("#lang=en&len=8").await;
    assert!(page.eval(height).await.as_u64().unwrap() < 50);
}
