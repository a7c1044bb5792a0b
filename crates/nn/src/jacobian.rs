//! Derivatives of a state, and of each step's loss, by the states before.
//!
//! The state s of a network is all that it carries from one step to the next: h, or `[h; c]` where there is a cell state, or
//! `[h; c; i; f; o]` where gates see the gates before (FGR). One
//! step back takes a derivative by `s_t` to one by `s_{t−1}`, `v ← (∂s_t/∂s_{t−1})ᵀ v`, by the functions of the backward
//! pass; several derivatives go back side by side, one a column. From the unit vectors at step T come the rows of
//! `∂s_T/∂s_t = ∂s_T/∂s_{T−1} ⋯ ∂s_{t+1}/∂s_t`, from `∂L_τ/∂h_τ` at every step τ the credit.
//!
//! Truncation has no effect here: these are the full derivatives of the network.

use nalgebra::DMatrix;

use crate::Batch;
use crate::LossSpec;
use crate::LstmVariant;
use crate::Network;
use crate::NetworkConfig;
use crate::Scalar;
use crate::Unroll;
use crate::gru;
use crate::layer::PassKind;
use crate::lstm;
use crate::lstm_variant;
use crate::math;
use crate::product;
use crate::rnn;
use crate::spectral;

/// The dependence of each step's loss on the states up to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Credit {
    /// `‖∂L_τ/∂h_t‖₂` at `[τ][t]`, t ≤ τ: the total derivative of step τ's own loss.
    pub h: Vec<Vec<f64>>,
    /// `‖∂L_τ/∂c_t‖₂` likewise; empty without a cell state.
    pub c: Vec<Vec<f64>>,
}

impl<S: Scalar> Unroll<S> {
    /// `∂s_T/∂s_t` `[n × n]` for every step t of one sequence of the last forward pass, the last of them the identity. The
    /// parts of s are independent arguments: the effect of c through the h of its own step is not in the columns of c.
    ///
    /// # Panics
    /// If the batch has no sequence `member`.
    #[must_use]
    pub fn state_jacobians(&self, network: &Network<S>, member: usize) -> Vec<DMatrix<S>> {
        assert!(member < self.batch(), "a member of the batch");
        let mut rows = Back::of_state(network, member);
        let mut jacobians: Vec<DMatrix<S>> = Vec::new();
        for t in (0..self.len()).rev() {
            jacobians.push(rows.jacobian());
            if t > 0 {
                rows.to_pre_activations(self, network, t);
                rows.to_state_before(self, network);
            }
        }
        jacobians.reverse();
        jacobians
    }

    /// The credit of every state of one sequence, after forward pass and loss over this batch.
    ///
    /// # Panics
    /// If the batch has no sequence `member`.
    #[must_use]
    pub fn credit(&self, network: &Network<S>, batch: &Batch<S>, spec: LossSpec, member: usize) -> Credit {
        assert!(member < self.batch(), "a member of the batch");
        let mut credit = CreditBack::new(network, member);
        // ∂L/∂y contains each step's share in the batch's mean.
        let count = S::from_f64(spec.count(batch.lengths()) as f64);
        for t in (0..self.len()).rev() {
            let loss = self.grad_output().column(t * self.batch() + member) * count;
            credit.step(self, network, t, loss.as_slice());
        }
        credit.finish()
    }
}

/// Credit on its way back, a step at a time.
pub(super) struct CreditBack<S> {
    back: Back<S>,
    /// `[τ from the last][t from τ]`.
    h: Vec<Vec<f64>>,
    c: Vec<Vec<f64>>,
}

impl<S: Scalar> CreditBack<S> {
    pub(super) fn new(network: &Network<S>, member: usize) -> Self {
        Self { back: Back::new(network, member), h: Vec::new(), c: Vec::new() }
    }

    /// Goes from step t + 1 back to step t, and starts the derivatives of step t's own quantities: `starts` has them by the answer
    /// y, `[O × k]` with the same k at every step. For k > 1 the norm kept is the spectral one.
    pub(super) fn step(&mut self, unroll: &Unroll<S>, network: &Network<S>, t: usize, starts: &[S]) {
        let (hidden, outputs) = (network.config().hidden, network.config().outputs);
        let width = starts.len() / outputs;
        let w_out = network.parameters().slice("w_out");
        for start in starts.chunks_exact(outputs) {
            let column = self.back.push_zero();
            let grad_h = &mut self.back.h[column * hidden..];
            product::add_transposed_product(grad_h, w_out, start, outputs, hidden, 1);
        }
        self.back.to_pre_activations(unroll, network, t);
        self.h.push(Vec::new());
        self.c.push(Vec::new());
        for (norms, values) in [(&mut self.h, &self.back.h), (&mut self.c, &self.back.c)] {
            for (norms, columns) in norms.iter_mut().zip(values.chunks_exact(width * hidden)) {
                norms.push(if width == 1 {
                    math::norm(columns)
                } else {
                    spectral::of_columns(math::cast(columns), hidden).unwrap_or(f64::NAN)
                });
            }
        }
        self.back.to_state_before(unroll, network);
    }

