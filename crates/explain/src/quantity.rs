//! The numbers in a cell's equations and on the wires of its diagram, by what they are.

use crate::tree::{Expr, Tint};
use nn::Gate;

/// The step of a number, relative to the step on show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// The step before.
    Before,
    /// The step on show.
    #[default]
    Now,
    /// The step after.
    After,
}

/// A quantity of one unit of a cell. L is the loss; δ is the derivative of L by a pre-activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Pre-activation of a gate.
    PreActivation(Gate),
    /// Activation of a gate.
    Activation(Gate),
    /// φ′(z) of an Elman RNN.
    Slope,
    /// δ of a gate.
    Delta(Gate),
    /// h.
    Hidden,
    /// c.
    CellState,
    /// ∂L/∂h.
    HiddenGradient,
    /// ∂L/∂c.
    CellGradient,
    /// The factor of dropout on h.
    Mask,
    /// `U h + b_hn`, which a GRU's reset gate multiplies.
    ResetInput,
    /// Weight from the unit's own h to a gate.
    RecurrentWeight(Gate),
    /// Weight from the unit's own c to a gate.
    Peephole(Gate),
    /// Weight from the unit's own gate of the step before.
    GateWeight {
        /// The gate that has the weight.
        to: Gate,
        /// The gate of the step before.
        from: Gate,
    },
    /// `Vᵀ δ` of the step after, the part of ∂L/∂gate that comes back by the gates that see this one.
    GradientFromLaterGates(Gate),
    /// `Uᵀ δ`, the part of ∂L/∂h of the step before that comes back through all gates.
    SentBack,
    /// `W x + b` of the first gate.
    InputPart,
    /// tanh(c), or c where the cell shows it as it is.
    SquashedCell,
    /// ∂h/∂c, with an output gate's peephole.
    HiddenByCell,
    /// ∂c/∂c of the step before, with peepholes.
    CellByCell,
    /// ∂h/∂c of the step before.
    HiddenByCellBefore,
    /// The part of the state before that is kept: f·c, of a GRU z·h.
    Kept,
    /// The part that is written to the state: i·g, of a GRU (1 − z)·n.
    Written,
    /// ∂L/∂gate.
    ActivationGradient(Gate),
    /// ∂L/∂tanh(c).
    SquashedCellGradient,
    /// The part of ∂L/∂c that comes by h.
    CellGradientByHidden,
    /// The part of ∂L/∂c of the step before that comes from this step.
    CellGradientSent,
    /// The part of ∂L/∂c that comes from the step after.
    CellGradientReceived,
    /// The cell state's part in a gate's pre-activation, `p c`.
    PeepholePart(Gate),
    /// The part of ∂L/∂c that comes by a peephole, `p δ`.
    PeepholeGradient(Gate),
    /// ∂c by a gate's `U h`.
    CellByPreActivation(Gate),
    /// ∂h by a gate's `U h`.
    HiddenByPreActivation(Gate),
    /// ∂c by the unit's own h of the step before.
    CellByHidden,
    /// ∂h by the unit's own h of the step before.
    HiddenByHidden,
    /// ∂c by a gate of the step before.
    CellByGate(Gate),
    /// ∂h by a gate of the step before.
    HiddenByGate(Gate),
    /// A gate's derivative by itself of the step before.
    GateByGate(Gate),
    /// 1 − z of a GRU.
    NewShare,
    /// r·u of a GRU, what is left of the reset input.
    ResetPart,
    /// `W x + b` of a GRU's candidate.
    CandidateInput,
    /// The part of ∂L/∂h of the step before that comes past a GRU's gates, z·∂L/∂h.
    HiddenGradientKept,
    /// h·∂L/∂h with h of the step before, the part of a GRU's ∂L/∂z by what is kept.
    UpdateGradientByKept,
    /// n·∂L/∂h, the part of a GRU's −∂L/∂z by what is written.
    UpdateGradientByWritten,
    /// ∂L/∂u of a GRU's reset input u.
    ResetInputGradient,
}

impl Quantity {
    /// The number at the step on show.
    pub const fn now(self) -> Number {
        Number { quantity: self, when: When::Now }
    }

    /// The number at the step before.
    pub const fn before(self) -> Number {
        Number { quantity: self, when: When::Before }
    }

    /// The number at the step after.
    pub const fn after(self) -> Number {
        Number { quantity: self, when: When::After }
    }
}

/// A quantity at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    /// The quantity.
    pub quantity: Quantity,
    /// The step.
    pub when: When,
}

impl Number {
    /// The colour; none for what is no gate or state.
    pub const fn tint(self) -> Option<Tint> {
        match self.quantity {
            Quantity::Activation(gate) => Some(Tint::Gate(gate)),
            Quantity::Hidden => Some(Tint::Hidden),
            Quantity::CellState => Some(Tint::CellState),
            _ => None,
        }
    }
}

impl From<Quantity> for Number {
    fn from(quantity: Quantity) -> Self {
        quantity.now()
    }
}

impl From<Quantity> for Expr<Number> {
    fn from(quantity: Quantity) -> Self {
        Self::Number(quantity.now())
    }
}

impl From<Number> for Expr<Number> {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

/// The numbers of one step and unit, and where gradients pass.
pub trait Values {
    /// A number; NaN for one that the cell does not have.
    fn number(&self, number: Number) -> f64;
    /// Whether a gate follows from its pre-activation: it is neither held by hand nor switched off.
    fn is_free(&self, gate: Gate) -> bool;
    /// Whether a gradient goes to the step before: no cut is between.
    fn sends_back(&self) -> bool;
    /// Whether a gradient comes from the step after.
    fn receives(&self) -> bool;
}
