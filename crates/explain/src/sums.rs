//! The weighted sums in a cell's equations, opened into their terms.

use crate::equations::{At, GATED, Line, PEEPHOLES};
use lab::Place;
use nn::CellKind;

/// How many terms of a sum are shown one by one, until all are asked for.
const MOST: usize = 10;
/// After the name of a sum: with all its terms.
pub const ALL: char = '+';

/// One term.
pub struct Term {
    /// What it is, in symbols.
    left: String,
    /// What is multiplied; none for a term that is no product.
    factors: Option<(f64, f64)>,
    pub value: f64,
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
    /// The terms of the sum that a line names: `Z…` the pre-activation of a gate, `Q` what the reset gate goes over, `H` the
    /// derivative by h, `R…` a row of the Jacobian, whose terms are its entries, `Y…` an output, from 0; of a film `G` the
    /// gradient of the weight that it follows, `L` and `l` the losses of batch and sequence. With [`ALL`] at its end: all of them, not only the largest.
    pub fn terms(&self, sum: &str) -> Terms {
        let (sum, most) = sum.strip_suffix(ALL).map_or((sum, MOST), |sum| (sum, usize::MAX));
        let (kind, name) = sum.split_at(sum.len().min(1));
        let mut terms = match kind {
            "Z" => self.heard(name),
            "Q" => self.reset_over(),
            "H" => self.told(),
            "Y" => self.answered(name.parse().unwrap_or(0)),
            "G" => self.gathered(),
            "L" => self.losses_of_batch(),
            "l" => self.losses_of_steps(),
            _ => self.entries(name),
        };
        terms.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
        let rest: Vec<Term> = terms.split_off(terms.len().min(most));
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
        let cell = self.lane.cell;
        let gate = sum.strip_prefix('Z').filter(|_| cell.has_gates())?;
        let (now, before) = (numbers::subscript(self.t + 1), numbers::subscript(self.t));
        let mut left = format!("{}{now}({gate}) = W·x{now} + ", cell.pre_activation());
        if let Some(by) = cell.reset_of(gate) {
            left += &format!("b + {}{now}·u{now}", by.letter());
        } else {
            left += &format!("U·h{before} + b");
        }
        if GATED.contains(&gate) {
            left += match cell {
                CellKind::LstmPeephole => " + p·c",
                CellKind::LstmFgr => " + V·(i; f; o)",
                _ => "",
            };
        }
        Some(Line { left, value: self.digits.text(self.value(&format!("z{gate}"))), ..Line::default() })
    }

    /// What flows back along the edge from step t + 1 (t from 0) to step t, as norms over the units: `‖Uᵀ δ_{t+1}‖` and, along
    /// the cell, `‖f_{t+1} ⊙ ∂L/∂c_{t+1}‖`; nothing through a cut.
    pub fn back_along(&self, t: usize) -> (f64, f64) {
        let trace = &self.lane.trace;
        let (hidden, next) = (trace.hidden, t + 1);
        if next >= trace.len || !trace.cell.is_recurrent() || self.truncation.cuts_before(next) {
            return (0.0, 0.0);
        }
        let u = self.weights.slice("w_hh");
        let rows = trace.grad_z.len() * hidden;
        let deltas: Vec<f64> = (0..rows).map(|row| self.delta(row / hidden, next, row % hidden)).collect();
        let (memory, kept) = (trace.cell.has_cell_state(), trace.keeps());
        let kept = |j: usize| kept.map_or(0.0, |gate| f64::from(gate[next * hidden + j]));
        let of_unit = |j: usize| {
            let by_product = u[j * rows..(j + 1) * rows].iter().zip(&deltas).map(|(u, delta)| f64::from(*u) * delta);
            by_product.sum::<f64>() + if memory { 0.0 } else { kept(j) * f64::from(trace.grad_h[next * hidden + j]) }
        };
        let h = (0..hidden).map(|j| of_unit(j).powi(2)).sum::<f64>().sqrt();
        let along = |(j, c): (usize, &f32)| {
            let peepholes = (0..2).map(|k| {
                let weight = self.weights.slice(PEEPHOLES[k]).get(j).map_or(0.0, |&p| f64::from(p));
                weight * self.delta(k, next, j)
            });
            (kept(j) * f64::from(*c) + peepholes.sum::<f64>()).powi(2)
        };
        let c = trace.grad_c.iter().skip(next * hidden).take(hidden).enumerate().map(along).sum::<f64>();
        (h, c.sqrt())
    }

