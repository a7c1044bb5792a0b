//! The Jacobian of the LSTM and its variants: the derivatives of c, h and, where gates see gates, of those by the states of
//! the step before.

use super::lstm::{F, G, I, O, Parts, SEEING_GATES, peephole};
use super::names::{CellEquation, CellExpr, Names, Weights};
use crate::quantity::Quantity;
use crate::sum::{State, Sum};
use crate::tree::{Expr, Label, Symbol, Tint};
use nn::{CellKind, Gate};

pub(super) fn jacobian(names: &Names) -> Vec<CellEquation> {
    let mut equations = vec![cell_by_cell(names), hidden_by_cell(names)];
    let u = |gate: Gate| CellExpr::from(Weights::Recurrent.symbol().of(Label::Gate(gate)));
    let before = |state: Symbol| state.at(names.step - 1);
    let by = Way {
        names,
        before: before(Symbol::hidden()),
        seeing: &[I, F, G],
        weight: &u,
        number: &Quantity::RecurrentWeight,
    };
    equations.push(by.cell(Quantity::CellByHidden).opens(Sum::JacobianRow(State::Cell)));
    equations.push(by.hidden(Quantity::CellByHidden, Quantity::HiddenByHidden).opens(Sum::JacobianRow(State::Hidden)));
    if names.cell == CellKind::LstmFgr {
        for from in SEEING_GATES {
            let v = |to: Gate| CellExpr::from(Weights::BetweenGates.symbol().of(Label::Gate(to)).of(Label::Gate(from)));
            let number = |to: Gate| Quantity::GateWeight { to, from };
            let by = Way { names, before: before(Symbol::gate(from)), seeing: &[I, F], weight: &v, number: &number };
            equations.push(by.gate(from));
            equations.push(by.cell(Quantity::CellByGate(from)));
            equations.push(by.hidden(Quantity::CellByGate(from), Quantity::HiddenByGate(from)));
        }
    }
    equations
}

/// `∂h/∂c` with the way by the output gate where that sees c, in brackets as a factor.
fn whole_hidden_by_cell(names: &Names) -> Vec<CellExpr> {
    let parts = Parts::symbols(names, true);
    let by_tanh = parts.hidden_by_cell();
    if names.cell != CellKind::LstmPeephole {
        return by_tanh;
    }
    let by_gate = [parts.hidden_by_output(), vec![peephole(O)]].concat();
    vec![Expr::Sum(vec![Expr::product(by_tanh), Expr::Product(by_gate)])]
}

/// `∂c_t/∂c_{t−1}`.
fn cell_by_cell(names: &Names) -> CellEquation {
    let equation = CellEquation::new(Some(Tint::Gate(F)), names.cell_state().by(names.cell_state_before()));
    if names.cell != CellKind::LstmPeephole {
        return equation.equals(names.gate(F)).gives(Quantity::Activation(F).now());
    }
    let parts = Parts::symbols(names, true);
    let symbol = |gate: Gate| Expr::product([parts.cell_by_pre_activation(gate), vec![peephole(gate)]].concat());
    let number =
        |gate: Gate| Expr::Product(vec![Quantity::CellByPreActivation(gate).into(), Quantity::Peephole(gate).into()]);
    equation
        .equals(Expr::Sum(vec![names.gate(F), symbol(I), symbol(F)]))
        .equals(Expr::Sum(vec![Quantity::Activation(F).into(), number(I), number(F)]))
        .gives(Quantity::CellByCell.now())
}

/// `∂h_t/∂c_{t−1}`.
fn hidden_by_cell(names: &Names) -> CellEquation {
    let equation = CellEquation::new(Some(Tint::CellState), names.hidden().by(names.cell_state_before()));
    let (last, numbers) = if names.cell == CellKind::LstmPeephole {
        let numbers = vec![Quantity::HiddenByCell.into(), Quantity::CellByCell.into()];
        (names.cell_state().by(names.cell_state_before()), numbers)
    } else {
        let parts = Parts::numbers(names.cell);
        let numbers = [parts.hidden_by_cell(), vec![parts.f]].concat();
        (Symbol::gate(F).into(), numbers)
    };
    equation
        .equals(Expr::product([whole_hidden_by_cell(names), vec![last]].concat()))
        .equals(Expr::product(numbers))
        .gives(Quantity::HiddenByCellBefore.now())
}

/// The way from one state of the step before, through the gates that see it.
struct Way<'a> {
    names: &'a Names,
    /// The state.
    before: Symbol,
    /// The gates by which c sees it.
    seeing: &'a [Gate],
    /// The weight with which a gate sees it.
    weight: &'a dyn Fn(Gate) -> CellExpr,
    /// The same as a number.
    number: &'a dyn Fn(Gate) -> Quantity,
}

impl Way<'_> {
    /// A state's entry of the unit by that of this state.
    fn entry(&self, state: Symbol) -> CellExpr {
        self.names.own(state).by(self.names.own(self.before.clone()))
    }

    fn is_free(&self, gate: Gate) -> bool {
        !self.names.held.contains(&gate)
    }

    /// The derivative of c.
    fn cell(&self, result: Quantity) -> CellEquation {
        let parts = Parts::symbols(self.names, true);
        let free = || self.seeing.iter().copied().filter(|gate| self.is_free(*gate));
        let symbol =
            |gate: Gate| Expr::product([parts.cell_by_pre_activation(gate), vec![(self.weight)(gate)]].concat());
        let number =
            |gate: Gate| Expr::Product(vec![Quantity::CellByPreActivation(gate).into(), (self.number)(gate).into()]);
        CellEquation::new(Some(Tint::CellState), self.entry(Symbol::cell_state().at(self.names.step)))
            .equals(Expr::sum(free().map(symbol).collect()))
            .equals(Expr::sum(free().map(number).collect()))
            .gives(result.now())
    }

    /// The derivative of h, by way of c and of the output gate.
    fn hidden(&self, by_cell: Quantity, result: Quantity) -> CellEquation {
        let parts = Parts::symbols(self.names, true);
        let cell = self.names.cell_state().by(self.before.clone().into());
        let mut symbols = vec![Expr::product([whole_hidden_by_cell(self.names), vec![cell]].concat())];
        let mut numbers = vec![Expr::Product(vec![Quantity::HiddenByCell.into(), by_cell.into()])];
        if self.is_free(O) {
            symbols.push(Expr::product([parts.hidden_by_output(), vec![(self.weight)(O)]].concat()));
            numbers.push(Expr::Product(vec![Quantity::HiddenByPreActivation(O).into(), (self.number)(O).into()]));
        }
        CellEquation::new(Some(Tint::Hidden), self.entry(Symbol::hidden().at(self.names.step)))
            .equals(Expr::sum(symbols))
            .equals(Expr::sum(numbers))
            .gives(result.now())
    }

    /// The derivative of a gate by itself.
    fn gate(&self, gate: Gate) -> CellEquation {
        let sides = [
            (Parts::symbols(self.names, true), (self.weight)(gate)),
            (Parts::numbers(self.names.cell), (self.number)(gate).into()),
        ];
        let [symbols, numbers] = sides.map(|(parts, weight)| match self.is_free(gate) {
            true => Expr::product([parts.slope(gate), vec![weight]].concat()),
            false => Expr::Integer(0),
        });
        CellEquation::new(Some(Tint::Gate(gate)), self.entry(Symbol::gate(gate).at(self.names.step)))
            .equals(symbols)
            .equals(numbers)
            .gives(Quantity::GateByGate(gate).now())
    }
}
