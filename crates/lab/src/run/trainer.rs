//! The trainer, which trains every lane of an experiment on the same batches. Weights change only here.

use crate::experiment::Experiment;
use crate::experiment::edit;
use crate::run::batches::{self, alone};
use crate::run::checkpoints::Checkpoints;
use crate::run::film::{Inside, Member};
use crate::run::held_out::HeldOut;
use crate::run::lane::Lane;
use crate::run::snapshot::{SequenceOnShow, Snapshot};
use nn::{Batch, LossAt, LossSpec, Network, ProbeTrace};
use tasks::{Sequence, Source, Target};

/// The networks of an experiment in training.
pub struct Trainer {
    experiment: Experiment,
    source: Source,
    held_out: Option<HeldOut>,
    lanes: Vec<Lane>,
    update: u64,
    /// The batch of update `update + 1`.
    batch: Batch<f32>,
    /// The layer on show, from 0; training does not depend on it.
    layer: usize,
    /// The next lane to train within the current update.
    next_lane: usize,
    checkpoints: Checkpoints,
}

impl Trainer {
    /// Makes the experiment's networks before training, whatever its `update` is.
    pub fn new(experiment: &Experiment) -> Self {
        let loss = experiment.task.task().loss();
        let lanes = (0..experiment.lanes.len()).map(|k| Lane::new(experiment, k, loss)).collect();
        let source = experiment.source();
        let mut trainer = Self {
            experiment: experiment.clone(),
            held_out: HeldOut::of(experiment, &source),
            lanes,
            update: 0,
            batch: batches::training(&source, 1),
            source,
            next_lane: 0,
            layer: experiment.layer - 1,
            checkpoints: Checkpoints::default(),
        };
        for (k, lane) in trainer.lanes.iter_mut().enumerate() {
            lane.edit(edit::of_lane(&experiment.edits, k), None);
            lane.apply_edits(0);
        }
        trainer
    }

    /// Takes the edits of an experiment that is otherwise the same run. Returns the update from which training differs, if it does:
    /// checkpoints and known losses after it are dropped, and a run beyond it goes back to it or to a checkpoint before.
    pub fn edit(&mut self, experiment: &Experiment) -> Option<u64> {
        let before = std::mem::replace(&mut self.experiment, experiment.clone());
        let difference = edit::first_difference(&before.edits, &experiment.edits);
        for (k, lane) in self.lanes.iter_mut().enumerate() {
            let edits = edit::of_lane(&experiment.edits, k);
            let difference = edit::first_difference(&edit::of_lane(&before.edits, k), &edits);
            lane.edit(edits, difference);
        }
        let difference = difference?;
        self.checkpoints.forget_after(difference);
        // Edits that are only added, and take effect here or later, need no going back.
        let only_added = experiment.edits.starts_with(&before.edits);
        if only_added && difference >= self.update && self.next_lane == 0 {
            self.apply_edits();
        } else if difference <= self.update {
            // At least one update is made again, so that reports of its pass are right.
            self.go_before((difference + 1).min(self.update));
        }
        Some(difference)
    }

    /// Number of updates made. If every lane has diverged, the update that failed counts, as it is part of the state.
    pub fn update(&self) -> u64 {
        self.update
    }

    /// The experiment in training.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Losses of a lane, one per update made; a lane that diverged has no later ones.
    pub fn losses(&self, lane: usize) -> &[f32] {
        self.lanes.get(lane).map_or(&[], Lane::losses)
    }

    /// Whether every lane has diverged, so that further updates change nothing.
    pub fn all_stopped(&self) -> bool {
        self.lanes.iter().all(|lane| lane.stopped().is_some())
    }

    /// Makes one update of every lane that has not diverged; if all have, none is made or counted.
    pub fn step(&mut self) {
        while !self.step_lane() {}
    }

