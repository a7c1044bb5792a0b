//! The engine's own exp, tanh and sigmoid, so that the same link gives the same bits in every browser and so that
//! LLVM can vectorise them: no branches, no calls, only sums, products, divisions, comparisons and shifts.
//!
//! All three use one reduction of x (Cody & Waite 1980, *Software Manual for the Elementary Functions*, chapter 6):
//! `x = n · ln 2 + r` with an integer n and `|r| ≤ ln 2 / 2`, then
//! `exp(x) = 2^n · (1 + r + r²/2! + r³/3! + …)`.
//!
//! NaN gives NaN, ±∞ give the limits. Subnormal results of exp and tanh are rounded once; those of σ may be 0. tanh of a
//! zero is 0 without a sign.
//!
//! Errors over all of f32, against the standard library in f64, are at most three units in the last place of the result
//! (`tests/native/math.rs`).

use std::hint::black_box;

use crate::Scalar;

/// The constants of the functions here.
#[derive(Clone, Copy)]
struct Constants<S: Scalar> {
    one: S,
    two: S,
    rounder: S,
    log2_e: S,
    ln_2: S,
    ln_2_high: S,
    ln_2_low: S,
    series: S::Series,
    /// The ends of the range of σ to the left, and of σ to the right and of tanh on both sides.
    overflown: S,
    saturated: S,
}

impl<S: Scalar> Constants<S> {
    const KNOWN: Self = Self {
        one: S::ONE,
        two: S::TWO,
        rounder: S::ROUNDER,
        log2_e: S::LOG2_E,
        ln_2: S::LN_2,
        ln_2_high: S::LN_2_HIGH,
        ln_2_low: S::LN_2_LOW,
        series: S::EXP_SERIES,
        overflown: S::OVERFLOWN,
        saturated: S::SATURATED,
    };
}

/// Hides the values of constants from the compiler, for a loop over many numbers. V8 builds a known vector anew wherever it is
/// used, in three instructions; an unknown one it keeps in a register.
#[inline(always)]
pub(super) fn kept<T>(constants: T) -> T {
    black_box(constants)
}

/// Clamps x to the bounds; NaN stays NaN. (`f32::clamp` may panic, `f32::max` loses a NaN.)
#[inline(always)]
fn within<S: Scalar>(x: S, low: S, high: S) -> S {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// Computes `e^r − 1 = r + r² · (1/2! + r/3! + …)` for a reduced r; relative accuracy down to the smallest r.
#[inline(always)]
fn series<S: Scalar>(k: &Constants<S>, r: S) -> S {
    let mut coefficients = k.series.as_ref().iter().rev();
    let last = coefficients.next().copied().unwrap_or_default();
    r + (r * r) * coefficients.fold(last, |sum, &coefficient| sum * r + coefficient)
}

/// Computes `e^−r − 1`, the same with every other sign reversed.
#[inline(always)]
fn falling_series<S: Scalar>(k: &Constants<S>, r: S) -> S {
    let mut coefficients = k.series.as_ref().iter().rev();
    let last = coefficients.next().copied().unwrap_or_default();
    (r * r) * coefficients.fold(last, |sum, &coefficient| coefficient - sum * r) - r
}

/// Computes `e^x`.
#[inline(always)]
#[must_use]
pub fn exp<S: Scalar>(x: S) -> S {
    let k = &Constants::KNOWN;
    let x = within(x, S::EXP_LOW, S::EXP_HIGH);
    let n = (x * k.log2_e + k.rounder) - k.rounder;
    let r = (x - n * k.ln_2_high) - n * k.ln_2_low;
    // 2^n in two factors, as n itself may be beyond the exponents of normal numbers at both ends.
    let half = (n * S::from_f64(0.5) + k.rounder) - k.rounder;
    (k.one + series(k, r)) * S::power_of_two(half + k.rounder) * S::power_of_two((n - half) + k.rounder)
}

/// Computes the logistic function `σ(z) = 1 / (1 + e^−z)`. Both tails keep their relative accuracy. It is 0 from where `e^−z` would overflow, and 1 from where `e^−z` is lost beside 1.
#[inline(always)]
#[must_use]
pub fn sigmoid<S: Scalar>(z: S) -> S {
    sigmoid_of(&Constants::KNOWN, z)
}

#[inline(always)]
fn sigmoid_of<S: Scalar>(k: &Constants<S>, z: S) -> S {
    let z = within(z, -k.overflown, k.saturated);
    // −z = n · ln 2 − r
    let shifted = k.rounder - z * k.log2_e;
    let n = shifted - k.rounder;
    let r = (z + n * k.ln_2_high) + n * k.ln_2_low;
    k.one / (k.one + (k.one + falling_series(k, r)) * S::power_of_two(shifted))
}

/// Computes `tanh(z) = m / (m + 2)` with `m = e^(2z) − 1`; small z keep their relative accuracy because m is never formed by
/// subtracting two numbers near 1 when it is small.
#[inline(always)]
#[must_use]
pub fn tanh<S: Scalar>(z: S) -> S {
    tanh_of(&Constants::KNOWN, z)
}

#[inline(always)]
fn tanh_of<S: Scalar>(k: &Constants<S>, z: S) -> S {
    let x = within(z + z, -k.saturated, k.saturated);
    let shifted = x * k.log2_e + k.rounder;
    let scale = S::power_of_two(shifted);
    // One ln 2 is enough: its error in r grows with n, but as n grows the quotient depends less and less on m.
    let r = x - (shifted - k.rounder) * k.ln_2;
    let m = scale * series(k, r) + (scale - k.one);
    m / (m + k.two)
}

/// Applies f to each number.
#[inline(always)]
pub(super) fn map<S: Scalar>(from: &[S], to: &mut [S], f: impl Fn(S) -> S) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = f(from);
    }
}

/// Computes the [`sigmoid`] of each number. This and the next are separate functions, so that each loop has enough registers.
pub fn sigmoids<S: Scalar>(from: &[S], to: &mut [S]) {
    S::sigmoids(from, to);
}

/// Computes the [`tanh`] of each number.
pub fn tanhs<S: Scalar>(from: &[S], to: &mut [S]) {
    S::tanhs(from, to);
}

#[inline(always)]
pub(super) fn sigmoids_pass<S: Scalar>(from: &[S], to: &mut [S]) {
    let k = kept(Constants::KNOWN);
    map(from, to, |z| sigmoid_of(&k, z));
}

#[inline(always)]
pub(super) fn tanhs_pass<S: Scalar>(from: &[S], to: &mut [S]) {
    let k = kept(Constants::KNOWN);
    map(from, to, |z| tanh_of(&k, z));
}

/// Replaces every number by its [`exp`].
pub fn exp_in_place<S: Scalar>(values: &mut [S]) {
    for value in values {
        *value = exp(*value);
    }
}

/// Computes the Euclidean norm `‖v‖₂`, accumulated in f64, as the squares of entries near 1e-30 are too small for f32.
#[must_use]
pub fn norm<S: Scalar>(values: &[S]) -> f64 {
    // Eight partial sums: with one, every addition would wait for the one before.
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

/// Computes the [`norm`] of each run of so many numbers.
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
    // Zero times an infinity or a NaN is NaN, times anything finite it is 0: no branch in the loop. Eight partial
    // sums, as in `norm`.
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

/// Converts numbers to another type.
pub(super) fn cast<S: Scalar, R: Scalar>(values: &[S]) -> Vec<R> {
    values.iter().map(|value| R::from_f64(value.to_f64())).collect()
}
