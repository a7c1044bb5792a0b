//! Clipping by the global norm (Pascanu, Mikolov & Bengio 2013).

use crate::{Scalar, math};

/// Scales all gradients together so that their norm is at most `max`, and returns the norm they had.
///
/// PyTorch's definition: the factor is `max / (norm + 1e-6)`, at most 1. The norm is accumulated in f64. A `max` of 0
/// (or less) is off; a gradient that is not finite makes all of them so.
pub fn clip_global_norm<S: Scalar>(gradients: &mut [S], max: f64) -> f64 {
    S::clip_global_norm(gradients, max)
}

pub(super) fn clip<S: Scalar>(gradients: &mut [S], max: f64) -> f64 {
    let norm = math::norm(gradients);
    if max > 0.0 {
        let factor = max / (norm + 1e-6);
        if factor < 1.0 || factor.is_nan() {
            let factor = S::from_f64(factor);
            for gradient in gradients {
                *gradient *= factor;
            }
        }
    }
    norm
}