    /// Makes the update of the next lane; returns whether this was the last lane of the update. A caller can do other work after each
    /// lane.
    pub fn step_lane(&mut self) -> bool {
        if self.next_lane == 0 && self.all_stopped() {
            return true;
        }
        let loss = self.experiment.task.task().loss();
        let (update, clip) = (self.update + 1, self.experiment.clip);
        let lane = &mut self.lanes[self.next_lane];
        lane.step(&self.batch, loss, clip, update);
        if let Some(held_out) = &self.held_out {
            lane.evaluate_held_out(held_out, loss);
        }
        self.next_lane += 1;
        if self.next_lane < self.lanes.len() {
            return false;
        }
        self.next_lane = 0;
        self.update += 1;
        self.batch = batches::training(&self.source, self.update + 1);
        if self.checkpoints.wants(self.update) {
            self.checkpoints.keep(self.update, self.lanes.iter().map(Lane::checkpoint).collect());
        }
        // After the checkpoint, so that it stays right when edits of this update change.
        self.apply_edits();
        true
    }

    /// Applies the edits of the current update.
    fn apply_edits(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.apply_edits(self.update));
    }

    /// Goes as close before `target` as possible: stays, or restores a checkpoint, or starts again. Returns whether it moved; an
    /// unfinished update is then dropped. The updates from there on are the same again, to the bit.
    ///
    /// It never moves to `target` itself, except to update 0: the last update is made again, so that reports of its pass are right.
    pub fn approach(&mut self, target: u64) -> bool {
        let nearest = self.checkpoints.before(target);
        let is_ahead = target > self.update || target == self.update && self.next_lane == 0;
        if is_ahead && (target == self.update || nearest.is_none_or(|(update, _)| update <= self.update)) {
            return false;
        }
        self.go_before(target);
        true
    }

    /// Goes to the last checkpoint before an update, or to the start.
    fn go_before(&mut self, target: u64) {
        match self.checkpoints.before(target) {
            Some((update, checkpoints)) => {
                self.update = update;
                self.lanes.iter_mut().zip(checkpoints).for_each(|(lane, checkpoint)| lane.restore(checkpoint));
            }
            None => {
                self.update = 0;
                let loss = self.experiment.task.task().loss();
                self.lanes.iter_mut().for_each(|lane| lane.restart(&self.experiment, loss));
            }
        }
        self.next_lane = 0;
        self.batch = batches::training(&self.source, self.update + 1);
        self.apply_edits();
    }

    /// The checkpoints of the run.
    pub fn checkpoints(&self) -> &Checkpoints {
        &self.checkpoints
    }

    /// Shows another layer, from 0; the last where there are fewer.
    pub fn show_layer(&mut self, layer: usize) {
        self.layer = layer;
    }

    /// Makes a snapshot: the probe's pass of every lane, and the losses of the updates after `since`; with `batch_norms` also the
    /// gradient norms of the batch of the last update.
    ///
    /// Call it between updates, not between lanes.
    pub fn snapshot(&mut self, run: u32, probe: u32, since: u64, batch_norms: bool) -> Snapshot {
        let task = self.experiment.task.task();
        let sequence = self.source.probe(probe);
        let batch = alone(&self.source, &sequence);
        let (update, layer) = (self.update, self.layer);
        let show = |lane: &mut Lane| {
            let edited = lane.edited(&sequence, update).map(|sequence| alone(&self.source, &sequence));
            let mut shown =
                lane.snapshot(&batch, edited.as_ref(), (layer, since), &self.batch, task.loss(), batch_norms);
            if lane.is_edited(update) {
                shown.ghost = Some(Box::new(lane.ghost(&batch, layer, since)));
            }
            shown
        };
        let lanes = self.lanes.iter_mut().map(show).collect();
        Snapshot { run, update: self.update, sequence: on_show(&sequence, probe, task.loss(), task.outputs()), lanes }
    }

    /// Computes the gradient norms `[T]` of each lane's probe, as in a snapshot, and the highest layer among them.
    pub fn reach(&mut self, probe: u32) -> (usize, Vec<Vec<f64>>) {
        let sequence = self.source.probe(probe);
        let (update, layer) = (self.update, self.layer);
        let reach = |lane: &mut Lane| {
            let batch = edited_batch(&self.source, lane, &sequence, update);
            lane.reach(&batch, layer)
        };
        let (layers, norms): (Vec<usize>, Vec<Vec<f64>>) = self.lanes.iter_mut().map(reach).unzip();
        (layers.into_iter().max().unwrap_or(0), norms)
    }

    /// Copies of the networks on show, each with a batch of the sequence that it shows.
    pub fn on_show(&mut self, probe: u32) -> Vec<(Network<f32>, Batch<f32>)> {
        let sequence = self.source.probe(probe);
        let update = self.update;
        let show = |lane: &mut Lane| {
            let batch = edited_batch(&self.source, lane, &sequence, update);
            (lane.on_show(&batch), batch)
        };
        self.lanes.iter_mut().map(show).collect()
    }

    /// Makes the snapshot and the films of the next update with a window of truncation (0 for none), with sequence `member` of its batch
    /// (from 0; the last where there are fewer) instead of the probe. It is made on copies, so that nothing changes. A lane that cannot
    /// make that update has no film, and its snapshot is that of [`snapshot`](Self::snapshot).
    pub fn inside(
        &mut self,
        run: u32,
        probe: u32,
        since: u64,
        batch_norms: bool,
        (member, window): (usize, usize),
    ) -> (Snapshot, Inside) {
        let experiment = &self.experiment;
        let (task, size) = (experiment.task.task(), experiment.batch);
        let mut sequences = self.source.batch_sequences(self.update + 1);
        let member = member.min(size - 1);
        let members = sequences.iter().map(|sequence| member_of(sequence, task.loss())).collect();
        let sequence = sequences.swap_remove(member);
        let alone = alone(&self.source, &sequence);
        let (mut lanes, mut films) = (Vec::new(), Vec::new());
        for lane in &mut self.lanes {
            let mut shown = lane.snapshot(&alone, None, (self.layer, since), &self.batch, task.loss(), batch_norms);
            films.push(lane.film(&self.batch, task.loss(), experiment.clip, (member, window, self.layer)).map(
                |(film, trace, norms)| {
                    shown.trace = ProbeTrace { sigma_max: shown.trace.sigma_max, ..trace };
                    shown.weights = lane.of_layer(&lane.weights(), shown.trace.layer);
                    // The gradient chart shows this update's, not that of the one before.
                    shown.batch_norms = if batch_norms { norms } else { shown.batch_norms.clone() };
                    film
                },
            ));
            lanes.push(shown);
        }
        let sequence = on_show(&sequence, probe, task.loss(), task.outputs());
        (Snapshot { run, update: self.update, sequence, lanes }, Inside { member, window, members, films })
    }
}