    pub(super) fn finish(&mut self) -> Credit {
        let (mut h, mut c) = (std::mem::take(&mut self.h), std::mem::take(&mut self.c));
        for norms in [&mut h, &mut c] {
            norms.reverse();
            norms.iter_mut().for_each(|steps| steps.reverse());
        }
        Credit { h, c: if self.back.c.is_empty() { Vec::new() } else { c } }
    }
}

/// Derivatives of several quantities by the state at one step, on their way back: a column each.
pub(super) struct Back<S> {
    config: NetworkConfig,
    member: usize,
    hidden: usize,
    columns: usize,
    /// Derivatives by h `[H × columns]`.
    h: Vec<S>,
    /// Derivatives by c `[H × columns]`: through later steps only, and total ones after [`Self::to_pre_activations`]; empty
    /// without a cell state.
    c: Vec<S>,
    /// Derivatives by c of the step before `[H × columns]`, after [`Self::to_pre_activations`].
    c_before: Vec<S>,
    /// Derivatives by i, f, o `[3H × columns]`; empty where gates see no gates.
    gates: Vec<S>,
    /// Of a GRU the derivatives by `U h` `[3H × columns]`, and those by the h before through the update gate `[H × columns]`.
    by_recurrent: Vec<S>,
    kept: Vec<S>,
    /// Derivatives by the pre-activations `[gates·H × columns]`, after [`Self::to_pre_activations`].
    z: Vec<S>,
}

impl<S: Scalar> Back<S> {
    /// Makes one without columns.
    fn new(network: &Network<S>, member: usize) -> Self {
        let config = *network.config();
        let (h, c, c_before, gates, by_recurrent, kept, z) = Default::default();
        Self { config, member, hidden: config.hidden, columns: 0, h, c, c_before, gates, by_recurrent, kept, z }
    }

    /// Makes one with a column for every number of the last state.
    pub(super) fn of_state(network: &Network<S>, member: usize) -> Self {
        let mut rows = Self::new(network, member);
        for row in 0..rows.parts().len() * rows.hidden {
            rows.push(row);
        }
        rows
    }