    /// `∂L/∂(U h)` of unit j in gate k at step t: `∂L/∂z`, of a GRU's candidate with its reset gate.
    pub fn delta(&self, k: usize, t: usize, j: usize) -> f64 {
        let trace = &self.lane.trace;
        let at = t * trace.hidden + j;
        let series = &trace.grad_z[k];
        let reset = trace.reset_of(series.name).map_or(1.0, |reset| f64::from(reset[at]));
        f64::from(series.values[at]) * reset
    }

    fn bracketed(&self, value: f64) -> String {
        let text = self.digits.text(value);
        if value < 0.0 { format!("({text})") } else { text }
    }

    /// `W x_t + U h_{t−1} + b` of a gate.
    fn heard(&self, gate: &str) -> Vec<Term> {
        let (row, hidden, inputs) = (self.row(gate), self.lane.trace.hidden, self.inputs_a_step());
        let to = self.name_of(gate, self.u);
        let mut terms = vec![bare(format!("b({to})"), self.set("b", row, 0))];
        // Back through what a window network sees; others see their own step.
        let seen = if self.lane.cell.is_recurrent() { 1 } else { self.lane.window };
        for k in 0..seen.min(self.t + 1) {
            for (d, &x) in self.inputs.iter().skip((self.t - k) * inputs).take(inputs).enumerate() {
                let col = k * inputs + d;
                let left = format!("W({to}; {})·x{}({})", col + 1, numbers::subscript(self.t - k + 1), d + 1);
                terms.push(product(left, self.set("w_ih", row, col), f64::from(x), None));
            }
        }
        if !self.lane.cell.is_recurrent() {
            return terms;
        }
        if let Some(by) = self.lane.cell.reset_of(gate) {
            let by = by.letter();
            let left = format!("{by}{0}({1})·u{0}({1})", numbers::subscript(self.t + 1), self.u + 1);
            terms.push(product(left, (self.value(&["s", by].concat()), String::new()), self.value("q"), None));
            return terms;
        }
        let Some(before) = self.t.checked_sub(1) else {
            // What stands before the first step is 0, but for the cell state of this one.
            terms.extend(self.seen_cell(gate));
            return terms;
        };
        terms.extend(self.by_product(gate));
        terms.extend(self.seen_cell(gate));
        if let Some(k) = GATED.iter().position(|known| *known == gate).filter(|_| self.lane.cell == CellKind::LstmFgr) {
            for col in 0..3 * hidden {
                let (of, j) = (GATED[col / hidden], col % hidden);
                let left = format!("V({to}; {of}{})·{of}{}({})", j + 1, numbers::subscript(self.t), j + 1);
                let value = self.lane.trace.gate(of).map_or(f64::NAN, |gate| f64::from(gate[before * hidden + j]));
                terms.push(product(left, self.set("w_gates", k * hidden + self.u, col), value, Some((before, j))));
            }
        }
        terms
    }

    /// The peephole of a gate; none where there is none.
    fn seen_cell(&self, gate: &str) -> Option<Term> {
        let k = GATED.iter().position(|known| *known == gate).filter(|_| self.lane.cell == CellKind::LstmPeephole)?;
        let (name, step, from) = match self.t.checked_sub(1) {
            _ if k == 2 => ("c", self.t + 1, None),
            before => ("c-", self.t, before.map(|before| (before, self.u))),
        };
        let left = format!("p({gate}{0})·c{1}({0})", self.u + 1, numbers::subscript(step));
        Some(product(left, self.set(PEEPHOLES[k], self.u, 0), self.value(name), from))
    }

    /// `U h_{t−1}` of a gate, from the second step on.
    fn by_product(&self, gate: &str) -> Vec<Term> {
        let Some(before) = self.t.checked_sub(1) else { return Vec::new() };
        let (row, hidden) = (self.row(gate), self.lane.trace.hidden);
        let term = |j: usize| {
            let left =
                format!("U({}; {})·h{}({})", self.name_of(gate, self.u), j + 1, numbers::subscript(self.t), j + 1);
            let h = f64::from(self.lane.trace.h[before * hidden + j]);
            product(left, self.set("w_hh", row, j), h, Some((before, j)))
        };
        (0..hidden).map(term).collect()
    }

