//! One sequence of a task, and batches of several.

use nalgebra::DMatrix;

use super::Task;
use nn::{Batch, BatchError, LossAt, Scalar, Targets};

/// The right answer of a sequence.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One class for the whole sequence, at its last step.
    Class(usize),
    /// Values `[T × outputs]`, step by step. For a loss at the last step only the last row counts.
    Values(Vec<f64>),
}

/// One sequence as a task draws it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// Number of steps T.
    pub len: usize,
    /// Inputs `[T × inputs]`, index `t·inputs + d`.
    pub inputs: Vec<f64>,
    /// The right answer.
    pub target: Target,
    /// The steps that matter, from 0, in order. Empty where all do.
    pub marks: Vec<usize>,
}

/// Encodes symbols as inputs `[T × width]` with a single 1 per step, at the index of the symbol.
pub(super) fn one_hot(symbols: &[usize], width: usize) -> Vec<f64> {
    let mut inputs = vec![0.0; symbols.len() * width];
    for (t, &symbol) in symbols.iter().enumerate() {
        inputs[t * width + symbol] = 1.0;
    }
    inputs
}

impl Sequence {
    /// The target of step `t` (from 0); `None` where the task's loss has none at that step.
    pub fn target_at(&self, task: &dyn Task, t: usize) -> Option<TargetAt<'_>> {
        if task.loss().at == LossAt::Last && t + 1 != self.len {
            return None;
        }
        Some(match &self.target {
            Target::Class(class) => TargetAt::Class(*class),
            Target::Values(values) => {
                let width = task.outputs();
                TargetAt::Values(&values[t * width..(t + 1) * width])
            }
        })
    }
}

/// The target of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TargetAt<'a> {
    /// A class index.
    Class(usize),
    /// Values, one per output.
    Values(&'a [f64]),
}

/// Makes a batch of sequences of up to `len` steps: step t of sequence b is column t·B + b. The steps that a shorter sequence
/// lacks are zero and have no loss.
pub(super) fn to_batch<S: Scalar>(task: &dyn Task, sequences: &[Sequence], len: usize) -> Result<Batch<S>, BatchError> {
    let size = sequences.len();
    let number = |numbers: &[f64], index: usize| S::from_f64(numbers.get(index).copied().unwrap_or(0.0));
    let width = task.inputs();
    let inputs = DMatrix::from_fn(width, len * size, |d, column| {
        number(&sequences[column % size].inputs, (column / size) * width + d)
    });
    let outputs = task.outputs();
    let targets = match task.classes() {
        [] => {
            Targets::Values(DMatrix::from_fn(outputs, len * size, |o, column| match &sequences[column % size].target {
                Target::Values(values) => number(values, (column / size) * outputs + o),
                Target::Class(_) => S::from_f64(0.0),
            }))
        }
        _ => Targets::Classes(
            (0..len * size)
                .map(|column| match sequences[column % size].target {
                    Target::Class(class) => class,
                    Target::Values(_) => 0,
                })
                .collect(),
        ),
    };
    Batch::new(inputs, targets, sequences.iter().map(|sequence| sequence.len).collect(), len)
}
