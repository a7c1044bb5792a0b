//! Predict the next sample of a sum of two sines.

use std::f64::consts::TAU;

use super::Sequence;
use super::Target;
use super::Task;
use nn::{KeyedRng, LossAt, LossKind, LossSpec};

/// Half the sum of two sines with periods uniform in [8, 16] and [20, 40] steps and uniform phases; at every step the
/// target is the next sample.
pub struct Sine;

impl Task for Sine {
    fn inputs(&self) -> usize {
        1
    }
    fn outputs(&self) -> usize {
        1
    }
    fn loss(&self) -> LossSpec {
        LossSpec { kind: LossKind::SquaredError, at: LossAt::Every }
    }
    /// The variance of the signal, (½ + ½)/4: always answering 0.
    fn guess_level(&self) -> f64 {
        0.25
    }
    fn solved_below(&self) -> f64 {
        0.1
    }

    fn draw(&self, rng: &mut KeyedRng, len: usize) -> Sequence {
        let mut wave = |from: f64, to: f64| (TAU / rng.uniform(from, to), rng.uniform(0.0, TAU));
        let (fast, slow) = (wave(8.0, 16.0), wave(20.0, 40.0));
        let sine = |(speed, phase): (f64, f64), t: usize| sin(speed * t as f64 + phase);
        let sample = |t: usize| 0.5 * (sine(fast, t) + sine(slow, t));
        Sequence {
            len,
            inputs: (0..len).map(sample).collect(),
            target: Target::Values((1..=len).map(sample).collect()),
            marks: Vec::new(),
        }
    }
}

/// Computes sin x by a Taylor series after folding x into [−π/2, π/2], with the same bits on every platform, which no libm
/// promises.
fn sin(x: f64) -> f64 {
    let turns = (x / TAU + 0.5).floor();
    let x = x - turns * TAU;
    let folded = if x > TAU / 4.0 {
        TAU / 2.0 - x
    } else if x < -TAU / 4.0 {
        -TAU / 2.0 - x
    } else {
        x
    };
    let square = folded * folded;
    let mut term = folded;
    let mut sum = folded;
    for k in 1..12 {
        let n = f64::from(2 * k);
        term *= -square / (n * (n + 1.0));
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::sin;

    #[test]
    fn the_portable_sine_is_the_sine() {
        for k in -2000..2000 {
            let x = f64::from(k) * 0.1;
            assert!((sin(x) - x.sin()).abs() < 1e-13, "sin({x})");
        }
    }
}
