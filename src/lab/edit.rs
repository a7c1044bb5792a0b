//! What if: a gate held at a value, an input changed, a weight set, each for one lane and from one update on.
//!
//! Edits are part of the experiment, so the run is a function of it as ever: an edit takes effect when the run stands at
//! its update, before the next one is made, whoever brings it there. A link writes them in the key `edit`, apart by `;`:
//!
//! ```text
//! edit=1.u[3,5]=0.2@120;1.f[*]=1@0
//! ```
//!
//! The lane counts from 0, as in `lane-<k>`; all in brackets from 1, as `t` and `unit` do.

use std::fmt;

use super::allowed::{Allowed, Problem, Reason};
use super::experiment::Settings;
use super::keys::{self, MAX_UPDATE};
use super::number;
use super::snapshot::{LaneSnapshot, SequenceOnShow};
use crate::nn::{CellKind, Parameters};

/// Edits at most.
pub const MOST_EDITS: usize = 32;
/// Largest size of a weight or an input that is set.
pub const LARGEST: f64 = 1000.0;

/// What can be edited: the blocks of weights, in the order of [`Parameters`]; the input of the sequence shown; the gates of
/// all cells.
pub const NAMES: [&str; 10] = ["w", "u", "b", "w_out", "b_out", INPUT, "i", "f", "g", "o"];
const INPUT: &str = "x";
const WEIGHTS: usize = 5;

/// What an edit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The lane, from 0.
    pub lane: usize,
    /// One of [`NAMES`]. Rows of `w`, `u` and `b` are the stacked gates, those of gate k after those of gate k − 1.
    pub name: &'static str,
    /// Row and column from 1; step and input of `x`; of a gate the unit, 0 for all. 0 where there is no second.
    pub at: [usize; 2],
}

/// One change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edit {
    /// What it changes.
    pub place: Place,
    /// To what. Networks take the nearest f32.
    pub value: f64,
    /// The updates that have been made when it takes effect.
    pub update: u64,
}

impl Place {
    /// Reads what stands before the `=` of an edit.
    pub fn read(text: &str) -> Option<Self> {
        let (lane, rest) = text.split_once('.')?;
        let (name, rest) = rest.split_once('[')?;
        let at = rest.strip_suffix(']')?;
        let name = *NAMES.iter().find(|known| **known == name)?;
        let mut place = Self { lane: whole(lane)? as usize, name, at: [0, 0] };
        let two = matches!(name, "w" | "u" | "w_out" | INPUT);
        let (i, j) = if two { at.split_once(',')? } else { (at, "") };
        // 0 stands for all, or for none: it is no place of its own.
        let number = |text: &str| whole(text).filter(|at| *at > 0).map(|at| at as usize);
        if !(place.is_gate() && i == "*") {
            place.at[0] = number(i)?;
        }
        if two {
            place.at[1] = number(j)?;
        }
        Some(place)
    }

    /// How many rows of its block lie before those of its gate.
    pub fn rows_before(&self, hidden: usize) -> usize {
        if matches!(self.name, "w" | "u" | "b") { self.at[0].saturating_sub(1) / hidden * hidden } else { 0 }
    }

    /// Whether it is a gate.
    pub fn is_gate(&self) -> bool {
        NAMES.iter().position(|name| *name == self.name).is_some_and(|at| at > WEIGHTS)
    }

    /// Whether it is an input of the sequence shown, which no update sees.
    pub fn is_input(&self) -> bool {
        self.name == INPUT
    }

    /// Which gate of a cell it is, in the order of [`CellKind::gates`].
    pub fn gate_of(&self, cell: CellKind) -> Option<usize> {
        gate_of(self.name, cell)
    }

