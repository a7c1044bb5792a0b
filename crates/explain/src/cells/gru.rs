//! The GRU in PyTorch's form. u is what its reset gate multiplies, `U(n)·h + b_hn`. Pre-activations are a here, for z is a
//! gate.

use super::names::{CellEquation, CellExpr, Names, Weights, activated, logistic_slope, loss_by, tanh_slope};
use crate::quantity::{Number, Quantity, Values};
use crate::sum::{State, Sum};
use crate::tree::{Activation, Expr, Label, Symbol, Tint};
use nn::Gate;

const R: Gate = Gate::Reset;
const Z: Gate = Gate::Update;
const N: Gate = Gate::New;

/// `(1 − z)·n + z·h`, of symbols or of numbers.
fn mixed(z: CellExpr, n: CellExpr, hidden_before: CellExpr) -> CellExpr {
    Expr::Sum(vec![Expr::Product(vec![z.clone().complement(), n]), Expr::Product(vec![z, hidden_before])])
}

fn u() -> Symbol {
    Symbol::new("u")
}

pub(super) fn forward(names: &Names) -> Vec<CellEquation> {
    let of = |weights: Weights, gate: Gate| CellExpr::from(weights.symbol().of(Label::Gate(gate)));
    let logistic = |gate: Gate| {
        let equation = CellEquation::new(Some(Tint::Gate(gate)), names.gate(gate))
            .equals(names.pre_activation(gate).apply(Activation::Sigmoid.function()))
            .equals(activated(Activation::Sigmoid, gate))
            .gives(Quantity::Activation(gate).now())
            .opens(Sum::PreActivation(gate));
        names.unless_held(gate, equation)
    };
    let reset_input = CellExpr::from(u().at(names.step));
    let candidate = Expr::Sum(vec![
        Expr::Product(vec![of(Weights::Input, N), names.input()]),
        of(Weights::Bias, N),
        Expr::Product(vec![names.gate(R), reset_input.clone()]),
    ]);
    let new = CellEquation::new(Some(Tint::Gate(N)), names.gate(N))
        .equals(candidate.apply(Activation::Tanh.function()))
        .equals(activated(Activation::Tanh, N))
        .gives(Quantity::Activation(N).now())
        .opens(Sum::PreActivation(N));
    vec![
        logistic(R),
        logistic(Z),
        CellEquation::new(None, reset_input)
            .equals(Expr::Sum(vec![
                Expr::Product(vec![of(Weights::Recurrent, N), names.hidden_before()]),
                Weights::HiddenNewBias.symbol().into(),
            ]))
            .gives(Quantity::ResetInput.now())
            .opens(Sum::ResetInput),
        names.unless_held(N, new),
        CellEquation::new(Some(Tint::Hidden), names.hidden())
            .equals(mixed(names.gate(Z), names.gate(N), names.hidden_before()))
            .equals(mixed(
                Quantity::Activation(Z).into(),
                Quantity::Activation(N).into(),
                Quantity::Hidden.before().into(),
            ))
            .gives(Quantity::Hidden.now()),
    ]
}

/// The parts of the derivatives, as symbols without an index or as numbers.
struct Parts {
    by_hidden: CellExpr,
    hidden_before: CellExpr,
    delta_new: CellExpr,
    reset_input: CellExpr,
    r: CellExpr,
    z: CellExpr,
    n: CellExpr,
}

impl Parts {
    fn symbols(names: &Names) -> Self {
        let gate = |gate: Gate| Symbol::gate(gate).into();
        Self {
            by_hidden: loss_by(Symbol::hidden()),
            hidden_before: names.hidden_before(),
            delta_new: super::names::delta().of(Label::Gate(N)).into(),
            reset_input: u().into(),
            r: gate(R),
            z: gate(Z),
            n: gate(N),
        }
    }

    fn numbers() -> Self {
        let gate = |gate: Gate| Quantity::Activation(gate).into();
        Self {
            by_hidden: Quantity::HiddenGradient.into(),
            hidden_before: Quantity::Hidden.before().into(),
            delta_new: Quantity::Delta(N).into(),
            reset_input: Quantity::ResetInput.into(),
            r: gate(R),
            z: gate(Z),
            n: gate(N),
        }
    }

    /// δ of a gate.
    fn delta(self, gate: Gate) -> CellExpr {
        match gate {
            R => Expr::product([self.delta_new, self.reset_input].into_iter().chain(logistic_slope(&self.r))),
            Z => {
                let difference = self.hidden_before.minus(self.n);
                Expr::product([self.by_hidden, difference].into_iter().chain(logistic_slope(&self.z)))
            }
            _ => Expr::product([self.by_hidden, self.z.complement(), tanh_slope(self.n)]),
        }
    }
}

