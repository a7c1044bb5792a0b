//! What a long run holds on to: the engine's memory, exactly, and the page's as the system sees it.

use std::{fs, process};

use serde_json::{Value, json};

use crate::harness::Page;
use crate::table::{Asked, Row, shape};

const UPDATES: u32 = 20_000;
/// Of a run at the defaults: when its checkpoints have the room they may take, and when it has run as long again, and again.
const PLACES: [u64; 3] = [15_000, 30_000, 60_000];

/// Measures both.
pub async fn measure(page: &Page) -> (Vec<Row>, Value) {
    page.load("/bench/limit.html").await;
    page.until("typeof window.memory === 'function'", "the module of benches/wasm has started").await;
    let (batch, hidden, len) = (8, 16, 50);
    let problem = json!({ "hidden": hidden, "batch": batch, "len": len, "updates": UPDATES });
    let engine = page.eval(&format!("memory({problem})")).await;
    let megabytes = |bytes: f64| bytes / 1e6;
    let of = |key: &str| megabytes(engine[key].as_f64().expect("bytes"));
    let mut rows = vec![Row {
        what: format!("memory of the engine: after {UPDATES} updates by after 1"),
        shape: shape(batch, hidden, len),
        ours: of("last"),
        theirs: of("first"),
        unit: "MB",
        ratio: of("last") / of("first"),
        asked: Asked::Most(1.0),
    }];

    page.load("/page/#speed=max").await;
    page.until("!document.getElementById('boot') && !!window.gatescope", "the page has started").await;
    page.eval("gatescope.ready").await;
    page.eval("(gatescope.play(), null)").await;
    let mut resident = Vec::new();
    for place in PLACES {
        page.until_update(place).await;
        resident.extend(renderers());
    }
    if let [early, .., late] = resident[..] {
        rows.push(Row {
            what: format!("memory of the page: after {} updates by after {}", PLACES[2], PLACES[0]),
            shape: "the defaults".to_owned(),
            ours: megabytes(late),
            theirs: megabytes(early),
            unit: "MB",
            ratio: late / early,
            asked: Asked::Most(1.1),
        });
    }
    (rows, json!({ "engine": engine, "page": { "updates": PLACES, "bytes": resident } }))
}

/// Bytes that the browser's renderers, which are descendants of this program, hold of their own; none where there is no /proc.
fn renderers() -> Option<f64> {
    let processes: Vec<(u32, u32)> = fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|id: u32| {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // The name in parentheses may have spaces; the state and then the parent follow it.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((id, parent))
        })
        .collect();
    let mut family = vec![process::id()];
    let mut seen = 0;
    while let Some(&parent) = family.get(seen) {
        family.extend(processes.iter().filter(|(_, of)| *of == parent).map(|(id, _)| id));
        seen += 1;
    }
    let bytes = family.iter().filter_map(|id| {
        let command = fs::read_to_string(format!("/proc/{id}/cmdline")).ok()?;
        let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let own = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
        let kilobytes: f64 = own.split_whitespace().next()?.parse().ok()?;
        command.contains("--type=renderer").then_some(kilobytes * 1024.0)
    });
    Some(bytes.sum::<f64>()).filter(|&bytes| bytes > 0.0)
}
