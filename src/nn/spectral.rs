//! The largest singular value, which bounds how much a matrix can stretch a vector.

use nalgebra::{DMatrix, DMatrixView, SVD};

use crate::Scalar;

/// `σ_max(A) = max ‖A v‖₂ / ‖v‖₂`, computed in f64; None for an empty matrix or one with an entry that is not finite.
///
/// For the U of an RNN: one step back stretches the gradient at most by `max φ′(z) · σ_max(U)`.
#[must_use]
pub fn largest_singular_value<S: Scalar>(matrix: DMatrixView<'_, S>) -> Option<f64> {
    if matrix.is_empty() || matrix.iter().any(|value| !value.finite()) {
        return None;
    }
    // Scaled to entries of at most 1, so that no square under- or overflows.
    let scale = matrix.iter().fold(0.0_f64, |largest, value| largest.max(value.to_f64().abs()));
    if scale == 0.0 {
        return Some(0.0);
    }
    let scaled: DMatrix<f64> = matrix.map(|value| value.to_f64() / scale);
    let decomposition = SVD::try_new_unordered(scaled, false, false, f64::EPSILON, 10_000)?;
    Some(scale * decomposition.singular_values.max())
}
