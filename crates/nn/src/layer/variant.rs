//! The passes of a variant of the LSTM through a layer.

use super::LayerUnroll;
use super::PassKind;
use crate::Network;
use crate::Parameters;
use crate::Scalar;
use crate::lstm_variant;
use crate::product::outer_products;

impl<S: Scalar> LayerUnroll<S> {
    /// Whether this is a variant of the LSTM.
    pub(super) fn is_variant(&self) -> bool {
        self.pass_kind == PassKind::Variant
    }

    /// Computes the states of step t of a variant of the LSTM.
    pub(super) fn step_variant(&mut self, t: usize, network: &Network<S>, held: Option<&Self>) {
        let extra =
            lstm_variant::Extra::new((self.cell.variant(), self.layer), network.parameters(), self.clamps(network));
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        for b in 0..batch {
            let column = t * batch + b;
            let of = |rows: usize, column: usize| column * rows..(column + 1) * rows;
            let (earlier, later) = self.c.split_at_mut((t + 1) * hidden * batch);
            let c_before = &held.map_or(&*earlier, |held| &held.c)[of(hidden, column)];
            let values = lstm_variant::Forward {
                z: &mut self.z[of(units, column)],
                gates: &mut self.gates[of(units, column)],
                c: &mut later[of(hidden, b)],
                squashed: &mut self.tanh_c[of(hidden, column)],
                h: &mut self.h[of(hidden, column + batch)],
            };
            lstm_variant::forward(&extra, c_before, values);
        }
    }

    /// Computes `∂L/∂z` and `∂L/∂c` of step t of a variant of the LSTM.
    pub(super) fn step_back_variant(&mut self, t: usize, network: &Network<S>, lengths: &[usize]) {
        let extra =
            lstm_variant::Extra::new((self.cell.variant(), self.layer), network.parameters(), self.clamps(network));
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        let (gate_rows, smallest) = (self.grad_gates.len() / batch, self.smallest());
        for (b, &length) in lengths.iter().enumerate() {
            let column = t * batch + b;
            let of = |rows: usize, column: usize| column * rows..(column + 1) * rows;
            let (carried, grad_c) = (&mut self.carried[of(hidden, b)], &mut self.grad_c[of(hidden, column)]);
            let (grad_gates, grad_z) = (&self.grad_gates[of(gate_rows, b)], &mut self.grad_z[of(units, column)]);
            if length <= t {
                for zero in [carried, grad_c, grad_z] {
                    zero.fill(S::ZERO);
                }
                continue;
            }
            let values = lstm_variant::StepValues {
                gates: &self.gates[of(units, column)],
                c_before: &self.c[of(hidden, column)],
                squashed: &self.tanh_c[of(hidden, column)],
                grad_h: &self.grad_h[of(hidden, column)],
                smallest,
            };
            lstm_variant::backward(&extra, &values, grad_gates, carried, grad_c, grad_z);
        }
    }

    /// Whether gates see the gates of the step before.
    pub(super) fn gates_see_gates(&self) -> bool {
        !self.grad_gates.is_empty()
    }

    /// Fills the panels of `w_gates` for the forward pass, where gates see gates.
    pub(super) fn fill_w_gates(&mut self, parameters: &Parameters<S>) {
        if self.gates_see_gates() {
            let w_gates = parameters.of(self.layer, "w_gates");
            self.w_gates.fill(&lstm_variant::with_all_gates(w_gates, self.hidden, 4 * self.hidden));
        }
    }

    /// Fills the panels of `w_gates` for the backward pass, where gates see gates.
    pub(super) fn fill_w_gates_transposed(&mut self, parameters: &Parameters<S>) {
        if self.gates_see_gates() {
            let w_gates = parameters.of(self.layer, "w_gates");
            self.w_gates_transposed.fill_transposed(&lstm_variant::with_all_gates(
                w_gates,
                self.hidden,
                3 * self.hidden,
            ));
        }
    }

    /// Computes `∂L/∂[i; f; o]` of the step before t: `W_gatesᵀ ∂L/∂z_t`.
    pub(super) fn backward_gates(&mut self, t: usize) {
        if self.gates_see_gates() {
            let (size, smallest) = (self.units() * self.batch, self.smallest());
            self.grad_gates.fill(S::ZERO);
            let term = (&self.w_gates_transposed, &self.grad_z[t * size..(t + 1) * size]);
            S::add_products(&mut self.grad_gates, 3 * self.hidden, None, &[term]);
            self.grad_gates.iter_mut().for_each(|gradient| *gradient = gradient.flushed_below(smallest));
        }
    }

    /// Computes the gradients of a variant's additional weights; overwritten.
    pub(super) fn gradients_of_variant(&self, gradients: &mut Parameters<S>, lengths: &[usize]) {
        let (extra, hidden, batch, units) = (self.cell.extra(), self.hidden, self.batch, self.units());
        extra.iter().for_each(|block| gradients.of_mut(self.layer, block.name).fill(S::ZERO));
        let columns = if extra.is_empty() { 0 } else { self.len * batch };
        let valid = |column: &usize| column / batch < lengths[column % batch];
        let of = |rows: usize, column: usize| column * rows..(column + 1) * rows;
        if self.gates_see_gates() {
            // One product over all columns, as for W and U.
            let (mut grad_z, mut before) = (Vec::new(), Vec::new());
            for column in (batch..columns).filter(valid) {
                grad_z.extend_from_slice(&self.grad_z[of(units, column)]);
                before.extend_from_slice(&self.gates[of(units, column - batch)]);
            }
            let mut all = vec![S::ZERO; units * units];
            outer_products(&mut all, &grad_z, &before, units, units, grad_z.len() / units);
            return lstm_variant::without_candidate(&all, hidden, gradients.of_mut(self.layer, "w_gates"));
        }
        for column in (0..columns).filter(valid) {
            let cells = (&self.c[of(hidden, column)], &self.c[of(hidden, column + batch)]);
            lstm_variant::add_gradients((gradients, self.layer), &self.grad_z[of(units, column)], cells);
        }
    }
}
