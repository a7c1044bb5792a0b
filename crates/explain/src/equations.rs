//! The equations of a step and unit of a lane with their numbers, all of the trace and its weights: for the inspector, and
//! for the film of an update. What a cell's equations are stands in [`crate::cells`].

use crate::cells::{self, CellText, phi, text_of};
use crate::film::sums::Gathering;
use crate::film::unrolled::decades;
use crate::readout::Readout;
pub use crate::template::fill;
use lab::LaneSnapshot;
use lab::SequenceOnShow;
use nn::{CellKind, GateSeries, Parameters, Truncation};

/// Significant digits of every number here.
pub const DIGITS: usize = 4;

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// To [`DIGITS`] significant digits with this decimal mark.
    Shown(char),
    /// All of them, as programs read them: for copying.
    All,
}

impl Digits {
    /// A number of the equations.
    pub fn text(self, value: f64) -> String {
        self.text_to(value, DIGITS)
    }

    /// The same with so many digits where not all are asked for.
    pub fn text_to(self, value: f64, digits: usize) -> String {
        match self {
            Self::Shown(mark) => numbers::significant(value, digits, mark),
            Self::All => numbers::exact(value),
        }
    }

    pub fn short(self, value: f64) -> String {
        match self {
            Self::Shown(mark) => numbers::compact(value, DIGITS, mark),
            Self::All => numbers::exact(value),
        }
    }
}

/// One line: what stands to the left of the last =, and the value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Colours the line like the chart it belongs to.
    pub gate: &'static str,
    /// All but the value, without the = before it. Numbers of a gate or state stand between that one's [`tint`] and [`END`].
    pub left: String,
    /// The value; empty for an equation without numbers.
    pub value: String,
    /// The weighted sum that the line holds, for [`At::terms`]; empty without one.
    pub sum: String,
    /// The step and unit (from 0) that the line's number comes from, where it is a term of a sum.
    pub from: Option<(usize, usize)>,
    /// The weight in it, as a what-if edit names it, without its lane; empty without one.
    pub weight: String,
}

impl Line {
    /// The line as plain text.
    pub fn plain(&self) -> String {
        let left: String = self.left.chars().filter(|c| !(END..=LAST_TINT).contains(c)).collect();
        if self.value.is_empty() { left } else { format!("{left} = {}", self.value) }
    }
}

/// What ends a coloured number.
pub const END: char = '\u{e000}';
const LAST_TINT: char = '\u{e009}';
/// What has a colour of its own in equations.
pub const TINTS: [&str; 9] = ["i", "f", "g", "o", "c", "h", "r", "n", "z"];

/// What begins a number in the colour of this gate or state; none for what has none.
pub fn tint(gate: &str) -> Option<char> {
    let index = TINTS.iter().position(|known| *known == gate)?;
    char::from_u32(END as u32 + 1 + index as u32)
}

/// A step and unit of a lane.
pub struct At<'a> {
    pub lane: &'a LaneSnapshot,
    pub inputs: &'a [f32],
    pub t: usize,
    pub u: usize,
    pub digits: Digits,
    pub truncation: Truncation,
    pub weights: Parameters<f32>,
    /// The update in which the pass is a member's; none for a probe.
    pub film: Option<Gathering<'a>>,
    /// What the readout makes of the step; none where that is not asked.
    pub readout: Option<Readout<'a>>,
    /// The names of the classes; none where they are not known or there are none.
    pub classes: &'static [&'static str],
    /// The gates of the unit that follow from nothing: held at a value by hand, or switched off.
    pub held: Vec<&'static str>,
}

impl<'a> At<'a> {
    /// Step t and unit u (from 0; the last where there are fewer) of a lane's pass over `sequence`, whose gradient was cut
    /// so.
    pub fn new(
        lane: &'a LaneSnapshot,
        sequence: &'a SequenceOnShow,
        (t, u): (usize, usize),
        truncation: Truncation,
        digits: Digits,
    ) -> Self {
        let (t, u) = (t.min(lane.trace.len - 1), u.min(lane.trace.hidden - 1));
        let held = off_gates(lane.trace.cell).collect();
        let (inputs, weights) = (lane.read(sequence), lane.parameters(sequence));
        Self { lane, inputs, t, u, digits, truncation, weights, film: None, readout: None, classes: &[], held }
    }

    /// The same where what-if edits hold gates of the unit.
    pub fn holding(self, held: impl Fn(&str, usize) -> bool) -> Self {
        let gates = self.lane.trace.z.iter().map(|series| series.name);
        let held = gates.filter(|gate| held(gate, self.u)).chain(off_gates(self.lane.cell)).collect();
        Self { held, ..self }
    }

    /// The same in a film of an update, whose sums go over the batch.
    pub fn gathering(self, film: Gathering<'a>) -> Self {
        Self { film: Some(film), ..self }
    }

    /// The same with the readout's equations beside those of the cell.
    pub fn answering(self, readout: Readout<'a>) -> Self {
        Self { readout: Some(readout), ..self.naming(&readout) }
    }

