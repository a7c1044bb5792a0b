//! How an update's time grows with T and with the batch, and whether a gradient that has vanished costs more than one that has
//! not: subnormal numbers are slow (ARCHITECTURE.md, "Numbers too small").

use serde_json::{Value, json};

use crate::harness::Page;
use crate::table::{Asked, Row, shape};
use crate::{Sizes, gatescope, least};

/// What is measured, as (cell, sizes, updates a round).
const CASES: [(&str, Sizes, u32); 7] = [
    ("lstm", (8, 16, 50), 1000),
    ("lstm", (8, 16, 100), 500),
    ("lstm", (8, 16, 200), 250),
    ("lstm", (16, 16, 50), 500),
    ("lstm", (32, 16, 50), 250),
    ("rnn-tanh", (8, 16, 200), 500),
    ("rnn-sigmoid", (8, 16, 200), 500),
];
/// What is held against what: a name, two of the cases, and the most that the first may take of the second's time.
const PAIRS: [(&str, usize, usize, f64); 5] = [
    ("an update: time by that of half the steps", 1, 0, 2.2),
    ("an update: time by that of half the steps", 2, 1, 2.2),
    ("an update: time by that of half the batch", 3, 0, 2.2),
    ("an update: time by that of half the batch", 4, 3, 2.2),
    ("a sigmoid RNN's update: time by that of a tanh RNN", 6, 5, 1.2),
];
const ROUNDS: usize = 9;

/// Measures and says every ratio.
pub async fn measure(page: &Page) -> (Vec<Row>, Value) {
    let mut rounds: [Vec<Value>; CASES.len()] = Default::default();
    for _ in 0..ROUNDS {
        for ((cell, sizes, updates), rounds) in CASES.into_iter().zip(&mut rounds) {
            rounds.push(gatescope(page, cell, sizes, updates).await);
        }
    }
    // The same work at several sizes: what else the machine does can only add to its time, and would add to one size and not to
    // another.
    let times = rounds.each_ref().map(|rounds| least(rounds, "milliseconds"));
    let row = |(what, one, other, most): (&str, usize, usize, f64)| {
        let (batch, hidden, len) = CASES[one].1;
        Row {
            what: what.to_owned(),
            shape: shape(batch, hidden, len),
            ours: times[one],
            theirs: times[other],
            unit: "ms",
            ratio: times[one] / times[other],
            asked: Asked::Most(most),
        }
    };
    let report = CASES.iter().zip(&rounds).map(|((cell, (batch, hidden, len), _), rounds)| {
        json!({ "cell": cell, "batch": batch, "hidden": hidden, "len": len, "rounds": rounds })
    });
    (PAIRS.map(row).into(), report.collect())
}
