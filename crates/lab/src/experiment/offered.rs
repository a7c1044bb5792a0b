//! The places that the form for edits offers.

use crate::experiment::Experiment;
use crate::experiment::names::{INPUT, gate_index};
use crate::experiment::place::Place;

/// Lists a place in each thing of a lane that can be changed, of the layer on show: its gates, the input, its weights gate by
/// gate. Each place is at the chosen step and unit; of a gate it is all units.
pub fn places(experiment: &Experiment, lane: usize) -> Vec<Place> {
    let (shape, layer) = (experiment.lane_network(lane), experiment.layer_of(lane));
    let (cell, hidden) = (shape.cell, shape.hidden);
    let unit = experiment.unit.min(hidden) - 1;
    let gates = cell.gates().iter().map(|gate| gate.letter()).filter(|name| gate_index(name, cell).is_some());
    let mut places: Vec<Place> = gates.map(|name| Place { lane, layer, name, at: [0, 0] }).collect();
    places.push(Place { lane, layer: 0, name: INPUT, at: [experiment.step.unwrap_or(1), 1] });
    for block in shape.blocks().iter().filter(|block| block.belongs_to(layer)) {
        let place = |row, col| Place::of_weight(lane, layer, block.name, [row, col]);
        let [rows_stacked, columns_stacked] = place(0, 0).map_or([false; 2], |place| place.stacked());
        // The readout's rows are answers and the columns of W are inputs: the first of each.
        let first_row = if block.is_readout() { 0 } else { unit };
        let first_column = if block.name == "w_ih" { 0 } else { unit };
        for row in (0..block.rows).step_by(if rows_stacked { hidden } else { block.rows }) {
            let columns = (0..block.cols).step_by(if columns_stacked { hidden } else { block.cols });
            let of_row = columns.filter_map(|col| place(row + first_row, col + first_column));
            places.extend(of_row.filter(|place| !place.is_idle(cell, hidden)));
        }
    }
    places
}