/// Makes a batch of a sequence with the lane's edits at an update.
fn edited_batch(source: &Source, lane: &Lane, sequence: &Sequence, update: u64) -> Batch<f32> {
    alone(source, lane.edited(sequence, update).as_ref().unwrap_or(sequence))
}

/// Summarises a sequence of a batch.
fn member_of(sequence: &Sequence, loss: LossSpec) -> Member {
    let target = match &sequence.target {
        Target::Class(class) => Some(*class as f64),
        Target::Values(values) if loss.at == LossAt::Last => values.last().copied(),
        Target::Values(_) => None,
    };
    Member { target_steps: loss.count(&[sequence.len]) as f64, target }
}

fn on_show(sequence: &Sequence, probe: u32, loss: LossSpec, outputs: usize) -> SequenceOnShow {
    let (class, values) = match &sequence.target {
        Target::Class(class) => (Some(*class), Vec::new()),
        Target::Values(values) => {
            let untrained = |index: usize| loss.at == LossAt::Last && index / outputs + 1 != sequence.len;
            let shown = |(index, &value): (usize, &f64)| if untrained(index) { f32::NAN } else { value as f32 };
            (None, values.iter().enumerate().map(shown).collect())
        }
    };
    SequenceOnShow {
        probe,
        len: sequence.len,
        inputs: sequence.inputs.iter().map(|&input| input as f32).collect(),
        class,
        values,
        marks: sequence.marks.clone(),
    }
}