    /// The same with the readout's classes by their names.
    pub fn naming(self, readout: &Readout<'_>) -> Self {
        Self { classes: readout.classes(), ..self }
    }

    /// Whether the readout reads this layer.
    pub fn is_read_out(&self) -> bool {
        self.lane.trace.layer + 1 >= self.lane.trace.layer_norms.len()
    }

    /// The weights and δ of the layer above, which tell a layer that the readout does not read: `W⁽²⁾ᵀ·δ⁽²⁾`.
    pub fn told_from_above(&self) -> String {
        let above = numbers::superscript(self.lane.trace.layer as i32 + 2);
        format!("W⁽{above}⁾ᵀ·δ⁽{above}⁾")
    }

    /// What marks the last layer's state where another's is on show; empty else.
    pub fn of_last(&self) -> String {
        let last = self.lane.trace.layer_norms.len() as i32;
        if self.is_read_out() { String::new() } else { format!("⁽{}⁾", numbers::superscript(last)) }
    }

    /// Whether dropout stands between h and what reads it.
    pub fn is_masked(&self) -> bool {
        !self.lane.trace.mask.is_empty()
    }

    /// What dropout multiplies h of unit j at step t with; 1 without.
    pub fn mask(&self, t: usize, j: usize) -> f64 {
        self.lane.trace.mask.get(t * self.lane.trace.hidden + j).map_or(1.0, |&mask| f64::from(mask))
    }

    /// Whether a gate is none of its own in this cell.
    pub fn is_off(&self, gate: &str) -> bool {
        off_gates(self.lane.cell).any(|off| off == gate)
    }

    /// Whether a gate of the unit is held, or switched off.
    pub fn is_held(&self, gate: &str) -> bool {
        self.held.contains(&gate)
    }

