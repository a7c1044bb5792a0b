//! Places that an edit by hand can change: a gate, an input or a weight, in a lane and a layer, by the name that a link writes.

use std::fmt;

use crate::experiment::names::{INPUT, NAMES, gate_index};
use crate::experiment::read;
use nn::CellKind;

/// A place that an edit changes.
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
    /// Reads a place as it is written before the `=` of an edit.
    pub fn read(text: &str) -> Option<Self> {
        let (lane, rest) = text.split_once('.')?;
        let (name, rest) = rest.split_once('[')?;
        let at = rest.strip_suffix(']')?;
        let digit = name.bytes().next_back().filter(u8::is_ascii_digit);
        let plain = name.strip_suffix(|c: char| c.is_ascii_digit()).unwrap_or(name);
        let (name, _) = *NAMES.iter().find(|(known, _)| *known == plain)?;
        let layer = digit.map_or(Some(0), |digit| usize::from(digit - b'0').checked_sub(1))?;
        let mut place = Self { lane: small_whole(lane)? as usize, layer, name, at: [0, 0] };
        if digit.is_some() && !place.has_layer() {
            return None;
        }
        let has_column = place.has_column();
        let (i, j) = if has_column { at.split_once(',')? } else { (at, "") };
        // 0 means all, or none, and is never written.
        let number = |text: &str| small_whole(text).filter(|at| *at > 0).map(|at| at as usize);
        if !(place.is_gate() && i == "*") {
            place.at[0] = number(i)?;
        }
        if has_column {
            place.at[1] = number(j)?;
        }
        Some(place)
    }

    /// The place of the weight at row and column (from 0) of a block of this name in a layer (from 0).
    pub fn of_weight(lane: usize, layer: usize, block: &str, [row, col]: [usize; 2]) -> Option<Self> {
        let (name, _) = *NAMES.iter().find(|(_, known)| *known == Some(block))?;
        let place = Self { lane, layer: 0, name, at: [row + 1, 0] };
        let col = if place.has_column() { col + 1 } else { 0 };
        Some(Self { layer: if place.has_layer() { layer } else { 0 }, at: [row + 1, col], ..place })
    }

    /// The number of rows and columns of its block that come before those of its gates.
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

    pub(crate) fn has_column(&self) -> bool {
        matches!(self.name, "w" | "u" | "v" | "w_out" | INPUT)
    }

    /// The block of weights that it is in.
    pub(crate) fn block(&self) -> Option<&'static str> {
        NAMES.iter().find(|(name, _)| *name == self.name)?.1
    }

    /// Its letter in the equations, without its gate.
    pub fn letter(&self) -> &'static str {
        match self.name {
            "w" => "W",
            "u" => "U",
            "v" => "V",
            "w_out" => "W_out",
            name => name,
        }
    }

    /// Whether it is a weight of a gate that this cell switches off, which has no effect.
    pub fn is_idle(&self, cell: CellKind, hidden: usize) -> bool {
        let gate = cell.gates().get(self.at[0].saturating_sub(1) / hidden);
        self.stacked()[0] && gate.is_some_and(|gate| cell.switches_off(*gate))
    }

    /// Its text in a link, behind the lane.
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

    /// Whether it is an input of the sequence shown, on which no update depends.
    pub fn is_input(&self) -> bool {
        self.name == INPUT
    }

    /// Its index among the gates of a cell, in the order of [`CellKind::gates`]; `None` if it is no gate that the cell has.
    pub fn gate_of(&self, cell: CellKind) -> Option<usize> {
        gate_index(self.name, cell)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.lane, self.in_lane())
    }
}

/// Reads a whole number that is at most the largest u32.
pub(crate) fn small_whole(text: &str) -> Option<u64> {
    read::whole(text).filter(|number| *number <= u64::from(u32::MAX))
}
