//! One step and unit of a lane: its equations and numbers, all of the trace and its weights, for the inspector and for the
//! film of an update.

mod answer;
mod flow;
mod followed;
mod values;

use crate::cells;
use crate::cells::names::{CellEquation, Names};
use crate::readout::Readout;
use crate::tree::digits::{Digits, Value};
use crate::tree::equation::Line;
use lab::{Film, Inside, LaneSnapshot, SequenceOnShow};
use nn::{CellKind, Gate, Parameters, Truncation};

/// The update in which a pass is a member's.
#[derive(Clone, Copy)]
pub struct Gathering<'a> {
    /// The batch.
    pub inside: &'a Inside,
    /// The lane's update.
    pub film: &'a Film,
    /// The member's sequence.
    pub sequence: &'a SequenceOnShow,
}

/// A step and unit of a lane.
pub struct At<'a> {
    /// The lane.
    pub lane: &'a LaneSnapshot,
    /// The inputs that the layer on show read `[T × inputs]`.
    pub inputs: &'a [f32],
    /// The step, from 0.
    pub t: usize,
    /// The unit, from 0.
    pub u: usize,
    /// The way in which numbers are written.
    pub digits: Digits,
    /// The truncation of the gradient.
    pub truncation: Truncation,
    /// The weights of the layer on show and of the readout.
    pub weights: Parameters<f32>,
    /// The update in which the pass is a member's; none for a probe.
    pub film: Option<Gathering<'a>>,
    /// The readout with whose equations the step is shown; none without them.
    pub readout: Option<Readout<'a>>,
    /// The names of the classes; none where they are not known or there are none.
    pub classes: &'static [&'static str],
    /// The gates of the unit that follow from nothing: held at a value by hand, or switched off.
    pub held: Vec<Gate>,
}

impl<'a> At<'a> {
    /// Step t and unit u (from 0; the last where there are fewer) of a lane's pass over `sequence`, whose gradient was cut
    /// so.
    pub fn new(
        lane: &'a LaneSnapshot,
        sequence: &'a SequenceOnShow,
        (t, u): (usize, usize),
        truncation: Truncation,
        digits: Digits,
    ) -> Self {
        let (t, u) = (t.min(lane.trace.len - 1), u.min(lane.trace.hidden - 1));
        let held = off_gates(lane.trace.cell).collect();
        let (inputs, weights) = (lane.read(sequence), lane.parameters(sequence));
        Self { lane, inputs, t, u, digits, truncation, weights, film: None, readout: None, classes: &[], held }
    }

    /// The same where what-if edits hold gates of the unit, by their letters.
    pub fn holding(self, held: impl Fn(&str, usize) -> bool) -> Self {
        let gates = self.lane.cell.gates().iter().copied();
        let held = gates.filter(|gate| held(gate.letter(), self.u)).chain(off_gates(self.lane.cell)).collect();
        Self { held, ..self }
    }

    /// The same in a film of an update, whose sums go over the batch.
    pub fn gathering(self, film: Gathering<'a>) -> Self {
        Self { film: Some(film), ..self }
    }

    /// The same with the readout's equations beside those of the cell.
    pub fn answering(self, readout: Readout<'a>) -> Self {
        Self { readout: Some(readout), ..self.naming(&readout) }
    }

    /// The same with the readout's classes by their names.
    pub fn naming(self, readout: &Readout<'_>) -> Self {
        Self { classes: readout.classes(), ..self }
    }

    /// Whether the readout reads this layer.
    pub fn is_read_out(&self) -> bool {
        self.lane.trace.layer + 1 >= self.lane.trace.layer_norms.len()
    }

    /// The layer above, from 1, whose weights bring the gradient where the readout does not read this layer.
    pub fn layer_above(&self) -> Option<usize> {
        (!self.is_read_out()).then_some(self.lane.trace.layer + 2)
    }

