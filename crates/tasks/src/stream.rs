//! A continual stream: short sequences one after the other, with no reset between them.
//!
//! After Gers, Schmidhuber & Cummins 2000 (*Learning to Forget: Continual Prediction with LSTM*), who chain sequences of a
//! grammar: nothing but the network itself can clear its state, and an LSTM without a forget gate lets its cell grow. Here the
//! chained sequences are simpler: each opens with a marked number, which is to be answered until the next one opens. A stream
//! is as long as a sequence of the run and the state begins at 0 with each, which theirs does not.

use super::Sequence;
use super::Target;
use super::Task;
use nn::{KeyedRng, LossAt, LossKind, LossSpec};

/// Each step brings (v, m), v uniform in [0, 1), m = 1 where a chained sequence opens: at the first step, and 4 to 9 steps
/// (uniform) after the last time. At every step the target is the v of the last marked step.
pub struct Stream;

/// The shortest chained sequence, and how many lengths there are from there on.
const SHORTEST: u64 = 4;
const LENGTHS: u64 = 6;

impl Task for Stream {
    fn inputs(&self) -> usize {
        2
    }
    fn outputs(&self) -> usize {
        1
    }
    fn loss(&self) -> LossSpec {
        LossSpec { kind: LossKind::SquaredError, at: LossAt::Every }
    }
    /// The variance of a number uniform in [0, 1): always answering ½.
    fn guess_level(&self) -> f64 {
        1.0 / 12.0
    }
    fn solved_below(&self) -> f64 {
        0.01
    }

    fn draw(&self, rng: &mut KeyedRng, len: usize) -> Sequence {
        let (mut inputs, mut targets, mut marks) = (Vec::new(), Vec::new(), Vec::new());
        let (mut opens, mut held) = (0, 0.0);
        for t in 0..len {
            let value = rng.uniform(0.0, 1.0);
            let marked = t == opens;
            if marked {
                held = value;
                marks.push(t);
                opens += (SHORTEST + rng.below(LENGTHS)) as usize;
            }
            inputs.extend([value, f64::from(u8::from(marked))]);
            targets.push(held);
        }
        Sequence { len, inputs, target: Target::Values(targets), marks }
    }
}
