//! Derivatives of several quantities by the state at a step, on their way back in time.
//!
//! The state s of a network is all that it carries from one step to the next: h, or `[h; c]` where there is a cell state, or
//! `[h; c; i; f; o]` where gates see the gates of the step before (FGR). One step back takes a derivative by `s_t` to one by
//! `s_{t−1}`, `v ← (∂s_t/∂s_{t−1})ᵀ v`, with the functions of the backward pass; several derivatives go back side by side, one
//! per column.

use nalgebra::DMatrix;

use crate::LstmVariant;
use crate::Network;
use crate::NetworkConfig;
use crate::Scalar;
use crate::Unroll;
use crate::gru;
use crate::layer::PassKind;
use crate::lstm;
use crate::lstm_variant;
use crate::product;
use crate::rnn;
use crate::spectral;

/// Derivatives by the state at one step, a column per quantity.
pub(super) struct StateDerivatives<S> {
    config: NetworkConfig,
    member: usize,
    hidden: usize,
    columns: usize,
    /// Derivatives by h `[H × columns]`.
    pub(super) h: Vec<S>,
    /// Derivatives by c `[H × columns]`: through later steps only, and total ones after [`Self::enter_step`]; empty
    /// without a cell state.
    pub(super) c: Vec<S>,
    /// Derivatives by c of the step before `[H × columns]`, after [`Self::enter_step`].
    c_before: Vec<S>,
    /// Derivatives by i, f, o `[3H × columns]`; empty where gates see no gates.
    gates: Vec<S>,
    /// Derivatives by `U h` of a GRU `[3H × columns]`, and those by the h before through the update gate `[H × columns]`.
    by_recurrent: Vec<S>,
    kept: Vec<S>,
    /// Derivatives by the pre-activations `[gates·H × columns]`, after [`Self::enter_step`].
    z: Vec<S>,
}

impl<S: Scalar> StateDerivatives<S> {
    /// Makes one without columns.
    pub(super) fn new(network: &Network<S>, member: usize) -> Self {
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
    pub(super) fn push_zero(&mut self) -> usize {
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
    pub(super) fn jacobian(&self) -> DMatrix<S> {
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
    pub(super) fn enter_step(&mut self, unroll: &Unroll<S>, network: &Network<S>, t: usize) {
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
    pub(super) fn leave_step(&mut self, unroll: &Unroll<S>, network: &Network<S>) {
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
