//! The diagram of the GRU.

use super::super::names::{CellExpr, Names, Weights, delta, loss_by};
use super::parts::{Diagram, Node, Run, Wire, sent_back};
use crate::quantity::Quantity;
use crate::tree::{Expr, Label, Symbol, Tint};
use nn::Gate;

const R: Gate = Gate::Reset;
const Z: Gate = Gate::Update;
const N: Gate = Gate::New;

pub(super) fn diagram(names: &Names) -> Diagram {
    let gate = |gate: Gate, corner, width: i16, text: &str| Node {
        tint: Some(Tint::Gate(gate)),
        ..Node::function(corner, (width, 24), text)
    };
    let nodes = vec![
        Node::operation((64, 46), "×"),
        Node::operation((272, 46), "+"),
        Node::operation((272, 118), "×"),
        Node::operation((202, 212), "×"),
        Node::operation((104, 118), "1−"),
        gate(Z, (46, 200), 36, "z σ"),
        gate(R, (114, 200), 36, "r σ"),
        gate(N, (248, 200), 48, "n tanh"),
    ];
    Diagram { height: 330, nodes, wires: wires(names) }
}

fn wires(names: &Names) -> Vec<Wire> {
    let symbol = |gate: Gate| CellExpr::from(Symbol::gate(gate));
    let u = || Symbol::new("u");
    let by_hidden = || loss_by(names.hidden());
    let times = |factor: CellExpr| Expr::Product(vec![factor, by_hidden()]);
    let whole_gradient = || Run::is(by_hidden(), Quantity::HiddenGradient);
    let activation = |gate: Gate| Run::is(symbol(gate), Quantity::Activation(gate));
    let by_gate = |gate: Gate| Run::is(loss_by(Symbol::gate(gate)), Quantity::ActivationGradient(gate));
    let before = || Run::is(names.hidden_before(), Quantity::Hidden.before());
    let pre_activation = |gate: Gate| Run::is(Symbol::new(names.cell.pre_activation()), Quantity::PreActivation(gate));
    let of_delta = |gate: Gate| Run::is(delta(), Quantity::Delta(gate));
    let hidden = Some(Tint::Hidden);
    let [r, z, n] = [R, Z, N].map(|gate| Some(Tint::Gate(gate)));
    let product = |factors: [CellExpr; 2]| Expr::Product(factors.into());
    let input = Expr::Sum(vec![names.input_product(), Weights::Bias.symbol().into()]);
    let written = product([symbol(Z).complement(), symbol(N)]);
    vec![
        Wire::new(
            hidden,
            [(0, 46), (54, 46)],
            (0, 14),
            before(),
            Run::is(times(symbol(Z)), Quantity::HiddenGradientKept),
        ),
        Wire::new(
            hidden,
            [(74, 46), (262, 46)],
            (130, 14),
            Run::is(product([symbol(Z), names.hidden_before()]), Quantity::Kept),
            whole_gradient(),
        ),
        Wire::new(
            hidden,
            [(282, 46), (304, 46)],
            (-304, 14),
            Run::is(names.hidden(), Quantity::Hidden),
            whole_gradient(),
        ),
        Wire::new(z, [(64, 200), (64, 118)], (68, 156), activation(Z), by_gate(Z)),
        Wire::new(
            z,
            [(64, 118), (64, 56)],
            (68, 72),
            Run::silent(Quantity::Activation(Z)),
            Run::is(times(names.hidden_before()), Quantity::UpdateGradientByKept),
        ),
        Wire::new(
            z,
            [(64, 118), (94, 118)],
            (0, 0),
            Run::silent(Quantity::Activation(Z)),
            Run::silent(Quantity::UpdateGradientByWritten),
        ),
        Wire::new(
            z,
            [(114, 118), (262, 118)],
            (150, 98),
            Run::is(symbol(Z).complement(), Quantity::NewShare),
            Run::is(times(symbol(N)), Quantity::UpdateGradientByWritten),
        ),
        Wire::new(n, [(272, 200), (272, 128)], (-268, 153), activation(N), by_gate(N)),
        Wire::new(None, [(272, 108), (272, 56)], (-266, 66), Run::is(written, Quantity::Written), whole_gradient()),
        Wire::new(r, [(150, 212), (192, 212)], (138, 182), activation(R), by_gate(R)),
        Wire::new(
            None,
            [(212, 212), (248, 212)],
            (206, 182),
            Run::is(product([symbol(R), u().into()]), Quantity::ResetPart),
            Run::is(delta().of(Label::Gate(N)), Quantity::Delta(N)),
        ),
        Wire::new(hidden, [(0, 268), (202, 268)], (0, 284), before(), sent_back(names)),
        Wire::new(
            None,
            [(202, 268), (202, 222)],
            (206, 242),
            Run::is(u(), Quantity::ResetInput),
            Run::is(loss_by(u()), Quantity::ResetInputGradient),
        ),
        Wire::new(z, [(64, 268), (64, 224)], (68, 242), pre_activation(Z), of_delta(Z)),
        Wire::new(r, [(132, 268), (132, 224)], (136, 242), pre_activation(R), of_delta(R)),
        Wire::new(
            n,
            [(0, 318), (272, 318), (272, 224)],
            (-268, 290),
            Run::is(input, Quantity::CandidateInput),
            of_delta(N),
        ),
        Wire::new(None, [(64, 318), (64, 268)], (68, 290), Run::named(names.input()), Run::named(names.input())),
        Wire::new(None, [(132, 318), (132, 268)], (0, 0), Run::NOTHING, Run::NOTHING),
    ]
}
