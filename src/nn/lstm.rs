//! The LSTM with a forget gate and without peepholes (Hochreiter & Schmidhuber 1997; the forget gate is of Gers,
//! Schmidhuber & Cummins 2000):
//!
//! ```text
//! i, f, o = σ(z_i), σ(z_f), σ(z_o)      g = tanh(z_g)      z = W x_t + U h_{t−1} + b
//! c_t = f ⊙ c_{t−1} + i ⊙ g
//! h_t = o ⊙ tanh(c_t)
//! ```
//!
//! A column of z or of the gates holds i, f, g, o of one moment, H numbers each. Both functions here work on one such
//! column, so that their loops run over contiguous numbers.

use crate::{Scalar, math};

/// Gates `[4H]`, c, tanh(c) and h `[H]` of one moment, from its pre-activations z `[4H]` and the cell state before.
#[inline(always)]
pub(super) fn forward<S: Scalar>(z: &[S], c_before: &[S], gates: &mut [S], c: &mut [S], tanh_c: &mut [S], h: &mut [S]) {
    let units = h.len();
    let (z_in, z_forget, z_candidate, z_out) = quarters(z, units);
    let (in_gate, forget_gate, candidate, out_gate) = quarters_mut(gates, units);
    let (c_before, c, tanh_c) = (&c_before[..units], &mut c[..units], &mut tanh_c[..units]);
    for u in 0..units {
        let (i, f, g) = (math::sigmoid(z_in[u]), math::sigmoid(z_forget[u]), math::tanh(z_candidate[u]));
        let o = math::sigmoid(z_out[u]);
        let next_c = f * c_before[u] + i * g;
        let squashed = math::tanh(next_c);
        in_gate[u] = i;
        forget_gate[u] = f;
        candidate[u] = g;
        out_gate[u] = o;
        c[u] = next_c;
        tanh_c[u] = squashed;
        h[u] = o * squashed;
    }
}

/// Puts held gates (row of the gates, value) into one moment, and makes again what follows from them: c, tanh(c) and h of
/// their units, by the equations above.
pub(super) fn hold<S: Scalar>(
    clamps: &[(usize, S)],
    c_before: &[S],
    gates: &mut [S],
    c: &mut [S],
    tanh_c: &mut [S],
    h: &mut [S],
) {
    let units = h.len();
    clamps.iter().for_each(|&(row, value)| gates[row] = value);
    for u in clamps.iter().map(|(row, _)| row % units) {
        let (i, f, g, o) = (gates[u], gates[units + u], gates[2 * units + u], gates[3 * units + u]);
        c[u] = f * c_before[u] + i * g;
        tanh_c[u] = math::tanh(c[u]);
        h[u] = o * tanh_c[u];
    }
}

/// What the backward pass reads of one moment.
pub(super) struct Moment<'a, S> {
    /// i, f, g, o `[4H]`.
    pub(super) gates: &'a [S],
    /// `c_{t−1}` `[H]`.
    pub(super) c_before: &'a [S],
    /// `tanh(c_t)` `[H]`.
    pub(super) tanh_c: &'a [S],
    /// The total `∂L/∂h_t` `[H]`.
    pub(super) grad_h: &'a [S],
}

/// One moment back. `grad_c` `[H]` comes in as what the later steps pass on, `f_{t+1} ⊙ ∂L/∂c_{t+1}`, and goes out as
/// the total
///
/// ```text
/// ∂L/∂c_t = f_{t+1} ⊙ ∂L/∂c_{t+1} + ∂L/∂h_t ⊙ o ⊙ (1 − tanh²(c_t))
/// ∂L/∂z_i = ∂L/∂c ⊙ g ⊙ i(1 − i)          ∂L/∂z_f = ∂L/∂c ⊙ c_{t−1} ⊙ f(1 − f)
/// ∂L/∂z_g = ∂L/∂c ⊙ i ⊙ (1 − g²)          ∂L/∂z_o = ∂L/∂h ⊙ tanh(c) ⊙ o(1 − o)
/// ```
///
/// `grad_z` `[4H]` takes the latter; `grad_c_before` `[H]`, empty at the first step, takes `f_t ⊙ ∂L/∂c_t`.
#[inline(always)]
pub(super) fn backward<S: Scalar>(moment: &Moment<'_, S>, grad_c: &mut [S], grad_z: &mut [S], grad_c_before: &mut [S]) {
    if S::FAST { back(moment, grad_c, grad_z, grad_c_before) } else { back_once(moment, grad_c, grad_z, grad_c_before) }
}

#[inline(never)]
fn back_once<S: Scalar>(moment: &Moment<'_, S>, grad_c: &mut [S], grad_z: &mut [S], grad_c_before: &mut [S]) {
    back(moment, grad_c, grad_z, grad_c_before);
}

#[inline(always)]
fn back<S: Scalar>(moment: &Moment<'_, S>, grad_c: &mut [S], grad_z: &mut [S], grad_c_before: &mut [S]) {
    column_back(moment.gates, moment.c_before, moment.tanh_c, moment.grad_h, grad_c, grad_z);
    let units = moment.grad_h.len();
    let forget_gate = &moment.gates[units..2 * units];
    for ((before, &f), &grad) in grad_c_before.iter_mut().zip(forget_gate).zip(&*grad_c) {
        *before = (f * grad).flushed();
    }
}

#[inline(always)]
fn column_back<S: Scalar>(gates: &[S], c_before: &[S], tanh_c: &[S], grad_h: &[S], grad_c: &mut [S], grad_z: &mut [S]) {
    let units = grad_h.len();
    let (in_gate, forget_gate, candidate, out_gate) = quarters(gates, units);
    let (grad_in, grad_forget, grad_candidate, grad_out) = quarters_mut(grad_z, units);
    let (c_before, tanh_c, grad_c) = (&c_before[..units], &tanh_c[..units], &mut grad_c[..units]);
    for u in 0..units {
        let (i, f, g, o) = (in_gate[u], forget_gate[u], candidate[u], out_gate[u]);
        let (squashed, by_h) = (tanh_c[u], grad_h[u]);
        let by_c = (grad_c[u] + by_h * o * (S::ONE - squashed * squashed)).flushed();
        grad_c[u] = by_c;
        grad_in[u] = (by_c * g * (i * (S::ONE - i))).flushed();
        grad_forget[u] = (by_c * c_before[u] * (f * (S::ONE - f))).flushed();
        grad_candidate[u] = (by_c * i * (S::ONE - g * g)).flushed();
        grad_out[u] = (by_h * squashed * (o * (S::ONE - o))).flushed();
    }
}

#[inline(always)]
fn quarters<S>(column: &[S], units: usize) -> (&[S], &[S], &[S], &[S]) {
    let (first, column) = column.split_at(units);
    let (second, column) = column.split_at(units);
    let (third, fourth) = column.split_at(units);
    (first, second, third, &fourth[..units])
}

#[inline(always)]
fn quarters_mut<S>(column: &mut [S], units: usize) -> (&mut [S], &mut [S], &mut [S], &mut [S]) {
    let (first, column) = column.split_at_mut(units);
    let (second, column) = column.split_at_mut(units);
    let (third, fourth) = column.split_at_mut(units);
    (first, second, third, &mut fourth[..units])
}
