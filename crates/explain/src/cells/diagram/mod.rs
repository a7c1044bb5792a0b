//! The diagram of each cell: nodes, and the wires between them with what runs along each, forward and backward.

mod gru;
mod lstm;
mod rnn;

use super::names::{CellExpr, Names};
use crate::quantity::{Number, Quantity};
use crate::tree::{Symbol, Tint};
use nn::CellKind;

/// Places in a diagram, from its left upper corner.
pub type Point = (i16, i16);

/// A diagram, in a box 304 wide.
pub struct Diagram {
    /// The height.
    pub height: i16,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The wires.
    pub wires: Vec<Wire>,
}

/// A node of a diagram.
pub struct Node {
    /// The outline.
    pub shape: Shape,
    /// The text in it.
    pub text: String,
    /// Whose colour it has.
    pub tint: Option<Tint>,
}

/// The outline of a node.
#[derive(Clone, Copy)]
pub enum Shape {
    /// A circle: centre and radius.
    Circle(Point, i16),
    /// A box: left upper corner, width and height.
    Box(Point, Point),
}

impl Node {
    /// An operation in a circle.
    fn operation(centre: Point, text: &str) -> Self {
        Self { shape: Shape::Circle(centre, 10), text: text.to_owned(), tint: None }
    }

    /// A function in a box.
    fn function(corner: Point, size: Point, text: &str) -> Self {
        Self { shape: Shape::Box(corner, size), text: text.to_owned(), tint: None }
    }
}

/// The name of a wire.
#[derive(Clone, Debug, PartialEq)]
pub enum WireName {
    /// No name.
    None,
    /// Another wire of the same number has the name; this one's number is drawn, not written.
    Silent,
    /// An expression.
    Is(CellExpr),
    /// An expression and more that is added to it.
    IsWithMore(CellExpr),
    /// Several expressions.
    All(Vec<CellExpr>),
}

/// What runs along a wire in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The name.
    pub name: WireName,
    /// The number; none where it is no single one.
    pub number: Option<Number>,
}

impl Run {
    /// Nothing that is said.
    const NOTHING: Self = Self { name: WireName::None, number: None };

    /// A number with its name.
    fn is(name: impl Into<CellExpr>, number: impl Into<Number>) -> Self {
        Self { name: WireName::Is(name.into()), number: Some(number.into()) }
    }

    /// A name of no single number.
    fn named(name: impl Into<CellExpr>) -> Self {
        Self { name: WireName::Is(name.into()), number: None }
    }

    /// A number that another wire names.
    fn silent(number: impl Into<Number>) -> Self {
        Self { name: WireName::Silent, number: Some(number.into()) }
    }

    /// A number without a name.
    fn unnamed(number: impl Into<Number>) -> Self {
        Self { name: WireName::None, number: Some(number.into()) }
    }
}

/// A wire of a diagram.
pub struct Wire {
    /// Whose colour it has.
    pub tint: Option<Tint>,
    /// Its corners, in the direction of the forward pass.
    pub path: Vec<Point>,
    /// The place where its name begins, or ends where this is negative; its number is below.
    pub label: Point,
    /// What runs along it forward.
    pub forward: Run,
    /// What runs along it backward.
    pub backward: Run,
}

impl Wire {
    fn new(tint: Option<Tint>, path: impl Into<Vec<Point>>, label: Point, forward: Run, backward: Run) -> Self {
        Self { tint, path: path.into(), label, forward, backward }
    }

    /// Whether it brings the pre-activation of a gate.
    pub fn is_pre_activation(&self) -> bool {
        matches!(self.forward.number, Some(Number { quantity: Quantity::PreActivation(_), .. }))
    }

    /// Whether it brings the activation of a gate.
    pub fn is_activation(&self) -> bool {
        matches!(self.forward.number, Some(Number { quantity: Quantity::Activation(_), .. }))
    }
}

/// The diagram of a cell at a step.
pub fn diagram(names: &Names) -> Diagram {
    match names.cell {
        CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => rnn::diagram(names),
        CellKind::Gru => gru::diagram(names),
        _ => lstm::diagram(names),
    }
}

/// `Uᵀ·δ` of the step, the gradient that goes to h of the step before.
fn sent_back(names: &Names) -> Run {
    let product = [super::names::Weights::Recurrent.symbol().transposed(), delta(names)];
    Run::is(CellExpr::product(product.map(CellExpr::Symbol)), Quantity::SentBack)
}

/// δ of the step.
fn delta(names: &Names) -> Symbol {
    super::names::delta().at(names.step)
}
