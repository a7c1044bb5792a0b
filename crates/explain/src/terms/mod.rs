//! The weighted sums in equations, opened into their terms.

mod backward;
mod film;
mod forward;

use crate::cells::SEEING_GATES;
use crate::cells::names::Weights;
use crate::quantity::Quantity;
use crate::step::At;
use crate::sum::{State, Sum};
use crate::tree::digits::{self, DIGITS, Value};
use crate::tree::equation::{Equation, Line, Relation};
use crate::tree::{Expr, Label, Symbol};
use lab::Place;
use nn::{CellKind, Gate};

/// The number of terms of a sum that are shown one by one, until all are asked for.
const MOST: usize = 10;

/// A weight in a term, and its name as an edit by hand writes it, without its lane; empty for what cannot be set.
struct Weight {
    value: f64,
    name: String,
}

impl Weight {
    /// A factor that is no weight.
    const fn unnamed(value: f64) -> Self {
        Self { value, name: String::new() }
    }
}

/// One term.
struct Term {
    /// The term in symbols.
    name: Expr<Value>,
    /// The factors; none for a term that is no product.
    factors: Option<(f64, f64)>,
    value: f64,
    /// The step and unit (from 0) that it comes from.
    from: Option<(usize, usize)>,
    /// The weight, as an edit by hand names it; empty without one.
    weight: String,
}

impl Term {
    /// A weight times a value.
    fn product(name: Expr<Value>, weight: Weight, value: f64, from: Option<(usize, usize)>) -> Self {
        let product = weight.value * value;
        Self { name, factors: Some((weight.value, value)), value: product, from, weight: weight.name }
    }

    /// A term that is no product and leads nowhere.
    fn bare(name: Expr<Value>, weight: Weight) -> Self {
        Self { name, factors: None, value: weight.value, from: None, weight: weight.name }
    }
}

/// A sum's terms, the largest first.
pub struct Terms {
    /// A line each.
    pub lines: Vec<Line>,
    /// The number of further terms, and the line of what they add up to.
    pub rest: Option<(usize, Line)>,
    /// The sign between the sum and what it is said to be: ≈ where the digits on show do not add up to it.
    pub relation: Relation,
}

