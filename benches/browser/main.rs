//! The built page measured in a headless browser: frames while it trains, and its training updates beside what else there is,
//! in one run and one table.
//!
//! `scripts/bench-browser.sh` sets GATESCOPE_DIST (the built page, its files compressed beside them), GATESCOPE_TFJS (the folder `@tensorflow`),
//! GATESCOPE_BENCH_WASM (the module of benches/wasm) and GATESCOPE_TORCH_PYTHON (a Python that may have PyTorch). What is held
//! against each other takes turns, so that what else the machine does meets both: the ratio is the median of those of the rounds.

#[path = "../../tests/e2e/harness.rs"]
#[allow(dead_code, reason = "a tool box; the tests use the rest of it")]
mod harness;

mod frames;
mod growth;
mod limit;
mod loading;
mod memory;
mod probes;
mod rivals;
mod table;

use std::path::Path;
use std::{env, fs, thread};

use harness::Page;
use serde_json::{Value, json};

/// Of this benchmark, and where everything measured is written.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/browser");
const REPORT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench-browser.json");

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let [dist, tfjs, wasm] = ["GATESCOPE_DIST", "GATESCOPE_TFJS", "GATESCOPE_BENCH_WASM"]
        .map(|name| env::var(name).unwrap_or_else(|_| panic!("{name}: run scripts/bench-browser.sh")));
    let folders = [("/page/", dist.as_str()), ("/bench/", FOLDER), ("/npm/", &tfjs), ("/wasm/", &wasm)];
    let page = Page::serving(&folders.map(|(address, folder)| (address, Path::new(folder))), 1440, 900).await;

    let loading = loading::measure(&page).await;
    if env::args().any(|argument| argument == "loading") {
        fs::write(REPORT, serde_json::to_string_pretty(&loading).expect("plain values")).expect("target/ is writable");
        return;
    }

    // First, while the browser has held nothing else.
    println!("Memory of a long run …");
    let (of_memory, memory) = memory::measure(&page).await;
    let frames = frames::measure(&page).await;

    println!("What the panels cost …");
    let (of_panels, panels) = probes::measure(&page).await;
    println!("Updates beside others' …");
    let (mut rows, rivals) = rivals::measure(&page).await;
    println!("… beside the products alone …");
    let (more, limit) = limit::measure(&page).await;
    rows.extend(more);
    println!("… and longer, wider, with vanished gradients.");
    let (more, growth) = growth::measure(&page).await;
    rows.extend(more.into_iter().chain(of_memory).chain(of_panels));

    let machine = machine(&page).await;
    let name = |key: &str| machine[key].as_str().unwrap_or_default();
    println!("\n{}, {}, {}", name("date"), name("processor"), name("browser"));
    println!("{}", table::text(&rows));
    let rows: Vec<Value> = rows.iter().map(table::Row::json).collect();
    let report = json!({
        "machine": machine, "table": rows, "loading": loading, "frames": frames, "rivals": rivals, "limit": limit, "growth": growth,
        "memory": memory, "panels": panels,
    });
    fs::write(REPORT, serde_json::to_string_pretty(&report).expect("plain values")).expect("target/ is writable");
    println!("Everything measured is in {REPORT}.");
}

/// Measurements of a round.
const SITTINGS: usize = 7;

/// The page anew, at rest and ready to measure.
async fn open(page: &Page) {
    page.load("/page/").await;
    page.until("!document.getElementById('boot')", "the page has started").await;
    page.until("typeof window.gatescope?.bench === 'function'", "the page offers gatescope.bench").await;
}

/// `updates` updates in the page's worker, through the script interface: milliseconds of one.
async fn sitting(page: &Page, cell: &str, (batch, hidden, len): Sizes, updates: u32) -> f64 {
    let problem = json!({ "cell": cell, "hidden": hidden, "batch": batch, "len": len, "updates": updates });
    let answer = page.eval(&format!("await window.gatescope.bench({problem})")).await;
    1000.0 / answer["updatesPerSecond"].as_f64().expect("bench answers updatesPerSecond")
}

/// One round of an LSTM: milliseconds an update, the median of its sittings.
///
/// A sitting has some twentieth of a second. TensorFlow.js and PyTorch answer with the median of single updates: the mean of a
/// long stretch beside it would have what else the machine does in it, theirs would not.
async fn gatescope(page: &Page, sizes: Sizes, updates: u32) -> f64 {
    open(page).await;
    let mut sittings = Vec::new();
    for _ in 0..SITTINGS {
        sittings.push(sitting(page, "lstm", sizes, updates).await);
    }
    median(&sittings)
}

/// Batch, hidden units, steps.
type Sizes = (u32, u32, u32);

fn median(numbers: &[f64]) -> f64 {
    let mut numbers = numbers.to_vec();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The median of what each round's one number is by its other.
fn median_ratio(ones: &[f64], others: &[f64]) -> f64 {
    let ratios: Vec<f64> = ones.iter().zip(others).map(|(one, other)| one / other).collect();
    median(&ratios)
}

/// What it was measured on, and when.
async fn machine(page: &Page) -> Value {
    let known = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        known.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name.trim()));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let browser = page.eval("(/Chrome.[0-9.]+/.exec(navigator.userAgent) || [navigator.userAgent])[0]").await;
    let date = page.eval("new Date().toISOString().slice(0, 10)").await;
    json!({ "date": date, "processor": format!("{}, {cores} cores", model.unwrap_or("unknown processor")), "browser": browser })
}
