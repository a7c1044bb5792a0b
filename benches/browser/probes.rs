//! What the panels of the reasons behind a gradient cost a run that trains at full speed: updates a second with each of them
//! shown, by those with none.

use serde_json::{Value, json};

use crate::harness::Page;
use crate::median;
use crate::median_ratio;
use crate::table::{Asked, Row};

/// Panels, by the ends of their buttons' ids. The gradient check is made once, when asked for.
const PANELS: [&str; 3] = ["factors", "credit", "saturation"];
const LINK: &str = "#len=50&hidden=32&speed=max";
/// A turn of a panel lies between two with none, which it is held against: of so many such turns the median counts.
const ROUNDS: usize = 15;

/// Updates a second of a turn, by the page's own counter, after a quarter of a second to settle.
const TURN: &str = "(async () => {
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    await wait(250);
    const read = async () => [(await gatescope.config()).update, performance.now()];
    const [from, begin] = await read();
    await wait(1000);
    const [to, end] = await read();
    return (1000 * (to - from)) / (end - begin);
  })()";

/// Measures a row for each panel.
pub async fn measure(page: &Page) -> (Vec<Row>, Value) {
    page.load(&format!("/page/{LINK}")).await;
    page.until("!document.getElementById('boot') && !!window.gatescope", "the page has started").await;
    page.eval("gatescope.ready").await;
    page.eval("(gatescope.play(), null)").await;
    let turn = async || page.eval(TURN).await.as_f64().expect("updates a second");
    let press = async |panel: &str| {
        page.eval(&format!("(document.querySelector('[data-testid=why-{panel}]').click(), null)")).await
    };
    let mut rounds: [Vec<[f64; 2]>; PANELS.len()] = Default::default();
    let mut before = turn().await;
    for _ in 0..ROUNDS {
        for (panel, rounds) in PANELS.into_iter().zip(&mut rounds) {
            press(panel).await;
            let shown = turn().await;
            press(panel).await;
            let after = turn().await;
            rounds.push([shown, (before + after) / 2.0]);
            before = after;
        }
    }
    let row = |(panel, rounds): (&str, &Vec<[f64; 2]>)| {
        let [shown, hidden] = [0, 1].map(|which| rounds.iter().map(|round| round[which]).collect::<Vec<_>>());
        Row {
            what: format!("updates with the panel “{panel}” shown by those without"),
            shape: "B = 16, H = 32, T = 50".to_owned(),
            ours: median(&shown),
            theirs: median(&hidden),
            unit: "/s",
            ratio: median_ratio(&shown, &hidden),
            asked: Asked::Least(0.9),
        }
    };
    let rows = PANELS.into_iter().zip(&rounds).map(row).collect();
    let report = PANELS.iter().zip(&rounds).map(|(panel, rounds)| json!({ "panel": panel, "rounds": rounds }));
    (rows, report.collect())
}