    /// The parts of the state, H numbers each.
    fn parts(&self) -> &'static [Part] {
        use Part::{Cell, Gate, Hidden};
        match (self.config.cell, self.variant()) {
            (_, LstmVariant::Fgr) => &[Hidden, Cell, Gate(0), Gate(1), Gate(2)],
            (cell, _) if cell.has_cell_state() => &[Hidden, Cell],
            _ => &[Hidden],
        }
    }

    fn variant(&self) -> LstmVariant {
        self.config.cell.variant()
    }

    /// Adds a column of zeros and returns its index.
    fn push_zero(&mut self) -> usize {
        let (cell, hidden) = (self.config.cell, self.hidden);
        let grow = |values: &mut Vec<S>, by: usize| values.resize(values.len() + by, S::ZERO);
        grow(&mut self.h, hidden);
        grow(&mut self.z, cell.gates().len() * hidden);
        if cell.has_cell_state() {
            grow(&mut self.c, hidden);
            grow(&mut self.c_before, hidden);
        }
        if cell.reset().is_some() {
            grow(&mut self.by_recurrent, 3 * hidden);
            grow(&mut self.kept, hidden);
        }
        if self.variant() == LstmVariant::Fgr {
            grow(&mut self.gates, 3 * hidden);
        }
        self.columns += 1;
        self.columns - 1
    }

    /// Adds a column: the unit vector along this row of the state.
    fn push(&mut self, row: usize) {
        let (column, (part, unit)) = (self.push_zero(), (row / self.hidden, row % self.hidden));
        let place = column * self.hidden + unit;
        match self.parts()[part] {
            Part::Hidden => self.h[place] = S::ONE,
            Part::Cell => self.c[place] = S::ONE,
            Part::Gate(gate) => self.gates[(3 * column + gate) * self.hidden + unit] = S::ONE,
        }
    }

    /// The columns as rows of a matrix.
    fn jacobian(&self) -> DMatrix<S> {
        let (parts, hidden) = (self.parts(), self.hidden);
        DMatrix::from_fn(self.columns, parts.len() * hidden, |column, row| {
            let place = column * hidden + row % hidden;
            match parts[row / hidden] {
                Part::Hidden => self.h[place],
                Part::Cell => self.c[place],
                Part::Gate(gate) => self.gates[(3 * column + gate) * hidden + row % hidden],
            }
        })
    }

    /// The spectral norm of that matrix; NaN where it is not finite.
    pub(super) fn norm(&self) -> f64 {
        let (parts, hidden) = (self.parts(), self.hidden);
        let mut values = Vec::new();
        for column in 0..self.columns {
            for part in parts {
                let (values_of_part, place) = match *part {
                    Part::Hidden => (&self.h, column),
                    Part::Cell => (&self.c, column),
                    Part::Gate(gate) => (&self.gates, 3 * column + gate),
                };
                values.extend(values_of_part[place * hidden..(place + 1) * hidden].iter().map(|value| value.to_f64()));
            }
        }
        spectral::of_columns(values, parts.len() * hidden).unwrap_or(f64::NAN)
    }

    /// Goes from the state of step t to its pre-activations and the cell state before it.
    pub(super) fn to_pre_activations(&mut self, unroll: &Unroll<S>, network: &Network<S>, t: usize) {
        let (config, hidden, smallest) = (self.config, self.hidden, S::MIN_POSITIVE);
        let units = config.cell.gates().len() * hidden;
        let values = unroll.top().step_values(t, self.member);
        let (pass_kind, gate_rows) = (PassKind::of(config.cell), self.gates.len() / self.columns.max(1));
        let top = unroll.top();
        let extra = lstm_variant::Extra::new((self.variant(), top.index()), network.parameters(), top.clamps(network));
        for column in 0..self.columns {
            let of = |rows: usize| column * rows..(column + 1) * rows;
            let (grad_h, grad_z) = (&self.h[of(hidden)], &mut self.z[of(units)]);
            match pass_kind {
                PassKind::Elman | PassKind::Window => {
                    rnn::backward(config.cell, smallest, values.h, grad_h, grad_z);
                }
                PassKind::Gru => {
                    let (gates, recurrent, h_before) = (values.gates, values.recurrent, values.h_before);
                    let values = gru::StepValues { gates, recurrent, h_before, grad_h, smallest };
                    gru::backward(top.clamps(network), &values, grad_z, &mut self.by_recurrent[of(units)]);
                    let kept = &mut self.kept[of(hidden)];
                    kept.fill(S::ZERO);
                    gru::keep(smallest, gates, grad_h, kept);
                }
                PassKind::Variant => {
                    let (gates, c_before, squashed) = (values.gates, values.c_before, values.tanh_c);
                    let values = lstm_variant::StepValues { gates, c_before, squashed, grad_h, smallest };
                    let grad_gates = &self.gates[of(gate_rows)];
                    let (grad_c, before) = (&mut self.c[of(hidden)], &mut self.c_before[of(hidden)]);
                    before.copy_from_slice(grad_c);
                    lstm_variant::backward(&extra, &values, grad_gates, before, grad_c, grad_z);
                }
                PassKind::Lstm => {
                    let (gates, c_before, tanh_c) = (values.gates, values.c_before, values.tanh_c);
                    let values = lstm::StepValues { gates, c_before, tanh_c, grad_h, smallest };
                    let (grad_c, before) = (&mut self.c[of(hidden)], &mut self.c_before[of(hidden)]);
                    before.copy_from_slice(grad_c);
                    lstm::backward(&values, before, grad_c, grad_z);
                }
            }
            top.clamps(network).iter().for_each(|(row, _)| grad_z[*row] = S::ZERO);
        }
    }

    /// Goes on to the state before: `∂/∂h_{t−1} = Uᵀ ∂/∂z_t`, and in a GRU also through the update gate.
    pub(super) fn to_state_before(&mut self, unroll: &Unroll<S>, network: &Network<S>) {
        let w_hh = network.parameters().of(unroll.top().index(), "w_hh");
        let gru = PassKind::of(self.config.cell) == PassKind::Gru;
        if gru {
            self.h.copy_from_slice(&self.kept)
        } else {
            self.h.fill(S::ZERO)
        }
        let by_recurrent = if gru { &self.by_recurrent } else { &self.z };
        let cell = self.config.cell;
        if !cell.is_recurrent() {
            return;
        }
        let units = cell.gates().len() * self.hidden;
        product::add_transposed_product(&mut self.h, w_hh, by_recurrent, units, self.hidden, self.columns);
        if !self.gates.is_empty() {
            let w_gates = network.parameters().of(unroll.top().index(), "w_gates");
            let w_gates = lstm_variant::with_all_gates(w_gates, self.hidden, 3 * self.hidden);
            self.gates.fill(S::ZERO);
            product::add_transposed_product(&mut self.gates, &w_gates, &self.z, units, 3 * self.hidden, self.columns);
        }
        std::mem::swap(&mut self.c, &mut self.c_before);
    }
}

/// A part of the state: H numbers.
#[derive(Clone, Copy)]
enum Part {
    Hidden,
    Cell,
    /// i, f or o.
    Gate(usize),
}