    /// `U_n h_{t−1} + b_hn`, which the reset gate of a GRU goes over.
    fn reset_over(&self) -> Vec<Term> {
        let mut terms = self.by_product(self.lane.cell.reset().map_or("", |(_, of)| of.letter()));
        terms.push(bare(format!("bₕₙ({})", self.u + 1), self.set("b_hn", self.u, 0)));
        terms
    }

    /// Its value.
    pub fn under_reset(&self) -> f64 {
        self.reset_over().iter().map(|term| term.value).sum()
    }

    /// Row or column of `w_gates` of the unit in this gate.
    pub fn gated(&self, gate: &str) -> usize {
        GATED.iter().position(|known| *known == gate).unwrap_or(0) * self.lane.trace.hidden + self.u
    }

    /// `W_gatesᵀ δ_{t+1}` of a gate of the unit: what its activation is told by the gates of the step after; 0 where nothing
    /// comes from there.
    pub fn gates_told(&self, gate: &str) -> f64 {
        let (hidden, column) = (self.lane.trace.hidden, self.gated(gate));
        if !self.hears() || self.lane.cell != CellKind::LstmFgr {
            return 0.0;
        }
        let part = |row: usize| {
            let k = self.lane.cell.gates().iter().position(|gate| gate.letter() == GATED[row / hidden]).unwrap_or(0);
            self.weight("w_gates", row, column) * self.delta(k, self.t + 1, row % hidden)
        };
        (0..3 * hidden).map(part).sum()
    }

    /// `Uᵀ δ_{t+1} + W_outᵀ ∂L/∂y_t` of the unit, the latter under dropout's mask.
    fn told(&self) -> Vec<Term> {
        let trace = &self.lane.trace;
        let mut terms = if self.hears() { self.through(self.t + 1) } else { Vec::new() };
        let cell = trace.cell;
        if let (Some(name), Some(gate), false, true) =
            (cell.keeps(), trace.keeps(), cell.has_cell_state(), self.hears())
        {
            let (at, next) = ((self.t + 1) * trace.hidden + self.u, numbers::subscript(self.t + 2));
            let left = format!("{1}{next}({0})·∂L/∂h{next}({0})", self.u + 1, name.letter());
            let kept = (f64::from(gate[at]), String::new());
            terms.push(product(left, kept, f64::from(trace.grad_h[at]), Some((self.t + 1, self.u))));
        }
        if !self.is_read_out() {
            // The readout reads another layer; this one is told by the layer above, whose weights are not here.
            let mask = if self.is_masked() {
                format!("m{}({})·", numbers::subscript(self.t + 1), self.u + 1)
            } else {
                String::new()
            };
            let left = format!("{mask}({})({})", self.told_from_above(), self.u + 1);
            let known = terms.iter().map(|term| term.value).sum::<f64>();
            terms.push(bare(left, (self.value("H") - known, String::new())));
            return terms;
        }
        for o in 0..trace.outputs {
            let (unit, now) = (self.u + 1, numbers::subscript(self.t + 1));
            let (o_name, mask) = (self.name_of_output(o), self.masked(self.t, self.u));
            let left = format!("Wₒᵤₜ({o_name}; {unit}){mask}·∂L/∂y{now}({o_name})");
            let value = self.mask(self.t, self.u) * f64::from(trace.grad_output[self.t * trace.outputs + o]);
            terms.push(product(left, self.set("w_out", o, self.u), value, None));
        }
        terms
    }

    /// `·m_t(j)` of what dropout may leave out; empty without.
    fn masked(&self, t: usize, j: usize) -> String {
        if self.is_masked() { format!("·m{}({})", numbers::subscript(t + 1), j + 1) } else { String::new() }
    }

    /// An output as the equations name it: by its class, or from 1.
    fn name_of_output(&self, o: usize) -> String {
        self.classes.get(o).map_or_else(|| (o + 1).to_string(), |&name| name.to_owned())
    }

