//! The checkpoints of a run: enough of them that any past update is a short replay away, within a memory budget.
//!
//! Checkpoints are at multiples of an interval. The last [`RECENT`] updates have an interval of their own, because replays there
//! must be short; older checkpoints thin out further as the run grows. When there is no room for one more, the interval of the
//! part with more checkpoints doubles.

use std::collections::BTreeMap;

use crate::run::snapshot::Stopped;
use nn::OptimizerState;

/// The memory budget for the checkpoints of a run, in bytes, all lanes together.
pub const BUDGET: usize = 32 << 20;
/// Number of updates at the end of the run with denser checkpoints.
pub const RECENT: u64 = 10_000;
/// Number of updates between two checkpoints while there is room.
pub const FIRST_INTERVAL: u64 = 10;

/// The complete state of one lane. Its batches depend only on the number of the update.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneCheckpoint {
    /// The weights.
    pub weights: Vec<f32>,
    /// The weights before the last update, which are shown when a lane diverges.
    pub before: Vec<f32>,
    /// The optimiser's moments.
    pub optimizer: OptimizerState<f32>,
    /// Number of updates made by this lane, fewer than the run's if it has diverged.
    pub updates: usize,
    /// The update at which it diverged, if it did.
    pub stopped: Option<Stopped>,
    /// The unedited twin, if an edit before this update has separated the two.
    pub twin: Option<Box<Self>>,
}

impl LaneCheckpoint {
    /// Its size in memory, in bytes.
    fn bytes(&self) -> usize {
        let numbers =
            self.weights.len() + self.before.len() + self.optimizer.moments.iter().map(Vec::len).sum::<usize>();
        let arrays = self.optimizer.moments.len() * size_of::<Vec<f32>>();
        numbers * size_of::<f32>() + arrays + size_of::<Self>() + self.twin.as_ref().map_or(0, |twin| twin.bytes())
    }
}

/// The checkpoints of a run, by number of updates.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    kept: BTreeMap<u64, Vec<LaneCheckpoint>>,
    budget: usize,
    bytes: usize,
    /// Interval between those of the last [`RECENT`] updates.
    recent: u64,
    /// Interval between the older ones: `recent` times a power of two.
    old: u64,
    /// The latest update offered to [`keep`](Self::keep); the run may have gone back since.
    front: u64,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self::new(BUDGET)
    }
}

impl Checkpoints {
    /// Makes an empty store with a budget in bytes.
    pub fn new(budget: usize) -> Self {
        Self { kept: BTreeMap::new(), budget, bytes: 0, recent: FIRST_INTERVAL, old: FIRST_INTERVAL, front: 0 }
    }

    /// Whether there should be a checkpoint at this update and is none.
    pub fn wants(&self, update: u64) -> bool {
        update > 0 && self.is_on_grid(update) && !self.kept.contains_key(&update)
    }

    /// Keeps a checkpoint of all lanes if it is wanted and fits, dropping others if necessary.
    pub fn keep(&mut self, update: u64, lanes: Vec<LaneCheckpoint>) {
        let size = lanes.iter().map(LaneCheckpoint::bytes).sum::<usize>();
        if size > self.budget {
            return;
        }
        self.front = self.front.max(update);
        while self.bytes + size > self.budget {
            self.thin_out();
        }
        if self.wants(update) {
            self.bytes += size;
            self.kept.insert(update, lanes);
        }
    }

    /// The last checkpoint before an update, with the update it was made at. `None` if there is none.
    pub fn before(&self, update: u64) -> Option<(u64, &[LaneCheckpoint])> {
        self.kept.range(..update).next_back().map(|(update, lanes)| (*update, lanes.as_slice()))
    }

    /// Drops those after an update, where the run has changed.
    pub fn forget_after(&mut self, update: u64) {
        self.retain(|_, at| at <= update);
        self.front = self.front.min(update);
    }

    /// The updates that have one, oldest first.
    pub fn updates(&self) -> impl Iterator<Item = u64> {
        self.kept.keys().copied()
    }

    /// Their size in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn retain(&mut self, stays: impl Fn(&Self, u64) -> bool) {
        let mut kept = std::mem::take(&mut self.kept);
        kept.retain(|update, lanes| {
            let stays = stays(self, *update);
            if !stays {
                self.bytes -= lanes.iter().map(LaneCheckpoint::bytes).sum::<usize>();
            }
            stays
        });
        self.kept = kept;
    }

    fn is_on_grid(&self, update: u64) -> bool {
        let interval = if update >= self.recent_from() { self.recent } else { self.old };
        update.is_multiple_of(interval)
    }

    fn recent_from(&self) -> u64 {
        self.front.saturating_sub(RECENT)
    }

    /// Drops those that are no longer on the grid of their interval; if there is none, doubles an interval.
    fn thin_out(&mut self) {
        let before = self.kept.len();
        self.retain(|store, update| store.is_on_grid(update));
        if self.kept.len() == before {
            let old = self.kept.range(..self.recent_from()).count();
            if 2 * old >= self.kept.len() {
                self.old *= 2;
            } else {
                self.recent *= 2;
                self.old = self.old.max(self.recent);
            }
        }
    }
}
