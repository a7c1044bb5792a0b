//! The passes of a GRU through a layer.

use super::LayerUnroll;
use super::PassKind;
use crate::Network;
use crate::Parameters;
use crate::Scalar;
use crate::gru;
use crate::product::add_columns;

impl<S: Scalar> LayerUnroll<S> {
    /// Whether this is a GRU, whose `U h` is kept separate from the rest of z.
    pub(super) fn is_gru(&self) -> bool {
        self.pass_kind == PassKind::Gru
    }

    /// The bias that is added to `U h` of a GRU `[3H]`: `b_hn` in its last block, else zero.
    pub(super) fn bias_of_recurrent(&self, parameters: &Parameters<S>) -> Vec<S> {
        let mut bias = vec![S::ZERO; self.units() - self.hidden];
        bias.extend_from_slice(parameters.of(self.layer, "b_hn"));
        bias
    }

    /// The states of step t of a GRU.
    pub(super) fn step_gru(&mut self, t: usize, network: &Network<S>, held: Option<&Self>) {
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        let clamps = self.clamps(network);
        let (earlier, h) = self.h.split_at_mut((t + 1) * hidden * batch);
        let earlier = held.map_or(&*earlier, |held| &held.h);
        for b in 0..batch {
            let column = t * batch + b;
            let of = |rows: usize, column: usize| column * rows..(column + 1) * rows;
            let z = (&mut self.z[of(units, column)], &self.recurrent[of(units, column)]);
            let gates = &mut self.gates[of(units, column)];
            gru::forward(clamps, z, &earlier[of(hidden, column)], gates, &mut h[of(hidden, b)]);
        }
    }

    /// Computes `∂L/∂z` and `∂L/∂(U h)` of step t of a GRU.
    pub(super) fn step_back_gru(&mut self, t: usize, network: &Network<S>, lengths: &[usize]) {
        let clamps = self.clamps(network);
        let (hidden, units, smallest) = (self.hidden, self.units(), self.smallest());
        for (b, &length) in lengths.iter().enumerate() {
            let column = t * self.batch + b;
            let of = |rows: usize| column * rows..(column + 1) * rows;
            let (grad_z, grad_recurrent) = (&mut self.grad_z[of(units)], &mut self.grad_recurrent[of(units)]);
            if length <= t {
                grad_z.fill(S::ZERO);
                grad_recurrent.fill(S::ZERO);
                continue;
            }
            let values = gru::StepValues {
                gates: &self.gates[of(units)],
                recurrent: &self.recurrent[of(units)],
                h_before: &self.h[of(hidden)],
                grad_h: &self.grad_h[of(hidden)],
                smallest,
            };
            gru::backward(clamps, &values, grad_z, grad_recurrent);
        }
    }

    /// Adds the gradient through the update gate of step t to `∂L/∂h` of the step before.
    pub(super) fn add_kept_gradient(&mut self, t: usize, lengths: &[usize]) {
        let (hidden, batch, units, smallest) = (self.hidden, self.batch, self.units(), self.smallest());
        let (earlier, grad_h) = self.grad_h.split_at_mut(t * hidden * batch);
        let before = &mut earlier[(t - 1) * hidden * batch..];
        for b in (0..batch).filter(|&b| lengths[b] > t) {
            let of = |rows: usize| b * rows..(b + 1) * rows;
            let gates = &self.gates[t * units * batch..][of(units)];
            gru::keep(smallest, gates, &grad_h[of(hidden)], &mut before[of(hidden)]);
        }
    }

    /// Computes `∂L/∂b_hn`, the sum of the candidate's `∂L/∂(U h)` over columns; overwritten.
    pub(super) fn gradient_of_b_hn(&self, gradients: &mut Parameters<S>, grad_recurrent: &[S]) {
        let (hidden, units) = (self.hidden, self.units());
        let bias = gradients.of_mut(self.layer, "b_hn");
        bias.fill(S::ZERO);
        grad_recurrent
            .chunks_exact(units)
            .for_each(|column| add_columns(bias, &column[units - hidden..], &[S::ONE], 0));
    }
}
