//! The engine's own exp, tanh and sigmoid, so that the same link gives the same bits in every browser and so that
//! LLVM can vectorise them: no branches, no calls, only sums, products, divisions, comparisons and shifts.
//!
//! All three rest on one reduction (Cody & Waite 1980, *Software Manual for the Elementary Functions*, chapter 6):
//! `x = n · ln 2 + r` with an integer n and `|r| ≤ ln 2 / 2`, then
//! `exp(x) = 2^n · (1 + r + r²/2! + r³/3! + …)`.
//!
//! NaN gives NaN, ±∞ give the limits, subnormal results are rounded once.
//!
//! Largest errors over every finite f32, against the standard library in f64, in units of the last place of the result
//! (measured by `every_single_f32` in `tests/native/math.rs`): exp 1.025, tanh 2.498, sigmoid 2.402.

use crate::Scalar;

/// `(n, r)` with `x = n · ln 2 + r`, n integer-valued and `|r|` at most a little over `ln 2 / 2`.
#[inline(always)]
fn reduce<S: Scalar>(x: S) -> (S, S) {
    let n = (x * S::LOG2_E + S::ROUNDER) - S::ROUNDER;
    (n, (x - n * S::LN_2_HIGH) - n * S::LN_2_LOW)
}

/// `e^r − 1 = r + r² · (1/2! + r/3! + …)` for a reduced r; relative accuracy down to the smallest r.
#[inline(always)]
fn series<S: Scalar>(r: S) -> S {
    let mut sum = S::ZERO;
    for &coefficient in S::EXP_SERIES.iter().rev() {
        sum = sum * r + coefficient;
    }
    r + (r * r) * sum
}

/// `e^x`.
#[inline(always)]
#[must_use]
pub fn exp<S: Scalar>(x: S) -> S {
    if S::FAST { exp_of(x) } else { exp_once(x) }
}

#[inline(always)]
fn exp_of<S: Scalar>(x: S) -> S {
    let x = if x > S::EXP_HIGH { S::EXP_HIGH } else { x };
    let x = if x < S::EXP_LOW { S::EXP_LOW } else { x };
    let (n, r) = reduce(x);
    // 2^n in two factors: n itself may lie beyond the exponents of normal numbers at both ends.
    let half = (n * S::from_f64(0.5) + S::ROUNDER) - S::ROUNDER;
    (S::ONE + series(r)) * S::power_of_two(half) * S::power_of_two(n - half)
}

/// The logistic function `σ(z) = 1 / (1 + e^−z)`, from `e = exp(−|z|)`, which cannot overflow:
/// `1 / (1 + e)` for z ≥ 0 and `e / (1 + e)` for z < 0.
#[inline(always)]
#[must_use]
pub fn sigmoid<S: Scalar>(z: S) -> S {
    if S::FAST { sigmoid_of(z) } else { sigmoid_once(z) }
}

#[inline(always)]
fn sigmoid_of<S: Scalar>(z: S) -> S {
    let e = exp(-z.magnitude());
    (if z < S::ZERO { e } else { S::ONE }) / (S::ONE + e)
}

/// `tanh(z) = −m / (m + 2)` with `m = e^(−2|z|) − 1`, and the sign of z; small z keep their relative accuracy because
/// m is never formed by subtracting two numbers near 1 when it is small.
#[inline(always)]
#[must_use]
pub fn tanh<S: Scalar>(z: S) -> S {
    if S::FAST { tanh_of(z) } else { tanh_once(z) }
}

#[inline(always)]
fn tanh_of<S: Scalar>(z: S) -> S {
    // tanh is 1 in both types long before 2|z| = 60.
    let lowest = S::from_f64(-60.0);
    let magnitude = z.magnitude();
    let y = -(magnitude + magnitude);
    let y = if y < lowest { lowest } else { y };
    let (n, r) = reduce(y);
    let scale = S::power_of_two(n);
    let m = scale * series(r) + (scale - S::ONE);
    (-m / (m + S::from_f64(2.0))).with_sign_of(z)
}

#[inline(never)]
fn exp_once<S: Scalar>(x: S) -> S {
    exp_of(x)
}

#[inline(never)]
fn sigmoid_once<S: Scalar>(z: S) -> S {
    sigmoid_of(z)
}

#[inline(never)]
fn tanh_once<S: Scalar>(z: S) -> S {
    tanh_of(z)
}

/// Replaces every number by its [`exp`].
pub fn exp_in_place<S: Scalar>(values: &mut [S]) {
    for value in values {
        *value = exp(*value);
    }
}

/// Replaces every number by its [`sigmoid`].
pub fn sigmoid_in_place<S: Scalar>(values: &mut [S]) {
    for value in values {
        *value = sigmoid(*value);
    }
}

/// Replaces every number by its [`tanh`].
pub fn tanh_in_place<S: Scalar>(values: &mut [S]) {
    for value in values {
        *value = tanh(*value);
    }
}

/// The Euclidean norm `‖v‖₂`, accumulated in f64: a vector of 1e-30 entries has a norm, although their squares are
/// no f32.
#[must_use]
pub fn norm<S: Scalar>(values: &[S]) -> f64 {
    // Eight sums side by side: one alone would wait for itself at every addition.
    let mut sums = [0.0_f64; 8];
    let chunks = values.chunks_exact(8);
    for value in chunks.remainder() {
        sums[0] += value.to_f64() * value.to_f64();
    }
    for chunk in chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value.to_f64() * value.to_f64();
        }
    }
    sums.iter().sum::<f64>().sqrt()
}

/// The [`norm`] of each run of so many numbers.
#[must_use]
pub fn norms<S: Scalar>(values: &[S], run: usize) -> Vec<f64> {
    S::norms(values, run)
}

pub(super) fn norms_pass<S: Scalar>(values: &[S], run: usize) -> Vec<f64> {
    values.chunks_exact(run).map(norm).collect()
}

/// Whether no number is infinite or NaN.
#[must_use]
pub fn all_finite<S: Scalar>(values: &[S]) -> bool {
    S::all_finite(values)
}

pub(super) fn all_finite_pass<S: Scalar>(values: &[S]) -> bool {
    // Zero times an infinity or a NaN is NaN, times anything finite it is 0: no branch in the loop. Eight sums side by
    // side, as in `norm`.
    let mut sums = [S::ZERO; 8];
    let chunks = values.chunks_exact(8);
    for &value in chunks.remainder() {
        sums[0] += value * S::ZERO;
    }
    for chunk in chunks {
        for (sum, &value) in sums.iter_mut().zip(chunk) {
            *sum += value * S::ZERO;
        }
    }
    sums.iter().all(|&sum| sum == S::ZERO)
}

/// The same numbers in another type. Never inlined: it is called for every buffer of a pass.
#[inline(never)]
pub(super) fn cast<S: Scalar, R: Scalar>(values: &[S]) -> Vec<R> {
    values.iter().map(|value| R::from_f64(value.to_f64())).collect()
}
