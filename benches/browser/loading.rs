//! What people feel of the first load: bytes, time until there is something to read, time until the networks run, how long the
//! page does not answer, and how far it moves under the reader.

use serde_json::{Value, json};

use crate::harness::Page;
use crate::median;

/// A link between browser and host, and the processor behind it.
struct Condition {
    name: &'static str,
    /// Bits a second and milliseconds of latency; `None` without throttling.
    network: Option<(f64, f64)>,
    /// How often slower the processor is made.
    slower: u32,
    rounds: usize,
}

const CONDITIONS: [Condition; 2] = [
    Condition { name: "without throttling", network: None, slower: 1, rounds: 7 },
    Condition { name: "1.6 Mbit/s, 150 ms, processor 4× slower", network: Some((1.6e6, 150.0)), slower: 4, rounds: 3 },
];

/// Watches the page from before its first byte.
const WATCH: &str = "(() => {
    if (!location.pathname.startsWith('/page/')) return;
    const seen = window.__seen = { text: null, blocked: 0, shift: 0, shifts: [] };
    const watch = (type, take) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
    watch('paint', (entry) => { if (entry.name === 'first-contentful-paint') seen.text = entry.startTime; });
    watch('longtask', (entry) => { seen.blocked = Math.max(seen.blocked, entry.duration); });
    watch('layout-shift', (entry) => {
      if (entry.hadRecentInput) return;
      seen.shift += entry.value;
      seen.shifts.push([Math.round(entry.startTime), entry.value, entry.sources.map(({ node, previousRect, currentRect }) =>
        `${node?.nodeName}.${node?.className ?? ''}#${node?.dataset?.testid ?? ''} ${previousRect.y}→${currentRect.y}`)]);
    });
  })()";

/// Waits until the networks run, and a second more; gives what was seen.
const READ: &str = "(async () => {
    while (!window.gatescope) await new Promise((resolve) => setTimeout(resolve, 5));
    await gatescope.ready;
    const ready = performance.now();
    gatescope.play();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    gatescope.pause();
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    const bytes = entries.reduce((sum, entry) => sum + entry.transferSize, 0);
    return { ...window.__seen, ready, bytes, files: entries.map((entry) => [entry.name.split('/').pop(), entry.transferSize]) };
  })()";

/// Measures and prints every condition.
pub async fn measure(page: &Page) -> Value {
    println!("The first load from a host that compresses (gzip); layout shift until 3 s of training");
    println!("{:<42} {:>8} {:>12} {:>10} {:>12} {:>8}", "", "kB", "text, ms", "ready, ms", "blocked, ms", "shift");
    page.before_load(WATCH).await;
    page.cdp("Network.enable", json!({})).await;
    let mut report = Vec::new();
    for Condition { name, network, slower, rounds } in CONDITIONS {
        let mut answers = Vec::new();
        for _ in 0..rounds {
            page.cdp("Network.clearBrowserCache", json!({})).await;
            let (bits, latency) = network.unwrap_or((-8.0, 0.0));
            let conditions = json!({
                "offline": false, "latency": latency, "downloadThroughput": bits / 8.0, "uploadThroughput": bits / 8.0,
            });
            page.cdp("Network.emulateNetworkConditions", conditions).await;
            page.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": slower })).await;
            page.load("/page/").await;
            answers.push(page.eval(READ).await);
        }
        let no_network = json!({ "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        page.cdp("Network.emulateNetworkConditions", no_network).await;
        page.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": 1 })).await;
        let of = |key: &str| {
            let numbers: Vec<f64> = answers.iter().map(|answer| answer[key].as_f64().unwrap_or(f64::NAN)).collect();
            median(&numbers)
        };
        let [bytes, text, ready, blocked, shift] = ["bytes", "text", "ready", "blocked", "shift"].map(of);
        println!("{name:<42} {:>8.0} {text:>12.0} {ready:>10.0} {blocked:>12.0} {shift:>8.3}", bytes / 1000.0);
        report.push(json!({ "condition": name, "rounds": answers }));
    }
    report.into()
}
