//! How an update's time grows with T and with the batch, and whether a gradient that has vanished costs more than one that has
//! not: subnormal numbers are slow (ARCHITECTURE.md, "Numbers too small").

use serde_json::{Value, json};

use crate::Sizes;
use crate::harness::Page;
use crate::median;
use crate::median_ratio;
use crate::open;
use crate::sitting;
use crate::table::{Asked, Row, shape};

/// What is measured, as (cell, sizes, updates of a sitting).
const CASES: [(&str, Sizes, u32); 7] = [
    ("lstm", (8, 16, 50), 150),
    ("lstm", (8, 16, 100), 75),
    ("lstm", (8, 16, 200), 40),
    ("lstm", (16, 16, 50), 75),
    ("lstm", (32, 16, 50), 40),
    ("rnn-tanh", (8, 16, 200), 150),
    ("rnn-sigmoid", (8, 16, 200), 150),
];
/// What is held against what: a name, two of the cases, and the most that the first may take of the second's time.
const PAIRS: [(&str, usize, usize, f64); 5] = [
    ("an update: time by that of half the steps", 1, 0, 2.2),
    ("an update: time by that of half the steps", 2, 1, 2.2),
    ("an update: time by that of half the batch", 3, 0, 2.2),
    ("an update: time by that of half the batch", 4, 3, 2.2),
    ("a sigmoid RNN's update: time by that of a tanh RNN", 6, 5, 1.2),
];
const ROUNDS: usize = 25;

/// Measures and says every ratio.
pub async fn measure(page: &Page) -> (Vec<Row>, Value) {
    let mut rounds: [Vec<f64>; CASES.len()] = Default::default();
    open(page).await;
    for _ in 0..ROUNDS {
        for ((cell, sizes, updates), rounds) in CASES.into_iter().zip(&mut rounds) {
            rounds.push(sitting(page, cell, sizes, updates).await);
        }
    }
    let row = |(what, one, other, most): (&str, usize, usize, f64)| {
        let (batch, hidden, len) = CASES[one].1;
        Row {
            what: what.to_owned(),
            shape: shape(batch, hidden, len),
            ours: median(&rounds[one]),
            theirs: median(&rounds[other]),
            unit: "ms",
            ratio: median_ratio(&rounds[one], &rounds[other]),
            asked: Asked::Most(most),
        }
    };
    let report = CASES.iter().zip(&rounds).map(|((cell, (batch, hidden, len), _), rounds)| {
        json!({ "cell": cell, "batch": batch, "hidden": hidden, "len": len, "milliseconds": rounds })
    });
    (PAIRS.map(row).into(), report.collect())
}
