//! The backward pass of a layer, step by step. The gradients of weights are computed from its results.

use super::LayerUnroll;
use super::PassKind;
use crate::Network;
use crate::Scalar;
use crate::Truncation;
use crate::lstm;
use crate::rnn;

impl<S: Scalar> LayerUnroll<S> {
    /// `∂L/∂h` `[H × T·B]`, for the layer above or the readout to fill before [`Self::backward_states`].
    pub(crate) fn grad_h_mut(&mut self) -> &mut [S] {
        &mut self.grad_h
    }

    /// Computes the total `∂L/∂h`, `∂L/∂c` and `∂L/∂z` of every step, back in time, from the `∂L/∂h` that the readers of h at
    /// its own step have filled: `∂L/∂h_{t−1} += Uᵀ ∂L/∂z_t`, except where truncation cuts. All three are exactly zero beyond a
    /// sequence's length, whatever its states are there; so is `∂L/∂z` of a held gate.
    ///
    /// All are multiplied by `raise`, as the `∂L/∂h` that is there already; the functions that read them divide by it.
    pub(crate) fn backward_states(
        &mut self,
        network: &Network<S>,
        truncation: Truncation,
        lengths: &[usize],
        raise: S,
    ) {
        self.raise = raise;
        if self.cell.is_recurrent() {
            self.u_transposed.fill_transposed(network.parameters().of(self.layer, "w_hh"));
            self.fill_w_gates_transposed(network.parameters());
        }
        let clamps = self.clamps(network);
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        self.carried.fill(S::ZERO);
        self.grad_gates.fill(S::ZERO);
        for t in (0..self.len).rev() {
            match self.pass_kind {
                PassKind::Elman | PassKind::Window => self.step_back_elman(t, lengths),
                PassKind::Lstm => self.step_back_lstm(t, lengths),
                PassKind::Gru => self.step_back_gru(t, network, lengths),
                PassKind::Variant => self.step_back_variant(t, network, lengths),
            }
            let columns = self.grad_z[t * units * batch..(t + 1) * units * batch].chunks_exact_mut(units);
            if !clamps.is_empty() {
                columns.for_each(|column| clamps.iter().for_each(|(row, _)| column[*row] = S::ZERO));
            }
            if truncation.cuts_before(t) {
                self.carried.fill(S::ZERO);
                self.grad_gates.fill(S::ZERO);
            } else if t > 0 && self.cell.is_recurrent() {
                let sum = if self.is_gru() { &self.grad_recurrent } else { &self.grad_z };
                let grad_z = &sum[t * units * batch..(t + 1) * units * batch];
                let before = &mut self.grad_h[(t - 1) * hidden * batch..t * hidden * batch];
                S::add_products(before, hidden, None, &[(&self.u_transposed, grad_z)]);
                if self.is_gru() {
                    self.add_kept_gradient(t, lengths);
                }
                self.backward_gates(t);
            }
        }
    }

    /// Computes `∂L/∂z` of step t of an Elman RNN from its total `∂L/∂h`.
    fn step_back_elman(&mut self, t: usize, lengths: &[usize]) {
        let (batch, units, smallest) = (self.batch, self.units(), self.smallest());
        let (now, next) = (t * units * batch, (t + 1) * units * batch);
        let grad_z = &mut self.grad_z[now..next];
        rnn::backward(self.cell, smallest, &self.h[next..next + units * batch], &self.grad_h[now..next], grad_z);
        // Beyond the end a state may have overflowed, and 0 · ∞ is NaN.
        for b in (0..batch).filter(|&b| lengths[b] <= t) {
            grad_z[b * units..(b + 1) * units].fill(S::ZERO);
        }
    }

    /// Computes `∂L/∂z` and `∂L/∂c` of step t of an LSTM from its total `∂L/∂h`.
    fn step_back_lstm(&mut self, t: usize, lengths: &[usize]) {
        let (hidden, batch, units, smallest) = (self.hidden, self.batch, self.units(), self.smallest());
        let now = t * hidden * batch..(t + 1) * hidden * batch;
        let grad_h = &self.grad_h[now.clone()];
        let grad_z = &mut self.grad_z[t * units * batch..(t + 1) * units * batch];
        let grad_c = &mut self.grad_c[now.clone()];
        for (b, &length) in lengths.iter().enumerate() {
            let column = |rows: usize| b * rows..(b + 1) * rows;
            let (carried, grad_c) = (&mut self.carried[column(hidden)], &mut grad_c[column(hidden)]);
            if length <= t {
                for zero in [carried, grad_c, &mut grad_z[column(units)]] {
                    zero.fill(S::ZERO);
                }
                continue;
            }
            let values = lstm::StepValues {
                gates: &self.gates[t * units * batch..][column(units)],
                c_before: &self.c[now.clone()][column(hidden)],
                tanh_c: &self.tanh_c[now.clone()][column(hidden)],
                grad_h: &grad_h[column(hidden)],
                smallest,
            };
            lstm::backward(&values, carried, grad_c, &mut grad_z[column(units)]);
        }
    }
}
