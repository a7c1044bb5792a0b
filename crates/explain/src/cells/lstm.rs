//! The LSTM and its variants: a variant composes the same parts, some left out, some others in their place.
//!
//! `c_t = f_t c_{t−1} + i_t g_t`, `h_t = o_t tanh(c_t)`.

use super::names::{CellEquation, CellExpr, Names, Weights, activated, delta, logistic_slope, loss_by, tanh_slope};
use crate::quantity::Quantity;
use crate::sum::Sum;
use crate::tree::{Activation, Expr, Function, Label, Symbol, Tint};
use nn::{CellKind, Gate};

pub(super) const I: Gate = Gate::Input;
pub(super) const F: Gate = Gate::Forget;
pub(super) const G: Gate = Gate::Candidate;
pub(super) const O: Gate = Gate::Output;

/// The gates that see other gates or the cell state, in the order of rows and columns of `w_gates`.
pub const SEEING_GATES: [Gate; 3] = [I, F, O];

/// Whether a cell shows its cell state as it is, `h = o·c`.
pub(super) fn shows_cell_as_it_is(cell: CellKind) -> bool {
    cell == CellKind::LstmNoaf
}

/// The parts of the derivatives of a step, as symbols or as numbers.
pub(super) struct Parts {
    cell: CellKind,
    /// Gates, the cell state after this step and before it.
    pub(super) i: CellExpr,
    pub(super) f: CellExpr,
    pub(super) g: CellExpr,
    pub(super) o: CellExpr,
    pub(super) c: CellExpr,
    pub(super) c_before: CellExpr,
    /// tanh(c) where it is squared.
    pub(super) squashed: CellExpr,
    /// ∂L/∂h and ∂L/∂c.
    by_hidden: CellExpr,
    by_cell: CellExpr,
}

impl Parts {
    /// Symbols; gates have no index, the cell state has that of the step where it says so.
    pub(super) fn symbols(names: &Names, indexed: bool) -> Self {
        let gate = |gate: Gate| Symbol::gate(gate).into();
        let c = if indexed { names.cell_state() } else { Symbol::cell_state().into() };
        Self {
            cell: names.cell,
            i: gate(I),
            f: gate(F),
            g: gate(G),
            o: gate(O),
            squashed: c.clone().apply(Function::Tanh),
            c,
            c_before: names.cell_state_before(),
            by_hidden: loss_by(Symbol::hidden()),
            by_cell: loss_by(Symbol::cell_state()),
        }
    }

    /// Numbers.
    pub(super) fn numbers(cell: CellKind) -> Self {
        let gate = |gate: Gate| Quantity::Activation(gate).into();
        Self {
            cell,
            i: gate(I),
            f: gate(F),
            g: gate(G),
            o: gate(O),
            c: Quantity::CellState.into(),
            c_before: Quantity::CellState.before().into(),
            squashed: Quantity::SquashedCell.into(),
            by_hidden: Quantity::HiddenGradient.into(),
            by_cell: Quantity::CellGradient.into(),
        }
    }

    /// tanh(c), or c where the cell shows it as it is.
    pub(super) fn shown_cell(&self) -> CellExpr {
        if shows_cell_as_it_is(self.cell) { self.c.clone() } else { self.c.clone().apply(Function::Tanh) }
    }

    /// `o·(1 − tanh²(c))`, ∂h/∂c by the way of tanh alone.
    pub(super) fn hidden_by_cell(&self) -> Vec<CellExpr> {
        let mut factors = vec![self.o.clone()];
        if !shows_cell_as_it_is(self.cell) {
            factors.push(tanh_slope(self.squashed.clone()));
        }
        factors
    }

    /// The factor of ∂L/∂c on its way to the activation of a gate: g for i, where f is coupled less what f
    /// would keep.
    pub(super) fn cell_by_gate(&self, gate: Gate) -> CellExpr {
        match gate {
            I if self.cell == CellKind::LstmCifg => self.g.clone().minus(self.c_before.clone()),
            I => self.g.clone(),
            F => self.c_before.clone(),
            _ => self.i.clone(),
        }
    }

    /// The slope of a gate's activation.
    pub(super) fn slope(&self, gate: Gate) -> Vec<CellExpr> {
        match gate {
            I => logistic_slope(&self.i).to_vec(),
            F => logistic_slope(&self.f).to_vec(),
            O => logistic_slope(&self.o).to_vec(),
            _ if self.cell.is_linear(gate) => Vec::new(),
            _ => vec![tanh_slope(self.g.clone())],
        }
    }

    /// ∂c/∂z of i, f or g.
    pub(super) fn cell_by_pre_activation(&self, gate: Gate) -> Vec<CellExpr> {
        [vec![self.cell_by_gate(gate)], self.slope(gate)].concat()
    }

    /// ∂h/∂z of the output gate.
    pub(super) fn hidden_by_output(&self) -> Vec<CellExpr> {
        [vec![self.shown_cell()], self.slope(O)].concat()
    }

    /// ∂L/∂gate but for what comes by the gates of the step after.
    fn by_activation(&self, gate: Gate) -> CellExpr {
        match gate {
            O => Expr::product([self.by_hidden.clone(), self.shown_cell()]),
            _ => Expr::product([self.by_cell.clone(), self.cell_by_gate(gate)]),
        }
    }

    /// `f·c + i·g`.
    fn written(self) -> CellExpr {
        Expr::Sum(vec![Expr::Product(vec![self.f, self.c_before]), Expr::Product(vec![self.i, self.g])])
    }
}

/// The weight with which a gate sees the cell state.
pub(super) fn peephole(gate: Gate) -> CellExpr {
    Weights::Peepholes.symbol().of(Label::Gate(gate)).into()
}

