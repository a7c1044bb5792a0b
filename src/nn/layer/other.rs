//! The cells that go a way of their own through a layer, decided once a step: so the loops of the others stay as they are.

use super::LayerUnroll;
use crate::{LstmVariant, Network, Parameters, Scalar, lstm_variant};

impl<S: Scalar> LayerUnroll<S> {
    /// Whether this is an LSTM with something changed.
    pub(super) fn is_variant(&self) -> bool {
        crate::EVERY_CELL && self.variant != LstmVariant::Vanilla
    }

    /// The states of step t of a variant of the LSTM.
    pub(super) fn step_variant(&mut self, t: usize, network: &Network<S>, held: Option<&Self>) {
        let extra = lstm_variant::Extra::new(self.variant, network.parameters(), network.clamps());
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        for b in 0..batch {
            let column = t * batch + b;
            let of = |rows: usize, column: usize| column * rows..(column + 1) * rows;
            let (earlier, later) = self.c.split_at_mut((t + 1) * hidden * batch);
            let (gates_earlier, gates) = self.gates.split_at_mut(t * units * batch);
            let c_before = &held.map_or(&*earlier, |held| &held.c)[of(hidden, column)];
            let gates_before = match column.checked_sub(batch) {
                Some(before) => &held.map_or(&*gates_earlier, |held| &held.gates)[of(units, before)],
                None => &[],
            };
            let moment = lstm_variant::Forward {
                z: &mut self.z[of(units, column)],
                gates: &mut gates[of(units, b)],
                c: &mut later[of(hidden, b)],
                squashed: &mut self.tanh_c[of(hidden, column)],
                h: &mut self.h[of(hidden, column + batch)],
            };
            lstm_variant::forward(&extra, c_before, gates_before, moment);
        }
    }

    /// `∂L/∂z` and `∂L/∂c` of step t of a variant of the LSTM.
    pub(super) fn step_back_variant(&mut self, t: usize, network: &Network<S>, lengths: &[usize]) {
        let extra = lstm_variant::Extra::new(self.variant, network.parameters(), network.clamps());
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        let gate_rows = self.grad_gates.len() / batch;
        let (earlier, grad_c) = self.grad_c.split_at_mut(t * hidden * batch);
        for (b, &length) in lengths.iter().enumerate() {
            let column = t * batch + b;
            let of = |rows: usize, column: usize| column * rows..(column + 1) * rows;
            let before = match column.checked_sub(batch) {
                Some(before) => &mut earlier[of(hidden, before)],
                None => &mut [],
            };
            let grad_gates = &mut self.grad_gates[of(gate_rows, b)];
            let grad_z = &mut self.grad_z[of(units, column)];
            if length <= t {
                grad_z.fill(S::ZERO);
                before.fill(S::ZERO);
                grad_gates.fill(S::ZERO);
                continue;
            }
            let moment = lstm_variant::Moment {
                gates: &self.gates[of(units, column)],
                c_before: &self.c[of(hidden, column)],
                squashed: &self.tanh_c[of(hidden, column)],
                grad_h: &self.grad_h[of(hidden, column)],
            };
            lstm_variant::backward(&extra, &moment, grad_gates, &mut grad_c[of(hidden, b)], grad_z, before);
        }
    }

    /// The gradients of what a variant has beside an LSTM's weights, overwritten.
    pub(super) fn gradients_of_variant(&self, gradients: &mut Parameters<S>, lengths: &[usize]) {
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        ["p_i", "p_f", "p_o", "w_gates"].iter().for_each(|name| gradients.slice_mut(name).fill(S::ZERO));
        for column in (0..self.len * batch).filter(|column| column / batch < lengths[column % batch]) {
            let of = |values: &'_ [S], rows: usize, column: usize| values[column * rows..(column + 1) * rows].to_vec();
            let gates_before = column.checked_sub(batch).map_or(Vec::new(), |before| of(&self.gates, units, before));
            let (c_before, c) = (of(&self.c, hidden, column), of(&self.c, hidden, column + batch));
            let grad_z = of(&self.grad_z, units, column);
            lstm_variant::add_gradients(gradients, &grad_z, (&c_before, &c), &gates_before);
        }
    }
}
