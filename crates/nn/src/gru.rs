//! The gated recurrent unit (Cho et al. 2014, in PyTorch's form, whose candidate has two biases and is reset after the
//! product):
//!
//! ```text
//! r, z = σ(W x_t + U h_{t−1} + b)
//! n = tanh(W_n x_t + b_in + r ⊙ (U_n h_{t−1} + b_hn))
//! h_t = (1 − z) ⊙ n + z ⊙ h_{t−1}
//! ```
//!
//! A column of pre-activations or gates holds r, z, n of one step of one sequence, H numbers each. Held gates replace the
//! activations here, before the states are computed from them.

use crate::Scalar;
use crate::clamps::{held, hold};
use crate::math;
use crate::product::add_elementwise;

/// Computes one column from `recurrent` `[3H]`, which is `U h_{t−1}` with `b_hn` added in its last block, and `z` `[3H]`,
/// which comes in as `W x + b` and goes out as the pre-activations. Fills `gates` `[3H]` and `h` `[H]`.
pub(super) fn forward<S: Scalar>(
    clamps: &[(usize, S)],
    (z, recurrent): (&mut [S], &[S]),
    h_before: &[S],
    gates: &mut [S],
    h: &mut [S],
) {
    let units = h.len();
    let (both, candidate) = (..2 * units, 2 * units..);
    z[both].iter_mut().zip(recurrent).for_each(|(z, &recurrent)| *z += recurrent);
    math::sigmoids(&z[both], &mut gates[both]);
    hold(clamps, 0, &mut gates[both]);
    add_elementwise(&mut z[candidate.clone()], gates, &recurrent[candidate.clone()]);
    math::tanhs(&z[candidate.clone()], &mut gates[candidate]);
    hold(clamps, 0, gates);
    for u in 0..units {
        let (keep, n) = (gates[units + u], gates[2 * units + u]);
        h[u] = (S::ONE - keep) * n + keep * h_before[u];
    }
}

/// The values of one column that the backward pass reads.
pub(super) struct StepValues<'a, S> {
    /// r, z, n `[3H]`.
    pub(super) gates: &'a [S],
    /// `U h_{t−1}`, with `b_hn` in its last block, `[3H]`.
    pub(super) recurrent: &'a [S],
    /// `h_{t−1}` `[H]`.
    pub(super) h_before: &'a [S],
    /// The total `∂L/∂h_t` `[H]`.
    pub(super) grad_h: &'a [S],
    /// Gradients below this are zero.
    pub(super) smallest: S,
}

/// Computes `∂L/∂z` and `∂L/∂(U h)` `[3H]` of one column, which differ only in the candidate.
///
/// ```text
/// ∂L/∂z_n = ∂L/∂h ⊙ (1 − z) ⊙ (1 − n²)              ∂L/∂(U_n h) = ∂L/∂z_n ⊙ r
/// ∂L/∂z_r = ∂L/∂z_n ⊙ (U_n h + b_hn) ⊙ r(1 − r)     ∂L/∂z_z = ∂L/∂h ⊙ (h_{t−1} − n) ⊙ z(1 − z)
/// ```
///
/// [`keep`] adds the path through the update gate, `∂L/∂h_{t−1} += z ⊙ ∂L/∂h`.
pub(super) fn backward<S: Scalar>(
    clamps: &[(usize, S)],
    values: &StepValues<'_, S>,
    grad_z: &mut [S],
    grad_recurrent: &mut [S],
) {
    let StepValues { gates, recurrent, h_before, grad_h, smallest } = *values;
    let units = grad_h.len();
    for u in 0..units {
        let (reset, update, candidate) = (u, units + u, 2 * units + u);
        let (r, keep, n) = (gates[reset], gates[update], gates[candidate]);
        let slope = |row: usize, slope: S| if held(clamps, row).is_some() { S::ZERO } else { slope };
        let z_n = (grad_h[u] * (S::ONE - keep) * slope(candidate, S::ONE - n * n)).flushed_below(smallest);
        let z_r = (z_n * recurrent[candidate] * slope(reset, r * (S::ONE - r))).flushed_below(smallest);
        let z_z = (grad_h[u] * (h_before[u] - n) * slope(update, keep * (S::ONE - keep))).flushed_below(smallest);
        for (row, grad, by_product) in
            [(reset, z_r, z_r), (update, z_z, z_z), (candidate, z_n, (z_n * r).flushed_below(smallest))]
        {
            grad_z[row] = grad;
            grad_recurrent[row] = by_product;
        }
    }
}

/// Adds `∂L/∂h_{t−1} += z ⊙ ∂L/∂h_t`; zero where it is below `smallest`.
pub(super) fn keep<S: Scalar>(smallest: S, gates: &[S], grad_h: &[S], grad_h_before: &mut [S]) {
    let update = &gates[grad_h.len()..];
    for ((before, &grad), &keep) in grad_h_before.iter_mut().zip(grad_h).zip(update) {
        *before = (*before + keep * grad).flushed_below(smallest);
    }
}
