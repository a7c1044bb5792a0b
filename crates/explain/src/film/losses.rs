//! The losses of a sequence's steps.

use lab::SequenceOnShow;
use nn::ProbeTrace;

/// The loss of each step: NaN where it has no target.
pub fn losses(sequence: &SequenceOnShow, trace: &ProbeTrace<f32>) -> Vec<f64> {
    let last = |t: usize| if t + 1 == trace.len { trace.loss } else { f64::NAN };
    if sequence.class.is_some() {
        return (0..trace.len).map(last).collect();
    }
    let squared = |(answer, target): (&[f32], &[f32])| {
        let all = answer.iter().zip(target).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        all.sum::<f64>() / target.len() as f64
    };
    trace.answer.chunks_exact(trace.outputs).zip(sequence.values.chunks_exact(trace.outputs)).map(squared).collect()
}
