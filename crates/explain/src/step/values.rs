//! The numbers of a step and unit: those of the trace, weights, and weighted sums.

use super::{At, peephole_block};
use crate::cells::{self, SEEING_GATES};
use crate::quantity::{Number, Quantity, Values, When};
use nn::{CellKind, Gate, GateSeries};

impl Values for At<'_> {
    fn number(&self, number: Number) -> f64 {
        self.value(number)
    }

    fn is_free(&self, gate: Gate) -> bool {
        !self.is_held(gate)
    }

    fn sends_back(&self) -> bool {
        !self.truncation.cuts_before(self.t)
    }

    fn receives(&self) -> bool {
        self.receives_gradient()
    }
}

impl At<'_> {
    /// The number; NaN for one that the cell does not have.
    pub fn value(&self, number: impl Into<Number>) -> f64 {
        let number = number.into();
        let trace = &self.lane.trace;
        let of = |series: &'_ [GateSeries<f32>], name: &str| -> f64 {
            series.iter().find(|one| one.name == name).map_or(f64::NAN, |one| self.in_trace(&one.values, number.when))
        };
        match number.quantity {
            Quantity::PreActivation(gate) => of(&trace.z, gate.letter()),
            Quantity::Activation(gate) => of(&trace.gates, gate.letter()),
            Quantity::Slope => of(&trace.gates, "dphi"),
            Quantity::Delta(gate) => of(&trace.grad_z, gate.letter()),
            Quantity::Hidden => self.in_trace(&trace.h, number.when),
            Quantity::CellState => self.in_trace(&trace.c, number.when),
            Quantity::HiddenGradient => self.in_trace(&trace.grad_h, number.when),
            Quantity::CellGradient => self.in_trace(&trace.grad_c, number.when),
            Quantity::Mask => self.mask(self.t, self.u),
            Quantity::ResetInput => self.reset_input(),
            Quantity::RecurrentWeight(gate) => self.weight("w_hh", self.row(gate), self.u),
            Quantity::Peephole(gate) => peephole_block(gate).map_or(f64::NAN, |block| self.weight(block, self.u, 0)),
            Quantity::GateWeight { to, from } => self.weight("w_gates", self.gate_row(to), self.gate_row(from)),
            Quantity::GradientFromLaterGates(gate) => self.gradient_from_later_gates(gate),
            Quantity::SentBack => self.sent_back(),
            Quantity::InputPart => self.input_part(),
            derived => cells::derived(self.lane.cell, derived, self),
        }
    }

    /// The unit's number in a series of the trace `[t][unit]`. Before the first step all states are 0.
    fn in_trace(&self, values: &[f32], when: When) -> f64 {
        let t = match when {
            When::Before => match self.t.checked_sub(1) {
                Some(t) => t,
                None if values.is_empty() => return f64::NAN,
                None => return 0.0,
            },
            When::Now => self.t,
            When::After => self.t + 1,
        };
        values.get(t * self.lane.trace.hidden + self.u).map_or(f64::NAN, |&value| f64::from(value))
    }

    /// Row or column of `w_gates` of the unit in this gate.
    pub(crate) fn gate_row(&self, gate: Gate) -> usize {
        SEEING_GATES.iter().position(|known| *known == gate).unwrap_or(0) * self.lane.trace.hidden + self.u
    }

    /// `∂L/∂(U h)` of unit j in gate k at step t: `∂L/∂z`, of a GRU's candidate with its reset gate.
    pub(crate) fn delta(&self, k: usize, t: usize, j: usize) -> f64 {
        let trace = &self.lane.trace;
        let at = t * trace.hidden + j;
        let series = &trace.grad_z[k];
        let reset = trace.reset_of(series.name).map_or(1.0, |reset| f64::from(reset[at]));
        f64::from(series.values[at]) * reset
    }

    /// `U_n h_{t−1} + b_hn`, which the reset gate of a GRU multiplies.
    fn reset_input(&self) -> f64 {
        let hidden = self.lane.trace.hidden;
        let row = self.row(self.lane.cell.reset().map_or(Gate::New, |(_, of)| of));
        let part =
            |before: usize, j: usize| self.weight("w_hh", row, j) * f64::from(self.lane.trace.h[before * hidden + j]);
        let recurrent = self.t.checked_sub(1).into_iter().flat_map(|before| (0..hidden).map(move |j| (before, j)));
        recurrent.map(|(before, j)| part(before, j)).sum::<f64>() + self.weight("b_hn", self.u, 0)
    }

    /// The gradient that comes back from this step to the unit's h of the step before, by way of U; nothing through a cut.
    fn sent_back(&self) -> f64 {
        if self.truncation.cuts_before(self.t) || !self.lane.cell.is_recurrent() {
            return 0.0;
        }
        let hidden = self.lane.trace.hidden;
        let rows = self.lane.trace.grad_z.len() * hidden;
        (0..rows).map(|row| self.weight("w_hh", row, self.u) * self.delta(row / hidden, self.t, row % hidden)).sum()
    }

    /// `W x_t + b` of the first gate.
    fn input_part(&self) -> f64 {
        let bias = self.weight("b", self.u, 0);
        self.seen_inputs()
            .map(|(col, t, d)| self.weight("w_ih", self.u, col) * self.input(t, d))
            .fold(bias, |sum, part| sum + part)
    }

    /// Input d of step t.
    pub(crate) fn input(&self, t: usize, d: usize) -> f64 {
        self.inputs.get(t * self.inputs_a_step() + d).map_or(f64::NAN, |&x| f64::from(x))
    }

    /// The inputs that the step sees, each with its column in W: its own, and those of the steps before that a window
    /// network looks back on.
    pub(crate) fn seen_inputs(&self) -> impl Iterator<Item = (usize, usize, usize)> + use<> {
        let (now, inputs) = (self.t, self.inputs_a_step());
        let steps = if self.lane.cell.is_recurrent() { 1 } else { self.lane.window };
        (0..steps.min(now + 1)).flat_map(move |k| (0..inputs).map(move |d| (k * inputs + d, now - k, d)))
    }

    /// `Vᵀ δ` of the step after for a gate of the unit; 0 where nothing comes from there.
    fn gradient_from_later_gates(&self, gate: Gate) -> f64 {
        let (hidden, column) = (self.lane.trace.hidden, self.gate_row(gate));
        let is_seen = self.lane.cell == CellKind::LstmFgr && SEEING_GATES.contains(&gate);
        if !self.receives_gradient() || !is_seen {
            return 0.0;
        }
        let part = |row: usize| {
            let k = self.lane.cell.index_of(SEEING_GATES[row / hidden]).unwrap_or(0);
            self.weight("w_gates", row, column) * self.delta(k, self.t + 1, row % hidden)
        };
        (0..3 * hidden).map(part).sum()
    }
}
