//! The adding problem on inputs like an instrument's readings: far from 0, and differing little.

use super::Sequence;
use super::Target;
use super::Task;
use super::adding::Adding;
use nn::{KeyedRng, LossSpec};

/// [`Adding`] with v uniform in [1000, 1002), as of a barometer in hectopascals, in place of [0, 1). The target at the last
/// step is half the sum of v − 1000 over the two marked v, so that targets are those of `adding`.
///
/// Unscaled inputs dominate every pre-activation: a weight of 0.1 makes z about 100, so that every gate and tanh is saturated
/// and has a slope of 0. With normalised inputs (key `norm`) the task is `adding` again.
pub struct RawAdding;

impl Task for RawAdding {
    fn inputs(&self) -> usize {
        Adding.inputs()
    }
    fn outputs(&self) -> usize {
        Adding.outputs()
    }
    fn loss(&self) -> LossSpec {
        Adding.loss()
    }
    fn guess_level(&self) -> f64 {
        Adding.guess_level()
    }
    fn solved_below(&self) -> f64 {
        Adding.solved_below()
    }

    fn draw(&self, rng: &mut KeyedRng, len: usize) -> Sequence {
        let mut sequence = Adding.draw(rng, len);
        for value in sequence.inputs.iter_mut().step_by(2) {
            *value = 1000.0 + 2.0 * *value;
        }
        if let Target::Values(values) = &mut sequence.target {
            let offsets = sequence.marks.iter().map(|&t| sequence.inputs[2 * t] - 1000.0);
            values[len - 1] = offsets.sum::<f64>() / 2.0;
        }
        sequence
    }
}
