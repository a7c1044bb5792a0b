//! Commands of the page to the worker.

use serde::{Deserialize, Serialize};

use crate::analysis::bench::BenchSpec;
use crate::experiment::settings::Speed;
use crate::experiment::why::Why;
use crate::packed::{self, Packed, ProtocolError};

/// From the page to the worker. `id` names the request in [`Report::answered`](crate::worker::event::Report::answered).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Start this link's experiment as run `run`, and replay to its update.
    Configure {
        /// The experiment, as a link.
        link: String,
        /// The number the page gives to the run.
        run: u32,
        /// Request id.
        id: u32,
    },
    /// Go on with the run, as run `run`, with the edits of this link's experiment, up to its update; another run starts
    /// as with `Configure`.
    Edit {
        /// The experiment, as a link.
        link: String,
        /// The number the page gives to the run from here on.
        run: u32,
        /// Request id.
        id: u32,
    },
    /// Train on at the speed set.
    Play {
        /// Request id.
        id: u32,
    },
    /// Stop after the update in hand; cancels a replay.
    Pause {
        /// Request id.
        id: u32,
    },
    /// Make so many updates.
    Step {
        /// How many.
        updates: u64,
        /// Request id.
        id: u32,
    },
    /// Go to an update: on, or again from a checkpoint before it.
    Seek {
        /// Which.
        update: u64,
        /// Request id.
        id: u32,
    },
    /// What to show, and how fast to play.
    Look {
        /// Key of the probe sequence.
        probe: u32,
        /// Whether the batch's gradient norms are wanted.
        batch_norms: bool,
        /// Speed of Play.
        speed: Speed,
    },
    /// What to find out beside training, and to tell of with [`Event::Findings`](crate::worker::event::Event::Findings).
    Why {
        /// What is asked; a check is made once, whenever this asks for it.
        why: Option<Why>,
    },
    /// Answered with the next report: what was looked at before is then on show.
    Show {
        /// Request id.
        id: u32,
    },
    /// Look inside the next update: training stops, and reports show a member of its batch, with the films of the lanes,
    /// until this says otherwise or a command sets the run going.
    Inside {
        /// Which sequence of the batch, from 0; none to look at the probe again.
        member: Option<usize>,
        /// The window of truncation to look with, 0 for none; the run's own is that of its experiment.
        window: usize,
        /// Request id.
        id: u32,
    },
    /// Show another layer of the networks.
    Layer {
        /// Which, from 0.
        layer: usize,
    },
    /// The last report has been drawn; the next may come.
    Drawn,
    /// Time the engine.
    Bench {
        /// Shape and count.
        spec: BenchSpec,
        /// Request id.
        id: u32,
    },
    /// Are you there?
    Ping,
}

impl Command {
    /// Packs the command for the way to the worker.
    ///
    /// # Errors
    /// If it cannot be written, which no command is.
    pub fn pack(&self) -> Result<Packed, ProtocolError> {
        packed::pack(self)
    }

    /// Reads a command that arrived in the worker.
    ///
    /// # Errors
    /// If it is no command of this build.
    pub fn unpack(packed: Packed) -> Result<Self, ProtocolError> {
        packed::unpack(packed)
    }
}
