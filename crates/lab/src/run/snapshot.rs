//! The state of a run that the page shows: one trace per lane, all of the same probe sequence.

use serde::{Deserialize, Serialize};

use nn::{CellKind, Init, NetworkConfig, Parameters, ProbeTrace, Quantity};

/// A run at one update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The number of the run on this page, which increases at each restart, so that reports of an older run can be
    /// recognised.
    pub run: u32,
    /// Number of updates made.
    pub update: u64,
    /// The probe sequence.
    pub sequence: SequenceOnShow,
    /// One per lane, in the experiment's order.
    pub lanes: Vec<LaneSnapshot>,
}

impl Snapshot {
    /// Returns the lane at this index if it has this cell: right after a change of the settings, a snapshot may still
    /// contain other lanes.
    pub fn lane_of(&self, index: usize, cell: CellKind) -> Option<&LaneSnapshot> {
        self.lanes.get(index).filter(|lane| lane.cell == cell)
    }
}

/// The probe sequence as the page draws it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequenceOnShow {
    /// Its key.
    pub probe: u32,
    /// Steps T.
    pub len: usize,
    /// Inputs `[T × inputs]`, index `t·inputs + d`.
    #[serde(with = "crate::packed::moved")]
    pub inputs: Vec<f32>,
    /// The target class, for a task with classes.
    pub class: Option<usize>,
    /// The target values `[T × outputs]`, NaN at steps without a target; empty for a task with classes.
    #[serde(with = "crate::packed::moved")]
    pub values: Vec<f32>,
    /// The relevant steps, from 0.
    pub marks: Vec<usize>,
}

/// One network of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaneSnapshot {
    /// Its cell.
    pub cell: CellKind,
    /// Number of trained parameters.
    pub parameters: usize,
    /// Loss of the batch of the last update; at update 0, of the batch that the first update will use.
    pub loss: f32,
    /// Mean loss of the last 20 updates; `None` before there are 20.
    pub recent_loss: Option<f64>,
    /// The update at which the lane diverged, if it did. The trace is then that of its last finite state.
    pub stopped: Option<Stopped>,
    /// Losses of the updates since the last snapshot, oldest first, and the update of the first of them (from 1). A
    /// receiver drops its losses from that update on, which are of the time before the run went back.
    #[serde(with = "crate::packed::moved")]
    pub new_losses: (u64, Vec<f32>),
    /// Held-out losses since the last snapshot, oldest first, and the number of those before (one every
    /// `held_out::every` updates).
    #[serde(with = "crate::packed::moved")]
    pub held_out: (u64, Vec<f32>),
    /// Frobenius norms `‖∂L/∂h_t‖` and `‖∂L/∂c_t‖` over units and batch, of the batch of the update just made; empty
    /// unless asked for, before the first update, and for a lane that diverged.
    #[serde(with = "crate::packed::moved")]
    pub batch_norms: (Vec<f64>, Vec<f64>),
    /// The weights of that pass, in the order of [`Parameters`]: those of the layer on show and of the readout.
    #[serde(with = "crate::packed::moved")]
    pub weights: Vec<f32>,
    /// Number of steps in the window of a window network.
    pub window: usize,
    /// The probe's pass with the weights on show.
    #[serde(with = "crate::packed::trace")]
    pub trace: ProbeTrace<f32>,
    /// The inputs of this pass, `[T × inputs]`, if they were edited; empty if they are the sequence's.
    #[serde(with = "crate::packed::moved")]
    pub inputs: Vec<f32>,
    /// The lane without its edits, from the first edit on.
    pub ghost: Option<Box<Ghost>>,
}

impl LaneSnapshot {
    /// Returns the inputs of the pass on show, `[T × inputs]`.
    pub fn inputs<'a>(&'a self, sequence: &'a SequenceOnShow) -> &'a [f32] {
        if self.inputs.is_empty() { &sequence.inputs } else { &self.inputs }
    }

    /// Returns the input of the layer on show, `[T × inputs]`: above the first layer, the h of the layer below.
    pub fn read<'a>(&'a self, sequence: &'a SequenceOnShow) -> &'a [f32] {
        if self.trace.below.is_empty() { self.inputs(sequence) } else { &self.trace.below }
    }

    /// Returns the weights on show in blocks, as of a network with only the layer on show.
    pub fn parameters(&self, sequence: &SequenceOnShow) -> Parameters<f32> {
        let ProbeTrace { cell, hidden, outputs, len, .. } = self.trace;
        let mut weights = Parameters::zeros(&NetworkConfig {
            cell,
            inputs: self.read(sequence).len() / len.max(1),
            hidden,
            outputs,
            forget_bias: 0.0,
            layers: 1,
            init: Init::Uniform,
            window: self.window,
        });
        if weights.len() == self.weights.len() {
            weights.values_mut().copy_from_slice(&self.weights);
        }
        weights
    }
}

/// A lane as it would be without its edits, trained on the same batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ghost {
    /// Its losses, as for the lane; empty if only inputs were edited, which no update uses.
    #[serde(with = "crate::packed::moved")]
    pub new_losses: (u64, Vec<f32>),
    /// Its pass over the unedited probe.
    #[serde(with = "crate::packed::trace")]
    pub trace: ProbeTrace<f32>,
}

/// The end of a lane that diverged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// The update that could not be made, from 1.
    pub update: u64,
    /// The quantity that was no longer finite.
    pub reason: StopReason,
    /// The first quantity of that pass that was not finite, and its step (from 0); `None` if only the loss, the
    /// weights' gradient or the weights were not.
    pub first: Option<(Quantity, usize)>,
}

/// The first quantity of an update that was no longer finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopReason {
    /// The loss.
    Loss,
    /// The gradient of the parameters.
    Gradient,
    /// The weights after the update.
    Weights,
}

impl StopReason {
    /// Returns its name in the script interface.
    pub fn code(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Gradient => "gradient",
            Self::Weights => "weights",
        }
    }
}
