//! Whether edits and view keys fit the lanes and sizes of an experiment.

use crate::experiment::allowed::{Allowed, Problem, Reason};
use crate::experiment::edit::Edit;
use crate::experiment::limits::{LARGEST_EDIT, MAX_UPDATE, MOST_EDITS};
use crate::experiment::place::Place;
use crate::experiment::settings::Settings;

/// The keys whose largest value depends on other keys.
pub(crate) const BOUNDED: [&str; 4] = ["t", "unit", "layer", "tbptt"];

impl Edit {
    /// Checks that it fits an experiment's lanes and sizes.
    ///
    /// # Errors
    /// The allowed values of the first part that does not fit.
    pub fn check(&self, settings: &Settings) -> Result<(), Allowed> {
        let (sizes, (low, high)) = bounds(&self.place, settings)?;
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
}

/// The largest row and column of a place (step and input; unit and nothing), and the range of its value.
fn bounds(place: &Place, settings: &Settings) -> Result<([usize; 2], (f64, f64)), Allowed> {
    let lanes = &settings.lanes;
    let Some(&cell) = lanes.get(place.lane) else {
        return Err(Allowed::Part("k", 0.0, lanes.len() as f64 - 1.0));
    };
    let (hidden, layers) = (settings.hidden_of(place.lane), settings.layers_of(place.lane));
    let any = (-LARGEST_EDIT, LARGEST_EDIT);
    let found = match place.block() {
        _ if place.is_input() => Some(([settings.len, settings.task.task().inputs()], any)),
        Some(name) => {
            let blocks = settings.shape(cell, hidden).blocks();
            // Every layer has the same blocks, so that a layer too many is answered as that.
            let layer = place.layer.min(layers - 1);
            let block = blocks.iter().find(|block| (block.layer, block.name) == (layer, name));
            block
                .filter(|_| !place.is_idle(cell, hidden))
                .map(|block| ([block.rows, if place.has_column() { block.cols } else { 0 }], any))
        }
        None => place.gate_of(cell).and_then(|gate| Some(([hidden, 0], cell.gates()[gate].range()?))),
    };
    let found = found.ok_or(Allowed::Places(cell))?;
    if place.layer < layers { Ok(found) } else { Err(Allowed::Layers(layers)) }
}

/// Reads the edits of a link's value: every edit that fits the experiment, and a problem for each that does not.
pub(crate) fn read_edits(text: &str, settings: &Settings) -> (Vec<Edit>, Vec<Problem>) {
    let (mut edits, mut problems) = (Vec::new(), Vec::new());
    for (index, piece) in text.split(';').take(MOST_EDITS + 1).enumerate() {
        let edit = Edit::read(piece).filter(|_| index < MOST_EDITS).ok_or(Allowed::Edits);
        match edit.and_then(|edit| edit.check(settings).map(|()| edit)) {
            Ok(edit) => edits.push(edit),
            Err(allowed) => problems.push(Problem::new("edit", piece, Reason::NotAllowed(allowed))),
        }
    }
    (edits, problems)
}

/// The allowed values of one of the [`BOUNDED`] keys, if its value is above them.
pub(crate) fn exceeded(settings: &Settings, key: &str) -> Option<Allowed> {
    let (value, least, most) = match key {
        "t" => (settings.step.unwrap_or(1), 1, settings.len),
        "unit" => (settings.unit, 1, settings.units()),
        "layer" => (settings.layer, 1, settings.layers),
        "tbptt" => (settings.truncation, 0, settings.len),
        _ => return None,
    };
    (value > most).then_some(Allowed::Whole(least, most as u64))
}
