//! The diagram of the LSTM and its variants.

use super::super::lstm::{F, G, I, O, SEEING_GATES, peephole, shows_cell_as_it_is};
use super::super::names::{CellExpr, Names, delta, loss_by};
use super::parts::{Diagram, Node, Run, Wire, WireName, sent_back};
use crate::quantity::{Number, Quantity};
use crate::tree::{Expr, Label, Symbol, Tint};
use nn::{CellKind, Gate};

pub(super) fn diagram(names: &Names) -> Diagram {
    let mut wires = wires(names);
    wires.extend(extra_wires(names));
    Diagram { height: 304, nodes: nodes(names.cell), wires }
}

fn nodes(cell: CellKind) -> Vec<Node> {
    let gate = |gate: Gate, corner, width: i16| Node {
        tint: Some(Tint::Gate(gate)),
        ..Node::function(corner, (width, 24), &gate_text(cell, gate))
    };
    let squash = if shows_cell_as_it_is(cell) { "c" } else { "tanh" };
    vec![
        Node::operation((24, 46), "×"),
        Node::operation((128, 46), "+"),
        Node::operation((128, 116), "×"),
        Node::operation((228, 128), "×"),
        Node::function((206, 72), (44, 20), squash),
        gate(F, (6, 190), 36),
        gate(I, (74, 190), 36),
        gate(G, (136, 190), 48),
        gate(O, (210, 190), 36),
    ]
}

/// The text in a gate's box: its letter and activation, or what it is where it is switched off.
fn gate_text(cell: CellKind, gate: Gate) -> String {
    let letter = gate.letter();
    match gate {
        F if cell == CellKind::LstmCifg => "1 − i".to_owned(),
        _ if cell.switches_off(gate) => format!("{letter} = 1"),
        _ if cell.is_linear(gate) => letter.to_owned(),
        G => format!("{letter} tanh"),
        _ => format!("{letter} σ"),
    }
}

fn wires(names: &Names) -> Vec<Wire> {
    let symbol = |gate: Gate| CellExpr::from(Symbol::gate(gate));
    let product = |factors: [CellExpr; 2]| Expr::Product(factors.into());
    let by_cell = || loss_by(names.cell_state());
    let whole_gradient = || Run::is(by_cell(), Quantity::CellGradient);
    let after = names.step + 1;
    let by_cell_after = product([Symbol::gate(F).at(after).into(), loss_by(Symbol::cell_state().at(after))]);
    // What peepholes send to c of the step before goes along with it.
    let along = |name: CellExpr, number: Quantity| Run {
        name: if names.cell == CellKind::LstmPeephole { WireName::IsWithMore(name) } else { WireName::Is(name) },
        number: Some(number.now()),
    };
    let activation = |gate: Gate| Run::is(symbol(gate), Quantity::Activation(gate));
    let by_gate = |gate: Gate| Run::is(loss_by(Symbol::gate(gate)), Quantity::ActivationGradient(gate));
    let cell = Some(Tint::CellState);
    let hidden = Some(Tint::Hidden);
    let tint = |gate: Gate| Some(Tint::Gate(gate));
    let of_gate =
        |gate: Gate, path: &[(i16, i16)], label| Wire::new(tint(gate), path, label, activation(gate), by_gate(gate));
    let mut wires = vec![
        Wire::new(
            cell,
            [(0, 46), (14, 46)],
            (0, 14),
            Run::is(names.cell_state_before(), Quantity::CellState.before()),
            along(product([names.gate(F), by_cell()]), Quantity::CellGradientSent),
        ),
        Wire::new(
            cell,
            [(34, 46), (118, 46)],
            (80, 14),
            Run::is(product([symbol(F), names.cell_state_before()]), Quantity::Kept),
            Run::silent(Quantity::CellGradient),
        ),
        Wire::new(cell, [(138, 46), (228, 46)], (146, 14), Run::silent(Quantity::CellState), whole_gradient()),
        Wire::new(
            cell,
            [(228, 46), (304, 46)],
            (-304, 14),
            Run::is(names.cell_state(), Quantity::CellState),
            along(by_cell_after, Quantity::CellGradientReceived),
        ),
        of_gate(F, &[(24, 190), (24, 56)], (28, 86)),
        of_gate(I, &[(92, 190), (92, 116), (118, 116)], (96, 154)),
        of_gate(G, &[(160, 190), (160, 116), (138, 116)], (164, 154)),
        Wire::new(
            None,
            [(128, 106), (128, 56)],
            (134, 80),
            Run::is(product([symbol(I), symbol(G)]), Quantity::Written),
            whole_gradient(),
        ),
        Wire::new(
            None,
            [(228, 46), (228, 72)],
            (-222, 52),
            Run::silent(Quantity::CellState),
            Run::unnamed(Quantity::CellGradientByHidden),
        ),
        Wire::new(
            None,
            [(228, 92), (228, 118)],
            (-222, 96),
            Run::unnamed(Quantity::SquashedCell),
            Run::unnamed(Quantity::SquashedCellGradient),
        ),
        of_gate(O, &[(228, 190), (228, 138)], (232, 148)),
        Wire::new(
            hidden,
            [(238, 128), (304, 128)],
            (-297, 106),
            Run::is(names.hidden(), Quantity::Hidden),
            Run::is(loss_by(names.hidden()), Quantity::HiddenGradient),
        ),
        Wire::new(
            hidden,
            [(0, 254), (228, 254)],
            (0, 270),
            Run::is(names.hidden_before(), Quantity::Hidden.before()),
            sent_back(names),
        ),
        Wire::new(None, [(76, 304), (76, 254)], (82, 290), Run::named(names.input()), Run::named(names.input())),
    ];
    let inputs = [(F, 24), (I, 92), (G, 160), (O, 228)];
    wires.extend(inputs.into_iter().filter(|(gate, _)| !names.cell.switches_off(*gate)).map(|(gate, x)| {
        let forward = Run::is(Symbol::new(names.cell.pre_activation()), Quantity::PreActivation(gate));
        Wire::new(tint(gate), [(x, 254), (x, 214)], (x + 4, 229), forward, Run::is(delta(), Quantity::Delta(gate)))
    }));
    wires
}

