//! Why the gradient shrinks or grows: panels that show what the worker found.

use serde_json::Value;
use thirtyfour::Key;

use crate::harness::Page;

fn numbers(list: &Value) -> Vec<f64> {
    list.as_array().unwrap().iter().map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
}

fn line(chart: &Value, name: &str) -> Vec<f64> {
    let line = chart.as_array().unwrap().iter().find(|line| line["name"] == name);
    line.map_or_else(Vec::new, |line| numbers(&line["y"]))
}

async fn until_found(page: &Page, update: u64) {
    let there = format!("document.querySelector('[data-testid=why-update]')?.dataset.value === '{update}'");
    page.until(&there, "what was found").await;
}

#[tokio::test]
async fn each_panel_opens_by_keyboard_and_axe_finds_nothing_in_it() {
    for (hash, lanes) in [("#lang=en&theme=light&update=40", 2), ("#lang=it&theme=dark&task=sine&lanes=lstm", 1)] {
        let page = Page::open(hash).await;
        for (why, is_found) in [("factors", true), ("credit", true), ("saturation", false), ("check", false)] {
            page.focus(&format!("[data-testid=why-{why}]")).await;
            page.press(Key::Enter).await;
            assert_eq!(page.eval("(await gatescope.config()).why").await, why);
            assert_eq!(page.eval("document.querySelectorAll('.why').length").await, 1, "one at a time");
            if is_found {
                until_found(&page, if lanes == 2 { 40 } else { 0 }).await;
            }
            if why == "check" {
                page.press(Key::Tab).await;
                page.focus("[data-testid=check-run]").await;
                page.press(" ").await;
                page.until("/10⁻/.test(document.querySelector('[data-testid=check-verdict]').innerText)", "a verdict")
                    .await;
                let tables = page.eval("document.querySelectorAll('[data-testid=check-blocks] table').length").await;
                assert_eq!(tables, lanes);
            } else {
                let charts = format!("document.querySelectorAll('.why canvas').length >= {lanes}");
                page.until(&charts, "a chart for each lane").await;
                let id = format!("!!document.querySelector('[data-testid=chart-{why}-0]')");
                assert_eq!(page.eval(&id).await, true);
            }
            assert_eq!(page.axe().await, Vec::<String>::new(), "{hash} {why}");
        }
        page.focus("[data-testid=why-check]").await;
        page.press(" ").await;
        assert_eq!(page.eval("document.querySelectorAll('.why').length").await, 0, "the button closes it again");
        assert_eq!(page.console_errors().await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn plotted_gives_the_factors_and_their_product_bounds_the_exact_norm() {
    let page = Page::open("#lang=en&update=60&why=factors").await;
    until_found(&page, 60).await;
    let (rnn, lstm) = (page.plotted("factors/0").await, page.plotted("factors/1").await);
    let (exact, bound) = (line(&rnn, "exact"), line(&rnn, "bound"));
    assert_eq!((exact.len(), exact[29], bound[29]), (30, 1.0, 1.0));
    assert!(exact.iter().zip(&bound).all(|(exact, bound)| *exact <= bound * 1.000_001), "{exact:?} {bound:?}");
    assert_eq!(line(&rnn, "ceiling"), vec![0.25; 30]);
    // The slopes are those of the trace, and the forget gates' product is of its gates.
    let snapshot = page.snapshot().await;
    let slopes = &snapshot["lanes"][0]["gates"]["dphi"];
    for (t, slope) in line(&rnn, "slope").iter().enumerate() {
        let most = numbers(&slopes[t]).into_iter().fold(0.0, f64::max);
        assert!((slope - most).abs() <= 1e-6, "step {t}: {slope}, not {most}");
    }
    let forget: Vec<Vec<f64>> = snapshot["lanes"][1]["gates"]["f"].as_array().unwrap().iter().map(numbers).collect();
    let kept = (0..16).map(|u| forget[1..].iter().map(|step| step[u]).product::<f64>()).fold(0.0, f64::max);
    let carousel = line(&lstm, "carousel");
    assert!((carousel[0] - kept).abs() <= 1e-5 * kept, "{} {kept}", carousel[0]);
    assert!(line(&lstm, "bound").is_empty(), "an LSTM has no such bound");
    // Training goes on, and the panel follows.
    page.eval("gatescope.step(5)").await;
    until_found(&page, 65).await;
    assert_ne!(line(&page.plotted("factors/0").await, "exact"), exact);
}

#[tokio::test]
async fn the_credit_of_a_step_is_chosen_by_pointer_and_keys_and_lights_its_way() {
    let page = Page::open("#lang=en&task=adding&update=30&why=credit&t=9").await;
    until_found(&page, 30).await;
    let credit = page.plotted("credit/0").await;
    assert_eq!((&credit["rows"], &credit["cols"]), (&30.into(), &30.into()));
    let values = numbers(&credit["values"]);
    assert!(values[1].is_nan() && values[29 * 30 + 29] > 0.0);
    // One answer, one loss: the last row times ∂L/∂y is the gradient on show.
    let snapshot = page.snapshot().await;
    let norms = numbers(&snapshot["lanes"][0]["gradientNorms"]["h"]);
    let factor = norms[29] / values[29 * 30 + 29];
    for t in 0..30 {
        let (found, norm) = (values[29 * 30 + t] * factor, norms[t]);
        assert!(norm < 1e-30 || (found - norm).abs() <= 1e-3 * norm, "step {t}: {found}, not {norm}");
    }
    assert_eq!(page.plotted("credit/1/c").await["rows"], 30);
    page.focus("[data-testid=chart-credit-1] [role=group]").await;
    page.press(Key::Up).await;
    page.press(Key::Up).await;
    page.press(Key::Left).await;
    assert_eq!(page.eval("(await gatescope.config()).t").await, 8);
    let said = page.text_of("narration").await;
    assert!(said.starts_with("Step 28 by the state at step 8: "), "{said}");
    let path = "(({ style }) => [style.left, style.width, style.top].map(parseFloat))
        (document.querySelector('[data-testid=chart-credit-1] .why-path'))";
    let found = numbers(&page.eval(path).await);
    let close = |found: f64, part: f64| (found - 100.0 * part / 30.0).abs() < 0.01;
    assert!(close(found[0], 7.0) && close(found[1], 21.0) && close(found[2], 27.0), "{found:?}");
    // A click in the lower left corner, and the bar over the gradient chart.
    page.eval(
        "(() => {
           const plot = document.querySelector('[data-testid=chart-credit-0] canvas');
           const box = plot.getBoundingClientRect();
           plot.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: box.left + 2, clientY: box.bottom - 2 }));
         })()",
    )
    .await;
    assert_eq!(page.eval("(await gatescope.config()).t").await, 1);
    let width = |selector: &str| format!("document.querySelector('{selector}').getBoundingClientRect().width");
    let bar = page.eval(&width(".hero-plot .path")).await.as_f64().unwrap();
    let band = page.eval(&width(".hero-plot .band")).await.as_f64().unwrap();
    assert!((bar - 30.0 * band).abs() < 0.1 * bar, "{bar} for 30 steps of {band}");
    page.eval("gatescope.configure({ why: null })").await;
    assert_eq!(page.eval("document.querySelector('.hero-plot .path')").await, Value::Null);
}

