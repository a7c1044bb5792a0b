//! Trains every lane of an experiment on the same batches. Only here do weights change.

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

/// The networks of an experiment and how far they have come.
pub struct Trainer {
    experiment: Experiment,
    source: Source,
    held_out: Option<HeldOut>,
    lanes: Vec<Lane>,
    update: u64,
    /// The batch of update `update + 1`.
    batch: Batch<f32>,
    /// The layer on show, from 0; nothing of training depends on it.
    layer: usize,
    /// The lane whose turn it is within the update in hand.
    next_lane: usize,
    checkpoints: Checkpoints,
}

impl Trainer {
    /// The experiment's networks before training, whatever update the experiment names.
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
            lane.arrive(0);
        }
        trainer
    }

    /// Takes the edits of an experiment that is otherwise the same run. Gives the update from which training differs, if it
    /// does: checkpoints and known losses after it are let go, and where the run is beyond it, it goes back to it or to a
    /// checkpoint before.
    pub fn edit(&mut self, experiment: &Experiment) -> Option<u64> {
        let before = std::mem::replace(&mut self.experiment, experiment.clone());
        let part = edit::first_difference(&before.edits, &experiment.edits);
        for (k, lane) in self.lanes.iter_mut().enumerate() {
            let edits = edit::of_lane(&experiment.edits, k);
            let part = edit::first_difference(&edit::of_lane(&before.edits, k), &edits);
            lane.edit(edits, part);
        }
        let part = part?;
        self.checkpoints.forget_after(part);
        // What is only added, and takes effect right here, needs no way back.
        let added = experiment.edits.starts_with(&before.edits);
        if added && part >= self.update && self.next_lane == 0 {
            self.arrive();
        } else if part <= self.update {
            // As ever one update at least is made again, so that all that is told of it is there.
            self.go_before((part + 1).min(self.update));
        }
        Some(part)
    }

    /// Updates made, counting the one that failed where every lane has diverged: it is part of the state that a link to
    /// this update leads to.
    pub fn update(&self) -> u64 {
        self.update
    }

    /// The experiment in training.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Losses of a lane, one an update made; a lane that diverged has no more after that.
    pub fn losses(&self, lane: usize) -> &[f32] {
        self.lanes.get(lane).map_or(&[], Lane::losses)
    }

    /// Whether every lane has diverged, so that further updates change nothing.
    pub fn all_stopped(&self) -> bool {
        self.lanes.iter().all(|lane| lane.stopped().is_some())
    }

    /// Makes one update of every lane that goes on; where none does, none is made or counted.
    pub fn step(&mut self) {
        while !self.step_lane() {}
    }

    /// Makes the update of the next lane; whether this was the last lane and so the whole update is made. A caller that
    /// must listen in between can do so after each lane.
    pub fn step_lane(&mut self) -> bool {
        if self.next_lane == 0 && self.all_stopped() {
            return true;
        }
        let loss = self.experiment.task.task().loss();
        let (update, clip) = (self.update + 1, self.experiment.clip);
        let lane = &mut self.lanes[self.next_lane];
        lane.step(&self.batch, loss, clip, update);
        if let Some(held_out) = &self.held_out {
            lane.hold_out(held_out, loss);
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
        // After the checkpoint, which so stays right whatever is edited here later.
        self.arrive();
        true
    }

    /// What is edited at the update that the run stands at.
    fn arrive(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.arrive(self.update));
    }

    /// Goes to where `target` is nearest ahead: stays where it is, or takes up a checkpoint, or begins again. Whether it
    /// moved; an update in hand is then dropped. The updates from there on are the same again, to the bit.
    ///
    /// It never moves to `target` itself but for update 0: the update before it is made again, so that all that is told of
    /// it is there.
    pub fn approach(&mut self, target: u64) -> bool {
        let nearest = self.checkpoints.before(target);
        let at_hand = target > self.update || target == self.update && self.next_lane == 0;
        if at_hand && (target == self.update || nearest.is_none_or(|(update, _)| update <= self.update)) {
            return false;
        }
        self.go_before(target);
        true
    }

    /// To the last checkpoint before an update, or to the start.
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
        self.arrive();
    }

    /// The places that the run can go back to.
    pub fn checkpoints(&self) -> &Checkpoints {
        &self.checkpoints
    }

    /// Shows another layer, from 0; the last where there are fewer.
    pub fn show_layer(&mut self, layer: usize) {
        self.layer = layer;
    }

    /// What the page shows now: the probe's pass of every lane, and the losses of the updates after `since`.
    /// With `batch_norms`, also the gradient norms of the batch of the update just made.
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

    /// How far back the gradient of each lane's probe reaches: its norms `[T]` as a snapshot has them, and the highest layer they are of.
    pub fn reach(&mut self, probe: u32) -> (usize, Vec<Vec<f64>>) {
        let sequence = self.source.probe(probe);
        let (update, layer) = (self.update, self.layer);
        let of = |lane: &mut Lane| {
            let batch = seen(&self.source, lane, &sequence, update);
            lane.reach(&batch, layer)
        };
        let (layers, norms): (Vec<usize>, Vec<Vec<f64>>) = self.lanes.iter_mut().map(of).unzip();
        (layers.into_iter().max().unwrap_or(0), norms)
    }

    /// The networks on show, each with the sequence that it shows as its only batch.
    pub fn on_show(&mut self, probe: u32) -> Vec<(Network<f32>, Batch<f32>)> {
        let sequence = self.source.probe(probe);
        let update = self.update;
        let show = |lane: &mut Lane| {
            let batch = seen(&self.source, lane, &sequence, update);
            (lane.on_show(&batch), batch)
        };
        self.lanes.iter_mut().map(show).collect()
    }

    /// What the page shows while one looks inside the next update with a window of truncation (0 for none), with sequence
    /// `member` of its batch (from 0; the last where there are fewer) in the probe's place: made on copies, so that nothing changes. A lane that cannot make
    /// that update has no film, and shows the member as [`snapshot`](Self::snapshot) would a probe.
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
        let members = sequences.iter().map(|sequence| of_batch(sequence, task.loss())).collect();
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

/// A sequence as a lane sees it at an update, with what is edited in it.
fn seen(source: &Source, lane: &Lane, sequence: &Sequence, update: u64) -> Batch<f32> {
    alone(source, lane.edited(sequence, update).as_ref().unwrap_or(sequence))
}

/// What is told of every sequence of a batch.
fn of_batch(sequence: &Sequence, loss: LossSpec) -> Member {
    let target = match &sequence.target {
        Target::Class(class) => Some(*class as f64),
        Target::Values(values) if loss.at == LossAt::Last => values.last().copied(),
        Target::Values(_) => None,
    };
    Member { moments: loss.count(&[sequence.len]) as f64, target }
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
