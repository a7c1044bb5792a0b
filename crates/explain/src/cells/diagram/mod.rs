//! The diagram of each cell: nodes, and the wires between them with what runs along each, forward and backward.

mod gru;
mod lstm;
pub mod parts;
mod rnn;

use super::names::Names;
use nn::CellKind;
use parts::Diagram;

/// The diagram of a cell at a step.
pub fn diagram(names: &Names) -> Diagram {
    match names.cell {
        CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => rnn::diagram(names),
        CellKind::Gru => gru::diagram(names),
        _ => lstm::diagram(names),
    }
}
