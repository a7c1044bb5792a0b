//! The largest singular value, which bounds how much a matrix can stretch a vector.

use nalgebra::{DMatrix, DMatrixView};

use crate::Scalar;
use crate::product;

/// A size that is negligible in `AᵀA`, whose largest entry is at least 1, and by which one can still divide.
const NEGLIGIBLE: f64 = 1e-200;

/// `σ_max(A) = max ‖A v‖₂ / ‖v‖₂`, computed in f64; None for an empty matrix or one with an entry that is not finite.
///
/// With the U of an RNN, one step back stretches the gradient at most by `max φ′(z) · σ_max(U)`.
///
/// It is the root of the largest eigenvalue of `AᵀA`. Squaring costs the small singular values their digits; the largest keeps
/// all but the last ones.
#[must_use]
pub fn largest_singular_value<S: Scalar>(matrix: DMatrixView<'_, S>) -> Option<f64> {
    // Column after column: few and long ones make the smaller product.
    of_columns(matrix.iter().map(|value| value.to_f64()).collect(), matrix.nrows())
}

/// Computes the same for a matrix given by columns of so many rows.
pub(super) fn of_columns(mut values: Vec<f64>, rows: usize) -> Option<f64> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    // Scaled to entries of at most 1, so that no square under- or overflows.
    let scale = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if scale == 0.0 {
        return Some(0.0);
    }
    values.iter_mut().for_each(|value| *value /= scale);
    let columns = || values.chunks_exact(rows);
    let squares = columns().flat_map(|a| columns().map(|b| product::dot(a, b))).collect();
    let (diagonal, subdiagonal) = tridiagonal(DMatrix::from_vec(values.len() / rows, values.len() / rows, squares));
    Some(scale * largest_eigenvalue(&diagonal, &subdiagonal).max(0.0).sqrt())
}

/// Computes the diagonal and subdiagonal of a tridiagonal matrix with the eigenvalues of this symmetric one: Householder's
/// reflections (Golub & Van Loan, *Matrix Computations*, algorithm 8.3.1).
fn tridiagonal(mut a: DMatrix<f64>) -> (Vec<f64>, Vec<f64>) {
    let n = a.nrows();
    let mut subdiagonal = Vec::with_capacity(n);
    for k in 0..n - 1 {
        // The reflection I − 2 v vᵀ / (vᵀv) takes the column below the diagonal to a multiple of its first entry.
        let mut v: Vec<f64> = (k + 1..n).map(|row| a[(row, k)]).collect();
        let length = dot(&v, &v).sqrt();
        let image = if v[0] > 0.0 { -length } else { length };
        subdiagonal.push(image);
        v[0] -= image;
        let half = dot(&v, &v) / 2.0;
        if half < NEGLIGIBLE {
            continue;
        }
        // The remaining block becomes A − v qᵀ − q vᵀ with p = A v / half and q = p − v (pᵀv) / (2 half).
        let p: Vec<f64> = (0..v.len())
            .map(|col| (0..v.len()).map(|row| a[(k + 1 + row, k + 1 + col)] * v[row]).sum::<f64>() / half)
            .collect();
        let along = dot(&p, &v) / (2.0 * half);
        let q: Vec<f64> = p.iter().zip(&v).map(|(p, v)| p - along * v).collect();
        for col in 0..v.len() {
            for row in 0..v.len() {
                a[(k + 1 + row, k + 1 + col)] -= v[row] * q[col] + q[row] * v[col];
            }
        }
    }
    ((0..n).map(|k| a[(k, k)]).collect(), subdiagonal)
}

/// The largest eigenvalue of a symmetric tridiagonal matrix, by bisection to the last bit: x is above all of them when
/// every pivot of `A − x` is negative (Golub & Van Loan, section 8.4.1).
fn largest_eigenvalue(diagonal: &[f64], subdiagonal: &[f64]) -> f64 {
    let above_all = |x: f64| {
        let mut pivot = 1.0;
        diagonal.iter().enumerate().all(|(k, a)| {
            let before = if k == 0 { 0.0 } else { subdiagonal[k - 1] };
            pivot = a - x - before * before / pivot;
            pivot < 0.0
        })
    };
    // Gershgorin's bound: no eigenvalue is farther from a diagonal entry than the sum of the numbers beside it.
    let mut low = diagonal.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut high = low + 2.0 * subdiagonal.iter().fold(0.0, |largest, subdiagonal| subdiagonal.abs().max(largest));
    loop {
        let middle = low + (high - low) / 2.0;
        let between = low < middle && middle < high;
        if !between {
            return high;
        }
        if above_all(middle) { high = middle } else { low = middle }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
