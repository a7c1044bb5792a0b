//! Sequences that no update sees: how well a network does on them says what it has learnt beyond its training set.

use crate::experiment::Experiment;
use crate::run::batches;
use nn::Batch;
use tasks::Source;

/// The least number of sequences that are held out.
pub const HELD_OUT: usize = 64;
/// Updates between two looks at them, as a multiple of the batches that they fill. A forward pass takes up to half of an
/// update, so that looking takes less than a tenth of training.
const UPDATES_A_BATCH: usize = 10;

/// The sequences held out of a run, in batches of its size.
pub struct HeldOut {
    /// Full batches: at least [`HELD_OUT`] sequences, the same ones for all lanes and for the whole run.
    pub batches: Vec<Batch<f32>>,
}

impl HeldOut {
    /// Those of an experiment; none where each batch has new sequences, of which the training loss already tells.
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

/// Updates between two looks at what is held out: losses are known after this many updates, twice as many and so on. None
/// where nothing is held out.
pub fn every(experiment: &Experiment) -> Option<u64> {
    (experiment.train > 0).then(|| (UPDATES_A_BATCH * batch_count(experiment.batch)) as u64)
}

fn batch_count(size: usize) -> usize {
    HELD_OUT.div_ceil(size.max(1))
}
