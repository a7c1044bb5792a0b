//! Recall the first symbol at the end.

use super::Sequence;
use super::Target;
use super::Task;
use super::sequence::one_hot;
use nn::{KeyedRng, LossAt, LossKind, LossSpec};

/// One-hot over 9 symbols: step 0 one of 0–3, the one to recall; steps 1 … T−2 one of 4–7, uniform; step T−1 symbol 8,
/// the question. The class is the first symbol.
pub struct Recall;

impl Task for Recall {
    fn inputs(&self) -> usize {
        9
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
        &["0", "1", "2", "3", "4", "5", "6", "7", "?"]
    }
    fn classes(&self) -> &'static [&'static str] {
        &["0", "1", "2", "3"]
    }

    fn draw(&self, rng: &mut KeyedRng, len: usize) -> Sequence {
        let mut symbols: Vec<usize> = (0..len).map(|_| 4 + rng.below(4) as usize).collect();
        symbols[0] = rng.below(4) as usize;
        symbols[len - 1] = 8;
        Sequence { len, inputs: one_hot(&symbols, 9), target: Target::Class(symbols[0]), marks: vec![0] }
    }
}