    /// The value that a lane's pass over a sequence had here: of a gate at this step (from 0), over all units the mean.
    pub fn present(&self, lane: &LaneSnapshot, sequence: &SequenceOnShow, step: usize) -> Option<f64> {
        let trace = &lane.trace;
        let (hidden, outputs, all) = (trace.hidden, trace.outputs, lane.weights.len());
        let (rows, inputs) = (lane.cell.gates().len() * hidden, sequence.inputs.len() / trace.len);
        let ([row, column], of) = (self.at.map(|at| at.saturating_sub(1)), &lane.weights);
        let value = match self.name {
            "w" => of.get(column * rows + row),
            "u" => of.get((inputs + column) * rows + row),
            "b" => of.get((inputs + hidden) * rows + row),
            // The readout stands at the end.
            "w_out" => of.get((all + column * outputs + row).checked_sub(outputs * (hidden + 1))?),
            "b_out" => of.get((all + row).checked_sub(outputs)?),
            INPUT => lane.inputs(sequence).get(row * inputs + column),
            gate => {
                let series = trace.gates.iter().find(|series| series.name == gate)?;
                let units = series.values.get(step * hidden..(step + 1) * hidden)?;
                if self.at[0] == 0 {
                    return Some(units.iter().map(|&unit| f64::from(unit)).sum::<f64>() / hidden as f64);
                }
                units.get(row)
            }
        };
        value.map(|&value| f64::from(value))
    }

    /// The largest row and column (step and input; unit), and what the value may be.
    fn bounds(&self, settings: &Settings) -> Result<([usize; 2], (f64, f64)), Allowed> {
        let lanes = &settings.lanes;
        let Some(&cell) = lanes.get(self.lane) else {
            return Err(Allowed::Part("k", 0.0, lanes.len() as f64 - 1.0));
        };
        let task = settings.task.task();
        let (rows, hidden) = (cell.gates().len() * settings.hidden, settings.hidden);
        let sizes = match self.name {
            "w" => [rows, task.inputs()],
            "u" => [rows, hidden],
            "b" => [rows, 0],
            "w_out" => [task.outputs(), hidden],
            "b_out" => [task.outputs(), 0],
            INPUT => [settings.len, task.inputs()],
            _ => {
                let gate = gate_of(self.name, cell).and_then(|gate| cell.gates()[gate].range());
                return gate.map(|range| ([hidden, 0], range)).ok_or(Allowed::Places(cell));
            }
        };
        Ok((sizes, (-LARGEST, LARGEST)))
    }
}

/// Names that a cell's lane can be edited by.
pub(super) fn names_of(cell: CellKind) -> String {
    let there = |(at, name): &(usize, &&str)| *at <= WEIGHTS || gate_of(name, cell).is_some();
    NAMES.iter().enumerate().filter(there).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

fn gate_of(name: &str, cell: CellKind) -> Option<usize> {
    cell.gates().iter().position(|gate| gate.letter() == name && gate.range().is_some())
}

/// A whole number as a link writes it.
fn whole(text: &str) -> Option<u64> {
    Allowed::Whole(0, u64::from(u32::MAX)).lets_through(text).then(|| text.parse().ok())?
}

impl Edit {
    /// Reads one edit; `None` for a text of another form. Whether it fits an experiment [`check`](Self::check) tells.
    pub fn read(text: &str) -> Option<Self> {
        let (place, rest) = text.split_once('=')?;
        let (value, update) = rest.split_once('@')?;
        let is_number = Allowed::Real(f64::MIN, f64::MAX).lets_through(value);
        let value = number::parse(value).filter(|_| is_number)? + 0.0;
        Some(Self { place: Place::read(place)?, value, update: whole(update)? })
    }

    /// Whether it fits an experiment's lanes and sizes.
    ///
    /// # Errors
    /// What is allowed of the first part that does not fit.
    pub fn check(&self, settings: &Settings) -> Result<(), Allowed> {
        let (sizes, (low, high)) = self.place.bounds(settings)?;
        for ((name, at), size) in ["i", "j"].iter().zip(self.place.at).zip(sizes) {
            if at > size {
                return Err(Allowed::Part(name, 1.0, size as f64));
            }
        }
        if !(low..=high).contains(&self.value) {
            return Err(Allowed::Part("v", low, high));
        }
        if self.update > MAX_UPDATE {
            return Err(Allowed::Part("n", 0.0, MAX_UPDATE as f64));
        }
        Ok(())
    }

    /// Whether it changes what is trained, not only what is looked at.
    pub(super) fn trains(&self) -> bool {
        !self.place.is_input()
    }

    /// Sets its weight, if it is one.
    pub(super) fn set_weight(&self, parameters: &mut Parameters<f32>) {
        let [row, col] = self.place.at;
        let block = NAMES[..WEIGHTS].iter().position(|name| *name == self.place.name);
        let Some(block) = block.and_then(|at| parameters.blocks().get(at)).copied() else { return };
        let at = block.offset + col.saturating_sub(1) * block.rows + row - 1;
        if let Some(weight) = parameters.values_mut().get_mut(at) {
            *weight = self.value as f32;
        }
    }

    /// The gates that it holds, as [`Network::hold`](crate::nn::Network::hold) takes them.
    pub(super) fn clamps(&self, cell: CellKind, hidden: usize) -> Vec<(usize, f32)> {
        let Some(gate) = self.place.gate_of(cell) else { return Vec::new() };
        let units = match self.place.at[0] {
            0 => 0..hidden,
            unit => unit - 1..unit,
        };
        units.map(|unit| (gate * hidden + unit, self.value as f32)).collect()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lane, name, at: [i, j] } = self;
        match (i, j) {
            (0, _) => write!(f, "{lane}.{name}[*]"),
            (_, 0) => write!(f, "{lane}.{name}[{i}]"),
            _ => write!(f, "{lane}.{name}[{i},{j}]"),
        }
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}@{}", self.place, keys::written(self.value), self.update)
    }
}

