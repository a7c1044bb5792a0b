//! Trains every lane of an experiment on the same batches. Only here do weights change.

use super::experiment::Experiment;
use super::inside::{Film, Inside, Made};
use super::snapshot::{LaneSnapshot, SequenceOnShow, Snapshot, StopReason, Stopped};
use crate::nn::{
    Batch, CellKind, LossAt, LossSpec, Network, Optimizer, Parameters, Probe, ProbeTrace, Unroll, clip_global_norm,
    math::all_finite,
};
use crate::tasks::{SOLVED_WINDOW, Sequence, Target};

/// The networks of an experiment and how far they have come.
pub struct Trainer {
    experiment: Experiment,
    lanes: Vec<Lane>,
    update: u64,
    /// The batch of update `update + 1`.
    batch: Batch<f32>,
    /// The lane whose turn it is within the update in hand.
    next_lane: usize,
}

/// One network in training, with every buffer it needs.
#[derive(Clone)]
struct Lane {
    cell: CellKind,
    /// Seed of the initial weights.
    seed: u32,
    network: Network<f32>,
    optimizer: Optimizer<f32>,
    unroll: Unroll<f32>,
    gradients: Parameters<f32>,
    probe: Probe<f32>,
    /// Weights before the last update, for a lane whose last step led nowhere.
    before: Vec<f32>,
    /// Loss of each update made.
    losses: Vec<f32>,
    stopped: Option<Stopped>,
}

impl Trainer {
    /// The experiment's networks before training, whatever update the experiment names.
    pub fn new(experiment: &Experiment) -> Self {
        let loss = experiment.task.task().loss();
        let lanes = experiment.lanes.iter().map(|&cell| Lane::new(experiment, cell, loss)).collect();
        Self { experiment: experiment.clone(), lanes, update: 0, batch: batch_of(experiment, 1), next_lane: 0 }
    }

    /// Updates made.
    pub fn update(&self) -> u64 {
        self.update
    }

    /// The experiment in training.
    pub fn experiment(&self) -> &Experiment {
        &self.experiment
    }

    /// Losses of a lane, one an update made; a lane that diverged has no more after that.
    pub fn losses(&self, lane: usize) -> &[f32] {
        self.lanes.get(lane).map_or(&[], |lane| &lane.losses)
    }

    /// Whether every lane has diverged, so that further updates change nothing.
    pub fn all_stopped(&self) -> bool {
        self.lanes.iter().all(|lane| lane.stopped.is_some())
    }

    /// Makes one update of every lane that goes on.
    pub fn step(&mut self) {
        while !self.step_lane() {}
    }

    /// Makes the update of the next lane; whether this was the last lane and so the whole update is made. A caller that
    /// must listen in between can do so after each lane.
    pub fn step_lane(&mut self) -> bool {
        let loss = self.experiment.task.task().loss();
        let (update, clip) = (self.update + 1, self.experiment.clip);
        self.lanes[self.next_lane].step(&self.batch, loss, clip, update);
        self.next_lane += 1;
        if self.next_lane < self.lanes.len() {
            return false;
        }
        self.next_lane = 0;
        self.update += 1;
        self.batch = batch_of(&self.experiment, self.update + 1);
        true
    }

    /// What the page shows now: the probe's pass of every lane, and the losses of the updates after `since`.
    /// With `batch_norms`, also the gradient norms of the batch of the update just made.
    ///
    /// Call it between updates, not between lanes.
    pub fn snapshot(&mut self, run: u32, probe: u32, since: u64, batch_norms: bool) -> Snapshot {
        let task = self.experiment.task.task();
        let sequence = self.experiment.task.probe_sequence(self.experiment.data, probe, self.experiment.len);
        let batch = match self.experiment.task.batch(std::slice::from_ref(&sequence)) {
            Ok(batch) => batch,
            Err(error) => unreachable!("a task's own sequence makes a batch: {error}"),
        };
        let lanes = self
            .lanes
            .iter_mut()
            .map(|lane| lane.snapshot(&batch, since, &self.batch, task.loss(), batch_norms))
            .collect();
        Snapshot { run, update: self.update, sequence: on_show(&sequence, probe, task.loss(), task.outputs()), lanes }
    }

