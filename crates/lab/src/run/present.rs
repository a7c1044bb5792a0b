//! The values that a run has at the places of edits.

use crate::experiment::names::INPUT;
use crate::experiment::place::Place;
use crate::run::snapshot::{LaneSnapshot, SequenceOnShow};

impl Place {
    /// The value at this place in a lane's pass over a sequence: of a gate at this step (from 0), its mean over all units
    /// where the place is all units. `None` for a layer that is not on show.
    pub fn present(&self, lane: &LaneSnapshot, sequence: &SequenceOnShow, step: usize) -> Option<f64> {
        let trace = &lane.trace;
        let hidden = trace.hidden;
        if self.has_layer() && self.layer != trace.layer {
            return None;
        }
        let [row, column] = self.at.map(|at| at.saturating_sub(1));
        if let Some(block) = self.block() {
            let weights = lane.parameters(sequence);
            let block = weights.block(block)?;
            return weights.values()[block.range()].get(column * block.rows + row).map(|&value| f64::from(value));
        }
        if self.name == INPUT {
            let inputs = sequence.inputs.len() / trace.len;
            return lane.inputs(sequence).get(row * inputs + column).map(|&value| f64::from(value));
        }
        let series = trace.gates.iter().find(|series| series.name == self.name)?;
        let units = series.values.get(step * hidden..(step + 1) * hidden)?;
        if self.at[0] == 0 {
            return Some(units.iter().map(|&unit| f64::from(unit)).sum::<f64>() / hidden as f64);
        }
        units.get(row).map(|&value| f64::from(value))
    }
}
