//! Temporal order, after Hochreiter & Schmidhuber 1997, task 6a, without its start and end markers.

use super::Sequence;
use super::Target;
use super::Task;
use super::sequence::one_hot;
use nn::{KeyedRng, LossAt, LossKind, LossSpec};

/// One-hot X, Y, a, b, c, d. An X or Y at a step p near the start, uniform in [⌊T/10⌋, ⌊2T/10⌋), another at a step q
/// near the middle, uniform in [⌊5T/10⌋, ⌊6T/10⌋] (from 0); all other steps uniform among a–d. At the last step the
/// class is `2·[first is Y] + [second is Y]`.
pub struct Order;

impl Task for Order {
    fn inputs(&self) -> usize {
        6
    }
    fn outputs(&self) -> usize {
        4
    }
    fn loss(&self) -> LossSpec {
        LossSpec { kind: LossKind::CrossEntropy, at: LossAt::Last }
    }
    fn guess_level(&self) -> f64 {
        4.0_f64.ln()
    }
    fn solved_below(&self) -> f64 {
        0.1
    }
    fn symbols(&self) -> &'static [&'static str] {
        &["X", "Y", "a", "b", "c", "d"]
    }
    fn classes(&self) -> &'static [&'static str] {
        &["XX", "XY", "YX", "YY"]
    }

    fn draw(&self, rng: &mut KeyedRng, len: usize) -> Sequence {
        let first_from = len / 10;
        let first_steps = (2 * len / 10).saturating_sub(first_from).max(1);
        let second_from = 5 * len / 10;
        let second_steps = 6 * len / 10 - second_from + 1;
        let mut symbols: Vec<usize> = (0..len).map(|_| 2 + rng.below(4) as usize).collect();
        let p = first_from + rng.below(first_steps as u64) as usize;
        let q = (second_from + rng.below(second_steps as u64) as usize).min(len - 1);
        let first = rng.below(2) as usize;
        let second = rng.below(2) as usize;
        symbols[p] = first;
        symbols[q] = second;
        Sequence { len, inputs: one_hot(&symbols, 6), target: Target::Class(2 * first + second), marks: vec![p, q] }
    }
}
