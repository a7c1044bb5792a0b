//! The adding problem, after Hochreiter & Schmidhuber 1997, task 4, in its later, simpler form.

use super::Sequence;
use super::Target;
use super::Task;
use nn::{KeyedRng, LossAt, LossKind, LossSpec};

/// Each step reads (v, m): v uniform in [0, 1), m = 1 at one uniform step of the first half and one of the second,
/// else 0. The target at the last step is the sum of the two marked v.
pub struct Adding;

impl Task for Adding {
    fn inputs(&self) -> usize {
        2
    }
    fn outputs(&self) -> usize {
        1
    }
    fn loss(&self) -> LossSpec {
        LossSpec { kind: LossKind::SquaredError, at: LossAt::Last }
    }
    /// The variance of the sum of two uniform numbers: always answering 1.
    fn guess_level(&self) -> f64 {
        1.0 / 6.0
    }
    fn solved_below(&self) -> f64 {
        0.01
    }

    fn draw(&self, rng: &mut KeyedRng, len: usize) -> Sequence {
        let half = len / 2;
        let marks = vec![rng.below(half as u64) as usize, half + rng.below((len - half) as u64) as usize];
        let mut inputs = vec![0.0; 2 * len];
        for t in 0..len {
            inputs[2 * t] = rng.unit();
        }
        for &t in &marks {
            inputs[2 * t + 1] = 1.0;
        }
        let sum = marks.iter().map(|&t| inputs[2 * t]).sum();
        let mut target = vec![0.0; len];
        target[len - 1] = sum;
        Sequence { len, inputs, target: Target::Values(target), marks }
    }
}
