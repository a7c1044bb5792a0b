//! The share of each step in the gradient of the recurrent weights.
//!
//! U serves every step, so its gradient is a sum over the steps, `∂L/∂U = Σ_t δ_t h_{t−1}ᵀ` with `δ_t = ∂L/∂z_t` (in a GRU the
//! derivative by the product `U h_{t−1}`, which its reset gate multiplies). Where the gradient vanishes U still learns; it is
//! the share of distant steps in the sum that vanishes.

use crate::Scalar;
use crate::Unroll;
use crate::math;
use crate::product::outer_products;

impl<S: Scalar> Unroll<S> {
    /// `‖δ_t h_{t−1}ᵀ‖_F` of a layer (from 0) in the last backward pass, per step, summed over the batch before the norm is taken; exactly 0 at
    /// the first step, before which h is 0, and at every step of a window network, which has no U.
    #[must_use]
    pub fn recurrent_shares(&self, layer: usize) -> Vec<f64> {
        S::recurrent_shares(self, layer)
    }

    pub(super) fn recurrent_shares_pass(&self, layer: usize) -> Vec<f64> {
        let (hidden, batch, units) = (self.config().hidden, self.batch(), self.z().nrows());
        let Some(layer) = self.layers().get(layer) else { return Vec::new() };
        if !self.config().cell.is_recurrent() {
            return vec![0.0; self.len()];
        }
        let mut share = vec![S::ZERO; units * hidden];
        let deltas = layer.grad_recurrent_values().chunks_exact(units * batch).skip(1);
        let later = layer.h_values().chunks_exact(hidden * batch).zip(deltas);
        let norms = later.map(|(before, delta)| {
            outer_products(&mut share, delta, before, units, hidden, batch);
            layer.lowered_norm(math::norm(&share))
        });
        std::iter::once(0.0).chain(norms).collect()
    }
}