    /// What the page shows while one looks inside the next update, with sequence `member` of its batch (from 0; the last
    /// where there are fewer) in the probe's place: made on copies, so that nothing changes. A lane that cannot make
    /// that update has no film, and shows the member as [`snapshot`](Self::snapshot) would a probe.
    pub fn inside(&mut self, run: u32, probe: u32, since: u64, batch_norms: bool, member: usize) -> (Snapshot, Inside) {
        let experiment = &self.experiment;
        let (task, size) = (experiment.task.task(), experiment.batch);
        let mut sequences = experiment.task.batch_sequences(experiment.data, self.update + 1, experiment.len, size);
        let member = member.min(size - 1);
        let sequence = sequences.swap_remove(member);
        let alone = match experiment.task.batch(std::slice::from_ref(&sequence)) {
            Ok(batch) => batch,
            Err(error) => unreachable!("a task's own sequence makes a batch: {error}"),
        };
        let (mut lanes, mut films) = (Vec::new(), Vec::new());
        for lane in &mut self.lanes {
            let mut shown = lane.snapshot(&alone, since, &self.batch, task.loss(), batch_norms);
            films.push(lane.film(&self.batch, task.loss(), experiment.clip, member).map(|(film, trace)| {
                shown.trace = ProbeTrace { sigma_max: shown.trace.sigma_max, ..trace };
                film
            }));
            lanes.push(shown);
        }
        let sequence = on_show(&sequence, probe, task.loss(), task.outputs());
        (Snapshot { run, update: self.update, sequence, lanes }, Inside { member, films })
    }
}

impl Lane {
    fn new(experiment: &Experiment, cell: CellKind, loss: LossSpec) -> Self {
        let config = experiment.network(cell);
        let network = Network::seeded(&config, experiment.seed);
        let gradients = network.parameters().clone();
        let before = network.parameters().values().to_vec();
        Self {
            cell,
            seed: experiment.seed,
            optimizer: Optimizer::new(experiment.optimizer, experiment.lr, network.parameter_count()),
            unroll: Unroll::new(&config, experiment.len, experiment.batch),
            gradients,
            probe: Probe::new(&config, experiment.len, loss),
            before,
            losses: Vec::new(),
            stopped: None,
            network,
        }
    }

    fn step(&mut self, batch: &Batch<f32>, loss: LossSpec, clip: f64, update: u64) {
        if self.stopped.is_some() {
            return;
        }
        if let Err(reason) = self.try_step(batch, loss, clip) {
            self.stopped = Some(Stopped { update, reason });
        }
    }

    /// Forward, loss, backward, clip, optimiser. A quantity that is not finite ends it before it can reach the weights,
    /// or takes them back.
    fn try_step(&mut self, batch: &Batch<f32>, loss: LossSpec, clip: f64) -> Result<(), StopReason> {
        self.unroll.forward(&self.network, batch);
        // Losses are kept in f32; one beyond its range is as lost as one that is not finite.
        let value = self.unroll.loss(batch, loss) as f32;
        if !value.is_finite() {
            return Err(StopReason::Loss);
        }
        self.unroll.backward(&self.network, batch, &mut self.gradients);
        let norm = clip_global_norm(self.gradients.values_mut(), clip);
        if !norm.is_finite() || !all_finite(self.gradients.values()) {
            return Err(StopReason::Gradient);
        }
        let weights = self.network.parameters_mut().values_mut();
        self.before.copy_from_slice(weights);
        self.optimizer.step(weights, self.gradients.values());
        if !all_finite(weights) {
            weights.copy_from_slice(&self.before);
            return Err(StopReason::Weights);
        }
        self.losses.push(value);
        Ok(())
    }

