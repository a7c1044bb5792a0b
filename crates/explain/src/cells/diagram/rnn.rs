//! The diagram of the Elman RNN and of the window network.

use super::super::names::{Names, Weights, loss_by};
use super::super::rnn::activation;
use super::parts::{Diagram, Node, Run, Shape, Wire, delta, sent_back};
use crate::quantity::Quantity;
use crate::tree::{Expr, Tint};
use nn::Gate;

pub(super) fn diagram(names: &Names) -> Diagram {
    const Z: Gate = Gate::PreActivation;
    let sum = Node { shape: Shape::Circle((112, 80), 12), ..Node::operation((0, 0), "Σ") };
    let phi = activation(names.cell).function().name();
    let input = Expr::Sum(vec![names.input_product(), Weights::Bias.symbol().into()]);
    let hidden = Some(Tint::Hidden);
    let mut wires = Vec::new();
    if names.cell.is_recurrent() {
        let before = Run::is(names.hidden_before(), Quantity::Hidden.before());
        wires.push(Wire::new(hidden, [(0, 80), (100, 80)], (0, 46), before, sent_back(names)));
    }
    wires.extend([
        Wire::new(None, [(112, 168), (112, 92)], (118, 130), Run::is(input, Quantity::InputPart), Run::NOTHING),
        Wire::new(
            Some(Tint::Slope),
            [(124, 80), (170, 80)],
            (118, 46),
            Run::is(names.pre_activation(Z), Quantity::PreActivation(Z)),
            Run::is(delta(names), Quantity::Delta(Z)),
        ),
        Wire::new(
            hidden,
            [(218, 80), (304, 80)],
            (-304, 46),
            Run::is(names.hidden(), Quantity::Hidden),
            Run::is(loss_by(names.hidden()), Quantity::HiddenGradient),
        ),
    ]);
    Diagram { height: 176, nodes: vec![sum, Node::function((170, 66), (48, 28), phi)], wires }
}
