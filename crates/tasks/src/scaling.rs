//! Input normalisation: inputs brought to mean 0 and deviation 1, each by itself.

use super::Source;
use nn::KeyedRng;

/// Sequences of the sample that means and deviations are taken from.
const SAMPLE: usize = 1024;

/// Mean and deviation of each input, over all steps of 1,024 sequences that no run trains on. They depend on what task and lengths
/// a source has, and not on its data seed: all seeds share them.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// Of each input: its mean, and what its distance from that is divided by.
    pub inputs: Vec<(f64, f64)>,
}

impl Scaling {
    /// The scaling of a source's sequences, whose own is left aside. An input that is always the same is only moved to 0.
    pub fn of(source: &Source) -> Self {
        let (task, plain) = (source.task.task(), Source { scaling: None, ..source.clone() });
        let mut random = KeyedRng::new(0, *b"norm", source.task.code(), (source.len as u64).to_le_bytes());
        let values: Vec<f64> = (0..SAMPLE).flat_map(|_| plain.draw(&mut random).inputs).collect();
        let width = task.inputs();
        let of = |input: usize| {
            let values = || values.iter().skip(input).step_by(width);
            let count = (values().count() as f64).max(1.0);
            let mean = values().sum::<f64>() / count;
            let deviation = (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
            (mean, if deviation > 0.0 { deviation } else { 1.0 })
        };
        Self { inputs: (0..width).map(of).collect() }
    }

    /// Scales inputs `[T × inputs]`.
    pub fn apply(&self, inputs: &mut [f64]) {
        for (value, (mean, deviation)) in inputs.iter_mut().zip(self.inputs.iter().cycle()) {
            *value = (*value - mean) / deviation;
        }
    }
}
