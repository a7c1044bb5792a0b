//! The LSTM with a forget gate and without peepholes (Hochreiter & Schmidhuber 1997; the forget gate is from Gers,
//! Schmidhuber & Cummins 2000):
//!
//! ```text
//! i, f, o = σ(z_i), σ(z_f), σ(z_o)      g = tanh(z_g)      z = W x_t + U h_{t−1} + b
//! c_t = f ⊙ c_{t−1} + i ⊙ g
//! h_t = o ⊙ tanh(c_t)
//! ```
//!
//! A column of z or of the gates holds i, f, g, o of one step of one sequence, H numbers each. The loops here run over one
//! such column at a time, which is contiguous.

use crate::Scalar;
use crate::clamps::hold;
use crate::math;

/// Computes the gates `[4H × B]` of one step from its pre-activations z `[4H × B]`.
///
/// One loop takes σ from o of one sequence to f of the next: the longer a loop, the better it vectorises.
#[inline(always)]
pub(super) fn activate<S: Scalar>(units: usize, z: &[S], gates: &mut [S]) {
    let end = gates.len();
    math::sigmoids(&z[..2 * units], &mut gates[..2 * units]);
    for candidate in (2 * units..end).step_by(4 * units) {
        let (out, next) = (candidate + units, end.min(candidate + 4 * units));
        math::tanhs(&z[candidate..out], &mut gates[candidate..out]);
        math::sigmoids(&z[out..next], &mut gates[out..next]);
    }
}

/// Computes c, tanh(c) and h `[H × B]` of one step from its gates `[4H × B]` and the cell states before.
#[inline(never)]
pub(super) fn states<S: Scalar>(units: usize, gates: &[S], c_before: &[S], c: &mut [S], tanh_c: &mut [S], h: &mut [S]) {
    let columns = || gates.chunks_exact(4 * units);
    for ((gates, before), c) in columns().zip(c_before.chunks_exact(units)).zip(c.chunks_exact_mut(units)) {
        let (in_gate, forget_gate, candidate, _) = quarters(gates, units);
        for u in 0..units {
            c[u] = forget_gate[u] * before[u] + in_gate[u] * candidate[u];
        }
    }
    math::tanhs(c, tanh_c);
    for ((gates, tanh_c), h) in columns().zip(tanh_c.chunks_exact(units)).zip(h.chunks_exact_mut(units)) {
        let (_, _, _, out_gate) = quarters(gates, units);
        for u in 0..units {
            h[u] = out_gate[u] * tanh_c[u];
        }
    }
}

/// Replaces held gates (row of the gates, value) in one column, and computes c, tanh(c) and h of their units again.
pub(super) fn hold_and_recompute<S: Scalar>(
    clamps: &[(usize, S)],
    c_before: &[S],
    gates: &mut [S],
    c: &mut [S],
    tanh_c: &mut [S],
    h: &mut [S],
) {
    let units = h.len();
    hold(clamps, 0, gates);
    for u in clamps.iter().map(|(row, _)| row % units) {
        let (i, f, g, o) = (gates[u], gates[units + u], gates[2 * units + u], gates[3 * units + u]);
        c[u] = f * c_before[u] + i * g;
        math::tanhs(&c[u..=u], &mut tanh_c[u..=u]);
        h[u] = o * tanh_c[u];
    }
}

/// The values of one column that the backward pass reads.
pub(super) struct StepValues<'a, S> {
    /// i, f, g, o `[4H]`.
    pub(super) gates: &'a [S],
    /// `c_{t−1}` `[H]`.
    pub(super) c_before: &'a [S],
    /// `tanh(c_t)` `[H]`.
    pub(super) tanh_c: &'a [S],
    /// The total `∂L/∂h_t` `[H]`.
    pub(super) grad_h: &'a [S],
    /// Gradients below this are zero.
    pub(super) smallest: S,
}

/// Computes the gradients of one column. `carried` `[H]` comes in as the gradient from the step after,
/// `f_{t+1} ⊙ ∂L/∂c_{t+1}`, and goes out as `f_t ⊙ ∂L/∂c_t`.
///
/// ```text
/// ∂L/∂c_t = f_{t+1} ⊙ ∂L/∂c_{t+1} + ∂L/∂h_t ⊙ o ⊙ (1 − tanh²(c_t))
/// ∂L/∂z_i = ∂L/∂c ⊙ g ⊙ i(1 − i)          ∂L/∂z_f = ∂L/∂c ⊙ c_{t−1} ⊙ f(1 − f)
/// ∂L/∂z_g = ∂L/∂c ⊙ i ⊙ (1 − g²)          ∂L/∂z_o = ∂L/∂h ⊙ tanh(c) ⊙ o(1 − o)
/// ```
///
/// `grad_c` `[H]` and `grad_z` `[4H]` are overwritten.
#[inline(always)]
pub(super) fn backward<S: Scalar>(values: &StepValues<'_, S>, carried: &mut [S], grad_c: &mut [S], grad_z: &mut [S]) {
    let StepValues { gates, c_before, tanh_c, grad_h, smallest } = *values;
    let units = grad_h.len();
    let ((i, f, g, o), grad) = (quarters(gates, units), quarters_mut(grad_z, units));
    slopes(i, f, g, o, c_before, tanh_c, grad_h, smallest, carried, grad_c, grad.0, grad.1, grad.2, grad.3);
}

/// The loop of [`backward`], with each slice an argument of a function that is not inlined: so LLVM knows that none overlaps
/// another, and vectorises without checks.
#[expect(clippy::too_many_arguments, reason = "in a struct the slices would no longer be known not to overlap")]
#[inline(never)]
fn slopes<S: Scalar>(
    in_gate: &[S],
    forget_gate: &[S],
    candidate: &[S],
    out_gate: &[S],
    c_before: &[S],
    tanh_c: &[S],
    grad_h: &[S],
    smallest: S,
    carried: &mut [S],
    grad_c: &mut [S],
    grad_in: &mut [S],
    grad_forget: &mut [S],
    grad_candidate: &mut [S],
    grad_out: &mut [S],
) {
    let units = grad_h.len();
    let (in_gate, forget_gate, candidate) = (&in_gate[..units], &forget_gate[..units], &candidate[..units]);
    let (out_gate, c_before, tanh_c) = (&out_gate[..units], &c_before[..units], &tanh_c[..units]);
    let (grad_c, grad_in, grad_forget) = (&mut grad_c[..units], &mut grad_in[..units], &mut grad_forget[..units]);
    let (grad_candidate, grad_out, carried) =
        (&mut grad_candidate[..units], &mut grad_out[..units], &mut carried[..units]);
    let (one, smallest) = math::kept((S::ONE, smallest));
    for u in 0..units {
        let (i, f, g, o) = (in_gate[u], forget_gate[u], candidate[u], out_gate[u]);
        let (squashed, by_h) = (tanh_c[u], grad_h[u]);
        let by_c = (carried[u] + by_h * o * (one - squashed * squashed)).flushed_below(smallest);
        grad_c[u] = by_c;
        carried[u] = (f * by_c).flushed_below(smallest);
        grad_in[u] = (by_c * g * (i * (one - i))).flushed_below(smallest);
        grad_forget[u] = (by_c * c_before[u] * (f * (one - f))).flushed_below(smallest);
        grad_candidate[u] = (by_c * i * (one - g * g)).flushed_below(smallest);
        grad_out[u] = (by_h * squashed * (o * (one - o))).flushed_below(smallest);
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
