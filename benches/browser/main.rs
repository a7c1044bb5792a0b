//! The built page measured in a headless browser: frames while it trains, and one training update of an LSTM in its worker
//! beside TensorFlow.js in the same browser.
//!
//! `scripts/bench-browser.sh` sets GATESCOPE_DIST (the built page) and GATESCOPE_TFJS (the folder `@tensorflow`). The two
//! take turns, so that what else the machine does meets both; of the rounds the median counts.

#[path = "../../tests/e2e/harness.rs"]
#[allow(dead_code, reason = "a tool box; the tests use the rest of it")]
mod harness;

mod frames;

use std::path::Path;
use std::{env, fs};

use harness::Page;
use serde_json::{Value, json};

/// (batch, hidden, length)
const PROBLEMS: [(u32, u32, u32); 2] = [(8, 16, 50), (32, 32, 100)];
const ROUNDS: usize = 3;
const REPORT: &str = "target/bench-browser.json";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let dist = env::var("GATESCOPE_DIST").expect("GATESCOPE_DIST: run scripts/bench-browser.sh");
    let tfjs = env::var("GATESCOPE_TFJS").expect("GATESCOPE_TFJS: run scripts/bench-browser.sh");
    let folders = [("/page/", dist.as_str()), ("/tfjs/", "benches/browser"), ("/npm/", &tfjs)];
    let page = Page::serving(&folders.map(|(address, folder)| (address, Path::new(folder))), 1440, 900).await;

    let frames = frames::measure(&page).await;

    let mut report = Vec::new();
    println!("One LSTM update (forward, full BPTT, Adam; 2 inputs, 1 output), milliseconds, median of {ROUNDS} rounds");
    println!("{:>6} {:>7} {:>7} {:>12} {:>12} {:>10}", "batch", "hidden", "length", "gatescope", "TF.js wasm", "ratio");
    for (batch, hidden, len) in PROBLEMS {
        let mut ours = Vec::new();
        let mut theirs = Vec::new();
        for _ in 0..ROUNDS {
            ours.push(
                gatescope(
                    &page,
                    json!({ "cell": "lstm", "hidden": hidden, "batch": batch, "len": len, "updates": 1000 }),
                )
                .await,
            );
            theirs
                .push(tensorflow(&page, json!({ "hidden": hidden, "batch": batch, "len": len, "updates": 20 })).await);
        }
        let (our_time, their_time) = (median(&ours), median(&theirs));
        let ratio = their_time / our_time;
        println!("{batch:>6} {hidden:>7} {len:>7} {our_time:>12.3} {their_time:>12.1} {ratio:>9.0}x");
        report.push(json!({
            "batch": batch, "hidden": hidden, "len": len,
            "gatescope": { "milliseconds": our_time, "rounds": ours },
            "tfjs": { "milliseconds": their_time, "rounds": theirs },
            "ratio": ratio,
        }));
    }
    let report = serde_json::to_string_pretty(&json!({ "frames": frames, "updates": report })).expect("plain values");
    fs::write(REPORT, report).expect("target/ is writable");
    println!("Everything measured is in {REPORT}.");
}

/// One round in the page's worker, through the script interface.
async fn gatescope(page: &Page, problem: Value) -> Value {
    page.load("/page/").await;
    page.until("!document.getElementById('boot')", "the page has started").await;
    page.until("typeof window.gatescope?.bench === 'function'", "the page offers gatescope.bench").await;
    let mut answer = page.eval(&format!("await window.gatescope.bench({problem})")).await;
    let rate = answer["updatesPerSecond"].as_f64().expect("bench answers updatesPerSecond");
    answer["milliseconds"] = json!(1000.0 / rate);
    answer
}

/// One round of benches/browser/tfjs.js.
async fn tensorflow(page: &Page, problem: Value) -> Value {
    page.load("/tfjs/tfjs.html").await;
    let answer = page.eval(&format!("await bench({problem})")).await;
    assert_eq!(answer["backend"], "wasm", "{answer}");
    assert_eq!(answer["simd"], true, "{answer}");
    assert_eq!(answer["leakedTensors"], 0, "{answer}");
    answer
}

fn median(rounds: &[Value]) -> f64 {
    let mut times: Vec<f64> = rounds.iter().filter_map(|round| round["milliseconds"].as_f64()).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
