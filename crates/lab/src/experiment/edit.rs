//! Edits by hand: a gate held at a value, an input changed, a weight set, each for one lane and from one update on.
//!
//! Edits are part of the experiment, so the run remains a function of it: an edit takes effect when the run is at its
//! update, before the next one is made, however the run got there. A link writes them in the key `edit`, separated by `;`:
//!
//! ```text
//! edit=1.u[3,5]=0.2@120;1.f[*]=1@0;1.u2[3,5]=0.2@120
//! ```
//!
//! The lane counts from 0, as in `lane-<k>`; all in brackets from 1, as `t` and `unit` do, and so does the layer, a digit
//! behind the name. The first is read with or without it, and written without.

use std::fmt;

use crate::experiment::place::{Place, small_whole};
use crate::experiment::read;
use nn::{CellKind, Parameters};

/// One change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edit {
    /// The place that it changes.
    pub place: Place,
    /// The new value. Networks take the nearest f32.
    pub value: f64,
    /// The number of updates that have been made when it takes effect.
    pub update: u64,
}

impl Edit {
    /// Reads one edit; `None` for a text of another form. [`check`](Self::check) says whether it fits an experiment.
    pub fn read(text: &str) -> Option<Self> {
        let (place, rest) = text.split_once('=')?;
        let (value, update) = rest.split_once('@')?;
        let value = read::real(value).filter(|value| value.is_finite())?;
        Some(Self { place: Place::read(place)?, value, update: small_whole(update)? })
    }

    /// Whether it changes training, not only the sequence shown.
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

/// The edits of a lane, ordered by the updates at which they take effect; those of one update keep their order.
pub(crate) fn of_lane(edits: &[Edit], lane: usize) -> Vec<Edit> {
    let mut ordered: Vec<Edit> = edits.iter().filter(|edit| edit.place.lane == lane).copied().collect();
    ordered.sort_by_key(|edit| edit.update);
    ordered
}

/// Writes edits as a link does.
pub fn format(edits: &[Edit]) -> String {
    edits.iter().map(Edit::to_string).collect::<Vec<_>>().join(";")
}

/// The first update from which training differs between two lists of edits; `None` where it never does.
pub(crate) fn first_difference(before: &[Edit], after: &[Edit]) -> Option<u64> {
    let trained = |edits: &[Edit]| edits.iter().copied().filter(Edit::trains).collect::<Vec<_>>();
    let (before, after) = (trained(before), trained(after));
    if before == after {
        return None;
    }
    let all = || before.iter().chain(&after);
    let only_in_one = |edit: &&Edit| !(before.contains(edit) && after.contains(edit));
    // The same edits in another order may overrule one another differently, from the first on.
    let first = all().filter(only_in_one).map(|edit| edit.update).min();
    first.or_else(|| all().map(|edit| edit.update).min())
}
