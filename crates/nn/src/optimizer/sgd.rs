//! Gradient descent, plain and with momentum (Polyak 1964, in PyTorch's form).

use crate::OptimizerSettings;
use crate::Scalar;

/// Makes one update `θ ← θ − lr · g`.
pub(super) fn plain<S: Scalar>(settings: &OptimizerSettings, parameters: &mut [S], gradients: &[S]) {
    let lr = S::from_f64(settings.lr);
    for (parameter, &gradient) in parameters.iter_mut().zip(gradients) {
        *parameter -= lr * gradient;
    }
}

/// Makes one update `v ← μ v + g`, `θ ← θ − lr · v`.
///
/// # Panics
/// If there is not one velocity per weight.
pub(super) fn with_momentum<S: Scalar>(
    settings: &OptimizerSettings,
    parameters: &mut [S],
    gradients: &[S],
    velocity: &mut [S],
) {
    assert_eq!(parameters.len(), velocity.len(), "a velocity per weight");
    let (lr, momentum) = (S::from_f64(settings.lr), S::from_f64(settings.momentum));
    for ((parameter, &gradient), velocity) in parameters.iter_mut().zip(gradients).zip(velocity) {
        *velocity = momentum * *velocity + gradient;
        *parameter -= lr * *velocity;
    }
}