#[tokio::test]
async fn histograms_count_every_gate_value_of_the_snapshot() {
    let page = Page::open("#update=20&why=saturation").await;
    let (drawn, snapshot) = (page.plotted("saturation/1").await, page.snapshot().await);
    for gate in ["i", "f", "g", "o"] {
        let values: Vec<f64> =
            snapshot["lanes"][1]["gates"][gate].as_array().unwrap().iter().flat_map(numbers).collect();
        let low = if gate == "g" { -1.0 } else { 0.0 };
        let mut counts = vec![0.0; 20];
        for value in values {
            counts[(((value - low) / (1.0 - low) * 20.0) as usize).min(19)] += 1.0;
        }
        assert_eq!(line(&drawn, gate), counts, "{gate}");
    }
}

#[tokio::test]
async fn a_gradient_explodes_to_the_end_of_f32_and_the_page_says_where_it_broke() {
    let page = Page::open("#lang=en&why=factors&batch=64&decay=0.1&speed=7").await;
    page.eval("document.querySelector('[data-testid=explode]').click()").await;
    page.until("gatescope.config().then((config) => config.gain === 6)", "the run").await;
    let config = page.eval("gatescope.config()").await;
    assert_eq!((&config["batch"], &config["decay"]), (&16.into(), &Value::Null), "nothing of the run before");
    assert_eq!((&config["lang"], &config["speed"], &config["why"]), (&"en".into(), &7.into(), &"factors".into()));
    page.eval("gatescope.step(1)").await;
    let config = page.eval("gatescope.config()").await;
    assert_eq!((&config["gain"], &config["clip"], &config["scale"]), (&6.into(), &0.into(), &"absolute".into()));
    let gradient = page.plotted("gradient").await;
    let relu = numbers(&gradient[1]["y"]);
    assert!(relu[0] > 1e30 * relu[99], "{} and {}", relu[0], relu[99]);
    page.eval("gatescope.step(20)").await;
    let lanes = &page.snapshot().await["lanes"];
    assert_eq!(lanes[1]["stopped"]["reason"], "loss");
    assert!(page.text_of("lane-1").await.contains("update 2"), "{}", page.text_of("lane-1").await);
    page.eval("document.querySelector('[data-testid=explode-clipped]').click()").await;
    page.until("gatescope.config().then((config) => config.clip === 1)", "the same, clipped").await;
    page.eval("gatescope.step(20)").await;
    assert_eq!(page.snapshot().await["lanes"][1]["stopped"], Value::Null);
    assert_eq!(page.console_errors().await, Vec::<String>::new());
}

#[tokio::test]
async fn each_panel_says_of_which_of_several_layers_it_speaks() {
    let page = Page::open("#lang=en&len=8&layers=3&lanes=lstm-niaf,window&layer=2&why=factors&update=3").await;
    until_found(&page, 3).await;
    let said = "[...document.querySelectorAll('.why-say')].map((one) => one.innerText)";
    for (why, says) in [
        ("factors", "Said of layer 3 of 3."),
        ("credit", "Said of layer 3 of 3."),
        ("saturation", "Said of layer 2 of 3."),
    ] {
        page.eval(&format!("gatescope.configure({{ why: '{why}' }})")).await;
        page.until(&format!("{said}[0].endsWith('{says}')"), why).await;
        assert_eq!(page.eval(&format!("{said}[1].includes('Said of layer')")).await, false, "a window network has one");
    }
    assert!(page.eval(&format!("{said}[0]")).await.as_str().unwrap().contains("g is linear and cannot saturate."));
    // The readout is that of all layers.
    page.eval("gatescope.configure({ why: 'check' })").await;
    page.eval("document.querySelector('[data-testid=check-run]').click()").await;
    page.until("/10⁻/.test(document.querySelector('[data-testid=check-verdict]').innerText)", "a verdict").await;
    let names =
        "[...document.querySelectorAll('[data-testid=check-blocks] tbody th')].map((one) => one.innerText).join(' | ')";
    let names = page.eval(names).await;
    assert!(names.as_str().unwrap().ends_with("b, 3 | W_out | b_out | W | b | W_out | b_out"), "{names}");
}
