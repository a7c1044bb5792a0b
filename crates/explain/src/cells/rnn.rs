//! The Elman RNN, `h_t = φ(W x_t + U h_{t−1} + b)`, and the window network, which has no state before.

use super::names::{CellEquation, CellExpr, Names, Weights, delta, loss_by, tanh_slope};
use crate::quantity::{Quantity, Values};
use crate::sum::{State, Sum};
use crate::tree::{Activation, Expr, Function, Label, Symbol, Tint};
use nn::{CellKind, Gate};

const Z: Gate = Gate::PreActivation;

/// φ of a cell.
pub(super) const fn activation(cell: CellKind) -> Activation {
    match cell {
        CellKind::RnnSigmoid => Activation::Sigmoid,
        CellKind::RnnRelu => Activation::Relu,
        _ => Activation::Tanh,
    }
}

/// `φ′(z)` as a symbol.
fn slope(names: &Names) -> CellExpr {
    names.pre_activation(Z).apply(Function::SlopeOf(activation(names.cell)))
}

/// φ′ by h, or by z of a ReLU, of symbols or of numbers, as the engine computes it.
fn slope_by(activation: Activation, hidden: CellExpr, pre_activation: CellExpr) -> CellExpr {
    match activation {
        Activation::Sigmoid => Expr::Product(vec![hidden.clone(), hidden.complement()]),
        Activation::Tanh => tanh_slope(hidden),
        Activation::Relu => pre_activation.apply(Function::IsPositive),
    }
}

pub(super) fn forward(names: &Names) -> Vec<CellEquation> {
    let activation = activation(names.cell);
    let mut terms = vec![names.input_product()];
    if names.cell.is_recurrent() {
        terms.push(Expr::Product(vec![Weights::Recurrent.symbol().into(), names.hidden_before()]));
    }
    terms.push(Weights::Bias.symbol().into());
    let z = names.pre_activation(Z);
    vec![
        CellEquation::new(None, z.clone())
            .equals(Expr::Sum(terms))
            .gives(Quantity::PreActivation(Z).now())
            .opens(Sum::PreActivation(Z)),
        CellEquation::new(Some(Tint::Slope), names.hidden())
            .equals(z.clone().apply(activation.function()))
            .equals(super::names::activated(activation, Z))
            .gives(Quantity::Hidden.now()),
        CellEquation::new(Some(Tint::Slope), slope(names))
            .equals(slope_by(activation, names.hidden(), z))
            .equals(slope_by(activation, Quantity::Hidden.into(), Quantity::PreActivation(Z).into()))
            .gives(Quantity::Slope.now()),
    ]
}

pub(super) fn backward(names: &Names) -> Vec<CellEquation> {
    let through_u = Expr::Product(vec![Weights::Recurrent.symbol().transposed().into(), names.delta_after().into()]);
    let later = if names.cell.is_recurrent() { vec![through_u] } else { Vec::new() };
    let mut equations = names.hidden_gradient(None, later);
    equations.push(
        CellEquation::new(Some(Tint::Slope), delta().at(names.step))
            .equals(loss_by(names.pre_activation(Z)))
            .equals(Expr::Product(vec![loss_by(names.hidden()), slope(names)]))
            .equals(Expr::Product(vec![Quantity::HiddenGradient.into(), Quantity::Slope.into()]))
            .gives(Quantity::Delta(Z).now()),
    );
    equations
}

pub(super) fn jacobian(names: &Names) -> Vec<CellEquation> {
    let whole = CellEquation::new(Some(Tint::Slope), names.hidden().by(names.hidden_before()));
    if !names.cell.is_recurrent() {
        return vec![whole.equals(Expr::Integer(0))];
    }
    let u = Weights::Recurrent.symbol();
    let own = u.clone().of(Label::Number(names.unit)).of(Label::Number(names.unit));
    let state = |step| names.own(Symbol::hidden().at(step));
    vec![
        whole.equals(Expr::Product(vec![slope(names).apply(Function::Diagonal), u.into()])),
        CellEquation::new(None, state(names.step).by(state(names.step - 1)))
            .equals(Expr::Product(vec![slope(names), own.into()]))
            .equals(Expr::Product(vec![Quantity::Slope.into(), Quantity::RecurrentWeight(Z).into()]))
            .gives(Quantity::HiddenByHidden.now())
            .opens(Sum::JacobianRow(State::Hidden)),
    ]
}

pub(super) fn derived(quantity: Quantity, values: &dyn Values) -> f64 {
    match quantity {
        Quantity::HiddenByHidden => {
            values.number(Quantity::Slope.now()) * values.number(Quantity::RecurrentWeight(Z).now())
        }
        _ => f64::NAN,
    }
}