pub(super) fn forward(names: &Names) -> Vec<CellEquation> {
    let cell = names.cell;
    let gates =
        Parts { i: names.gate(I), f: names.gate(F), g: names.gate(G), o: names.gate(O), ..Parts::symbols(names, true) };
    let numbers = Parts::numbers(cell);
    let hidden = |parts: &Parts| Expr::product([parts.o.clone(), parts.shown_cell()]);
    let of_hidden = CellEquation::new(Some(Tint::Hidden), names.hidden())
        .equals(hidden(&gates))
        .equals(hidden(&numbers))
        .gives(Quantity::Hidden.now());
    let mut equations: Vec<CellEquation> = [I, F, G, O].map(|gate| activation(names, gate)).into();
    equations.push(
        CellEquation::new(Some(Tint::CellState), names.cell_state())
            .equals(gates.written())
            .equals(numbers.written())
            .gives(Quantity::CellState.now()),
    );
    equations.push(of_hidden);
    equations
}

/// The equation of a gate.
fn activation(names: &Names, gate: Gate) -> CellEquation {
    let equation = CellEquation::new(Some(Tint::Gate(gate)), names.gate(gate));
    let result = Quantity::Activation(gate).now();
    if names.cell == CellKind::LstmCifg && gate == F {
        // What is another gate's complement follows from that one, whether or not it is held.
        let complement = CellExpr::from(Quantity::Activation(I)).complement();
        return equation.equals(names.gate(I).complement()).equals(complement).gives(result);
    }
    let equation = if names.cell.is_linear(gate) {
        equation.equals(names.pre_activation(gate))
    } else {
        let activation = if gate == G { Activation::Tanh } else { Activation::Sigmoid };
        equation.equals(names.pre_activation(gate).apply(activation.function())).equals(activated(activation, gate))
    };
    names.unless_held(gate, equation.gives(result).opens(Sum::PreActivation(gate)))
}

pub(super) fn backward(names: &Names) -> Vec<CellEquation> {
    let through_u = Expr::Product(vec![Weights::Recurrent.symbol().transposed().into(), names.delta_after().into()]);
    let mut equations = names.hidden_gradient(Some(Tint::Hidden), vec![through_u]);
    equations.push(cell_gradient(names));
    for gate in [I, F, G, O] {
        let sides = [Parts::symbols(names, false), Parts::numbers(names.cell)];
        let line = |side: CellExpr| CellEquation::new(Some(Tint::Gate(gate)), side);
        let of_delta = line(delta().of(Label::Gate(gate)).into());
        let [symbols, numbers] = if names.cell == CellKind::LstmFgr && gate != G {
            let by_gate = loss_by(Symbol::gate(gate));
            let [symbols, numbers] = sides.each_ref().map(|side| vec![side.by_activation(gate)]);
            let mut terms = [symbols, numbers];
            if names.receives {
                let weights = Weights::BetweenGates.symbol().of(Label::Gate(gate)).transposed();
                terms[0].push(Expr::Product(vec![weights.into(), names.delta_after().into()]));
                terms[1].push(Quantity::GradientFromLaterGates(gate).into());
            }
            let [symbols, numbers] = terms.map(Expr::sum);
            let result = Quantity::ActivationGradient(gate);
            let equation = line(by_gate.clone()).equals(symbols).equals(numbers).gives(result.now());
            equations.push(names.unless_held(gate, equation));
            [by_gate, result.into()]
        } else {
            sides.each_ref().map(|side| side.by_activation(gate))
        };
        let [of_symbols, of_numbers] = sides.map(|side| side.slope(gate));
        let equation = of_delta
            .equals(Expr::product([vec![symbols], of_symbols].concat()))
            .equals(Expr::product([vec![numbers], of_numbers].concat()))
            .gives(Quantity::Delta(gate).now());
        equations.push(names.unless_held(gate, equation));
    }
    equations
}

/// ∂L/∂c: by the step after, by h, and by peepholes.
fn cell_gradient(names: &Names) -> CellEquation {
    let has_peepholes = names.cell == CellKind::LstmPeephole;
    let (mut symbols, mut numbers): (Vec<CellExpr>, Vec<CellExpr>) = (Vec::new(), Vec::new());
    let mut add = |symbol: Vec<CellExpr>, number: Vec<CellExpr>| {
        symbols.push(Expr::product(symbol));
        numbers.push(Expr::product(number));
    };
    if names.receives {
        let after = names.step + 1;
        add(
            vec![Symbol::gate(F).at(after).into(), loss_by(Symbol::cell_state().at(after))],
            vec![Quantity::Activation(F).after().into(), Quantity::CellGradient.after().into()],
        );
        for gate in [I, F].into_iter().filter(|_| has_peepholes) {
            add(
                vec![peephole(gate), names.delta_after().of(Label::Gate(gate)).into()],
                vec![Quantity::Peephole(gate).into(), Quantity::Delta(gate).after().into()],
            );
        }
    }
    let by_hidden = |parts: Parts, gradient: CellExpr| [vec![gradient], parts.hidden_by_cell()].concat();
    add(
        by_hidden(Parts::symbols(names, true), loss_by(names.hidden())),
        by_hidden(Parts::numbers(names.cell), Quantity::HiddenGradient.into()),
    );
    if has_peepholes {
        add(
            vec![peephole(O), delta().at(names.step).of(Label::Gate(O)).into()],
            vec![Quantity::Peephole(O).into(), Quantity::Delta(O).into()],
        );
    }
    CellEquation::new(Some(Tint::CellState), loss_by(names.cell_state()))
        .equals(Expr::sum(symbols))
        .equals(Expr::sum(numbers))
        .gives(Quantity::CellGradient.now())
}
