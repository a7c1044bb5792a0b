//! Input normalisation: each input scaled to mean 0 and standard deviation 1.

use super::Source;
use nn::KeyedRng;

/// Number of sequences from which means and deviations are estimated.
const SAMPLE: usize = 1024;

/// Mean and standard deviation of each input, over all steps of 1,024 sequences that no run trains on. They depend on the task
/// and the lengths of a source, and not on its data seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// The mean of each input, and the deviation by which its distance from the mean is divided.
    pub inputs: Vec<(f64, f64)>,
}

impl Scaling {
    /// Computes the scaling of a source's sequences before any scaling. A constant input is only moved to 0.
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