pub(super) fn backward(names: &Names) -> Vec<CellEquation> {
    let after = names.step + 1;
    let through = |gate: Gate, reset: Option<CellExpr>| {
        let weights = Weights::Recurrent.symbol().of(Label::Gate(gate)).transposed();
        let delta = names.delta_after().of(Label::Gate(gate));
        Expr::product([Some(weights.into()), reset, Some(delta.into())].into_iter().flatten())
    };
    let reset = Symbol::gate(R).at(after).into();
    let kept = Expr::Product(vec![Symbol::gate(Z).at(after).into(), loss_by(Symbol::hidden().at(after))]);
    let later = vec![through(R, None), through(Z, None), through(N, Some(reset)), kept];
    let delta = |gate: Gate| {
        let equation = CellEquation::new(Some(Tint::Gate(gate)), super::names::delta().of(Label::Gate(gate)))
            .equals(Parts::symbols(names).delta(gate))
            .equals(Parts::numbers().delta(gate))
            .gives(Quantity::Delta(gate).now());
        names.unless_held(gate, equation)
    };
    let mut equations = names.hidden_gradient(Some(Tint::Hidden), later);
    equations.extend([R, Z, N].map(delta));
    equations
}

pub(super) fn jacobian(names: &Names) -> Vec<CellEquation> {
    let Parts { hidden_before, reset_input, r, z, n, .. } = Parts::symbols(names);
    let written = [z.clone().complement(), tanh_slope(n.clone())];
    let [r_value, r_rest] = logistic_slope(&r);
    let [z_value, z_rest] = logistic_slope(&z);
    let by_z = vec![hidden_before.minus(n), z_value, z_rest];
    let by_n = written.iter().cloned().chain([r]).collect();
    let by_r = written.iter().cloned().chain([reset_input, r_value, r_rest]).collect();
    let free: Vec<(Gate, Vec<CellExpr>)> =
        [(Z, by_z), (N, by_n), (R, by_r)].into_iter().filter(|(gate, _)| !names.held.contains(gate)).collect();
    let (mut symbols, mut numbers) = (vec![z], vec![CellExpr::from(Quantity::Activation(Z))]);
    for (gate, mut factors) in free {
        factors.push(Weights::Recurrent.symbol().of(Label::Gate(gate)).into());
        symbols.push(Expr::Product(factors));
        numbers.push(Expr::Product(vec![
            Quantity::HiddenByPreActivation(gate).into(),
            Quantity::RecurrentWeight(gate).into(),
        ]));
    }
    let state = |step| names.own(Symbol::hidden().at(step));
    vec![
        CellEquation::new(Some(Tint::Hidden), state(names.step).by(state(names.step - 1)))
            .equals(Expr::sum(symbols))
            .equals(Expr::sum(numbers))
            .gives(Quantity::HiddenByHidden.now())
            .opens(Sum::JacobianRow(State::Hidden)),
    ]
}

pub(super) fn derived(quantity: Quantity, values: &dyn Values) -> f64 {
    let number = |number: Number| values.number(number);
    let gate = |gate: Gate| number(Quantity::Activation(gate).now());
    let free = |gate: Gate| f64::from(values.is_free(gate));
    let (r, z, n, u) = (gate(R), gate(Z), gate(N), number(Quantity::ResetInput.now()));
    let (before, by_hidden) = (number(Quantity::Hidden.before()), number(Quantity::HiddenGradient.now()));
    let delta_new = number(Quantity::Delta(N).now());
    let by_new = free(N) * (1.0 - z) * (1.0 - n * n);
    let by_pre_activation = |gate: Gate| match gate {
        R => free(R) * by_new * u * r * (1.0 - r),
        Z => free(Z) * (before - n) * z * (1.0 - z),
        _ => by_new * r,
    };
    let weight = |gate: Gate| number(Quantity::RecurrentWeight(gate).now());
    match quantity {
        Quantity::HiddenByPreActivation(gate @ (R | Z | N)) => by_pre_activation(gate),
        Quantity::HiddenByHidden => {
            [Z, N, R].into_iter().fold(z, |sum, gate| sum + by_pre_activation(gate) * weight(gate))
        }
        Quantity::Kept => z * before,
        Quantity::NewShare => 1.0 - z,
        Quantity::Written => (1.0 - z) * n,
        Quantity::ResetPart => r * u,
        Quantity::HiddenGradientKept => f64::from(values.sends_back()) * z * by_hidden,
        Quantity::UpdateGradientByKept => by_hidden * before,
        Quantity::UpdateGradientByWritten => by_hidden * n,
        Quantity::CandidateInput => number(Quantity::PreActivation(N).now()) - r * u,
        Quantity::ActivationGradient(R) => delta_new * u,
        Quantity::ActivationGradient(Z) => by_hidden * (before - n),
        Quantity::ActivationGradient(N) => by_hidden * (1.0 - z),
        Quantity::ResetInputGradient => delta_new * r,
        _ => f64::NAN,
    }
}
