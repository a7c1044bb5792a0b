//! Held-out sequences, which no update uses: the loss on them shows what a network has learnt beyond its training set.

use crate::experiment::Experiment;
use crate::run::batches;
use nn::Batch;
use tasks::Source;

/// The least number of held-out sequences.
pub const HELD_OUT: usize = 64;
/// Number of updates between two evaluations, per batch of held-out sequences. A forward pass takes up to half the time of an
/// update, so that evaluation takes less than a tenth of training.
const UPDATES_PER_BATCH: usize = 10;

/// The held-out sequences of a run, in batches of its size.
pub struct HeldOut {
    /// Full batches: at least [`HELD_OUT`] sequences, the same ones for all lanes and for the whole run.
    pub batches: Vec<Batch<f32>>,
}

impl HeldOut {
    /// Draws those of an experiment; `None` where each batch has new sequences, as the training loss then is a held-out loss.
    pub fn of(experiment: &Experiment, source: &Source) -> Option<Self> {
        every(experiment)?;
        let size = experiment.batch;
        let batch = |k: usize| {
            let sequences: Vec<_> = (0..size).map(|b| source.held_out((k * size + b) as u64)).collect();
            batches::several(source, &sequences)
        };
        Some(Self { batches: (0..batch_count(size)).map(batch).collect() })
    }
}

/// Number of updates between two evaluations of the held-out loss; `None` where nothing is held out.
pub fn every(experiment: &Experiment) -> Option<u64> {
    (experiment.train > 0).then(|| (UPDATES_PER_BATCH * batch_count(experiment.batch)) as u64)
}

fn batch_count(size: usize) -> usize {
    HELD_OUT.div_ceil(size.max(1))
}
