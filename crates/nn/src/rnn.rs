//! The Elman RNN (Elman 1990, *Finding Structure in Time*): `h_t = φ(z_t)`, `z_t = W x_t + U h_{t−1} + b`, with φ one of
//! σ, tanh and ReLU.
//!
//! The functions here work on any run of numbers, such as all units and sequences of a step, `[H × B]`. The slope φ′ is
//! computed from h alone.

use crate::CellKind;
use crate::Scalar;
use crate::math;

/// Computes `h = φ(z)`.
pub(super) fn forward<S: Scalar>(kind: CellKind, z: &[S], h: &mut [S]) {
    match kind {
        CellKind::RnnSigmoid => math::sigmoids(z, h),
        CellKind::RnnTanh | CellKind::Window => math::tanhs(z, h),
        _ => math::map(z, h, relu),
    }
}

/// Computes `∂L/∂z = ∂L/∂h ⊙ φ′(z)`, given `h = φ(z)` and the total `∂L/∂h`; zero where it is below `smallest`.
pub(super) fn backward<S: Scalar>(kind: CellKind, smallest: S, h: &[S], grad_h: &[S], grad_z: &mut [S]) {
    match kind {
        CellKind::RnnSigmoid => map2(h, grad_h, grad_z, |h, grad| (grad * sigmoid_slope(h)).flushed_below(smallest)),
        CellKind::RnnTanh | CellKind::Window => {
            map2(h, grad_h, grad_z, |h, grad| (grad * tanh_slope(h)).flushed_below(smallest))
        }
        _ => map2(h, grad_h, grad_z, |h, grad| (grad * relu_slope(h)).flushed_below(smallest)),
    }
}

/// Computes `φ′(z)`, given `h = φ(z)`: at most 1/4 for σ, at most 1 for tanh, 0 or 1 for ReLU.
pub(super) fn slopes<S: Scalar>(kind: CellKind, h: &[S], slopes: &mut [S]) {
    match kind {
        CellKind::RnnSigmoid => math::map(h, slopes, sigmoid_slope),
        CellKind::RnnTanh | CellKind::Window => math::map(h, slopes, tanh_slope),
        _ => math::map(h, slopes, relu_slope),
    }
}

/// `max(0, z)`; NaN stays NaN.
#[inline(always)]
fn relu<S: Scalar>(z: S) -> S {
    if z < S::ZERO { S::ZERO } else { z }
}

/// `σ′ = σ (1 − σ)`.
#[inline(always)]
fn sigmoid_slope<S: Scalar>(h: S) -> S {
    h * (S::ONE - h)
}

/// `tanh′ = 1 − tanh²`.
#[inline(always)]
fn tanh_slope<S: Scalar>(h: S) -> S {
    S::ONE - h * h
}

/// 1 where z > 0, else 0, PyTorch's choice at the kink.
#[inline(always)]
fn relu_slope<S: Scalar>(h: S) -> S {
    if h > S::ZERO { S::ONE } else { S::ZERO }
}

#[inline(always)]
fn map2<S: Scalar>(a: &[S], b: &[S], to: &mut [S], f: impl Fn(S, S) -> S) {
    for ((to, &a), &b) in to.iter_mut().zip(a).zip(b) {
        *to = f(a, b);
    }
}
