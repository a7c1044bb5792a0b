//! What an edit by hand can change: a gate, an input, a weight, in a lane and a layer, by the name that a link writes.

use std::fmt;

use crate::experiment::allowed::Allowed;
use crate::experiment::settings::{Experiment, Settings};
use crate::run::film::is_shown;
use crate::run::snapshot::{LaneSnapshot, SequenceOnShow};
use nn::{CellKind, Gate};

/// Largest size of a weight or an input that is set.
pub const LARGEST: f64 = 1000.0;

/// What can be edited, by its name in links: a block of weights, which stands beside it; the input of the sequence shown; the
/// gates of all cells.
pub const NAMES: [(&str, Option<&str>); 18] = [
    ("w", Some("w_ih")),
    ("u", Some("w_hh")),
    ("b", Some("b")),
    ("p_i", Some("p_i")),
    ("p_f", Some("p_f")),
    ("p_o", Some("p_o")),
    ("v", Some("w_gates")),
    ("b_hn", Some("b_hn")),
    ("w_out", Some("w_out")),
    ("b_out", Some("b_out")),
    (INPUT, None),
    ("i", None),
    ("f", None),
    ("g", None),
    ("o", None),
    ("r", None),
    ("z", None),
    ("n", None),
];
const INPUT: &str = "x";

/// What an edit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The lane, from 0.
    pub lane: usize,
    /// The layer, from 0; 0 of the readout and the input.
    pub layer: usize,
    /// One of [`NAMES`]. Rows of `w`, `u` and `b` are the stacked gates, those of gate k after those of gate k − 1; rows and
    /// columns of `v` the gates i, f and o.
    pub name: &'static str,
    /// Row and column from 1; step and input of `x`; of a gate the unit, 0 for all. 0 where there is no second.
    pub at: [usize; 2],
}

impl Place {
    /// Reads what stands before the `=` of an edit.
    pub fn read(text: &str) -> Option<Self> {
        let (lane, rest) = text.split_once('.')?;
        let (name, rest) = rest.split_once('[')?;
        let at = rest.strip_suffix(']')?;
        let digit = name.bytes().next_back().filter(u8::is_ascii_digit);
        let plain = name.strip_suffix(|c: char| c.is_ascii_digit()).unwrap_or(name);
        let (name, _) = *NAMES.iter().find(|(known, _)| *known == plain)?;
        let layer = digit.map_or(Some(0), |digit| usize::from(digit - b'0').checked_sub(1))?;
        let mut place = Self { lane: whole(lane)? as usize, layer, name, at: [0, 0] };
        if digit.is_some() && !place.has_layer() {
            return None;
        }
        let two = place.has_column();
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

    /// The weight at row and column (from 0) of a block of this name in a layer (from 0).
    pub fn of_weight(lane: usize, layer: usize, block: &str, [row, col]: [usize; 2]) -> Option<Self> {
        let (name, _) = *NAMES.iter().find(|(_, known)| *known == Some(block))?;
        let place = Self { lane, layer: 0, name, at: [row + 1, 0] };
        let col = if place.has_column() { col + 1 } else { 0 };
        Some(Self { layer: if place.has_layer() { layer } else { 0 }, at: [row + 1, col], ..place })
    }

    /// How many rows and columns of its block lie before those of its gates.
    pub fn before(&self, hidden: usize) -> [usize; 2] {
        let before = |(at, stacked): (usize, bool)| if stacked { at.saturating_sub(1) / hidden * hidden } else { 0 };
        let [rows, cols] = self.stacked();
        [(self.at[0], rows), (self.at[1], cols)].map(before)
    }

    /// Whether rows and columns are those of several gates, one after the other.
    pub fn stacked(&self) -> [bool; 2] {
        [matches!(self.name, "w" | "u" | "b" | "v"), self.name == "v"]
    }

    /// Whether every layer has one of its own.
    pub fn has_layer(&self) -> bool {
        !matches!(self.name, "w_out" | "b_out" | INPUT)
    }

    fn has_column(&self) -> bool {
        matches!(self.name, "w" | "u" | "v" | "w_out" | INPUT)
    }

    /// The block of weights that it is in.
    pub(crate) fn block(&self) -> Option<&'static str> {
        NAMES.iter().find(|(name, _)| *name == self.name)?.1
    }

