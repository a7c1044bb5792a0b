//! What the page says and draws of a cell: its equations, its Jacobian, its diagram. A cell brings all of it in one file.
//!
//! Equations are text with places for numbers, which is far smaller than code that puts them together;
//! [`fill`](super::equations::fill) says how it is read. A diagram is a few wires between nodes that are SVG text.

mod gru;
mod lstm;
mod rnn;

use nn::CellKind;

/// A number by its name, from those of the trace.
pub type Derived = fn(cell: CellKind, name: &str, number: &dyn Fn(&str) -> f64) -> f64;

/// A cell on the page.
pub struct CellText {
    /// Forward: from the pre-activations to the states.
    pub forward: &'static str,
    /// Backward: each derivative with its factors. What stands in ⟦ ⟧ comes from the step after.
    pub backward: &'static str,
    /// One step back: how the states hang on those of the step before.
    pub jacobian: &'static str,
    /// Rows of the Jacobian by `h` of the step before: the row's name, and for each gate the name of the number by which its
    /// row of U is multiplied; empty for a gate that has no part in it. One more is what the unit's own h has beside.
    pub rows: &'static [(&'static str, &'static [&'static str])],
    /// The numbers that follow from those of the trace, by name.
    pub derived: Derived,
    /// The nodes of the diagram, in a box 304 wide.
    pub nodes: &'static str,
    /// The height of that box.
    pub height: i16,
    /// What runs between them.
    pub wires: &'static [Wire],
    /// The symbol of the weights that it has beside W, U and b; empty for none.
    pub beside: &'static str,
}

/// A wire of a diagram.
pub struct Wire {
    /// Whose colour it has.
    pub gate: &'static str,
    /// Its corners, in the direction of the forward pass.
    pub path: &'static [(i16, i16)],
    /// Where its symbol begins, or ends where this is negative; its number stands below.
    pub label: (i16, i16),
    /// What it is called, forward and backward. Of [`SILENT`] the number is drawn, not said.
    pub symbol: (&'static str, &'static str),
    /// The number that runs along it, forward and backward; empty for none.
    pub number: (&'static str, &'static str),
}

/// The name of what another wire of the same number says.
pub const SILENT: &str = "~";

/// The cell's texts and drawing.
pub fn text_of(cell: CellKind) -> &'static CellText {
    match cell {
        CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => &rnn::TEXT,
        CellKind::Gru => &gru::TEXT,
        _ => &lstm::TEXT,
    }
}

/// What a window network has in the place of parts of an RNN's templates: there is no state before.
const WINDOW: [(&str, &str); 4] = [
    ("W·x@n + U·h@p", WINDOW_SUM),
    ("⟦Uᵀ·δ@l + ⟧", ""),
    ("diag(φ′(z@n))·U|", "0|"),
    ("\n|∂h@n([K])/∂h@p([K]) = φ′(z@n)·U([K]; [K]) = {sdphi}·<wz>|E|Rh", ""),
];
/// What it has for W·x@n: its steps are k = 0, 1, … back from the one on show.
pub const WINDOW_SUM: &str = "Σ W(k)·x@n₋ₖ";

/// A template of the cell's: of an LSTM with what is changed in it.
pub fn template(cell: CellKind, of: fn(&CellText) -> &'static str) -> String {
    if !cell.is_recurrent() {
        let text = of(&rnn::TEXT).replace('§', slope(cell));
        return WINDOW.iter().fold(text, |text, (from, to)| text.replace(from, to));
    }
    lstm::varied(cell, of(text_of(cell))).replace('§', slope(cell))
}

/// φ′ of an RNN by its h, as the engine has it.
fn slope(cell: CellKind) -> &'static str {
    match cell {
        CellKind::RnnSigmoid => "h@n·(1 − h@n) = {h}·(1 − {h})",
        CellKind::RnnTanh | CellKind::Window => "1 − h@n² = 1 − <h>²",
        _ => "1(z@n > 0) = 1({zz} > 0)",
    }
}

/// What a cell's diagram has beside the wires of its kind.
pub fn more_wires(cell: CellKind) -> &'static [Wire] {
    lstm::more(cell).map_or(&[], |(_, wires, _)| wires)
}

/// The symbol of the weights that a cell has beside W, U and b; empty for one that has none.
pub fn beside(cell: CellKind) -> &'static str {
    lstm::more(cell).map_or(text_of(cell).beside, |(_, _, beside)| beside)
}

/// φ of a cell that has one.
pub fn phi(cell: CellKind) -> &'static str {
    match cell {
        CellKind::RnnSigmoid => "σ",
        CellKind::RnnTanh | CellKind::Window => "tanh",
        _ => "ReLU",
    }
}
