//! Commands of the page to the worker.

use serde::{Deserialize, Serialize};

use crate::analysis::bench::BenchSpec;
use crate::experiment::settings::Speed;
use crate::experiment::why::Why;
use crate::packed::{self, Packed, ProtocolError};

/// A command of the page to the worker. `id` names the request in
/// [`Report::answered`](crate::worker::event::Report::answered).
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
    /// Make this many updates.
    Step {
        /// Number of updates.
        updates: u64,
        /// Request id.
        id: u32,
    },
    /// Go to an update: forward, or again from a checkpoint before it.
    Seek {
        /// The update to go to.
        update: u64,
        /// Request id.
        id: u32,
    },
    /// Set the view and the speed of Play.
    Look {
        /// Key of the probe sequence.
        probe: u32,
        /// Whether the batch's gradient norms are wanted.
        batch_norms: bool,
        /// Speed of Play.
        speed: Speed,
    },
    /// Set the panel to compute in addition to training; answered with
    /// [`Event::Findings`](crate::worker::event::Event::Findings).
    Why {
        /// The panel; a check is made once for each such command.
        why: Option<Why>,
    },
    /// Answer with the next report, which then shows the view set before.
    Show {
        /// Request id.
        id: u32,
    },
    /// Look inside the next update: training stops, and reports show a member of its batch, with the films of the
    /// lanes, until another command of this kind or one that continues the run.
    Inside {
        /// The sequence of the batch, from 0; `None` to look at the probe again.
        member: Option<usize>,
        /// The window of truncation of the film, 0 for none; the run's own is that of its experiment.
        window: usize,
        /// Request id.
        id: u32,
    },
    /// Show another layer of the networks.
    Layer {
        /// The layer, from 0.
        layer: usize,
    },
    /// Report that the last report has been drawn, so that the next may come.
    Drawn,
    /// Time the engine.
    Bench {
        /// Network, sizes and number of updates.
        spec: BenchSpec,
        /// Request id.
        id: u32,
    },
    /// Ask for a sign of life.
    Ping,
}

impl Command {
    /// Packs the command for transfer to the worker.
    ///
    /// # Errors
    /// If it cannot be serialised, which does not happen for a command.
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