impl At<'_> {
    /// The terms of a sum: the largest, or all of them. The digits on show, and those of what the rest adds up to, add up
    /// to the sum as it is shown.
    pub fn terms(&self, sum: Sum, all: bool) -> Terms {
        let mut terms = match sum {
            Sum::PreActivation(gate) => self.pre_activation_terms(gate),
            Sum::ResetInput => self.reset_input_terms(),
            Sum::HiddenGradient => self.hidden_gradient_terms(),
            Sum::Output(index) => self.output_terms(index),
            Sum::FollowedGradient => self.followed_gradient_terms(),
            Sum::BatchLoss => self.batch_loss_terms(),
            Sum::SequenceLoss => self.sequence_loss_terms(),
            Sum::JacobianRow(state) => self.jacobian_entries(state),
        };
        terms.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
        let rest = terms.split_off(terms.len().min(if all { usize::MAX } else { MOST }));
        let of_rest = rest.iter().map(|term| term.value).sum::<f64>();
        let (digits, adds_up) = match self.total(sum) {
            Some(total) if self.digits != digits::Digits::All => {
                let parts = || terms.iter().map(|term| term.value).chain((!rest.is_empty()).then_some(of_rest));
                let scale = parts().fold(0.0_f64, |largest, part| largest.max(part.abs()));
                digits::fewest(total, scale, |digits| parts().map(|part| numbers::round(part, digits)).sum())
            }
            _ => (DIGITS, true),
        };
        let last = Equation::new(None, Symbol::new("Σ")).gives(Value::new(of_rest));
        let last = last.line_to(self.digits, digits);
        // A row of the Jacobian is no sum.
        let nothing = Line { sides: Vec::new(), result: None, ..last.clone() };
        let is_row = matches!(sum, Sum::JacobianRow(_));
        Terms {
            lines: terms.iter().map(|term| self.line_of(term, digits)).collect(),
            rest: (!rest.is_empty()).then_some((rest.len(), if is_row { nothing } else { last })),
            relation: if adds_up { Relation::Equals } else { Relation::Approximately },
        }
    }

    fn line_of(&self, term: &Term, digits: usize) -> Line {
        let mut equation = Equation::new(None, term.name.clone());
        if let Some((a, b)) = term.factors {
            equation = equation.equals(Expr::Product(vec![Expr::Number(Value::new(a)), Expr::Number(Value::new(b))]));
        }
        let line = equation.gives(Value::new(term.value)).line_to(self.digits, digits);
        Line { from: term.from, weight: term.weight.clone(), ..line }
    }

    /// The value of a sum; none of what is no sum.
    fn total(&self, sum: Sum) -> Option<f64> {
        let trace = &self.lane.trace;
        match sum {
            Sum::PreActivation(gate) => Some(self.value(Quantity::PreActivation(gate))),
            Sum::ResetInput => Some(self.value(Quantity::ResetInput)),
            Sum::HiddenGradient => Some(self.value(Quantity::HiddenGradient)),
            Sum::Output(index) => trace.output.get(self.t * trace.outputs + index).map(|&y| f64::from(y)),
            Sum::FollowedGradient => self.followed().map(|followed| followed.gradient),
            Sum::BatchLoss => self.film.map(|of| of.film.loss),
            Sum::SequenceLoss => Some(trace.loss),
            Sum::JacobianRow(_) => None,
        }
    }

    /// The sum that an opened one of a gate is, where the line above does not say it.
    pub fn whole(&self, sum: Sum) -> Option<Line> {
        let cell = self.lane.cell;
        let Sum::PreActivation(gate) = sum else { return None };
        if !cell.has_gates() {
            return None;
        }
        let names = self.names();
        let product = |factors: [Symbol; 2]| Expr::Product(factors.map(Expr::Symbol).into());
        let step = names.step;
        let mut terms: Vec<Expr<Value>> = vec![product([Weights::Input.symbol(), Symbol::new("x").at(step)])];
        let bias = Expr::from(Weights::Bias.symbol());
        if let Some(by) = reset_of(cell, gate) {
            terms.extend([bias, product([Symbol::gate(by).at(step), Symbol::new("u").at(step)])]);
        } else {
            terms.extend([product([Weights::Recurrent.symbol(), Symbol::hidden().at(step - 1)]), bias]);
        }
        if SEEING_GATES.contains(&gate) {
            match cell {
                CellKind::LstmPeephole => {
                    terms.push(product([Weights::Peepholes.symbol(), Symbol::cell_state()]));
                }
                CellKind::LstmFgr => {
                    let gates = Symbol { labels: SEEING_GATES.map(Label::Gate).into(), ..Symbol::new("") };
                    terms.push(product([Weights::BetweenGates.symbol(), gates]));
                }
                _ => {}
            }
        }
        let z = Symbol::new(cell.pre_activation()).at(step).of(Label::Gate(gate));
        let equation = Equation::new(None, z).equals(Expr::Sum(terms));
        Some(equation.gives(Value::new(self.value(Quantity::PreActivation(gate)))).line_to(self.digits, DIGITS))
    }

    /// A weight; of a gate that is switched off there is nothing to set.
    fn weight_to_set(&self, block: &str, row: usize, col: usize) -> Weight {
        let place = Place::of_weight(0, self.lane.trace.layer, block, [row, col]);
        let place = place.filter(|place| !place.is_idle(self.lane.cell, self.lane.trace.hidden));
        let name = place.map(|place| place.in_lane()).unwrap_or_default();
        Weight { value: self.weight(block, row, col), name }
    }

    /// A unit (from 0) of a gate; an Elman RNN's only z needs no name.
    fn unit_of(&self, gate: Gate, unit: usize) -> Label {
        if self.lane.trace.z.len() == 1 { Label::Number(unit + 1) } else { Label::UnitOf(gate, unit + 1) }
    }

    /// A state of a unit (from 0) at a step (from 0).
    fn state_of(&self, state: Symbol, t: usize, unit: usize) -> Symbol {
        state.at(t + 1).of(Label::Number(unit + 1))
    }

    /// An output (from 0) as the equations name it: by its class, or from 1.
    fn output_label(&self, o: usize) -> Label {
        self.classes.get(o).map_or(Label::Number(o + 1), |&name| Label::Class(name))
    }
}

/// The gate that multiplies `U h` before it enters the pre-activation of another.
fn reset_of(cell: CellKind, gate: Gate) -> Option<Gate> {
    cell.reset().filter(|(_, of)| *of == gate).map(|(by, _)| by)
}

/// The derivatives of one of the unit's states by every h of the step before.
impl At<'_> {
    fn jacobian_entries(&self, state: State) -> Vec<Term> {
        let cell = self.lane.cell;
        let Some(row) = crate::cells::jacobian_row(cell, state) else { return Vec::new() };
        let hidden = self.lane.trace.hidden;
        let factor = |quantity: &Option<Quantity>| quantity.map_or(0.0, |quantity| self.value(quantity));
        let factors: Vec<f64> = row.by_gate.iter().map(factor).collect();
        let own = factor(&row.own);
        let letter = match state {
            State::Hidden => Symbol::hidden(),
            State::Cell => Symbol::cell_state(),
        };
        let entry = |j: usize| {
            let of_gate = |(k, factor): (usize, &f64)| factor * self.weight("w_hh", k * hidden + self.u, j);
            let before = Symbol::hidden().at(self.t).of(Label::Number(j + 1));
            Term {
                name: Expr::from(self.state_of(letter.clone(), self.t, self.u)).by(before.into()),
                factors: None,
                value: factors.iter().enumerate().map(of_gate).sum::<f64>() + if j == self.u { own } else { 0.0 },
                from: self.t.checked_sub(1).map(|before| (before, j)),
                weight: String::new(),
            }
        };
        (0..hidden).map(entry).collect()
    }
}