/// The edits of a lane, by the updates at which they take effect; of one update as they stand.
pub(super) fn of_lane(edits: &[Edit], lane: usize) -> Vec<Edit> {
    // The standard library's sort weighs the page 3 kB more.
    let mut ordered: Vec<Edit> = Vec::new();
    for edit in edits.iter().filter(|edit| edit.place.lane == lane) {
        let at = ordered.iter().rposition(|before| before.update <= edit.update).map_or(0, |at| at + 1);
        ordered.insert(at, *edit);
    }
    ordered
}

/// Edits as a link writes them.
pub fn format(edits: &[Edit]) -> String {
    edits.iter().map(Edit::to_string).collect::<Vec<_>>().join(";")
}

/// Every edit of a link's value that fits the experiment, and a problem for each that does not.
pub(super) fn read_all(text: &str, settings: &Settings) -> (Vec<Edit>, Vec<Problem>) {
    let (mut edits, mut problems) = (Vec::new(), Vec::new());
    for (at, piece) in text.split(';').enumerate() {
        let allowed = match Edit::read(piece) {
            _ if at == MOST_EDITS => Allowed::Edits,
            None => Allowed::Edits,
            Some(edit) => match edit.check(settings) {
                Ok(()) => {
                    edits.push(edit);
                    continue;
                }
                Err(allowed) => allowed,
            },
        };
        problems.push(Problem::new("edit", piece, Reason::NotAllowed(allowed)));
        if at == MOST_EDITS {
            break;
        }
    }
    (edits, problems)
}

/// The first update from which two lists of edits train otherwise; `None` where they never do.
pub(super) fn part_at(before: &[Edit], after: &[Edit]) -> Option<u64> {
    let trained = |edits: &[Edit]| edits.iter().copied().filter(Edit::trains).collect::<Vec<_>>();
    let (before, after) = (trained(before), trained(after));
    if before == after {
        return None;
    }
    // The first that only one of them has. The same ones in another order may overrule one another otherwise.
    let (mut first, mut all) = (u64::MAX, u64::MAX);
    for edit in before.iter().chain(&after) {
        all = all.min(edit.update);
        if !(before.contains(edit) && after.contains(edit)) {
            first = first.min(edit.update);
        }
    }
    Some(if first == u64::MAX { all } else { first })
}
