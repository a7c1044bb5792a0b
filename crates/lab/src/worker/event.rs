//! Events of the worker for the page.

use serde::{Deserialize, Serialize};

use crate::analysis::bench::BenchResult;
use crate::analysis::findings::Findings;
use crate::packed::{self, Packed};
use crate::run::film::Inside;
use crate::run::snapshot::{LaneSnapshot, Snapshot};

pub use crate::packed::ProtocolError;
pub use crate::worker::command::Command;

/// An event of the worker for the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker accepts commands from now on; its first message, posted by its host.
    Ready,
    /// The worker cannot go on, with the reason; its last message, posted by its host.
    Fatal(String),
    /// The state to show.
    Report(Box<Report>),
    /// The progress of a replay.
    Progress {
        /// The run.
        run: u32,
        /// The update at which the replay began.
        from: u64,
        /// The update that it has reached.
        update: u64,
        /// The update at which it will end.
        until: u64,
    },
    /// The reach of the gradient at an update that need not have a report.
    Reach {
        /// The run.
        run: u32,
        /// Key of the sequence.
        probe: u32,
        /// The highest layer that a lane shows, from 0.
        layer: usize,
        /// The update after which it was computed.
        update: u64,
        /// Each lane's norms `[T]`.
        #[serde(with = "packed::moved")]
        norms: Vec<Vec<f64>>,
    },
    /// The result of a benchmark.
    Bench {
        /// Request id.
        id: u32,
        /// The result.
        result: BenchResult,
    },
    /// The refusal of a benchmark.
    BenchRefused {
        /// Request id.
        id: u32,
        /// The reason.
        problem: String,
    },
    /// The findings of the panel, computed in addition to training.
    Findings(Box<Findings>),
    /// The answer to a ping.
    Pong,
}

/// The activity of the worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    /// Idle.
    #[default]
    Idle,
    /// Training until paused.
    Playing,
    /// Training up to an update.
    Stepping,
}

/// A snapshot and the state of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The current activity.
    pub activity: Activity,
    /// Updates per second.
    pub rate: f64,
    /// Requests that are done with this report.
    pub answered: Vec<u32>,
    /// Whether a replay was cancelled at this update.
    pub cancelled: bool,
    /// The run at its current update.
    pub snapshot: Snapshot,
    /// The next update, while the page looks inside it; the snapshot then shows a member of its batch.
    pub inside: Option<Inside>,
}

impl Event {
    /// Packs the event for transfer to the page.
    ///
    /// # Errors
    /// If it cannot be serialised, which does not happen for an event.
    pub fn pack(&self) -> Result<Packed, ProtocolError> {
        packed::pack(self)
    }

    /// Reads an event that arrived on the page.
    ///
    /// # Errors
    /// If it is no event of this build, or its arrays do not have the lengths that it states.
    pub fn unpack(packed: Packed) -> Result<Self, ProtocolError> {
        let event = packed::unpack(packed)?;
        match &event {
            Self::Report(report) if !report.is_of_one_sequence() => Err(ProtocolError::Length),
            _ => Ok(event),
        }
    }
}

impl Report {
    /// Whether every trace is as long as the sequence on show, and there is a film or none for each lane.
    fn is_of_one_sequence(&self) -> bool {
        let Snapshot { sequence, lanes, .. } = &self.snapshot;
        let is_whole = |lane: &LaneSnapshot| {
            let traces = std::iter::once(&lane.trace).chain(lane.ghost.as_ref().map(|ghost| &ghost.trace));
            traces.into_iter().all(|trace| trace.len == sequence.len)
        };
        lanes.iter().all(is_whole) && self.inside.as_ref().is_none_or(|inside| inside.films.len() == lanes.len())
    }
}
