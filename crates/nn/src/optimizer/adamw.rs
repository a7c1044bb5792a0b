//! AdamW (Loshchilov & Hutter 2019, in PyTorch's form): weights decay apart from the gradient, `θ ← θ − lr · λ · θ`, and then
//! make a step of Adam.

use crate::OptimizerSettings;
use crate::Scalar;

/// The decay of one update, before Adam's step.
pub(super) fn decay<S: Scalar>(settings: &OptimizerSettings, parameters: &mut [S]) {
    let keep = S::from_f64(1.0 - settings.lr * settings.decay);
    for parameter in parameters {
        *parameter *= keep;
    }
}
