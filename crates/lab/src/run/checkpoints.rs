//! Places of a run to go back to: enough of them that any past update is a short replay away, and no more than fit.
//!
//! Checkpoints stand at multiples of an interval. The last [`RECENT`] updates have their own, because there the way back
//! must be short; the older ones thin out further as the run grows. When there is no room for one more, the interval of
//! whichever part has more of them doubles.

use std::collections::BTreeMap;

use crate::run::snapshot::Stopped;
use nn::OptimizerState;

/// Bytes that the checkpoints of a run may take, all lanes together.
pub const BUDGET: usize = 32 << 20;
/// Updates at the end of the run that are kept denser.
pub const RECENT: u64 = 10_000;
/// Updates between two checkpoints as long as there is room.
pub const FIRST_INTERVAL: u64 = 10;

/// All that the further way of one lane depends on. Its batches depend on nothing but the number of the update.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneCheckpoint {
    /// The weights.
    pub weights: Vec<f32>,
    /// The weights before the last update, which show what becomes of a lane that diverges.
    pub before: Vec<f32>,
    /// The optimiser's moments.
    pub optimizer: OptimizerState<f32>,
    /// Updates made of this lane, fewer than the run's where it has diverged.
    pub made: usize,
    /// Where it diverged, if it did.
    pub stopped: Option<Stopped>,
    /// The untouched lane beside it, where an edit before this update has set the two apart.
    pub twin: Option<Box<Self>>,
}

impl LaneCheckpoint {
    /// What it takes in memory.
    fn bytes(&self) -> usize {
        let numbers =
            self.weights.len() + self.before.len() + self.optimizer.moments.iter().map(Vec::len).sum::<usize>();
        let arrays = self.optimizer.moments.len() * size_of::<Vec<f32>>();
        numbers * size_of::<f32>() + arrays + size_of::<Self>() + self.twin.as_ref().map_or(0, |twin| twin.bytes())
    }
}

/// The checkpoints of a run, by the updates made.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    kept: BTreeMap<u64, Vec<LaneCheckpoint>>,
    budget: usize,
    bytes: usize,
    /// Updates between those of the last [`RECENT`] updates.
    recent: u64,
    /// Updates between the older ones: `recent` times a power of two.
    old: u64,
    /// The furthest update that was to be kept; the run may have gone back since.
    front: u64,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self::new(BUDGET)
    }
}

impl Checkpoints {
    /// Room for so many bytes.
    pub fn new(budget: usize) -> Self {
        Self { kept: BTreeMap::new(), budget, bytes: 0, recent: FIRST_INTERVAL, old: FIRST_INTERVAL, front: 0 }
    }

    /// Whether a checkpoint at this update has its place here and is missing.
    pub fn wants(&self, update: u64) -> bool {
        update > 0 && self.has_place(update) && !self.kept.contains_key(&update)
    }

    /// Keeps a checkpoint of all lanes if it is wanted and can fit, at the cost of others.
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

    /// The last checkpoint before an update, with the update it was made at. None where the start is nearer.
    pub fn before(&self, update: u64) -> Option<(u64, &[LaneCheckpoint])> {
        self.kept.range(..update).next_back().map(|(update, lanes)| (*update, lanes.as_slice()))
    }

    /// Lets go those after an update: from there on the run is another.
    pub fn forget_after(&mut self, update: u64) {
        self.keep_those(|_, at| at <= update);
        self.front = self.front.min(update);
    }

    /// The updates that have one, oldest first.
    pub fn updates(&self) -> impl Iterator<Item = u64> {
        self.kept.keys().copied()
    }

    /// What they take in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn keep_those(&mut self, stays: impl Fn(&Self, u64) -> bool) {
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

    fn has_place(&self, update: u64) -> bool {
        let interval = if update >= self.recent_from() { self.recent } else { self.old };
        update.is_multiple_of(interval)
    }

    fn recent_from(&self) -> u64 {
        self.front.saturating_sub(RECENT)
    }

    /// Lets go those that have no place any more, such as all that have grown old; where all have, doubles an interval.
    fn thin_out(&mut self) {
        let before = self.kept.len();
        self.keep_those(|store, update| store.has_place(update));
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
