//! The cells that go a way of their own through a layer, decided once a step: so the loops of the others stay as they are.

use super::LayerUnroll;
use crate::{
    CellKind, LstmVariant, Network, Parameters, Scalar, gru, lstm_variant,
    product::{add_columns, add_product, add_transposed_product},
    rnn,
};

impl<S: Scalar> LayerUnroll<S> {
    /// Whether this is an LSTM with something changed.
    pub(super) fn is_variant(&self) -> bool {
        self.variant != LstmVariant::Vanilla
    }

    /// Rows of what a window network sees.
    pub(super) fn seen_rows(&self) -> usize {
        self.seen.len() / (self.len * self.batch)
    }

    /// All states of a window network: z holds the bias. What lies before the first step is 0.
    pub(super) fn forward_window(&mut self, network: &Network<S>, inputs: &[S]) {
        let (rows, columns, width, units) = (self.seen_rows(), self.len * self.batch, self.inputs, self.units());
        for (column, seen) in self.seen.chunks_exact_mut(rows).enumerate() {
            for (k, seen) in seen.chunks_exact_mut(width).enumerate() {
                if let Some(before) = column.checked_sub(k * self.batch) {
                    seen.copy_from_slice(&inputs[before * width..(before + 1) * width]);
                }
            }
        }
        add_product(&mut self.z, network.parameters().of(self.layer, "w_ih"), &self.seen, units, rows, columns);
        rnn::forward(self.cell, &self.z, &mut self.h[self.hidden * self.batch..]);
    }

    /// `‖∂L/∂x_t‖` of sequence `member` per step of a window network, after a backward pass; none for another, whose
    /// states say more.
    pub(crate) fn input_norms(&self, network: &Network<S>, member: usize) -> Vec<f64> {
        if self.cell.is_recurrent() {
            return Vec::new();
        }
        let (rows, width, units) = (self.seen_rows(), self.inputs, self.units());
        let mut by_input = vec![S::ZERO; self.len * width];
        for t in 0..self.len {
            let mut by_seen = vec![S::ZERO; rows];
            let grad_z = &self.grad_z[(t * self.batch + member) * units..][..units];
            add_transposed_product(&mut by_seen, network.parameters().of(self.layer, "w_ih"), grad_z, units, rows, 1);
            for (k, from) in by_seen.chunks_exact(width).enumerate().take(t + 1) {
                by_input[(t - k) * width..].iter_mut().zip(from).for_each(|(sum, part)| *sum += *part);
            }
        }
        self.lowered_norms(&by_input, width)
    }

    /// Whether this is a GRU, whose `U h` is kept apart from the rest of z.
    pub(super) fn is_gru(&self) -> bool {
        self.cell == CellKind::Gru
    }

    /// What is added to `U h` of a GRU `[3H]`: `b_hn` in its last block.
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

    /// `∂L/∂z` and `∂L/∂(U h)` of step t of a GRU.
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
            let moment = gru::Moment {
                gates: &self.gates[of(units)],
                recurrent: &self.recurrent[of(units)],
                h_before: &self.h[of(hidden)],
                grad_h: &self.grad_h[of(hidden)],
                smallest,
            };
            gru::backward(clamps, &moment, grad_z, grad_recurrent);
        }
    }

    /// What the update gate of step t passes on to `∂L/∂h` of the step before.
    pub(super) fn keep_back(&mut self, t: usize, lengths: &[usize]) {
        let (hidden, batch, units, smallest) = (self.hidden, self.batch, self.units(), self.smallest());
        let (earlier, grad_h) = self.grad_h.split_at_mut(t * hidden * batch);
        let before = &mut earlier[(t - 1) * hidden * batch..];
        for b in (0..batch).filter(|&b| lengths[b] > t) {
            let of = |rows: usize| b * rows..(b + 1) * rows;
            let gates = &self.gates[t * units * batch..][of(units)];
            gru::keep(smallest, gates, &grad_h[of(hidden)], &mut before[of(hidden)]);
        }
    }

    /// `∂L/∂b_hn`, the sum of the candidate's `∂L/∂(U h)` over columns, overwritten.
    pub(super) fn gradient_of_b_hn(&self, gradients: &mut Parameters<S>, by_product: &[S]) {
        let (hidden, units) = (self.hidden, self.units());
        let bias = gradients.of_mut(self.layer, "b_hn");
        bias.fill(S::ZERO);
        by_product.chunks_exact(units).for_each(|column| add_columns(bias, &column[units - hidden..], &[S::ONE], 0));
    }

    /// The states of step t of a variant of the LSTM.
    pub(super) fn step_variant(&mut self, t: usize, network: &Network<S>, held: Option<&Self>) {
        let extra = lstm_variant::Extra::new((self.variant, self.layer), network.parameters(), self.clamps(network));
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
        let extra = lstm_variant::Extra::new((self.variant, self.layer), network.parameters(), self.clamps(network));
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
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        ["p_i", "p_f", "p_o", "w_gates"].iter().for_each(|name| gradients.of_mut(self.layer, name).fill(S::ZERO));
        for column in (0..self.len * batch).filter(|column| column / batch < lengths[column % batch]) {
            let of = |values: &'_ [S], rows: usize, column: usize| values[column * rows..(column + 1) * rows].to_vec();
            let gates_before = column.checked_sub(batch).map_or(Vec::new(), |before| of(&self.gates, units, before));
            let (c_before, c) = (of(&self.c, hidden, column), of(&self.c, hidden, column + batch));
            let grad_z = of(&self.grad_z, units, column);
            lstm_variant::add_gradients((gradients, self.layer), &grad_z, (&c_before, &c), &gates_before);
        }
    }
}
