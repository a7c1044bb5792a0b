//! The names in a cell's equations at one step and unit.

use crate::quantity::{Number, Quantity};
use crate::tree::equation::Equation;
use crate::tree::{Activation, Expr, Index, Label, Symbol, Tint};
use nn::{CellKind, Gate};

/// An expression of a cell.
pub type CellExpr = Expr<Number>;

/// An equation of a cell.
pub type CellEquation = Equation<Number>;

/// A block of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// W, of the inputs.
    Input,
    /// U, of h of the step before.
    Recurrent,
    /// b.
    Bias,
    /// W_out, of the readout.
    Readout,
    /// b_out.
    ReadoutBias,
    /// p, by which gates see the cell state.
    Peepholes,
    /// V, by which gates see those of the step before.
    BetweenGates,
    /// b_hn, the bias that a GRU's reset gate multiplies.
    HiddenNewBias,
}

impl Weights {
    /// The symbol.
    pub fn symbol(self) -> Symbol {
        match self {
            Self::Input => Symbol::new("W"),
            Self::Recurrent => Symbol::new("U"),
            Self::Bias => Symbol::new("b"),
            Self::Readout => Symbol::new("W").indexed(Index::Out),
            Self::ReadoutBias => Symbol::new("b").indexed(Index::Out),
            Self::Peepholes => Symbol::new("p"),
            Self::BetweenGates => Symbol::new("V"),
            Self::HiddenNewBias => Symbol::new("b").indexed(Index::HiddenNew),
        }
    }
}

/// L, the loss.
pub fn loss<N>() -> Expr<N> {
    Symbol::new("L").into()
}

/// ∂L/∂ of an expression.
pub fn loss_by<N>(by: impl Into<Expr<N>>) -> Expr<N> {
    loss().by(by.into())
}

/// δ.
pub fn delta() -> Symbol {
    Symbol::new("δ")
}

/// y, the readout's output.
pub fn output() -> Symbol {
    Symbol::new("y")
}

/// The names in the equations of a step, and which of its parts there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Names {
    /// The cell.
    pub cell: CellKind,
    /// The step, from 1.
    pub step: usize,
    /// The unit, from 1.
    pub unit: usize,
    /// The layer above, from 1, where another than this one is read out.
    pub layer_above: Option<usize>,
    /// Whether dropout multiplies h before it is read.
    pub is_masked: bool,
    /// Whether a gradient comes from the step after.
    pub receives: bool,
    /// The gates that follow from nothing: held at a value by hand, or switched off.
    pub held: Vec<Gate>,
}

impl Names {
    /// h of this step.
    pub fn hidden(&self) -> CellExpr {
        Symbol::hidden().at(self.step).into()
    }

    /// h of the step before.
    pub fn hidden_before(&self) -> CellExpr {
        Symbol::hidden().at(self.step - 1).into()
    }

    /// c of this step.
    pub fn cell_state(&self) -> CellExpr {
        Symbol::cell_state().at(self.step).into()
    }

    /// c of the step before.
    pub fn cell_state_before(&self) -> CellExpr {
        Symbol::cell_state().at(self.step - 1).into()
    }

    /// A gate at this step.
    pub fn gate(&self, gate: Gate) -> CellExpr {
        Symbol::gate(gate).at(self.step).into()
    }

    /// The pre-activation of a gate at this step; an Elman RNN's only one needs no name.
    pub fn pre_activation(&self, gate: Gate) -> CellExpr {
        let symbol = Symbol::new(self.cell.pre_activation()).at(self.step);
        if gate == Gate::PreActivation { symbol.into() } else { symbol.of(Label::Gate(gate)).into() }
    }

    /// The input of this step.
    pub fn input(&self) -> CellExpr {
        Symbol::new("x").at(self.step).into()
    }

    /// `W x`, of a window network over all steps that it sees.
    pub fn input_product(&self) -> CellExpr {
        let weights = Weights::Input.symbol();
        if self.cell.is_recurrent() {
            return Expr::Product(vec![weights.into(), self.input()]);
        }
        let input = Symbol::new("x").indexed(Index::Back(self.step));
        let product = Expr::Product(vec![weights.of(Label::StepsBack).into(), input.into()]);
        Expr::SumOver(Index::None, Box::new(product))
    }

    /// A state's entry of this unit.
    pub fn own(&self, state: Symbol) -> CellExpr {
        state.of(Label::Number(self.unit)).into()
    }

    /// An equation that is of a gate; where that is held its value alone, which follows from nothing.
    pub fn unless_held(&self, gate: Gate, equation: CellEquation) -> CellEquation {
        if self.held.contains(&gate) { equation.bare() } else { equation }
    }

    /// δ of the step after.
    pub fn delta_after(&self) -> Symbol {
        delta().at(self.step + 1)
    }

    /// The derivative of L by h: by the way of each term of `later`, which the step after has, and from what reads h.
    pub fn hidden_gradient(&self, tint: Option<Tint>, later: Vec<CellExpr>) -> Vec<CellEquation> {
        let mut equations = if self.is_masked { vec![self.mask()] } else { Vec::new() };
        let mut terms = if self.receives { later } else { Vec::new() };
        let mut factors: Vec<CellExpr> = Vec::new();
        if self.is_masked {
            factors.push(Symbol::new("m").at(self.step).into());
        }
        match self.layer_above {
            Some(layer) => factors.extend([
                Weights::Input.symbol().of_layer(Some(layer)).transposed().into(),
                delta().of_layer(Some(layer)).at(self.step).into(),
            ]),
            None => factors.extend([Weights::Readout.symbol().transposed().into(), loss_by(output().at(self.step))]),
        }
        terms.push(Expr::product(factors));
        equations.push(
            Equation::new(tint, loss_by(self.hidden()))
                .equals(Expr::sum(terms))
                .gives(Quantity::HiddenGradient.now())
                .opens(crate::sum::Sum::HiddenGradient),
        );
        equations
    }

    /// The factor of dropout on the unit's h.
    pub fn mask(&self) -> CellEquation {
        Equation::new(None, self.own(Symbol::new("m").at(self.step))).gives(Quantity::Mask.now())
    }
}

/// `φ(z)` with the number of a pre-activation.
pub fn activated(activation: Activation, gate: Gate) -> CellExpr {
    CellExpr::from(Quantity::PreActivation(gate)).apply(activation.function())
}

/// `s·(1 − s)`, the slope of the logistic function where its value is s.
pub fn logistic_slope(value: &CellExpr) -> [CellExpr; 2] {
    [value.clone(), value.clone().complement()]
}

/// `1 − s²`, the slope of tanh where its value is s.
pub fn tanh_slope(value: CellExpr) -> CellExpr {
    value.squared().complement()
}
