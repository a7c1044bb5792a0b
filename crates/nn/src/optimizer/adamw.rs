//! AdamW (Loshchilov & Hutter 2019, in PyTorch's form): weights decay independently of the gradient, `θ ← θ − lr · λ · θ`,
//! before a step of Adam.

use crate::OptimizerSettings;
use crate::Scalar;

/// Applies the decay of one update, before Adam's step.
pub(super) fn decay<S: Scalar>(settings: &OptimizerSettings, parameters: &mut [S]) {
    let keep = S::from_f64(1.0 - settings.lr * settings.decay);
    for parameter in parameters {
        *parameter *= keep;
    }
}
