//! Matrix products on column-major slices.
//!
//! Products with at least 6 in every dimension use matrixmultiply's packed kernels through nalgebra; smaller
//! ones, for which packing would cost more than the product, use short loops over whole columns, which vectorise.

use nalgebra::{DMatrixView, DMatrixViewMut};

use crate::Scalar;

/// nalgebra uses matrixmultiply for a product when every dimension is above this.
const SMALL: usize = 5;

/// Adds `Y += A X` with Y `[m × n]`, A `[m × k]`, X `[k × n]`.
///
/// # Panics
/// If a slice is shorter than its shape.
pub fn add_product<S: Scalar>(y: &mut [S], a: &[S], x: &[S], m: usize, k: usize, n: usize) {
    S::add_product(y, a, x, m, k, n);
}

#[inline(always)]
pub(super) fn add_product_of<S: Scalar>(y: &mut [S], a: &[S], x: &[S], m: usize, k: usize, n: usize) {
    if m > SMALL && k > SMALL && n > SMALL {
        let a = DMatrixView::from_slice(a, m, k);
        let x = DMatrixView::from_slice(x, k, n);
        DMatrixViewMut::from_slice(y, m, n).gemm(S::ONE, &a, &x, S::ONE);
    } else if m > 0 && k > 0 {
        for (y, x) in y[..m * n].chunks_exact_mut(m).zip(x[..k * n].chunks_exact(k)) {
            add_columns(y, a, x, 1);
        }
    }
}

/// Adds `Y += Aᵀ D` with Y `[k × n]`, A `[m × k]`, D `[m × n]`.
///
/// # Panics
/// If a slice is shorter than its shape.
pub fn add_transposed_product<S: Scalar>(y: &mut [S], a: &[S], d: &[S], m: usize, k: usize, n: usize) {
    S::add_transposed_product(y, a, d, m, k, n);
}

#[inline(always)]
pub(super) fn add_transposed_product_of<S: Scalar>(y: &mut [S], a: &[S], d: &[S], m: usize, k: usize, n: usize) {
    if m > SMALL && k > SMALL && n > SMALL {
        let a = DMatrixView::from_slice_with_strides(a, k, m, m, 1);
        let d = DMatrixView::from_slice(d, m, n);
        DMatrixViewMut::from_slice(y, k, n).gemm(S::ONE, &a, &d, S::ONE);
    } else if m > 0 && k > 0 {
        for (y, d) in y[..k * n].chunks_exact_mut(k).zip(d[..m * n].chunks_exact(m)) {
            for (y, a) in y.iter_mut().zip(a.chunks_exact(m)) {
                *y += dot(a, d);
            }
        }
    }
}

/// Computes `Y = D Xᵀ` with Y `[m × k]`, D `[m × n]`, X `[k × n]`: the sum of n outer products, overwriting Y.
///
/// # Panics
/// If a slice is shorter than its shape.
pub fn outer_products<S: Scalar>(y: &mut [S], d: &[S], x: &[S], m: usize, k: usize, n: usize) {
    S::outer_products(y, d, x, m, k, n);
}

#[inline(always)]
pub(super) fn outer_products_of<S: Scalar>(y: &mut [S], d: &[S], x: &[S], m: usize, k: usize, n: usize) {
    let y = &mut y[..m * k];
    if m > SMALL && k > SMALL && n > SMALL {
        let d = DMatrixView::from_slice(d, m, n);
        let x = DMatrixView::from_slice_with_strides(x, n, k, k, 1);
        DMatrixViewMut::from_slice(y, m, k).gemm(S::ONE, &d, &x, S::ZERO);
    } else {
        y.fill(S::ZERO);
        for (row, y) in y.chunks_exact_mut(m.max(1)).enumerate() {
            add_columns(y, &d[..m * n], x.get(row..).unwrap_or_default(), k);
        }
    }
}

/// Adds `y += Σ_j a_j · x[j · stride]` over the columns a_j of A, each as long as y.
///
/// # Panics
/// If x ends before the last column's coefficient.
pub fn add_columns<S: Scalar>(y: &mut [S], a: &[S], x: &[S], stride: usize) {
    let m = y.len();
    if m == 0 {
        return;
    }
    // Four columns at a time: y is read and written once for them.
    let fours = a.chunks_exact(4 * m);
    let rest = fours.remainder();
    let mut j = 0;
    for four in fours {
        let (a0, four) = four.split_at(m);
        let (a1, four) = four.split_at(m);
        let (a2, a3) = four.split_at(m);
        let (x0, x1, x2, x3) = (x[j * stride], x[(j + 1) * stride], x[(j + 2) * stride], x[(j + 3) * stride]);
        for ((((y, &a0), &a1), &a2), &a3) in y.iter_mut().zip(a0).zip(a1).zip(a2).zip(a3) {
            *y += (a0 * x0 + a1 * x1) + (a2 * x2 + a3 * x3);
        }
        j += 4;
    }
    for a in rest.chunks_exact(m) {
        let x = x[j * stride];
        for (y, &a) in y.iter_mut().zip(a) {
            *y += a * x;
        }
        j += 1;
    }
}

/// Adds `z += p ⊙ c`; nothing if p is empty.
pub(super) fn add_elementwise<S: Scalar>(z: &mut [S], p: &[S], c: &[S]) {
    z.iter_mut().zip(p).zip(c).for_each(|((z, &p), &c)| *z += p * c);
}

/// Computes `Σ_i a_i b_i` over the shorter of the two, in eight partial sums.
#[must_use]
pub fn dot<S: Scalar>(a: &[S], b: &[S]) -> S {
    let mut sums = [S::ZERO; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    for (sum, (&a, &b)) in sums.iter_mut().zip(a.remainder().iter().zip(b.remainder())) {
        *sum += a * b;
    }
    for (a, b) in a.zip(b) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}