    /// `W_out h_t + b_out` of an output.
    fn answered(&self, o: usize) -> Vec<Term> {
        let (hidden, now) = (self.lane.trace.hidden, numbers::subscript(self.t + 1));
        let name = self.name_of_output(o);
        let mut terms = vec![bare(format!("bₒᵤₜ({name})"), self.set("b_out", o, 0))];
        terms.extend((0..hidden).map(|j| {
            let left = format!("Wₒᵤₜ({name}; {1}){2}·h{0}({1})", now, j + 1, self.masked(self.t, j));
            let h = self.mask(self.t, j) * f64::from(self.lane.trace.h[self.t * hidden + j]);
            product(left, self.set("w_out", o, j), h, Some((self.t, j)))
        }));
        terms
    }

    /// `Uᵀ δ` of step t, for the unit of the step before.
    fn through(&self, t: usize) -> Vec<Term> {
        let hidden = self.lane.trace.hidden;
        let mut terms = Vec::new();
        for (k, series) in self.lane.trace.grad_z.iter().enumerate() {
            for j in 0..hidden {
                let from = self.name_of(series.name, j);
                let reset = if self.lane.trace.reset_of(series.name).is_some() { "r·" } else { "" };
                let left = format!("U({from}; {})·{reset}δ{}({from})", self.u + 1, numbers::subscript(t + 1));
                let row = k * hidden + j;
                terms.push(product(left, self.set("w_hh", row, self.u), self.delta(k, t, j), Some((t, j))));
            }
        }
        terms
    }

    /// What comes back from this step to the unit's h of the step before, by way of U; nothing through a cut.
    pub fn sent_back(&self) -> f64 {
        if self.truncation.cuts_before(self.t) || !self.lane.cell.is_recurrent() {
            return 0.0;
        }
        self.through(self.t).iter().map(|term| term.value).sum()
    }

    /// `‖W_outᵀ ∂L/∂y_t‖` per step: what each step's own loss sends into its h.
    pub fn from_losses(&self) -> Vec<f64> {
        let (outputs, hidden) = (self.lane.trace.outputs, self.lane.trace.hidden);
        let step = |(t, told): (usize, &[f32])| {
            let of_unit = |j: usize| {
                let told = told.iter().enumerate().map(|(o, &g)| self.weight("w_out", o, j) * f64::from(g));
                (self.mask(t, j) * told.sum::<f64>()).powi(2)
            };
            if told.iter().all(|&g| g == 0.0) { 0.0 } else { (0..hidden).map(of_unit).sum::<f64>().sqrt() }
        };
        self.lane.trace.grad_output.chunks_exact(outputs).enumerate().map(step).collect()
    }

    /// `W x_t + b` of the first gate.
    pub fn brought_in(&self) -> f64 {
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
        let (now, before) = (numbers::subscript(self.t + 1), numbers::subscript(self.t));
        let entry = |j: usize| {
            let of_gate = |(k, factor): (usize, &f64)| match k {
                // One more than gates: beside them.
                k if k == self.lane.trace.z.len() => {
                    if j == self.u {
                        *factor
                    } else {
                        0.0
                    }
                }
                k => factor * self.weight("w_hh", k * hidden + self.u, j),
            };
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

    /// A unit of a gate, from 1; an RNN's only z needs no name.
    pub fn name_of(&self, gate: &str, unit: usize) -> String {
        format!("{}{}", if self.lane.trace.z.len() == 1 { "" } else { gate }, unit + 1)
    }

    /// A weight, and its name as what can be set by hand; of a gate that is switched off there is nothing to set.
    fn set(&self, block: &str, row: usize, col: usize) -> (f64, String) {
        let place = Place::of_weight(0, self.lane.trace.layer, block, [row, col]);
        let place = place.filter(|place| !place.is_idle(self.lane.cell, self.lane.trace.hidden));
        (self.weight(block, row, col), place.map(|place| place.in_lane()).unwrap_or_default())
    }

    pub fn inputs_a_step(&self) -> usize {
        self.inputs.len() / self.lane.trace.len
    }
}

/// A number with its name, if it can be set by hand, times a value.
pub fn product(left: String, (weight, name): (f64, String), value: f64, from: Option<(usize, usize)>) -> Term {
    Term { left, factors: Some((weight, value)), value: weight * value, from, weight: name }
}

/// A term that is no product and leads nowhere.
pub fn bare(left: String, (value, weight): (f64, String)) -> Term {
    Term { left, factors: None, value, from: None, weight }
}
