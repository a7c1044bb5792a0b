//! The loss of an answer, and its gradient by the answer.

use crate::Batch;
use crate::Scalar;
use crate::Targets;
use crate::math;

/// The loss of one column with a target.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LossKind {
    /// `1/O · Σ_k (y_k − target_k)²`.
    SquaredError,
    /// `−ln softmax(y)_class`, in nats.
    CrossEntropy,
}

/// The steps that have a target.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LossAt {
    /// The last step of each sequence.
    Last,
    /// Every step within its sequence's length.
    Every,
}

/// A task's loss: the mean of `kind` over all columns of the batch that `at` names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LossSpec {
    /// The loss of a column.
    pub kind: LossKind,
    /// The steps that count.
    pub at: LossAt,
}

impl LossSpec {
    /// Whether step `t` (from 0) of a sequence of this length has a target.
    #[must_use]
    pub const fn counts(self, t: usize, length: usize) -> bool {
        match self.at {
            LossAt::Last => t + 1 == length,
            LossAt::Every => t < length,
        }
    }

    /// The number of columns that have a target, over sequences of these lengths.
    #[must_use]
    pub fn count(self, lengths: &[usize]) -> usize {
        match self.at {
            LossAt::Last => lengths.len(),
            LossAt::Every => lengths.iter().sum(),
        }
    }
}

/// Fills the loss of every column (zero without a target; not divided by the count) and `∂L/∂y` `[O × T·B]`, and
/// returns `L`, their mean.
///
/// Sums are in f64. [`Batch::check_fits`] checks that the batch suits the loss.
///
/// # Panics
/// If the targets' form does not suit the loss or a class has no output.
pub(super) fn evaluate<S: Scalar>(
    spec: LossSpec,
    batch: &Batch<S>,
    output: &[S],
    grad_output: &mut [S],
    per_step: &mut [f64],
) -> f64 {
    let width = output.len() / per_step.len();
    let share = 1.0 / spec.count(batch.lengths()) as f64;
    grad_output.fill(S::ZERO);
    per_step.fill(0.0);
    let mut total = 0.0;
    for t in 0..batch.len() {
        for (b, &length) in batch.lengths().iter().enumerate() {
            if !spec.counts(t, length) {
                continue;
            }
            let column = t * batch.batch() + b;
            let range = column * width..(column + 1) * width;
            let (y, grad) = (&output[range.clone()], &mut grad_output[range.clone()]);
            let cost = match (spec.kind, batch.targets()) {
                (LossKind::SquaredError, Targets::Values(values)) => {
                    squared_error(y, &values.as_slice()[range], share, grad)
                }
                (LossKind::CrossEntropy, Targets::Classes(classes)) => cross_entropy(y, classes[column], share, grad),
                _ => panic!("the batch's targets do not suit the loss: {:?}", spec.kind),
            };
            per_step[column] = cost;
            total += cost;
        }
    }
    total * share
}

/// Computes `1/O · Σ_k (y_k − target_k)²`, and `share` times its gradient `2/O · (y − target)`.
fn squared_error<S: Scalar>(y: &[S], target: &[S], share: f64, grad: &mut [S]) -> f64 {
    let mean = 1.0 / y.len() as f64;
    let mut sum = 0.0;
    for ((&y, &target), grad) in y.iter().zip(target).zip(grad) {
        let error = y.to_f64() - target.to_f64();
        sum += error * error;
        *grad = S::from_f64(2.0 * mean * share * error);
    }
    sum * mean
}

/// Computes `−ln softmax(y)_class = ln Σ_k e^(y_k − m) − (y_class − m)` with m the largest y, so that nothing overflows, and
/// `share` times its gradient `softmax(y) − onehot(class)`.
fn cross_entropy<S: Scalar>(y: &[S], class: usize, share: f64, grad: &mut [S]) -> f64 {
    let largest = largest(y);
    let sum: f64 = y.iter().map(|y| math::exp(y.to_f64() - largest)).sum();
    for (k, (&y, grad)) in y.iter().zip(grad).enumerate() {
        let truth = if k == class { 1.0 } else { 0.0 };
        *grad = S::from_f64(share * (math::exp(y.to_f64() - largest) / sum - truth));
    }
    sum.ln() - (y[class].to_f64() - largest)
}

/// Overwrites y with the class probabilities `softmax(y)_k = e^y_k / Σ_j e^y_j`, computed in f64.
pub fn softmax<S: Scalar>(y: &mut [S]) {
    let largest = largest(y);
    let sum: f64 = y.iter().map(|y| math::exp(y.to_f64() - largest)).sum();
    for y in y {
        *y = S::from_f64(math::exp(y.to_f64() - largest) / sum);
    }
}

fn largest<S: Scalar>(y: &[S]) -> f64 {
    y.iter().fold(f64::NEG_INFINITY, |largest, y| if y.to_f64() > largest { y.to_f64() } else { largest })
}
