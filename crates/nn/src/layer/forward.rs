//! The forward pass of a layer, step by step.

use super::LayerUnroll;
use super::PassKind;
use crate::Network;
use crate::Scalar;
use crate::Truncation;
use crate::lstm;
use crate::panels::Term;
use crate::rnn;

impl<S: Scalar> LayerUnroll<S> {
    /// Computes all states from `inputs` `[D × T·B]`, with `z_t = W x_t + b + U h_{t−1}`.
    ///
    /// After a cut by truncation, the first step takes the state before it from `held`, if given: the truncated
    /// gradient treats that state as a constant.
    pub(crate) fn forward(&mut self, network: &Network<S>, inputs: &[S], truncation: Truncation, held: Option<&Self>) {
        let units = self.units();
        let parameters = network.parameters();
        let bias = parameters.of(self.layer, "b");
        if self.pass_kind == PassKind::Window {
            for z in self.z.chunks_exact_mut(units) {
                z.copy_from_slice(bias);
            }
            return self.forward_window(network, inputs);
        }
        self.w.fill(parameters.of(self.layer, "w_ih"));
        self.u.fill(parameters.of(self.layer, "w_hh"));
        self.fill_w_gates(parameters);
        let (count, gate_rows) = (if self.gates_see_gates() { 3 } else { 2 }, self.gates.len() / self.len);
        let gru = self.is_gru();
        let bias_of_recurrent = if gru { self.bias_of_recurrent(parameters) } else { Vec::new() };
        for t in 0..self.len {
            let held = held.filter(|_| truncation.cuts_before(t));
            let now = t * units * self.batch..(t + 1) * units * self.batch;
            let x = &inputs[t * self.inputs * self.batch..];
            let before = &held.map_or(&self.h, |held| &held.h)[t * self.hidden * self.batch..];
            let gates = &held.map_or(&self.gates, |held| &held.gates)[t.saturating_sub(1) * gate_rows..];
            // The first step has no state before it.
            let terms: [Term<'_, S>; 3] = [(&self.w, x), (&self.u, before), (&self.w_gates, gates)];
            let terms = &terms[..if t == 0 { 1 } else { count }];
            if gru {
                S::add_products(&mut self.z[now.clone()], units, Some(bias), &terms[..1]);
                S::add_products(&mut self.recurrent[now], units, Some(&bias_of_recurrent), &terms[1..]);
            } else {
                S::add_products(&mut self.z[now], units, Some(bias), terms);
            }
            self.step(t, network, held);
        }
    }

    /// Computes the states of step t from its z and the states before, or those of `held`.
    fn step(&mut self, t: usize, network: &Network<S>, held: Option<&Self>) {
        match self.pass_kind {
            PassKind::Elman | PassKind::Window => {
                let (units, columns) = (self.units(), t * self.batch..(t + 1) * self.batch);
                let h = &mut self.h[(t + 1) * units * self.batch..(t + 2) * units * self.batch];
                rnn::forward(self.cell, &self.z[columns.start * units..columns.end * units], h);
            }
            PassKind::Lstm => self.step_lstm(t, network, held),
            PassKind::Gru => self.step_gru(t, network, held),
            PassKind::Variant => self.step_variant(t, network, held),
        }
    }

    /// Computes the states of step t of an LSTM. Held gates replace the results afterwards, so that the loops stay simple.
    fn step_lstm(&mut self, t: usize, network: &Network<S>, held: Option<&Self>) {
        let clamps = self.clamps(network);
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        let (now, next) = (t * hidden * batch, (t + 1) * hidden * batch);
        let z = &self.z[t * units * batch..(t + 1) * units * batch];
        let h = &mut self.h[next..next + hidden * batch];
        let (before, c) = self.c[now..next + hidden * batch].split_at_mut(hidden * batch);
        let before = held.map_or(&*before, |held| &held.c[now..next]);
        let gates = &mut self.gates[t * units * batch..(t + 1) * units * batch];
        let tanh_c = &mut self.tanh_c[now..next];
        lstm::activate(hidden, z, gates);
        lstm::states(hidden, gates, before, c, tanh_c, h);
        for b in 0..if clamps.is_empty() { 0 } else { batch } {
            let column = b * hidden..(b + 1) * hidden;
            lstm::hold_and_recompute(
                clamps,
                &before[column.clone()],
                &mut gates[b * units..(b + 1) * units],
                &mut c[column.clone()],
                &mut tanh_c[column.clone()],
                &mut h[column],
            );
        }
    }
}
