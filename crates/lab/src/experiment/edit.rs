//! What if: a gate held at a value, an input changed, a weight set, each for one lane and from one update on.
//!
//! Edits are part of the experiment, so the run is a function of it as ever: an edit takes effect when the run stands at
//! its update, before the next one is made, whoever brings it there. A link writes them in the key `edit`, apart by `;`:
//!
//! ```text
//! edit=1.u[3,5]=0.2@120;1.f[*]=1@0;1.u2[3,5]=0.2@120
//! ```
//!
//! The lane counts from 0, as in `lane-<k>`; all in brackets from 1, as `t` and `unit` do, and so does the layer, a digit
//! behind the name. The first is read with or without it, and written without.

use std::fmt;

use crate::experiment::allowed::{Allowed, Problem, Reason};
use crate::experiment::keys::MAX_UPDATE;
use crate::experiment::place::{Place, whole};
use crate::experiment::settings::Settings;
use nn::{CellKind, Parameters};

/// Edits at most.
pub const MOST_EDITS: usize = 32;

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

impl Edit {
    /// Reads one edit; `None` for a text of another form. Whether it fits an experiment [`check`](Self::check) tells.
    pub fn read(text: &str) -> Option<Self> {
        let (place, rest) = text.split_once('=')?;
        let (value, update) = rest.split_once('@')?;
        let is_number = Allowed::Real(f64::MIN, f64::MAX).lets_through(value);
        let value = numbers::parse(value).filter(|_| is_number)? + 0.0;
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
    pub(crate) fn trains(&self) -> bool {
        !self.place.is_input()
    }

    /// Sets its weight, if it is one.
    pub(crate) fn set_weight(&self, parameters: &mut Parameters<f32>) {
        let [row, col] = self.place.at;
        let block = self.place.block().and_then(|block| parameters.block_of(self.place.layer, block));
        let Some(block) = block.copied() else { return };
        let at = block.offset + col.saturating_sub(1) * block.rows + row - 1;
        if let Some(weight) = parameters.values_mut().get_mut(at) {
            *weight = self.value as f32;
        }
    }

    /// The gates that it holds in its layer, as [`Network::hold`](nn::Network::hold) takes them.
    pub(crate) fn clamps(&self, cell: CellKind, hidden: usize) -> Vec<(usize, f32)> {
        let Some(gate) = self.place.gate_of(cell) else { return Vec::new() };
        let units = match self.place.at[0] {
            0 => 0..hidden,
            unit => unit - 1..unit,
        };
        units.map(|unit| (gate * hidden + unit, self.value as f32)).collect()
    }
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}@{}", self.place, numbers::written(self.value), self.update)
    }
}

/// The edits of a lane, by the updates at which they take effect; of one update as they stand.
pub(crate) fn of_lane(edits: &[Edit], lane: usize) -> Vec<Edit> {
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
pub(crate) fn read_all(text: &str, settings: &Settings) -> (Vec<Edit>, Vec<Problem>) {
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
pub(crate) fn part_at(before: &[Edit], after: &[Edit]) -> Option<u64> {
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
