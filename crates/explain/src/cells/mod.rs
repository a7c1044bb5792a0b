//! The equations of each cell as trees, its Jacobian, the numbers that follow from those of its trace, and its diagram. A
//! family of cells has one file for the equations and one for the diagram.

pub mod diagram;
mod gru;
mod lstm;
mod lstm_jacobian;
mod lstm_values;
pub mod names;
mod rnn;

use crate::quantity::{Quantity, Values};
use crate::sum::State;
pub use lstm::SEEING_GATES;
use names::{CellEquation, Names};
use nn::{CellKind, Gate};

/// Forward: from the pre-activations to the states.
pub fn forward(names: &Names) -> Vec<CellEquation> {
    match names.cell {
        CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => rnn::forward(names),
        CellKind::Gru => gru::forward(names),
        _ => lstm::forward(names),
    }
}

/// Backward: each derivative with its factors.
pub fn backward(names: &Names) -> Vec<CellEquation> {
    match names.cell {
        CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => rnn::backward(names),
        CellKind::Gru => gru::backward(names),
        _ => lstm::backward(names),
    }
}

/// One step back: the derivatives of the states by those of the step before.
pub fn jacobian(names: &Names) -> Vec<CellEquation> {
    match names.cell {
        CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => rnn::jacobian(names),
        CellKind::Gru => gru::jacobian(names),
        _ => lstm_jacobian::jacobian(names),
    }
}

/// A row of the Jacobian by `h` of the step before.
pub struct JacobianRow {
    /// For each gate the quantity by which the unit's row of its U is multiplied; none for a gate that has no part.
    pub by_gate: Vec<Option<Quantity>>,
    /// The part of the unit's own h that does not go through U.
    pub own: Option<Quantity>,
}

/// The row of the Jacobian of a state; none where the cell does not have the state.
pub fn jacobian_row(cell: CellKind, state: State) -> Option<JacobianRow> {
    let by_hidden = |gate: &Gate| Some(Quantity::HiddenByPreActivation(*gate));
    match (cell, state) {
        (CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window, State::Hidden) => {
            Some(JacobianRow { by_gate: vec![Some(Quantity::Slope)], own: None })
        }
        (CellKind::Gru, State::Hidden) => Some(JacobianRow {
            by_gate: cell.gates().iter().map(by_hidden).collect(),
            own: Some(Quantity::Activation(Gate::Update)),
        }),
        (_, State::Hidden) => Some(JacobianRow { by_gate: cell.gates().iter().map(by_hidden).collect(), own: None }),
        (_, State::Cell) if cell.has_cell_state() => {
            let by_cell = |gate: &Gate| (*gate != Gate::Output).then_some(Quantity::CellByPreActivation(*gate));
            Some(JacobianRow { by_gate: cell.gates().iter().map(by_cell).collect(), own: None })
        }
        _ => None,
    }
}

/// A number that follows from those of the trace; NaN for one that the cell does not have.
pub fn derived(cell: CellKind, quantity: Quantity, values: &dyn Values) -> f64 {
    match cell {
        CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => {
            rnn::derived(quantity, values)
        }
        CellKind::Gru => gru::derived(quantity, values),
        _ => lstm_values::derived(cell, quantity, values),
    }
}

/// The letters of the weights that a cell has beside W, U and b.
pub fn extra_weights(cell: CellKind) -> Option<names::Weights> {
    match cell {
        CellKind::Gru => Some(names::Weights::HiddenNewBias),
        CellKind::LstmPeephole => Some(names::Weights::Peepholes),
        CellKind::LstmFgr => Some(names::Weights::BetweenGates),
        _ => None,
    }
}
