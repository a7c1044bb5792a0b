//! The weighted sums in a cell's equations, opened into their terms.

use super::equations::{At, Line};
use crate::lab::number;

/// How many terms of a sum are shown one by one.
const MOST: usize = 10;

/// One term.
struct Term {
    /// What it is, in symbols.
    left: String,
    /// What is multiplied; none for a term that is no product.
    factors: Option<(f64, f64)>,
    value: f64,
    from: Option<(usize, usize)>,
    /// The weight, as a what-if edit names it.
    weight: String,
}

/// A sum's terms, the largest first.
pub struct Terms {
    /// A line each.
    pub lines: Vec<Line>,
    /// How many more there are, and what they add up to.
    pub rest: Option<(usize, Line)>,
}

impl At<'_> {
    /// The terms of the sum that a line names: `Z…` the pre-activation of a gate, `H` the derivative by h, `R…` a row of the
    /// Jacobian, whose terms are its entries.
    pub fn terms(&self, sum: &str) -> Terms {
        let (kind, name) = sum.split_at(sum.len().min(1));
        let mut terms = match kind {
            "Z" => self.heard(name),
            "H" => self.told(),
            _ => self.entries(name),
        };
        // By hand the weights of the first layer can be set, and the readout's.
        if self.lane.trace.layer > 0 {
            terms.iter_mut().filter(|term| !term.weight.contains("_out")).for_each(|term| term.weight.clear());
        }
        terms.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
        let rest: Vec<Term> = terms.split_off(terms.len().min(MOST));
        let line = |term: &Term| {
            let product = |(a, b): (f64, f64)| format!(" = {}·{}", self.bracketed(a), self.bracketed(b));
            Line {
                left: term.left.clone() + &term.factors.map(product).unwrap_or_default(),
                value: self.digits.text(term.value),
                from: term.from,
                weight: term.weight.clone(),
                ..Line::default()
            }
        };
        let total = rest.iter().map(|term| term.value).sum::<f64>();
        let last = Line { left: "Σ".to_owned(), value: self.digits.text(total), ..Line::default() };
        Terms {
            lines: terms.iter().map(line).collect(),
            // A row of the Jacobian is no sum.
            rest: (!rest.is_empty()).then_some((rest.len(), if kind == "R" { Line::default() } else { last })),
        }
    }

    /// What an opened sum of a gate is the sum of, where the line above does not say it.
    pub fn whole(&self, sum: &str) -> Option<Line> {
        let gate = sum.strip_prefix('Z').filter(|gate| *gate != "z")?;
        let (now, before) = (number::subscript(self.t + 1), number::subscript(self.t));
        let left = format!("z{now}({gate}) = W·x{now} + U·h{before} + b");
        Some(Line { left, value: self.digits.text(self.value(&format!("z{gate}"))), ..Line::default() })
    }

    /// What flows back along the edge from step t + 1 (t from 0) to step t, as norms over the units: `‖Uᵀ δ_{t+1}‖` and, along
    /// the cell, `‖f_{t+1} ⊙ ∂L/∂c_{t+1}‖`; nothing through a cut.
    pub fn back_along(&self, t: usize) -> (f64, f64) {
        let trace = &self.lane.trace;
        let (hidden, next) = (trace.hidden, t + 1);
        if next >= trace.len || self.truncation.cuts_before(next) {
            return (0.0, 0.0);
        }
        let u = self.weights.slice("w_hh");
        let rows = trace.grad_z.len() * hidden;
        let delta = |row: usize| f64::from(trace.grad_z[row / hidden].values[next * hidden + row % hidden]);
        let of_unit = |j: usize| (0..rows).map(|row| f64::from(u[j * rows + row]) * delta(row)).sum::<f64>();
        let h = (0..hidden).map(|j| of_unit(j).powi(2)).sum::<f64>().sqrt();
        let forget = trace.gates.iter().find(|series| series.name == "f");
        let along = |(f, c): (&f32, &f32)| (f64::from(*f) * f64::from(*c)).powi(2);
        let from = next * hidden;
        let c =
            forget.map_or(0.0, |f| f.values[from..].iter().zip(&trace.grad_c[from..]).take(hidden).map(along).sum());
        (h, c.sqrt())
    }

    fn bracketed(&self, value: f64) -> String {
        let text = self.digits.text(value);
        if value < 0.0 { format!("({text})") } else { text }
    }

    /// `W x_t + U h_{t−1} + b` of a gate.
    fn heard(&self, gate: &str) -> Vec<Term> {
        let (row, hidden, inputs) = (self.row(gate), self.lane.trace.hidden, self.inputs_a_step());
        let to = name_of(gate, self.u);
        let mut terms = vec![Term {
            left: format!("b({to})"),
            factors: None,
            value: self.weight("b", row, 0),
            from: None,
            weight: format!("b[{}]", row + 1),
        }];
        for (d, &x) in self.inputs.iter().skip(self.t * inputs).take(inputs).enumerate() {
            let left = format!("W({to}; {})·x{}({})", d + 1, number::subscript(self.t + 1), d + 1);
            let weight = (self.weight("w_ih", row, d), format!("w[{},{}]", row + 1, d + 1));
            terms.push(product(left, weight, f64::from(x), None));
        }
        let Some(before) = self.t.checked_sub(1) else { return terms };
        for j in 0..hidden {
            let left = format!("U({to}; {})·h{}({})", j + 1, number::subscript(self.t), j + 1);
            let h = f64::from(self.lane.trace.h[before * hidden + j]);
            let weight = (self.weight("w_hh", row, j), format!("u[{},{}]", row + 1, j + 1));
            terms.push(product(left, weight, h, Some((before, j))));
        }
        terms
    }

    /// `Uᵀ δ_{t+1} + W_outᵀ ∂L/∂y_t` of the unit.
    fn told(&self) -> Vec<Term> {
        let trace = &self.lane.trace;
        let mut terms = if self.hears() { self.through(self.t + 1) } else { Vec::new() };
        for o in 0..trace.outputs {
            let left = format!("Wₒᵤₜ({}; {})·∂L/∂y{}({})", o + 1, self.u + 1, number::subscript(self.t + 1), o + 1);
            let value = f64::from(trace.grad_output[self.t * trace.outputs + o]);
            let weight = (self.weight("w_out", o, self.u), format!("w_out[{},{}]", o + 1, self.u + 1));
            terms.push(product(left, weight, value, None));
        }
        terms
    }

    /// `Uᵀ δ` of step t, for the unit of the step before.
    fn through(&self, t: usize) -> Vec<Term> {
        let hidden = self.lane.trace.hidden;
        let mut terms = Vec::new();
        for (k, series) in self.lane.trace.grad_z.iter().enumerate() {
            for j in 0..hidden {
                let from = name_of(series.name, j);
                let left = format!("U({from}; {})·δ{}({from})", self.u + 1, number::subscript(t + 1));
                let row = k * hidden + j;
                let weight = (self.weight("w_hh", row, self.u), format!("u[{},{}]", row + 1, self.u + 1));
                terms.push(product(left, weight, f64::from(series.values[t * hidden + j]), Some((t, j))));
            }
        }
        terms
    }

    /// What comes back from this step to the unit's h of the step before, by way of U; nothing through a cut.
    pub(super) fn sent_back(&self) -> f64 {
        if self.truncation.cuts_before(self.t) {
            return 0.0;
        }
        self.through(self.t).iter().map(|term| term.value).sum()
    }

    /// `‖W_outᵀ ∂L/∂y_t‖` per step: what each step's own loss sends into its h.
    pub fn from_losses(&self) -> Vec<f64> {
        let (outputs, hidden) = (self.lane.trace.outputs, self.lane.trace.hidden);
        let step = |told: &[f32]| {
            let of_unit = |j: usize| {
                told.iter().enumerate().map(|(o, &g)| self.weight("w_out", o, j) * f64::from(g)).sum::<f64>().powi(2)
            };
            if told.iter().all(|&g| g == 0.0) { 0.0 } else { (0..hidden).map(of_unit).sum::<f64>().sqrt() }
        };
        self.lane.trace.grad_output.chunks_exact(outputs).map(step).collect()
    }

    /// `W x_t + b` of the first gate.
    pub(super) fn brought_in(&self) -> f64 {
        // What comes from the step before has a place that it comes from.
        self.heard("z").iter().filter(|term| term.from.is_none()).map(|term| term.value).sum()
    }

    /// The derivatives of one of the unit's states by every h of the step before.
    fn entries(&self, state: &str) -> Vec<Term> {
        let rows = self.cell().rows;
        let Some((state, factors)) = rows.iter().find(|(name, _)| *name == state) else { return Vec::new() };
        let hidden = self.lane.trace.hidden;
        let factors: Vec<f64> =
            factors.iter().map(|name| if name.is_empty() { 0.0 } else { self.value(name) }).collect();
        let (now, before) = (number::subscript(self.t + 1), number::subscript(self.t));
        let entry = |j: usize| {
            let of_gate = |(k, factor): (usize, &f64)| factor * self.weight("w_hh", k * hidden + self.u, j);
            Term {
                left: format!("∂{state}{now}({})/∂h{before}({})", self.u + 1, j + 1),
                factors: None,
                value: factors.iter().enumerate().map(of_gate).sum(),
                from: self.t.checked_sub(1).map(|before| (before, j)),
                weight: String::new(),
            }
        };
        (0..hidden).map(entry).collect()
    }

    fn inputs_a_step(&self) -> usize {
        self.inputs.len() / self.lane.trace.len
    }
}

/// What can be set by hand: weights of the first layer and of the readout.
fn product(left: String, (weight, name): (f64, String), value: f64, from: Option<(usize, usize)>) -> Term {
    Term { left, factors: Some((weight, value)), value: weight * value, from, weight: name }
}

/// A unit of a gate, from 1; an RNN's z needs no name.
fn name_of(gate: &str, unit: usize) -> String {
    format!("{}{}", if gate == "z" { "" } else { gate }, unit + 1)
}