/// The wires that a variant has beside.
fn extra_wires(names: &Names) -> Vec<Wire> {
    match names.cell {
        CellKind::LstmPeephole => peepholes(names),
        // A forget gate that is what the input gate leaves.
        CellKind::LstmCifg => vec![Wire::new(
            Some(Tint::Gate(I)),
            [(92, 138), (58, 138), (58, 202), (42, 202)],
            (0, 0),
            Run::silent(Quantity::Activation(I)),
            Run::silent(Quantity::ActivationGradient(F)),
        )],
        // Gates that see those of the step before.
        CellKind::LstmFgr => {
            let before = |gate: Gate| Symbol::gate(gate).at(names.step - 1).into();
            let run = || Run { name: WireName::All(SEEING_GATES.map(before).into()), number: None };
            vec![Wire::new(None, [(150, 304), (150, 254)], (156, 290), run(), run())]
        }
        _ => Vec::new(),
    }
}

/// The ways by which gates see the cell state: i and f that of the step before, o that of its own.
fn peepholes(names: &Names) -> Vec<Wire> {
    let part =
        |gate: Gate, state: CellExpr| Run::is(Expr::Product(vec![peephole(gate), state]), Quantity::PeepholePart(gate));
    let gradient = |gate: Gate| {
        let product = Expr::Product(vec![peephole(gate), delta().of(Label::Gate(gate)).into()]);
        Run::is(product, Quantity::PeepholeGradient(gate))
    };
    let silent = |quantity: Quantity| Run::silent(Number::from(quantity));
    vec![
        Wire::new(
            Some(Tint::Gate(F)),
            [(2, 46), (2, 202), (6, 202)],
            (0, 0),
            silent(Quantity::PeepholePart(F)),
            silent(Quantity::PeepholeGradient(F)),
        ),
        Wire::new(
            Some(Tint::Gate(I)),
            [(2, 46), (2, 182), (58, 182), (58, 202), (74, 202)],
            (28, 162),
            part(I, names.cell_state_before()),
            gradient(I),
        ),
        Wire::new(
            Some(Tint::Gate(O)),
            [(301, 46), (301, 202), (246, 202)],
            (-297, 174),
            part(O, names.cell_state()),
            gradient(O),
        ),
    ]
}
