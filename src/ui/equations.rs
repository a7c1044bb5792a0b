//! The equations of a step and unit of a lane with their numbers, all of the trace: for the inspector, and for the film of
//! an update. They are text with places for numbers ([`fill`]), which is far smaller than code that puts them together. A
//! new cell brings its equations here.

use crate::lab::{LaneSnapshot, number};
use crate::nn::{CellKind, GateSeries};

/// Significant digits of every number here.
pub const DIGITS: usize = 4;

/// One line: what stands to the left of the last =, and the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Colours the line like the chart it belongs to.
    pub gate: &'static str,
    /// All but the value, without the = before it.
    pub left: String,
    /// The value; empty for an equation without numbers.
    pub value: String,
}

// A line is `gate|left|value`. `@n`, `@p`, `@l` are the indices of this step, the one before and the one after; `{x}` is the
// number x, `<x>` the same in brackets where it is negative, `[x]` without zeros at its end. Of x at the step: h, c, H and C
// their derivatives, z… a pre-activation, d… its derivative, s… a gate or slope; with - or + at the step before or after.

const RNN_FORWARD: &str = "|z@n = (W·x@n + U·h@p + b)|zz
dphi|h@n = φ(z@n) = φ({zz})|h
dphi|φ′(z@n)|sdphi";
const RNN_BACKWARD: &str = "|∂L/∂h@n|H
z|∂L/∂z@n|dz";
const RNN_CHAIN: &str = "|∂L/∂h@n = Uᵀ·δ@l + Wₒᵤₜᵀ·∂L/∂y@n|H
dphi|δ@n = ∂L/∂z@n = ∂L/∂h@n·φ′(z@n) = <H>·{sdphi}|dz";
const LSTM_FORWARD: &str = "i|i@n = σ({zi})|si
f|f@n = σ({zf})|sf
g|g@n = tanh({zg})|sg
o|o@n = σ({zo})|so
c|c@n = f·c@p + i·g = {sf}·<c-> + {si}·<sg>|c
c|h@n = o·tanh(c@n) = {so}·tanh({c})|h";
const LSTM_BACKWARD: &str = "|∂L/∂h@n|H
c|∂L/∂c@n|C
i|∂L/∂z@n(i)|di
f|∂L/∂z@n(f)|df
g|∂L/∂z@n(g)|dg
o|∂L/∂z@n(o)|do";
const LSTM_CHAIN: &str = "|∂L/∂h@n = Uᵀ·δ@l + Wₒᵤₜᵀ·∂L/∂y@n|H
c|∂L/∂c@n = f@l·∂L/∂c@l + ∂L/∂h@n·o·(1 − tanh²(c@n)) = {sf+}·<C+> + <H>·{so}·(1 − tanh²({c}))|C
i|δ(i) = ∂L/∂c·g·i·(1 − i) = <C>·<sg>·{si}·(1 − {si})|di
f|δ(f) = ∂L/∂c·c@p·f·(1 − f) = <C>·<c->·{sf}·(1 − {sf})|df
g|δ(g) = ∂L/∂c·i·(1 − g²) = <C>·{si}·(1 − <sg>²)|dg
o|δ(o) = ∂L/∂h·tanh(c)·o·(1 − o) = <H>·tanh({c})·{so}·(1 − {so})|do";

/// A step and unit of a lane.
#[derive(Clone, Copy)]
pub struct At<'a> {
    lane: &'a LaneSnapshot,
    t: usize,
    u: usize,
    mark: char,
}

impl<'a> At<'a> {
    /// Step t and unit u (from 0; the last where there are fewer), numbers with this decimal mark.
    pub fn new(lane: &'a LaneSnapshot, t: usize, u: usize, mark: char) -> Self {
        Self { lane, t: t.min(lane.trace.len - 1), u: u.min(lane.trace.hidden - 1), mark }
    }

    /// Forward: from z to the states.
    pub fn forward(&self) -> Vec<Line> {
        self.lines(if self.memory() { LSTM_FORWARD } else { RNN_FORWARD })
    }

