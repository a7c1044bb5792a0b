//! The terms of pre-activations, of a GRU's reset input, and of the readout's outputs.

use super::{Term, Weight, reset_of};
use crate::cells::SEEING_GATES;
use crate::cells::names::Weights;
use crate::quantity::{Number, Quantity};
use crate::step::At;
use crate::step::peephole_block;
use crate::tree::digits::Value;
use crate::tree::{Expr, Label, Symbol};
use nn::{CellKind, Gate};

/// A product of symbols.
pub(super) fn symbols(factors: impl IntoIterator<Item = Symbol>) -> Expr<Value> {
    Expr::product(factors.into_iter().map(Expr::Symbol))
}

impl At<'_> {
    /// `W x_t + U h_{t−1} + b` of a gate, with what the gate sees beside.
    pub(super) fn pre_activation_terms(&self, gate: Gate) -> Vec<Term> {
        let row = self.row(gate);
        let to = self.unit_of(gate, self.u);
        let mut terms = vec![Term::bare(Weights::Bias.symbol().of(to).into(), self.weight_to_set("b", row, 0))];
        for (col, t, d) in self.seen_inputs() {
            let weight = Weights::Input.symbol().of(to).of(Label::Number(col + 1));
            let input = Symbol::new("x").at(t + 1).of(Label::Number(d + 1));
            terms.push(Term::product(
                symbols([weight, input]),
                self.weight_to_set("w_ih", row, col),
                self.input(t, d),
                None,
            ));
        }
        if !self.lane.cell.is_recurrent() {
            return terms;
        }
        if let Some(by) = reset_of(self.lane.cell, gate) {
            let name = symbols([Symbol::gate(by), Symbol::new("u")].map(|one| self.state_of(one, self.t, self.u)));
            let reset = Weight::unnamed(self.value(Quantity::Activation(by)));
            terms.push(Term::product(name, reset, self.value(Quantity::ResetInput), None));
            return terms;
        }
        // The states before the first step are 0, but not the cell state of this one.
        terms.extend(self.recurrent_terms(gate));
        terms.extend(self.peephole_term(gate));
        terms.extend(self.gate_terms(gate));
        terms
    }

    /// The peephole of a gate; none where there is none.
    fn peephole_term(&self, gate: Gate) -> Option<Term> {
        let block = peephole_block(gate).filter(|_| self.lane.cell == CellKind::LstmPeephole)?;
        let before = self.t.checked_sub(1);
        let (value, step, from): (Number, usize, _) = match gate {
            Gate::Output => (Quantity::CellState.now(), self.t + 1, None),
            _ => (Quantity::CellState.before(), self.t, before.map(|before| (before, self.u))),
        };
        let weight = Weights::Peepholes.symbol().of(Label::UnitOf(gate, self.u + 1));
        let state = Symbol::cell_state().at(step).of(Label::Number(self.u + 1));
        let name = symbols([weight, state]);
        Some(Term::product(name, self.weight_to_set(block, self.u, 0), self.value(value), from))
    }

    /// The gates of the step before that a gate sees.
    fn gate_terms(&self, gate: Gate) -> Vec<Term> {
        let hidden = self.lane.trace.hidden;
        let sees = self.lane.cell == CellKind::LstmFgr && SEEING_GATES.contains(&gate);
        let Some(before) = self.t.checked_sub(1).filter(|_| sees) else { return Vec::new() };
        let to = self.unit_of(gate, self.u);
        let term = |col: usize| {
            let (from, j) = (SEEING_GATES[col / hidden], col % hidden);
            let weight = Weights::BetweenGates.symbol().of(to).of(Label::UnitOf(from, j + 1));
            let name = symbols([weight, self.state_of(Symbol::gate(from), before, j)]);
            let values = self.lane.trace.gate(from.letter());
            let value = values.map_or(f64::NAN, |values| f64::from(values[before * hidden + j]));
            Term::product(name, self.weight_to_set("w_gates", self.gate_row(gate), col), value, Some((before, j)))
        };
        (0..3 * hidden).map(term).collect()
    }

    /// `U h_{t−1}` of a gate, from the second step on.
    fn recurrent_terms(&self, gate: Gate) -> Vec<Term> {
        let Some(before) = self.t.checked_sub(1) else { return Vec::new() };
        let (row, hidden) = (self.row(gate), self.lane.trace.hidden);
        let to = self.unit_of(gate, self.u);
        let term = |j: usize| {
            let weight = Weights::Recurrent.symbol().of(to).of(Label::Number(j + 1));
            let name = symbols([weight, self.state_of(Symbol::hidden(), before, j)]);
            let h = f64::from(self.lane.trace.h[before * hidden + j]);
            Term::product(name, self.weight_to_set("w_hh", row, j), h, Some((before, j)))
        };
        (0..hidden).map(term).collect()
    }

    /// `U_n h_{t−1} + b_hn`, which the reset gate of a GRU multiplies.
    pub(super) fn reset_input_terms(&self) -> Vec<Term> {
        let mut terms = self.lane.cell.reset().map_or_else(Vec::new, |(_, of)| self.recurrent_terms(of));
        let bias = Weights::HiddenNewBias.symbol().of(Label::Number(self.u + 1));
        terms.push(Term::bare(bias.into(), self.weight_to_set("b_hn", self.u, 0)));
        terms
    }

    /// `W_out h_t + b_out` of an output, h under dropout's mask.
    pub(super) fn output_terms(&self, o: usize) -> Vec<Term> {
        let hidden = self.lane.trace.hidden;
        let label = self.output_label(o);
        let bias = Weights::ReadoutBias.symbol().of(label);
        let mut terms = vec![Term::bare(bias.into(), self.weight_to_set("b_out", o, 0))];
        terms.extend((0..hidden).map(|j| {
            let weight = Weights::Readout.symbol().of(label).of(Label::Number(j + 1));
            let state = self.state_of(Symbol::hidden(), self.t, j);
            let name = symbols([Some(weight), self.mask_symbol(j), Some(state)].into_iter().flatten());
            let h = self.mask(self.t, j) * f64::from(self.lane.trace.h[self.t * hidden + j]);
            Term::product(name, self.weight_to_set("w_out", o, j), h, Some((self.t, j)))
        }));
        terms
    }

    /// The factor of dropout on h of a unit (from 0); none without dropout.
    pub(super) fn mask_symbol(&self, j: usize) -> Option<Symbol> {
        self.is_masked().then(|| self.state_of(Symbol::new("m"), self.t, j))
    }
}
