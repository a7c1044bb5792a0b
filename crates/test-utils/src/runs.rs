//! Runs that links describe.

use lab::experiment::link;
use lab::{Experiment, Snapshot, Trainer};

/// The experiment of a link without problems.
pub fn experiment(hash: &str) -> Experiment {
    let (experiment, problems) = link::parse(hash);
    assert_eq!(problems, vec![], "{hash}");
    experiment
}

/// A trainer after so many updates.
pub fn trained(hash: &str, updates: u64) -> Trainer {
    let mut trainer = Trainer::new(&experiment(hash));
    while trainer.update() < updates {
        trainer.step();
    }
    trainer
}

/// Its snapshot of the first layer, on its probe sequence.
pub fn snapshot(trainer: &mut Trainer) -> Snapshot {
    trainer.snapshot(0, trainer.experiment().probe, 0, false)
}
