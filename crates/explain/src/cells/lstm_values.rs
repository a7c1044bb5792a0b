//! The numbers of the LSTM and its variants that follow from those of the trace.

use super::lstm::{F, G, I, O, shows_cell_as_it_is};
use crate::quantity::{Number, Quantity, Values};
use nn::{CellKind, Gate, math};

pub(super) fn derived(cell: CellKind, quantity: Quantity, values: &dyn Values) -> f64 {
    Step { cell, values }.number(quantity)
}

struct Step<'a> {
    cell: CellKind,
    values: &'a dyn Values,
}

impl Step<'_> {
    fn of(&self, number: impl Into<Number>) -> f64 {
        self.values.number(number.into())
    }

    /// The same; nothing for a number that the cell does not have.
    fn any(&self, number: impl Into<Number>) -> f64 {
        Some(self.of(number)).filter(|number| number.is_finite()).unwrap_or_default()
    }

    fn gate(&self, gate: Gate) -> f64 {
        self.of(Quantity::Activation(gate))
    }

    /// tanh(c) of the pass: where f32 has it at 1, nothing comes through it.
    fn squashed(&self) -> f64 {
        let c = self.of(Quantity::CellState);
        if shows_cell_as_it_is(self.cell) { c } else { f64::from(math::tanh(c as f32)) }
    }

    /// ∂c/∂i.
    fn cell_by_input(&self) -> f64 {
        let g = self.gate(G);
        if self.cell == CellKind::LstmCifg { g - self.of(Quantity::CellState.before()) } else { g }
    }

    /// ∂c by `U h` of i, f or g; ∂h by that of o.
    fn by_pre_activation(&self, gate: Gate) -> f64 {
        let own = self.gate(gate);
        let free = f64::from(self.values.is_free(gate));
        match gate {
            I => free * self.cell_by_input() * own * (1.0 - own),
            F => free * self.of(Quantity::CellState.before()) * own * (1.0 - own),
            O => free * self.squashed() * own * (1.0 - own),
            _ => {
                let slope = if self.cell.is_linear(G) { 1.0 } else { 1.0 - own * own };
                free * self.gate(I) * slope
            }
        }
    }

    /// ∂h/∂c by the way of tanh alone.
    fn shown(&self) -> f64 {
        let tanh = self.squashed();
        self.gate(O) * if shows_cell_as_it_is(self.cell) { 1.0 } else { 1.0 - tanh * tanh }
    }

    /// ∂h/∂c.
    fn hidden_by_cell(&self) -> f64 {
        self.shown() + self.by_pre_activation(O) * self.any(Quantity::Peephole(O))
    }

    /// ∂c by what gates see with these weights.
    fn cell_by(&self, gates: &[Gate], weight: impl Fn(Gate) -> Quantity) -> f64 {
        gates.iter().map(|&gate| self.by_pre_activation(gate) * self.of(weight(gate))).fold(0.0, |sum, part| sum + part)
    }

    /// ∂c/∂c of the step before.
    fn cell_by_cell(&self) -> f64 {
        let by = |gate: Gate| self.by_pre_activation(gate) * self.any(Quantity::Peephole(gate));
        self.gate(F) + by(I) + by(F)
    }

    fn number(&self, quantity: Quantity) -> f64 {
        let (before, by_cell) = (self.of(Quantity::CellState.before()), self.of(Quantity::CellGradient));
        let by_hidden = self.of(Quantity::HiddenGradient);
        let by_recurrent = || self.cell_by(&[I, F, G], Quantity::RecurrentWeight);
        let by_gate = |from: Gate| self.cell_by(&[I, F], |to| Quantity::GateWeight { to, from });
        match quantity {
            Quantity::SquashedCell => self.squashed(),
            Quantity::HiddenByCell => self.hidden_by_cell(),
            Quantity::CellByCell => self.cell_by_cell(),
            Quantity::HiddenByCellBefore => self.hidden_by_cell() * self.cell_by_cell(),
            Quantity::Kept => self.gate(F) * before,
            Quantity::Written => self.gate(I) * self.gate(G),
            Quantity::ActivationGradient(gate) => {
                self.any(Quantity::GradientFromLaterGates(gate))
                    + match gate {
                        I => by_cell * self.cell_by_input(),
                        F => by_cell * before,
                        G => by_cell * self.gate(I),
                        _ => by_hidden * self.squashed(),
                    }
            }
            Quantity::SquashedCellGradient => by_hidden * self.gate(O),
            Quantity::CellGradientByHidden => by_hidden * self.shown(),
            Quantity::CellGradientSent => {
                let by_peepholes = [I, F].map(|gate| self.any(Quantity::PeepholeGradient(gate)));
                f64::from(self.values.sends_back()) * (self.gate(F) * by_cell + by_peepholes[0] + by_peepholes[1])
            }
            Quantity::CellGradientReceived => {
                let after = |gate: Gate| self.any(Quantity::Peephole(gate)) * self.any(Quantity::Delta(gate).after());
                let kept = self.any(Quantity::Activation(F).after()) * self.any(Quantity::CellGradient.after());
                f64::from(self.values.receives()) * (kept + (after(I) + after(F)))
            }
            Quantity::PeepholePart(O) => self.any(Quantity::Peephole(O)) * self.of(Quantity::CellState),
            Quantity::PeepholePart(gate) => self.any(Quantity::Peephole(gate)) * before,
            Quantity::PeepholeGradient(gate) => self.any(Quantity::Peephole(gate)) * self.of(Quantity::Delta(gate)),
            Quantity::CellByPreActivation(gate) => self.by_pre_activation(gate),
            Quantity::HiddenByPreActivation(O) => self.by_pre_activation(O),
            Quantity::HiddenByPreActivation(gate) => self.hidden_by_cell() * self.by_pre_activation(gate),
            Quantity::CellByHidden => by_recurrent(),
            Quantity::HiddenByHidden => {
                self.hidden_by_cell() * by_recurrent()
                    + self.by_pre_activation(O) * self.of(Quantity::RecurrentWeight(O))
            }
            Quantity::CellByGate(from) => by_gate(from),
            Quantity::HiddenByGate(from) => {
                let by_output = self.by_pre_activation(O) * self.of(Quantity::GateWeight { to: O, from });
                self.hidden_by_cell() * by_gate(from) + by_output
            }
            Quantity::GateByGate(gate) => {
                let own = self.gate(gate);
                let weight = self.of(Quantity::GateWeight { to: gate, from: gate });
                f64::from(self.values.is_free(gate)) * own * (1.0 - own) * weight
            }
            _ => f64::NAN,
        }
    }
}
