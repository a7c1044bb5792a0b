//! Names of what an edit can change, as links write them.

use nn::{CellKind, Gate, Init, NetworkConfig};

/// Each name, with the block of weights that it names; without one it is the input of the sequence shown, or a gate.
pub const NAMES: [(&str, Option<&str>); 18] = [
    ("w", Some("w_ih")),
    ("u", Some("w_hh")),
    ("b", Some("b")),
    ("p_i", Some("p_i")),
    ("p_f", Some("p_f")),
    ("p_o", Some("p_o")),
    ("v", Some("w_gates")),
    ("b_hn", Some("b_hn")),
    ("w_out", Some("w_out")),
    ("b_out", Some("b_out")),
    (INPUT, None),
    ("i", None),
    ("f", None),
    ("g", None),
    ("o", None),
    ("r", None),
    ("z", None),
    ("n", None),
];

/// The name of the input.
pub(crate) const INPUT: &str = "x";

/// The index of the gate of this name in [`CellKind::gates`], if the cell has it and it can be held.
pub(crate) fn gate_index(name: &str, cell: CellKind) -> Option<usize> {
    let can_be_held = |gate: &Gate| gate.letter() == name && gate.range().is_some() && !cell.switches_off(*gate);
    cell.gates().iter().position(can_be_held)
}

/// The names that a cell has in each layer, separated by commas. Where the cell switches gates off, the gates whose rows of
/// `b` exist follow in brackets: `b (i, g, o)`.
pub(crate) fn of_cell(cell: CellKind) -> String {
    let sizes = NetworkConfig {
        cell,
        inputs: 1,
        hidden: 1,
        outputs: 1,
        forget_bias: 1.0,
        layers: 1,
        init: Init::Uniform,
        window: 1,
    };
    let blocks = sizes.blocks();
    let exists = |(name, block): &&(&str, Option<&str>)| match *block {
        Some(block) => blocks.iter().any(|known| known.name == block),
        None => *name == INPUT || gate_index(name, cell).is_some(),
    };
    let active: Vec<&str> =
        cell.gates().iter().filter(|gate| !cell.switches_off(**gate)).map(|gate| gate.letter()).collect();
    let text = |(name, _): &(&str, Option<&str>)| match *name {
        "b" if active.len() < cell.gates().len() => format!("b ({})", active.join(", ")),
        name => name.to_owned(),
    };
    NAMES.iter().filter(exists).map(text).collect::<Vec<_>>().join(", ")
}
