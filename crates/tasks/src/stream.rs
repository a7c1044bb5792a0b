//! A continual stream: short sequences one after the other, with no reset between them.
//!
//! After Gers, Schmidhuber & Cummins 2000 (*Learning to Forget: Continual Prediction with LSTM*), who chain sequences of a
//! grammar: only the network itself can clear its state, and the cell state of an LSTM without a forget gate grows. Here the
//! chained sequences are simpler: each opens with a marked number, which is the answer until the next one opens. Unlike theirs,
//! a stream is as long as a sequence of the run, and its initial state is 0.

use super::Sequence;
use super::Target;
use super::Task;
use nn::{KeyedRng, LossAt, LossKind, LossSpec};

/// Inputs at each step are (v, m), v uniform in [0, 1), m = 1 where a chained sequence opens: at the first step, and 4 to 9 steps
/// (uniform) after the last opening. At every step the target is the v of the last marked step.
pub struct Stream;

/// The length of the shortest chained sequence, and the number of possible lengths.
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
        let (mut next_opening, mut answer) = (0, 0.0);
        for t in 0..len {
            let value = rng.uniform(0.0, 1.0);
            let marked = t == next_opening;
            if marked {
                answer = value;
                marks.push(t);
                next_opening += (SHORTEST + rng.below(LENGTHS)) as usize;
            }
            inputs.extend([value, f64::from(u8::from(marked))]);
            targets.push(answer);
        }
        Sequence { len, inputs, target: Target::Values(targets), marks }
    }
}
