//! Clipping of gradients: by their global norm (Pascanu, Mikolov & Bengio 2013), or each number by itself (Mikolov 2012).

use crate::Scalar;
use crate::math;

/// The gradients whose size clipping limits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum ClipMode {
    /// The norm of all gradients together: they keep their direction.
    #[default]
    Norm,
    /// Each gradient by itself: the direction changes.
    Value,
}

impl ClipMode {
    /// Both modes, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Norm, Self::Value];

    /// The code in links.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Norm => "norm",
            Self::Value => "value",
        }
    }

    /// The mode with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.code() == code)
    }
}

/// Clips all gradients with the limit `max`, and returns the norm they had.
pub fn clip<S: Scalar>(mode: ClipMode, gradients: &mut [S], max: f64) -> f64 {
    match mode {
        ClipMode::Norm => clip_global_norm(gradients, max),
        ClipMode::Value => S::clip_values(gradients, max),
    }
}

/// Scales all gradients together so that their norm is at most `max`, and returns the norm they had.
///
/// PyTorch's definition: the factor is `max / (norm + 1e-6)`, at most 1. The norm is accumulated in f64. A `max` of 0
/// (or less) is off; a gradient that is not finite makes all of them so.
pub fn clip_global_norm<S: Scalar>(gradients: &mut [S], max: f64) -> f64 {
    S::clip_global_norm(gradients, max)
}

pub(super) fn by_norm<S: Scalar>(gradients: &mut [S], max: f64) -> f64 {
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

/// Clamps each gradient to ±`max`, and returns the norm of all gradients before. A `max` of 0 (or less) is off; NaN stays NaN.
pub(super) fn by_value<S: Scalar>(gradients: &mut [S], max: f64) -> f64 {
    let norm = math::norm(gradients);
    if max > 0.0 {
        let (low, high) = (S::from_f64(-max), S::from_f64(max));
        for gradient in gradients {
            if *gradient > high {
                *gradient = high;
            } else if *gradient < low {
                *gradient = low;
            }
        }
    }
    norm
}