    /// Backward: the derivatives of this step.
    pub fn backward(&self) -> Vec<Line> {
        self.lines(if self.memory() { LSTM_BACKWARD } else { RNN_BACKWARD })
    }

    /// Backward with each derivative's factors: what a step back multiplies. Where a step has no target of its own,
    /// ∂L/∂y is 0.
    pub fn chain(&self) -> Vec<Line> {
        let mut template = (if self.memory() { LSTM_CHAIN } else { RNN_CHAIN }).to_owned();
        if self.t + 1 == self.lane.trace.len {
            // Nothing comes from beyond the last step.
            for later in ["Uᵀ·δ@l + ", "f@l·∂L/∂c@l + ", "{sf+}·<C+> + "] {
                template = template.replace(later, "");
            }
        }
        self.lines(&template)
    }

    fn memory(&self) -> bool {
        self.lane.cell.has_cell_state()
    }

    fn lines(&self, template: &str) -> Vec<Line> {
        let phi = match self.lane.cell {
            CellKind::RnnSigmoid => "σ",
            CellKind::RnnTanh => "tanh",
            CellKind::RnnRelu | CellKind::Lstm => "ReLU",
        };
        fill(&template.replace('φ', phi), self.t, self.mark, &|name| self.value(name))
    }

    fn value(&self, name: &str) -> f64 {
        let trace = &self.lane.trace;
        let (name, t) = match (name.strip_suffix('-'), name.strip_suffix('+')) {
            (Some(name), _) => (name, self.t.checked_sub(1)),
            (_, Some(name)) => (name, Some(self.t + 1)),
            _ => (name, Some(self.t)),
        };
        // Before the first step all states are 0.
        let Some(t) = t else { return 0.0 };
        let (kind, gate) = name.split_at(1);
        let of = |series: &'a [GateSeries<f32>]| series.iter().find(|one| one.name == gate).map(|one| &one.values);
        let values = match kind {
            "h" => Some(&trace.h),
            "c" => Some(&trace.c),
            "H" => Some(&trace.grad_h),
            "C" => Some(&trace.grad_c),
            "z" => of(&trace.z),
            "d" => of(&trace.grad_z),
            _ => of(&trace.gates),
        };
        values.and_then(|values| values.get(t * trace.hidden + self.u)).map_or(f64::NAN, |&value| f64::from(value))
    }
}

/// The lines of a template at step t, its numbers from `value`.
pub fn fill(template: &str, t: usize, mark: char, value: &dyn Fn(&str) -> f64) -> Vec<Line> {
    let text = |name: &str| number::significant(value(name), DIGITS, mark);
    let line = |row: &str| {
        let mut parts = row.split('|');
        let mut part = || parts.next().unwrap_or_default();
        let (gate, template, name) = (part(), part(), part());
        let mut left = String::new();
        let mut chars = template.chars();
        while let Some(c) = chars.next() {
            let close = match c {
                '@' => {
                    let index = match chars.next() {
                        Some('p') => t,
                        Some('l') => t + 2,
                        _ => t + 1,
                    };
                    left += &number::subscript(index);
                    continue;
                }
                '{' => '}',
                '<' => '>',
                '[' => ']',
                _ => {
                    left.push(c);
                    continue;
                }
            };
            let name: String = chars.by_ref().take_while(|&next| next != close).collect();
            let number = if c == '[' { number::compact(value(&name), DIGITS, mark) } else { text(&name) };
            let negative = c == '<' && value(&name) < 0.0;
            left.push_str(if negative { "(" } else { "" });
            left += &number;
            left.push_str(if negative { ")" } else { "" });
        }
        let gates = ["i", "f", "g", "o", "c", "dphi", "z"];
        let gate = gates.into_iter().find(|known| *known == gate).unwrap_or_default();
        Line { gate, left, value: if name.is_empty() { String::new() } else { text(name) } }
    };
    template.lines().map(line).collect()
}