    /// The update of this batch, made by a copy, and the trace of one member in it.
    fn film(&self, batch: &Batch<f32>, loss: LossSpec, clip: f64, member: usize) -> Option<(Film, ProbeTrace<f32>)> {
        let mut lane = self.clone();
        if self.stopped.is_some() || lane.try_step(batch, loss, clip).is_err() {
            return None;
        }
        // Clipping has overwritten the gradient; the same passes give the same one again.
        let mut gradients = lane.gradients.clone();
        lane.unroll.forward(&self.network, batch);
        lane.unroll.loss(batch, loss);
        lane.unroll.backward(&self.network, batch, &mut gradients);
        let trace = ProbeTrace::of_member(&lane.unroll, &self.network, loss, member);
        let film = Film::new(&Made {
            loss: lane.losses.last().copied()?,
            gradients: &gradients,
            clipped: &lane.gradients,
            before: &lane.before,
            after: lane.network.parameters(),
            optimizer: lane.optimizer.state(),
            trace: &trace,
            shares: lane.unroll.recurrent_shares(),
            clip,
        });
        is_finite(&trace).then_some((film, trace))
    }

    fn snapshot(
        &mut self,
        sequence: &Batch<f32>,
        since: u64,
        next_batch: &Batch<f32>,
        loss: LossSpec,
        batch_norms: bool,
    ) -> LaneSnapshot {
        // What a lane that diverged left behind is no pass of an update.
        let norms = if batch_norms && !self.losses.is_empty() && self.stopped.is_none() {
            let memory = self.cell.has_cell_state();
            (self.unroll.grad_h_norms(), if memory { self.unroll.grad_c_norms() } else { Vec::new() })
        } else {
            (Vec::new(), Vec::new())
        };
        let shown_loss = match self.losses.last() {
            Some(&last) => last,
            None => {
                self.unroll.forward(&self.network, next_batch);
                self.unroll.loss(next_batch, loss) as f32
            }
        };
        let from = (since as usize).min(self.losses.len());
        LaneSnapshot {
            cell: self.cell,
            parameters: self.network.parameter_count(),
            loss: shown_loss,
            recent_loss: recent_mean(&self.losses),
            stopped: self.stopped,
            new_losses: (from as u64 + 1, self.losses[from..].to_vec()),
            batch_norms: norms,
            trace: self.finite_trace(sequence),
        }
    }

    /// The probe's pass with the present weights. Where it is not finite throughout: with those before the last update,
    /// the last that an update's whole pass was finite with; and should the probe fail where the batch did not, with the
    /// initial ones. Nothing depends on what was shown before, so that a replay shows the same.
    fn finite_trace(&mut self, sequence: &Batch<f32>) -> ProbeTrace<f32> {
        let trace = self.probe.trace(&self.network, sequence);
        if is_finite(&trace) {
            return trace;
        }
        let mut network = self.network.clone();
        network.parameters_mut().values_mut().copy_from_slice(&self.before);
        let trace = self.probe.trace(&network, sequence);
        if is_finite(&trace) {
            return trace;
        }
        self.probe.trace(&Network::seeded(self.network.config(), self.seed), sequence)
    }
}

fn batch_of(experiment: &Experiment, update: u64) -> Batch<f32> {
    let sequences = experiment.task.batch_sequences(experiment.data, update, experiment.len, experiment.batch);
    match experiment.task.batch(&sequences) {
        Ok(batch) => batch,
        Err(error) => unreachable!("a task's own sequences make a batch: {error}"),
    }
}

/// Mean of the last [`SOLVED_WINDOW`] losses.
pub fn recent_mean(losses: &[f32]) -> Option<f64> {
    let window = losses.len().checked_sub(SOLVED_WINDOW).map(|from| &losses[from..])?;
    Some(window.iter().map(|&loss| f64::from(loss)).sum::<f64>() / SOLVED_WINDOW as f64)
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

fn is_finite(trace: &ProbeTrace<f32>) -> bool {
    let series = trace.z.iter().chain(&trace.gates).chain(&trace.grad_z).map(|series| series.values.as_slice());
    let states = [&trace.h, &trace.c, &trace.output, &trace.answer, &trace.grad_h, &trace.grad_c];
    states.into_iter().map(Vec::as_slice).chain(series).all(all_finite) && trace.loss.is_finite()
}
