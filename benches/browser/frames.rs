//! How long frames take while the page trains, and how soon the LSTM has solved the task: the page as people see it.

use serde_json::{Value, json};

use crate::harness::Page;

const REST: &str = "null";
const PLAY: &str = "(gatescope.play(), null)";
/// Opens the film of the next update and plays it: of more frames than are measured.
const FILM: &str = "new Promise((resolve) => {
    const of = (id) => document.querySelector(`[data-testid=${id}]`);
    of('step-inside').click();
    const play = () => {
      if (!of('inside-play')) return setTimeout(play, 20);
      of('inside-play').click();
      resolve(null);
    };
    play();
  })";

/// What is measured: a name, the link, how often slower the processor is made, and what is done before.
const SCENES: [(&str, &str, u32, &str); 5] = [
    ("at rest", "", 1, REST),
    ("defaults at full speed", "#speed=max", 1, PLAY),
    ("T = 50, H = 32 at full speed", "#len=50&hidden=32&speed=max", 1, PLAY),
    ("defaults, processor four times slower", "", 4, PLAY),
    ("T = 50, H = 32, Step inside playing", "#len=50&hidden=32&update=20", 1, FILM),
];

/// Gaps between animation frames over 8 seconds, after 2 to settle, in milliseconds.
const GAPS: &str = "new Promise((resolve) => setTimeout(() => {
    const gaps = [];
    const begin = performance.now();
    let last = begin;
    const frame = () => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      if (now - begin < 8000) return requestAnimationFrame(frame);
      gaps.sort((a, b) => a - b);
      const at = (share) => gaps[Math.floor(share * (gaps.length - 1))];
      resolve({ frames: gaps.length, median: at(0.5), p95: at(0.95), longest: at(1) });
    };
    requestAnimationFrame(frame);
  }, 2000))";

/// Measures and prints every scene.
pub async fn measure(page: &Page) -> Value {
    println!("Gaps between frames in a window of 1440 × 900, milliseconds");
    println!("{:<40} {:>8} {:>8} {:>8}", "", "median", "95 %", "longest");
    let mut scenes = Vec::new();
    for (name, link, slower, before) in SCENES {
        open(page, link).await;
        page.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": slower })).await;
        page.eval(before).await;
        let gaps = page.eval(GAPS).await;
        page.cdp("Emulation.setCPUThrottlingRate", json!({ "rate": 1 })).await;
        let number = |key: &str| gaps[key].as_f64().expect("a number of milliseconds");
        println!("{name:<40} {:>8.1} {:>8.1} {:>8.1}", number("median"), number("p95"), number("longest"));
        scenes.push(json!({ "scene": name, "gaps": gaps }));
    }
    let solved = until_solved(page).await;
    println!("From Play at the defaults until the LSTM has solved the task: {solved:.1} s");
    json!({ "scenes": scenes, "secondsUntilSolved": solved })
}

/// Seconds from Play until the sentences say that the LSTM, and not the RNN, has solved the task.
async fn until_solved(page: &Page) -> f64 {
    open(page, "#lang=en").await;
    let seconds = page
        .eval(
            "new Promise((resolve) => {
               const begin = performance.now();
               const said = () => [...document.querySelectorAll('[data-testid=diagnosis] > p')]
                 .filter((p) => p.innerText.includes('Solved')).map((p) => p.innerText);
               gatescope.play();
               const look = () => said().length ? resolve([performance.now() - begin, said()]) : setTimeout(look, 20);
               look();
             })",
        )
        .await;
    let said = seconds[1].as_array().expect("the paragraphs that say so");
    assert!(said.len() == 1 && said[0].as_str().is_some_and(|text| text.starts_with("LSTM")), "{said:?}");
    seconds[0].as_f64().expect("milliseconds") / 1000.0
}

async fn open(page: &Page, link: &str) {
    page.load(&format!("/page/{link}")).await;
    page.until("!document.getElementById('boot') && !!window.gatescope", "the page has started").await;
    page.eval("gatescope.ready").await;
}
