//! What the page shows of one update: out of one trace per lane, all of the same probe sequence.

use serde::{Deserialize, Serialize};

use nn::{CellKind, Init, NetworkConfig, Parameters, ProbeTrace, Quantity};

/// A run at one update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which run of this page: counts up at each restart, so that what an older run still sends is not mistaken.
    pub run: u32,
    /// Updates made.
    pub update: u64,
    /// The probe sequence.
    pub sequence: SequenceOnShow,
    /// One a lane, in the experiment's order.
    pub lanes: Vec<LaneSnapshot>,
}

impl Snapshot {
    /// The lane at this index, if it is of this cell: right after a change of the settings a snapshot may still be of other lanes.
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
    /// The right class, for a task that has classes.
    pub class: Option<usize>,
    /// The right values `[T × outputs]`, NaN at steps that have no target; empty for a task that has classes.
    #[serde(with = "crate::packed::moved")]
    pub values: Vec<f32>,
    /// The steps that matter, from 0.
    pub marks: Vec<usize>,
}

/// One network of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LaneSnapshot {
    /// Its cell.
    pub cell: CellKind,
    /// Number of trained parameters.
    pub parameters: usize,
    /// Loss of the batch of the update just made; at update 0, of the one that the first update will use.
    pub loss: f32,
    /// Mean loss of the last 20 updates; `None` before there are 20.
    pub recent_loss: Option<f64>,
    /// Where the lane diverged, if it did. The trace is then that of its last finite state.
    pub stopped: Option<Stopped>,
    /// Losses of the updates since the last snapshot, oldest first, and the update of the first of them (from 1). Whoever
    /// has losses from that update on, from before the run went back, lets them go first.
    #[serde(with = "crate::packed::moved")]
    pub new_losses: (u64, Vec<f32>),
    /// Losses of what is held out since the last snapshot, oldest first, and how many there were before (each `held_out::every`
    /// updates after the one before).
    #[serde(with = "crate::packed::moved")]
    pub held_out: (u64, Vec<f32>),
    /// Frobenius norms `‖∂L/∂h_t‖` and `‖∂L/∂c_t‖` over units and batch, of the batch of the update just made; empty
    /// unless asked for, before the first update, and for a lane that diverged.
    #[serde(with = "crate::packed::moved")]
    pub batch_norms: (Vec<f64>, Vec<f64>),
    /// The weights of that pass, in the order of [`Parameters`]: those of the layer on show and of the
    /// readout.
    #[serde(with = "crate::packed::moved")]
    pub weights: Vec<f32>,
    /// Steps that it sees, where it is a window network.
    pub window: usize,
    /// The probe's pass with the weights on show.
    #[serde(with = "crate::packed::trace")]
    pub trace: ProbeTrace<f32>,
    /// The inputs that this pass saw, `[T × inputs]`, where they were edited; empty where they are the sequence's.
    #[serde(with = "crate::packed::moved")]
    pub inputs: Vec<f32>,
    /// What the lane would be without its edits, from the first of them on.
    pub ghost: Option<Box<Ghost>>,
}

impl LaneSnapshot {
    /// The inputs that the pass on show saw, `[T × inputs]`.
    pub fn inputs<'a>(&'a self, sequence: &'a SequenceOnShow) -> &'a [f32] {
        if self.inputs.is_empty() { &sequence.inputs } else { &self.inputs }
    }

    /// What the layer on show read `[T × inputs]`: of one over the first the h of the one below.
    pub fn read<'a>(&'a self, sequence: &'a SequenceOnShow) -> &'a [f32] {
        if self.trace.below.is_empty() { self.inputs(sequence) } else { &self.trace.below }
    }

    /// The weights on show in their blocks, as of a network of the layer on show alone.
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

/// A lane as it would be if nobody had touched it: trained on the same batches without the edits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ghost {
    /// Its losses, as those of the lane; none where only inputs were edited, which no update sees.
    #[serde(with = "crate::packed::moved")]
    pub new_losses: (u64, Vec<f32>),
    /// Its pass over the probe as it is.
    #[serde(with = "crate::packed::trace")]
    pub trace: ProbeTrace<f32>,
}

/// A lane that diverged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// The update that could not be made (from 1).
    pub update: u64,
    /// What was no longer a finite number.
    pub reason: StopReason,
    /// The first quantity of that pass that was not finite, and its step (from 0); none where only loss, gradient of the weights or
    /// weights themselves were not.
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
    /// Its name in the script interface.
    pub fn code(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Gradient => "gradient",
            Self::Weights => "weights",
        }
    }
}
