//! Events of the worker for the page.

use serde::{Deserialize, Serialize};

use crate::analysis::bench::BenchResult;
use crate::analysis::findings::Findings;
use crate::packed::{self, Packed};
use crate::run::film::Inside;
use crate::run::snapshot::{LaneSnapshot, Snapshot};

pub use crate::packed::ProtocolError;
pub use crate::worker::command::Command;

/// From the worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The worker takes commands from now on; its first message, posted by its host.
    Ready,
    /// The worker cannot go on, with the reason; its last message, posted by its host.
    Fatal(String),
    /// What is to be shown.
    Report(Box<Report>),
    /// How far a replay has got.
    Progress {
        /// Of this run.
        run: u32,
        /// Where it began.
        from: u64,
        /// Where it is.
        update: u64,
        /// Where it will end.
        until: u64,
    },
    /// How far back the gradient reached at an update that no report need show.
    Reach {
        /// Of this run.
        run: u32,
        /// The sequence that it is of.
        probe: u32,
        /// The highest layer that a lane shows, from 0.
        layer: usize,
        /// After this update.
        update: u64,
        /// Each lane's norms `[T]`.
        #[serde(with = "packed::moved")]
        norms: Vec<Vec<f64>>,
    },
    /// A measurement.
    Bench {
        /// Request id.
        id: u32,
        /// What came out.
        result: BenchResult,
    },
    /// A measurement that cannot be made.
    BenchRefused {
        /// Request id.
        id: u32,
        /// Why.
        problem: String,
    },
    /// What was found beside training.
    Findings(Box<Findings>),
    /// I am.
    Pong,
}

/// What the worker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    /// Nothing.
    #[default]
    Idle,
    /// Training until told to pause.
    Playing,
    /// On the way to an update.
    Stepping,
}

/// A snapshot and the state of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What it is doing.
    pub activity: Activity,
    /// Updates a second.
    pub rate: f64,
    /// Requests that are done with this snapshot.
    pub answered: Vec<u32>,
    /// A replay was cancelled and stays here.
    pub cancelled: bool,
    /// The run as it is.
    pub snapshot: Snapshot,
    /// The update that comes next, while one looks inside it; the snapshot then shows a member of its batch.
    pub inside: Option<Inside>,
}

impl Event {
    /// Packs the event for the way to the page.
    ///
    /// # Errors
    /// If it cannot be written, which no event is.
    pub fn pack(&self) -> Result<Packed, ProtocolError> {
        packed::pack(self)
    }

    /// Reads an event that arrived on the page.
    ///
    /// # Errors
    /// If it is no event of this build, or its arrays do not have the lengths that it gives.
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
