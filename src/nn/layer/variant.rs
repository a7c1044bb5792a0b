//! The way of a variant of the LSTM through a layer.

use super::{LayerUnroll, Way};
use crate::{Network, Parameters, Scalar, lstm_variant};

impl<S: Scalar> LayerUnroll<S> {
    /// Whether this is an LSTM with something changed.
    pub(super) fn is_variant(&self) -> bool {
        self.way == Way::Variant
    }

    /// The states of step t of a variant of the LSTM.
    pub(super) fn step_variant(&mut self, t: usize, network: &Network<S>, held: Option<&Self>) {
        let extra =
            lstm_variant::Extra::new((self.cell.variant(), self.layer), network.parameters(), self.clamps(network));
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
        let extra =
            lstm_variant::Extra::new((self.cell.variant(), self.layer), network.parameters(), self.clamps(network));
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        let (gate_rows, smallest) = (self.grad_gates.len() / batch, self.smallest());
        for (b, &length) in lengths.iter().enumerate() {
            let column = t * batch + b;
            let of = |rows: usize, column: usize| column * rows..(column + 1) * rows;
            let (carried, grad_c) = (&mut self.carried[of(hidden, b)], &mut self.grad_c[of(hidden, column)]);
            let (grad_gates, grad_z) = (&mut self.grad_gates[of(gate_rows, b)], &mut self.grad_z[of(units, column)]);
            if length <= t {
                for zero in [carried, grad_c, grad_gates, grad_z] {
                    zero.fill(S::ZERO);
                }
                continue;
            }
            let moment = lstm_variant::Moment {
                gates: &self.gates[of(units, column)],
                c_before: &self.c[of(hidden, column)],
                squashed: &self.tanh_c[of(hidden, column)],
                grad_h: &self.grad_h[of(hidden, column)],
                smallest,
            };
            lstm_variant::backward(&extra, &moment, grad_gates, carried, grad_c, grad_z);
        }
    }

    /// The gradients of what a variant has beside an LSTM's weights, overwritten.
    pub(super) fn gradients_of_variant(&self, gradients: &mut Parameters<S>, lengths: &[usize]) {
        let (extra, hidden, batch, units) = (self.cell.extra(), self.hidden, self.batch, self.units());
        extra.iter().for_each(|block| gradients.of_mut(self.layer, block.name).fill(S::ZERO));
        let columns = if extra.is_empty() { 0 } else { self.len * batch };
        for column in (0..columns).filter(|column| column / batch < lengths[column % batch]) {
            let of = |rows: usize, column: usize| column * rows..(column + 1) * rows;
            let gates_before = match column.checked_sub(batch) {
                Some(before) => &self.gates[of(units, before)],
                None => &[],
            };
            let cells = (&self.c[of(hidden, column)], &self.c[of(hidden, column + batch)]);
            let grad_z = &self.grad_z[of(units, column)];
            lstm_variant::add_gradients((gradients, self.layer), grad_z, cells, gates_before);
        }
    }
}
