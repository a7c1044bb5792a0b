//! The equations of each cell as trees, its Jacobian, the numbers that follow from those of its trace, and its diagram. A
//! family of cells has one file for the equations and one for the diagram.

pub mod diagram;
mod family;
mod gru;
mod lstm;
mod lstm_jacobian;
mod lstm_values;
pub mod names;
mod rnn;

use crate::quantity::{Quantity, Values};
use crate::sum::State;
use family::Family;
pub use lstm::SEEING_GATES;
use names::{CellEquation, Names};
use nn::{CellKind, Gate};

/// Forward: from the pre-activations to the states.
pub fn forward(names: &Names) -> Vec<CellEquation> {
    match Family::of(names.cell) {
        Family::Elman => rnn::forward(names),
        Family::Gru => gru::forward(names),
        Family::Lstm => lstm::forward(names),
    }
}

/// Backward: each derivative with its factors.
pub fn backward(names: &Names) -> Vec<CellEquation> {
    match Family::of(names.cell) {
        Family::Elman => rnn::backward(names),
        Family::Gru => gru::backward(names),
        Family::Lstm => lstm::backward(names),
    }
}

/// One step back: the derivatives of the states by those of the step before.
pub fn jacobian(names: &Names) -> Vec<CellEquation> {
    match Family::of(names.cell) {
        Family::Elman => rnn::jacobian(names),
        Family::Gru => gru::jacobian(names),
        Family::Lstm => lstm_jacobian::jacobian(names),
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
    match (Family::of(cell), state) {
        (Family::Elman, State::Hidden) => Some(JacobianRow { by_gate: vec![Some(Quantity::Slope)], own: None }),
        (Family::Gru, State::Hidden) => Some(JacobianRow {
            by_gate: cell.gates().iter().map(by_hidden).collect(),
            own: Some(Quantity::Activation(Gate::Update)),
        }),
        (Family::Lstm, State::Hidden) => {
            Some(JacobianRow { by_gate: cell.gates().iter().map(by_hidden).collect(), own: None })
        }
        (Family::Lstm, State::Cell) => {
            let by_cell = |gate: &Gate| (*gate != Gate::Output).then_some(Quantity::CellByPreActivation(*gate));
            Some(JacobianRow { by_gate: cell.gates().iter().map(by_cell).collect(), own: None })
        }
        (_, State::Cell) => None,
    }
}

/// A number that follows from those of the trace; NaN for one that the cell does not have.
pub fn derived(cell: CellKind, quantity: Quantity, values: &dyn Values) -> f64 {
    match Family::of(cell) {
        Family::Elman => rnn::derived(quantity, values),
        Family::Gru => gru::derived(quantity, values),
        Family::Lstm => lstm_values::derived(cell, quantity, values),
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