    /// What it is called in the equations, without its gate.
    pub fn letter(&self) -> &'static str {
        match self.name {
            "w" => "W",
            "u" => "U",
            "v" => "V",
            "w_out" => "W_out",
            name => name,
        }
    }

    /// Whether it is a weight of a gate that this cell switches off, and so does nothing.
    pub fn is_idle(&self, cell: CellKind, hidden: usize) -> bool {
        let gate = cell.gates().get(self.at[0].saturating_sub(1) / hidden);
        self.stacked()[0] && gate.is_some_and(|gate| cell.switches_off(*gate))
    }

    /// What a link writes of it behind the lane.
    pub fn in_lane(&self) -> String {
        let Self { layer, name, at: [i, j], .. } = self;
        let layer = if *layer == 0 { String::new() } else { (layer + 1).to_string() };
        match (i, j) {
            (0, _) => format!("{name}{layer}[*]"),
            (_, 0) => format!("{name}{layer}[{i}]"),
            _ => format!("{name}{layer}[{i},{j}]"),
        }
    }

    /// Whether it is a gate.
    pub fn is_gate(&self) -> bool {
        self.block().is_none() && !self.is_input()
    }

    /// Whether it is an input of the sequence shown, which no update sees.
    pub fn is_input(&self) -> bool {
        self.name == INPUT
    }

    /// Which gate of a cell it is, in the order of [`CellKind::gates`].
    pub fn gate_of(&self, cell: CellKind) -> Option<usize> {
        gate_of(self.name, cell)
    }

    /// The value that a lane's pass over a sequence had here: of a gate at this step (from 0), over all units the mean. None
    /// where another layer is on show, of which nothing is told.
    pub fn present(&self, lane: &LaneSnapshot, sequence: &SequenceOnShow, step: usize) -> Option<f64> {
        let trace = &lane.trace;
        let hidden = trace.hidden;
        if self.has_layer() && self.layer != trace.layer {
            return None;
        }
        let [row, column] = self.at.map(|at| at.saturating_sub(1));
        let value = match (self.block(), self.name) {
            (Some(block), _) => {
                let weights = lane.parameters(sequence);
                let block = weights.block(block)?;
                let value = weights.values()[block.range()].get(column * block.rows + row);
                return value.map(|&value| f64::from(value));
            }
            (_, INPUT) => lane.inputs(sequence).get(row * (sequence.inputs.len() / trace.len) + column),
            (_, gate) => {
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
    pub(crate) fn bounds(&self, settings: &Settings) -> Result<([usize; 2], (f64, f64)), Allowed> {
        let lanes = &settings.lanes;
        let Some(&cell) = lanes.get(self.lane) else {
            return Err(Allowed::Part("k", 0.0, lanes.len() as f64 - 1.0));
        };
        let (hidden, layers, any) = (settings.hidden_of(self.lane), settings.layers_of(self.lane), (-LARGEST, LARGEST));
        let found = match self.block() {
            _ if self.is_input() => Some(([settings.len, settings.task.task().inputs()], any)),
            Some(name) => {
                let blocks = settings.shape(cell, hidden).blocks();
                // What one layer has all have.
                let layer = self.layer.min(layers - 1);
                let block = blocks.iter().find(|block| (block.layer, block.name) == (layer, name));
                block
                    .filter(|_| !self.is_idle(cell, hidden))
                    .map(|block| ([block.rows, if self.has_column() { block.cols } else { 0 }], any))
            }
            None => self.gate_of(cell).and_then(|gate| Some(([hidden, 0], cell.gates()[gate].range()?))),
        };
        let found = found.ok_or(Allowed::Places(cell))?;
        if self.layer < layers { Ok(found) } else { Err(Allowed::Layers(layers)) }
    }
}

/// Names that a cell's lane can be edited by, in each layer.
pub(crate) fn names_of(cell: CellKind) -> String {
    let blocks = Settings::default().shape(cell, 1).blocks();
    let there = |(name, block): &&(&str, Option<&str>)| match *block {
        Some(known) => blocks.iter().any(|block| block.name == known),
        None => *name == INPUT || gate_of(name, cell).is_some(),
    };
    NAMES.iter().filter(there).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// A place in each thing of a lane that can be changed, of the layer on show: its gates, the input, its weights gate by gate.
/// It is one to begin with: the step and the unit chosen, of a gate all units.
pub fn offered(experiment: &Experiment, lane: usize) -> Vec<Place> {
    let (shape, layer) = (experiment.lane_network(lane), experiment.layer_of(lane));
    let (cell, hidden) = (shape.cell, shape.hidden);
    let unit = experiment.unit.min(hidden);
    let gates = cell.gates().iter().map(|gate| gate.letter()).filter(|name| gate_of(name, cell).is_some());
    let mut places: Vec<Place> = gates.map(|name| Place { lane, layer, name, at: [0, 0] }).collect();
    places.push(Place { lane, layer: 0, name: INPUT, at: [experiment.step.unwrap_or(1), 1] });
    for block in shape.blocks().iter().filter(|block| is_shown(block, layer)) {
        let place = |row, col| Place::of_weight(lane, layer, block.name, [row, col]);
        let [rows, cols] = place(0, 0).map_or([false; 2], |place| place.stacked());
        let (first, on) =
            (if block.name.ends_with("_out") { 0 } else { unit - 1 }, if block.name == "w_ih" { 0 } else { unit - 1 });
        for row in (0..block.rows).step_by(if rows { hidden } else { block.rows }) {
            let columns = (0..block.cols).step_by(if cols { hidden } else { block.cols });
            places.extend(
                columns.filter_map(|col| place(row + first, col + on)).filter(|place| !place.is_idle(cell, hidden)),
            );
        }
    }
    places
}

fn gate_of(name: &str, cell: CellKind) -> Option<usize> {
    let holds = |gate: &Gate| gate.letter() == name && gate.range().is_some() && !cell.switches_off(*gate);
    cell.gates().iter().position(holds)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.lane, self.in_lane())
    }
}

/// A whole number as a link writes it.
pub(crate) fn whole(text: &str) -> Option<u64> {
    Allowed::Whole(0, u64::from(u32::MAX)).lets_through(text).then(|| text.parse().ok())?
}
