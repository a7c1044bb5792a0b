//! The diagram of each cell: nodes, and the wires between them with what runs along each, forward and backward.

mod gru;
mod lstm;
pub mod parts;
mod rnn;

use super::family::Family;
use super::names::Names;
use parts::Diagram;

/// The diagram of a cell at a step.
pub fn diagram(names: &Names) -> Diagram {
    match Family::of(names.cell) {
        Family::Elman => rnn::diagram(names),
        Family::Gru => gru::diagram(names),
        Family::Lstm => lstm::diagram(names),
    }
}
