//! RMSprop (Tieleman & Hinton 2012, *Lecture 6.5*, in PyTorch's form):
//!
//! ```text
//! v ← α v + (1 − α) g²        θ ← θ − lr · g / (√v + ε)
//! ```

use crate::OptimizerSettings;
use crate::Scalar;

/// Makes one update.
///
/// # Panics
/// If there is not one mean square per weight.
pub(super) fn step<S: Scalar>(
    settings: &OptimizerSettings,
    parameters: &mut [S],
    gradients: &[S],
    mean_square: &mut [S],
) {
    assert_eq!(parameters.len(), mean_square.len(), "a mean square per weight");
    let (lr, epsilon) = (S::from_f64(settings.lr), S::from_f64(settings.epsilon));
    let (keep, new) = (S::from_f64(settings.alpha), S::from_f64(1.0 - settings.alpha));
    for ((parameter, &gradient), square) in parameters.iter_mut().zip(gradients).zip(mean_square) {
        *square = keep * *square + new * (gradient * gradient);
        *parameter -= lr * gradient / (square.square_root() + epsilon);
    }
}
