//! The nodes and wires of diagrams.

use crate::cells::names::{self, CellExpr, Names, Weights};
use crate::quantity::{Number, Quantity};
use crate::tree::{Symbol, Tint};

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
    /// The colour.
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
    pub(super) fn operation(centre: Point, text: &str) -> Self {
        Self { shape: Shape::Circle(centre, 10), text: text.to_owned(), tint: None }
    }

    /// A function in a box.
    pub(super) fn function(corner: Point, size: Point, text: &str) -> Self {
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

/// The number along a wire in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The name.
    pub name: WireName,
    /// The number; none where it is no single one.
    pub number: Option<Number>,
}

impl Run {
    /// Nothing that is said.
    pub(super) const NOTHING: Self = Self { name: WireName::None, number: None };

    /// A number with its name.
    pub(super) fn is(name: impl Into<CellExpr>, number: impl Into<Number>) -> Self {
        Self { name: WireName::Is(name.into()), number: Some(number.into()) }
    }

    /// A name of no single number.
    pub(super) fn named(name: impl Into<CellExpr>) -> Self {
        Self { name: WireName::Is(name.into()), number: None }
    }

    /// A number that another wire names.
    pub(super) fn silent(number: impl Into<Number>) -> Self {
        Self { name: WireName::Silent, number: Some(number.into()) }
    }

    /// A number without a name.
    pub(super) fn unnamed(number: impl Into<Number>) -> Self {
        Self { name: WireName::None, number: Some(number.into()) }
    }
}

/// A wire of a diagram.
pub struct Wire {
    /// The colour.
    pub tint: Option<Tint>,
    /// Its corners, in the direction of the forward pass.
    pub path: Vec<Point>,
    /// The place where its name begins, or ends where this is negative; its number is below.
    pub label: Point,
    /// The number along it forward.
    pub forward: Run,
    /// The number along it backward.
    pub backward: Run,
}

impl Wire {
    pub(super) fn new(
        tint: Option<Tint>,
        path: impl Into<Vec<Point>>,
        label: Point,
        forward: Run,
        backward: Run,
    ) -> Self {
        Self { tint, path: path.into(), label, forward, backward }
    }

    /// Whether it brings the activation of a gate.
    pub fn is_activation(&self) -> bool {
        matches!(self.forward.number, Some(Number { quantity: Quantity::Activation(_), .. }))
    }
}

/// `Uᵀ·δ` of the step, the gradient that goes to h of the step before.
pub(super) fn sent_back(names: &Names) -> Run {
    let product = [Weights::Recurrent.symbol().transposed(), delta(names)];
    Run::is(CellExpr::product(product.map(CellExpr::Symbol)), Quantity::SentBack)
}

/// δ of the step.
pub(super) fn delta(of: &Names) -> Symbol {
    names::delta().at(of.step)
}
