//! Runs described by links.

use lab::experiment::link;
use lab::{Experiment, Snapshot, Trainer};

/// Reads the experiment of a link without problems.
pub fn experiment(hash: &str) -> Experiment {
    let (experiment, problems) = link::parse(hash);
    assert_eq!(problems, vec![], "{hash}");
    experiment
}

/// Returns a trainer after this many updates.
pub fn trained(hash: &str, updates: u64) -> Trainer {
    let mut trainer = Trainer::new(&experiment(hash));
    while trainer.update() < updates {
        trainer.step();
    }
    trainer
}

/// Takes a snapshot of the first layer on the run's probe sequence.
pub fn snapshot(trainer: &mut Trainer) -> Snapshot {
    trainer.snapshot(0, trainer.experiment().probe, 0, false)
}