    pub fn cell(&self) -> &'static CellText {
        text_of(self.lane.cell)
    }

    /// Forward: from z to the states.
    pub fn forward(&self) -> Vec<Line> {
        self.free(&cells::template(self.lane.cell, |cell| cell.forward))
    }

    /// Backward with each derivative's factors: what a step back multiplies. Where a step has no target of its own,
    /// ∂L/∂y is 0.
    pub fn backward(&self) -> Vec<Line> {
        let mut template = cells::template(self.lane.cell, |cell| cell.backward);
        let told = if self.is_read_out() { "Wₒᵤₜᵀ·∂L/∂y".to_owned() } else { self.told_from_above() };
        let mask = if self.is_masked() { "m@n·" } else { "" };
        template = template.replace("Wₒᵤₜᵀ·∂L/∂y@n", &[mask, &told, "@n"].concat());
        if self.is_masked() {
            template.insert_str(0, MASK);
        }
        if self.hears() {
            return self.free(&template.replace(['⟦', '⟧'], ""));
        }
        let mut own = String::new();
        for piece in template.split('⟧') {
            own += piece.split('⟦').next().unwrap_or_default();
        }
        self.free(&own)
    }

    /// The lines of a template; of a gate that is held only its value, which follows from nothing.
    fn free(&self, template: &str) -> Vec<Line> {
        let mut out = String::new();
        for line in template.lines() {
            let mut parts: Vec<&str> = line.split('|').collect();
            // What is another gate's complement still follows from that one.
            if self.is_held(parts[0]) && !parts[1].contains(" = 1 − ") {
                parts.truncate(3);
                parts[1] = parts[1].split(" = ").next().unwrap_or_default();
            }
            out += &parts.join("|");
            out.push('\n');
        }
        self.lines(&out)
    }

    /// One step back: the derivatives of the states by those of the step before, whether or not a gradient passes there.
    pub fn jacobian(&self) -> Vec<Line> {
        let mut out = String::new();
        for line in cells::template(self.lane.cell, |cell| cell.jacobian).lines() {
            let mut parts: Vec<String> = line.split('|').map(str::to_owned).collect();
            // Nothing comes by way of a gate that is held.
            let free = |term: &&str| {
                !self
                    .held
                    .iter()
                    .any(|gate| ["U(", "V(", "<w", "<v"].iter().any(|of| term.contains(&[of, *gate].concat())))
            };
            let sides = parts[1].split(" = ").map(|side| {
                let terms: Vec<&str> = side.split(" + ").filter(free).collect();
                if terms.is_empty() { "0".to_owned() } else { terms.join(" + ") }
            });
            parts[1] = sides.collect::<Vec<_>>().join(" = ");
            out += &parts.join("|");
            out.push('\n');
        }
        self.lines(&out)
    }

    /// Whether a gradient comes from the step after: there is one, and no cut before it.
    pub fn hears(&self) -> bool {
        self.lane.cell.is_recurrent() && self.t + 1 < self.lane.trace.len && !self.truncation.cuts_before(self.t + 1)
    }

    fn lines(&self, template: &str) -> Vec<Line> {
        let template = template.replace('φ', phi(self.lane.cell));
        fill(&template, self.t, self.digits, &|name| self.value(name))
    }

    /// The number of this name; NaN for a name that the cell does not have.
    ///
    /// Of x at the step: h, c, H and C their derivatives, z… a pre-activation, d… its derivative, s… a gate or slope; with -
    /// or + at the step before or after. K is the unit's number, w… the weight from the unit to itself in a gate's U, B what
    /// comes back to h of the step before through all gates, x what comes in by W and b, $ what dropout multiplies h with, !… 0 for a gate
    /// that is held and else 1, !< and !> 0 where no gradient goes to the step before or comes from the one after. All others are the cell's own.
    pub fn value(&self, name: &str) -> f64 {
        let trace = &self.lane.trace;
        let (plain, t) = match (name.strip_suffix('-'), name.strip_suffix('+')) {
            (Some(name), _) => (name, self.t.checked_sub(1)),
            (_, Some(name)) => (name, Some(self.t + 1)),
            _ => (name, Some(self.t)),
        };
        let (kind, gate) = plain.split_at(1);
        let of = |series: &'a [GateSeries<f32>]| series.iter().find(|one| one.name == gate).map(|one| &one.values);
        let values = match kind {
            "h" => Some(&trace.h),
            "c" => Some(&trace.c),
            "H" => Some(&trace.grad_h),
            "C" => Some(&trace.grad_c),
            "z" => of(&trace.z),
            "d" => of(&trace.grad_z),
            "s" => of(&trace.gates),
            "!" => {
                return f64::from(match gate {
                    "<" => !self.truncation.cuts_before(self.t),
                    ">" => self.hears(),
                    gate => !self.is_held(gate),
                });
            }
            "w" => return self.weight("w_hh", self.row(gate), self.u),
            _ => {
                return match name {
                    "K" => (self.u + 1) as f64,
                    "$" => self.mask(self.t, self.u),
                    "B" => self.sent_back(),
                    "x" => self.brought_in(),
                    "q" => self.under_reset(),
                    "pi" | "pf" | "po" => self.weight(
                        PEEPHOLES[GATED.iter().position(|known| *known == &name[1..]).unwrap_or(0)],
                        self.u,
                        0,
                    ),
                    "li" | "lf" | "lo" => self.gates_told(&name[1..]),
                    _ if kind == "v" && name.len() == 3 => {
                        self.weight("w_gates", self.gated(&name[1..2]), self.gated(&name[2..]))
                    }
                    _ => (self.cell().derived)(self.lane.cell, name, &|name| self.value(name)),
                };
            }
        };
        // Before the first step all states are 0.
        let Some(t) = t else { return 0.0 };
        values.and_then(|values| values.get(t * trace.hidden + self.u)).map_or(f64::NAN, |&value| f64::from(value))
    }

    /// What the unit's forget gates after this step (of a GRU its update gates) keep of its state until the last step; 1
    /// without such gates.
    pub fn kept(&self) -> f64 {
        let trace = &self.lane.trace;
        let Some(forget) = trace.keeps() else { return 1.0 };
        let later = forget.iter().skip((self.t + 1) * trace.hidden + self.u).step_by(trace.hidden);
        later.map(|&keep| f64::from(keep)).product()
    }

    /// Powers of ten that hold the lane's gradients by single numbers.
    pub fn decades(&self) -> (f64, f64) {
        let trace = &self.lane.trace;
        let series = trace.grad_z.iter().flat_map(|series| &series.values);
        decades(trace.grad_h.iter().chain(&trace.grad_c).chain(series).map(|&value| f64::from(value).abs()))
    }

    /// The row of the unit in a gate's part of W, U and b.
    pub fn row(&self, gate: &str) -> usize {
        let index = self.lane.trace.z.iter().position(|series| series.name == gate).unwrap_or(0);
        index * self.lane.trace.hidden + self.u
    }

    /// A weight; NaN where there is none.
    pub fn weight(&self, block: &str, row: usize, col: usize) -> f64 {
        let at = |block: &nn::Block| (row < block.rows).then_some(col * block.rows + row);
        let found = self.weights.block(block).and_then(at).and_then(|at| self.weights.slice(block).get(at));
        found.map_or(f64::NAN, |&weight| f64::from(weight))
    }
}

/// The gates that are none of their own in a cell.
fn off_gates(cell: CellKind) -> impl Iterator<Item = &'static str> {
    cell.gates().iter().filter(move |gate| cell.switches_off(**gate)).map(|gate| gate.letter())
}

/// The gates that see other gates or the cell state, in the order of rows and columns of `w_gates`.
pub const GATED: [&str; 3] = ["i", "f", "o"];
/// The weights by which they see the cell state.
pub const PEEPHOLES: [&str; 3] = ["p_i", "p_f", "p_o"];

/// What dropout multiplies the unit's h with.
pub const MASK: &str = "|m@n([K])|$
";