    /// The last layer, from 1, where another is on show.
    pub fn last_layer(&self) -> Option<usize> {
        (!self.is_read_out()).then_some(self.lane.trace.layer_norms.len())
    }

    /// The layer on show, from 1, where there are several.
    pub fn layer(&self) -> Option<usize> {
        (!self.lane.trace.layer_norms.is_empty()).then_some(self.lane.trace.layer + 1)
    }

    /// Whether dropout multiplies h before it is read.
    pub fn is_masked(&self) -> bool {
        !self.lane.trace.mask.is_empty()
    }

    /// The factor of dropout on h of unit j at step t; 1 without.
    pub fn mask(&self, t: usize, j: usize) -> f64 {
        self.lane.trace.mask.get(t * self.lane.trace.hidden + j).map_or(1.0, |&mask| f64::from(mask))
    }

    /// Whether a gate is none of its own in this cell.
    pub fn is_off(&self, gate: Gate) -> bool {
        off_gates(self.lane.cell).any(|off| off == gate)
    }

    /// Whether a gate of the unit is held, or switched off.
    pub fn is_held(&self, gate: Gate) -> bool {
        self.held.contains(&gate)
    }

    /// The names in its equations.
    pub fn names(&self) -> Names {
        Names {
            cell: self.lane.cell,
            step: self.t + 1,
            unit: self.u + 1,
            layer_above: self.layer_above(),
            is_masked: self.is_masked(),
            receives: self.receives_gradient(),
            held: self.held.clone(),
        }
    }

    /// Forward: from z to the states.
    pub fn forward(&self) -> Vec<Line> {
        self.lines(&cells::forward(&self.names()))
    }

    /// Backward with each derivative's factors: what a step back multiplies. Where a step has no target of its own,
    /// ∂L/∂y is 0.
    pub fn backward(&self) -> Vec<Line> {
        self.lines(&cells::backward(&self.names()))
    }

    /// One step back: the derivatives of the states by those of the step before, whether or not a gradient passes there.
    pub fn jacobian(&self) -> Vec<Line> {
        self.lines(&cells::jacobian(&self.names()))
    }

    fn lines(&self, equations: &[CellEquation]) -> Vec<Line> {
        let value = |number: &crate::quantity::Number| Value::tinted(self.value(*number), number.tint());
        equations.iter().map(|equation| equation.line(self.digits, &value)).collect()
    }

    /// Whether a gradient comes from the step after: there is one, and no cut before it.
    pub fn receives_gradient(&self) -> bool {
        self.lane.cell.is_recurrent() && self.t + 1 < self.lane.trace.len && !self.truncation.cuts_before(self.t + 1)
    }

    /// The row of the unit in a gate's part of W, U and b.
    pub fn row(&self, gate: Gate) -> usize {
        self.lane.cell.index_of(gate).unwrap_or(0) * self.lane.trace.hidden + self.u
    }

    /// A weight; NaN where there is none.
    pub fn weight(&self, block: &str, row: usize, col: usize) -> f64 {
        let at = |block: &nn::Block| (row < block.rows).then_some(col * block.rows + row);
        let found = self.weights.block(block).and_then(at).and_then(|at| self.weights.slice(block).get(at));
        found.map_or(f64::NAN, |&weight| f64::from(weight))
    }

    /// The inputs at one step.
    pub fn inputs_a_step(&self) -> usize {
        self.inputs.len() / self.lane.trace.len
    }
}

/// The gates that are none of their own in a cell.
fn off_gates(cell: CellKind) -> impl Iterator<Item = Gate> {
    cell.gates().iter().copied().filter(move |gate| cell.switches_off(*gate))
}

/// The name of the peephole weights of a gate; none for a gate without.
pub(crate) const fn peephole_block(gate: Gate) -> Option<&'static str> {
    match gate {
        Gate::Input => Some("p_i"),
        Gate::Forget => Some("p_f"),
        Gate::Output => Some("p_o"),
        _ => None,
    }
}
