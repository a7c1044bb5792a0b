//! One network of a run: its updates, its checkpoints and its snapshots.

use crate::experiment::Experiment;
use crate::experiment::edit::Edit;
use crate::run::checkpoints::LaneCheckpoint;
use crate::run::film::{Film, Made};
use crate::run::held_out::{self, HeldOut};
use crate::run::snapshot::{Ghost, LaneSnapshot, StopReason, Stopped};
use nn::{
    Batch, CellKind, ClipMode, KeyedRng, LossSpec, Network, NetworkConfig, Optimizer, Parameters, Probe, ProbeTrace,
    Truncation, Unroll, clip, math::all_finite,
};
use tasks::{SOLVED_WINDOW, Sequence};

/// `‖∂L/∂h_t‖` and `‖∂L/∂c_t‖` per step.
type GradientNorms = (Vec<f64>, Vec<f64>);

/// One network in training, with all its buffers.
#[derive(Clone)]
pub(crate) struct Lane {
    cell: CellKind,
    /// The index of the lane, from 0.
    index: usize,
    /// Seed of the initial weights and of dropout.
    seed: u32,
    /// The factor on the initial recurrent weights.
    gain: f64,
    dropout: f64,
    clip_mode: ClipMode,
    network: Network<f32>,
    optimizer: Optimizer<f32>,
    unroll: Unroll<f32>,
    gradients: Parameters<f32>,
    probe: Probe<f32>,
    /// Weights before the last update, which are restored if the update is not finite.
    before: Vec<f32>,
    /// Loss of each update made, and of later ones made before the run went back, which would be the same.
    known_losses: Vec<f32>,
    /// Number of updates made.
    updates: usize,
    /// Held-out losses, one per interval; like `known_losses` also of later updates.
    held_out: Vec<f32>,
    /// Number of updates per held-out loss; 0 where nothing is held out.
    held_out_interval: u64,
    stopped: Option<Stopped>,
    /// The edits of this lane, earliest first.
    edits: Vec<Edit>,
    /// The lane without its edits, once they have separated the two.
    twin: Option<Box<Lane>>,
    /// Whether the run is past the first edit that changes training. Before it the twin, if there is one, waits.
    is_separated: bool,
}

impl Lane {
    /// Makes the network before training.
    pub(crate) fn new(experiment: &Experiment, index: usize, loss: LossSpec) -> Self {
        let config = experiment.lane_network(index);
        let network = initial(&config, experiment.seed, experiment.gain);
        let gradients = network.parameters().clone();
        let before = network.parameters().values().to_vec();
        let truncation = Truncation::new(experiment.truncation);
        Self {
            cell: config.cell,
            index,
            seed: experiment.seed,
            gain: experiment.gain,
            dropout: experiment.dropout,
            clip_mode: experiment.clip_mode,
            optimizer: Optimizer::with_settings(experiment.optimizer_settings(), network.parameter_count()),
            unroll: Unroll::new(&config, experiment.len, experiment.batch).truncated(truncation),
            gradients,
            probe: Probe::new(&config, experiment.len, loss).truncated(truncation),
            before,
            known_losses: Vec::new(),
            updates: 0,
            held_out: Vec::new(),
            held_out_interval: held_out::every(experiment).unwrap_or(0),
            stopped: None,
            edits: Vec::new(),
            twin: None,
            is_separated: false,
            network,
        }
    }

    /// Replaces the edits; training differs from update `difference` on, if anywhere. The run must then go to that update, or to one
    /// before it, and [`apply_edits`](Self::apply_edits) there.
    pub(crate) fn edit(&mut self, edits: Vec<Edit>, difference: Option<u64>) {
        self.edits = edits;
        if let Some(update) = difference {
            self.known_losses.truncate(update as usize);
            self.held_out.truncate(update.checked_div(self.held_out_interval).unwrap_or(0) as usize);
        }
        if !self.edits.iter().any(Edit::trains) {
            self.twin = None;
        }
    }

    /// Applies the edits of `update`, before the next update is made. Doing it again changes nothing.
    pub(crate) fn apply_edits(&mut self, update: u64) {
        if self.edits.is_empty() && !self.network.is_held() {
            return;
        }
        if !self.is_separated && self.edits.iter().any(|edit| edit.trains() && edit.update == update) {
            self.separate_twin();
        }
        let hidden = self.network.config().hidden;
        let mut clamps = Vec::new();
        for edit in self.edits.iter().filter(|edit| edit.update <= update) {
            let held = edit.clamps(self.cell, hidden);
            if !held.is_empty() {
                clamps.resize(clamps.len().max(edit.place.layer + 1), Vec::new());
                clamps[edit.place.layer].extend(held);
            }
            if edit.update == update {
                edit.set_weight(self.network.parameters_mut());
            }
        }
        self.network.hold(clamps);
    }

    /// Separates the twin, which from here on trains as the lane would without its edits.
    fn separate_twin(&mut self) {
        let mut twin = self.twin.take().unwrap_or_else(|| Box::new(Self { edits: Vec::new(), ..self.clone() }));
        twin.network.hold(Vec::new());
        twin.restore(&self.checkpoint());
        if twin.known_losses.len() < twin.updates {
            twin.known_losses = self.losses().to_vec();
            twin.held_out = self.held_out.clone();
        }
        self.twin = Some(twin);
        self.is_separated = true;
    }

    /// The twin, if it is separated.
    fn twin(&mut self) -> Option<&mut Self> {
        self.twin.as_deref_mut().filter(|_| self.is_separated)
    }

    /// The sequence with the lane's edits at an update; `None` where none of its inputs is edited.
    pub(crate) fn edited(&self, sequence: &Sequence, update: u64) -> Option<Sequence> {
        let mut edited = None;
        let width = sequence.inputs.len() / sequence.len.max(1);
        for edit in self.edits.iter().filter(|edit| edit.place.is_input() && edit.update <= update) {
            let [step, input] = edit.place.at;
            let sequence: &mut Sequence = edited.get_or_insert_with(|| sequence.clone());
            if let Some(value) = sequence.inputs.get_mut((step - 1) * width + input - 1) {
                *value = edit.value;
            }
        }
        edited
    }

    /// Starts again before training; known losses and edits are kept.
    pub(crate) fn restart(&mut self, experiment: &Experiment, loss: LossSpec) {
        let (known_losses, edits) = (std::mem::take(&mut self.known_losses), std::mem::take(&mut self.edits));
        let held_out = std::mem::take(&mut self.held_out);
        *self =
            Self { known_losses, held_out, edits, twin: self.twin.take(), ..Self::new(experiment, self.index, loss) };
    }

    /// The complete state of the lane.
    pub(crate) fn checkpoint(&self) -> LaneCheckpoint {
        LaneCheckpoint {
            weights: self.weights(),
            before: self.before.clone(),
            optimizer: self.optimizer.state().clone(),
            updates: self.updates,
            stopped: self.stopped,
            twin: self.twin.as_ref().filter(|_| self.is_separated).map(|twin| Box::new(twin.checkpoint())),
        }
    }

    /// Goes to a checkpoint of this lane. It does not contain the pass of its last update, so that reports of that pass are right
    /// only after one more update.
    pub(crate) fn restore(&mut self, checkpoint: &LaneCheckpoint) {
        self.network.parameters_mut().values_mut().copy_from_slice(&checkpoint.weights);
        self.before.copy_from_slice(&checkpoint.before);
        let fits = self.optimizer.restore(checkpoint.optimizer.clone());
        debug_assert!(fits, "a checkpoint of this lane");
        self.updates = checkpoint.updates;
        self.stopped = checkpoint.stopped;
        self.is_separated = match (&mut self.twin, &checkpoint.twin) {
            (Some(twin), Some(checkpoint)) => {
                twin.restore(checkpoint);
                true
            }
            _ => false,
        };
    }

    /// Loss of each update made.
    pub(crate) fn losses(&self) -> &[f32] {
        &self.known_losses[..self.updates]
    }

    /// The update at which the lane diverged, if it did.
    pub(crate) fn stopped(&self) -> Option<Stopped> {
        self.stopped
    }

    /// Makes one update, unless the lane has diverged.
    pub(crate) fn step(&mut self, batch: &Batch<f32>, loss: LossSpec, clip: f64, update: u64) {
        if let Some(twin) = self.twin() {
            twin.step(batch, loss, clip, update);
        }
        if self.stopped.is_some() {
            return;
        }
        if let Err(reason) = self.try_step(batch, loss, clip) {
            let first = match reason {
                StopReason::Loss => self.unroll.first_overflow(batch.lengths(), false),
                StopReason::Gradient => self.unroll.first_overflow(batch.lengths(), true),
                StopReason::Weights => None,
            };
            self.stopped = Some(Stopped { update, reason, first });
        }
    }

    /// Makes an update: forward, loss, backward, clip, optimiser. If a quantity is not finite, the weights stay, or become again,
    /// what they were.
    fn try_step(&mut self, batch: &Batch<f32>, loss: LossSpec, limit: f64) -> Result<(), StopReason> {
        self.draw_dropout();
        self.unroll.forward(&self.network, batch);
        // Losses are stored in f32; one beyond its range is not finite.
        let value = self.unroll.loss(batch, loss) as f32;
        if !value.is_finite() {
            return Err(StopReason::Loss);
        }
        self.unroll.backward(&self.network, batch, &mut self.gradients);
        let norm = clip(self.clip_mode, self.gradients.values_mut(), limit);
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
        if self.updates == self.known_losses.len() {
            self.known_losses.push(value);
        }
        self.updates += 1;
        Ok(())
    }

    /// Draws the dropout masks of the next update, by seed, lane code and update.
    fn draw_dropout(&mut self) {
        if self.dropout > 0.0 {
            let next = self.updates as u64 + 1;
            let mut random = KeyedRng::new(self.seed, *b"drop", self.network.config().code(), next.to_le_bytes());
            self.unroll.drop_out(self.dropout, &mut random);
        }
    }

    /// Computes the held-out loss after an update, if it is due and not known yet.
    pub(crate) fn evaluate_held_out(&mut self, held_out: &HeldOut, loss: LossSpec) {
        if let Some(twin) = self.twin() {
            twin.evaluate_held_out(held_out, loss);
        }
        let due = (self.updates as u64).checked_div(self.held_out_interval).unwrap_or(0);
        if self.stopped.is_some()
            || (self.updates as u64) != due * self.held_out_interval
            || self.held_out.len() as u64 + 1 != due
        {
            return;
        }
        self.unroll.keep_all();
        let mut pass = |batch: &Batch<f32>| {
            self.unroll.forward(&self.network, batch);
            self.unroll.loss(batch, loss)
        };
        let sum: f64 = held_out.batches.iter().map(&mut pass).sum();
        self.held_out.push((sum / held_out.batches.len() as f64) as f32);
    }

    /// Makes the update of this batch with this window of truncation on a copy; returns its film, the trace of one member, and the
    /// batch's gradient norms as in [`LaneSnapshot::batch_norms`].
    pub(crate) fn film(
        &self,
        batch: &Batch<f32>,
        loss: LossSpec,
        clip: f64,
        (member, window, layer): (usize, usize, usize),
    ) -> Option<(Film, ProbeTrace<f32>, GradientNorms)> {
        let mut lane = Self { twin: None, ..self.clone() };
        lane.unroll.set_truncation(Truncation::new(window));
        lane.known_losses.truncate(lane.updates);
        if self.stopped.is_some() || lane.try_step(batch, loss, clip).is_err() {
            return None;
        }
        // Clipping has overwritten the gradient; the same passes compute it again.
        let mut pass = |truncation: Truncation| {
            let mut gradients = self.gradients.clone();
            lane.unroll.set_truncation(truncation);
            lane.unroll.forward(&self.network, batch);
            lane.unroll.loss(batch, loss);
            lane.unroll.backward(&self.network, batch, &mut gradients);
            gradients
        };
        // Without truncation there is only one gradient. The film's own pass comes last, as the trace is read from it.
        let full = (window > 0).then(|| pass(Truncation::default()));
        let gradients = pass(Truncation::new(window));
        let place = (member, layer, batch.lengths()[member]);
        let trace = ProbeTrace::of_layer(&lane.unroll, &self.network, loss, place);
        let film = Film::new(&Made {
            loss: lane.losses().last().copied()?,
            target_steps: loss.count(batch.lengths()),
            gradients: &gradients,
            full: full.as_ref().unwrap_or(&gradients),
            clipped: &lane.gradients,
            before: &lane.before,
            after: lane.network.parameters(),
            optimizer_before: self.optimizer.state(),
            optimizer: lane.optimizer.state(),
            trace: &trace,
            shares: lane.unroll.recurrent_shares(trace.layer),
            losses: batch
                .lengths()
                .iter()
                .enumerate()
                .map(|(member, &len)| lane.unroll.own_loss(loss, member, len))
                .collect(),
            clip,
            clip_mode: self.clip_mode,
        });
        is_finite(&trace).then_some((film, trace, lane.gradient_norms(layer)))
    }

    /// Computes the layer (from 0; the last where there are fewer) and the norms that show how far back the gradient of the probe
    /// reaches.
    pub(crate) fn reach(&mut self, sequence: &Batch<f32>, layer: usize) -> (usize, Vec<f64>) {
        let trace = self.finite_trace(sequence, layer).0;
        (trace.layer, trace.reach_norms().to_vec())
    }

    /// Makes a snapshot of the lane: the probe's pass over `sequence`, or over `edited` if its inputs are edited, the losses of the
    /// updates after `since`, and with `batch_norms` the gradient norms of the last update. The loss before the first update is that
    /// of `next_batch`.
    pub(crate) fn snapshot(
        &mut self,
        sequence: &Batch<f32>,
        edited: Option<&Batch<f32>>,
        (layer, since): (usize, u64),
        next_batch: &Batch<f32>,
        loss: LossSpec,
        batch_norms: bool,
    ) -> LaneSnapshot {
        // The last pass of a lane that diverged is not that of an update.
        let norms = if batch_norms && !self.losses().is_empty() && self.stopped.is_none() {
            self.gradient_norms(layer)
        } else {
            (Vec::new(), Vec::new())
        };
        let shown_loss = match self.losses().last() {
            Some(&last) => last,
            None => {
                self.draw_dropout();
                self.unroll.forward(&self.network, next_batch);
                self.unroll.loss(next_batch, loss) as f32
            }
        };
        let (trace, weights) = self.finite_trace(edited.unwrap_or(sequence), layer);
        let weights = self.of_layer(&weights, trace.layer);
        LaneSnapshot {
            cell: self.cell,
            parameters: self.network.config().acting_count(),
            loss: shown_loss,
            recent_loss: recent_mean(self.losses_since_last_edit()),
            stopped: self.stopped,
            new_losses: self.losses_after(since),
            held_out: self.held_out_after(since),
            batch_norms: norms,
            weights,
            window: self.network.config().window,
            trace,
            inputs: edited.map(|batch| batch.inputs().as_slice().to_vec()).unwrap_or_default(),
            ghost: None,
        }
    }

    /// The losses since the last edit that changes training, as those before are another network's.
    fn losses_since_last_edit(&self) -> &[f32] {
        let losses = self.losses();
        let updates = self.edits.iter().filter(|edit| edit.trains()).map(|edit| edit.update as usize);
        let last = updates.filter(|update| *update <= losses.len()).max().unwrap_or(0);
        &losses[last..]
    }

    /// The pass of the unedited lane over the unedited sequence. Where only inputs are edited, the unedited lane is this one.
    pub(crate) fn ghost(&mut self, sequence: &Batch<f32>, layer: usize, since: u64) -> Ghost {
        match self.twin() {
            Some(twin) => Ghost { new_losses: twin.losses_after(since), trace: twin.finite_trace(sequence, layer).0 },
            None => Ghost { new_losses: (since + 1, Vec::new()), trace: self.finite_trace(sequence, layer).0 },
        }
    }

    /// Whether an edit of the lane has been reached at an update.
    pub(crate) fn is_edited(&self, update: u64) -> bool {
        self.edits.iter().any(|edit| edit.update <= update)
    }

    /// The losses of the updates after `since`, and the update of the first of them.
    fn losses_after(&self, since: u64) -> (u64, Vec<f32>) {
        let from = (since as usize).min(self.losses().len());
        (from as u64 + 1, self.losses()[from..].to_vec())
    }

    /// The held-out losses after update `since`, and the number of those before.
    fn held_out_after(&self, since: u64) -> (u64, Vec<f32>) {
        let index = |updates: u64| updates.checked_div(self.held_out_interval).unwrap_or(0) as usize;
        let until = index(self.updates as u64).min(self.held_out.len());
        let from = index(since).min(until);
        (from as u64, self.held_out[from..until].to_vec())
    }

    /// `‖∂L/∂h_t‖` and `‖∂L/∂c_t‖` of a layer in the last pass over a batch.
    fn gradient_norms(&self, layer: usize) -> GradientNorms {
        self.unroll.layer_norms(layer)
    }

    /// The current weights.
    pub(crate) fn weights(&self) -> Vec<f32> {
        self.network.parameters().values().to_vec()
    }

    /// A copy of the network with the weights that the page shows for this sequence.
    pub(crate) fn on_show(&mut self, sequence: &Batch<f32>) -> Network<f32> {
        let (_, weights) = self.finite_trace(sequence, 0);
        let mut network = self.network.clone();
        network.parameters_mut().values_mut().copy_from_slice(&weights);
        network
    }

    /// Selects the weights of a layer (from 0) and of the readout.
    pub(crate) fn of_layer(&self, weights: &[f32], layer: usize) -> Vec<f32> {
        let blocks = self.network.parameters().blocks().iter().filter(|block| block.belongs_to(layer));
        blocks.flat_map(|block| &weights[block.range()]).copied().collect()
    }

    /// Traces one layer of the probe's pass with the current weights. If it is not finite throughout, the weights before the last
    /// update are used, with which an update's whole pass was finite; and if the probe's is not, the initial ones. The result does not
    /// depend on earlier snapshots, so that a replay shows the same. Returns the weights, too.
    fn finite_trace(&mut self, sequence: &Batch<f32>, layer: usize) -> (ProbeTrace<f32>, Vec<f32>) {
        let trace = self.probe.trace_layer(&self.network, sequence, layer);
        if is_finite(&trace) {
            return (trace, self.weights());
        }
        let mut network = self.network.clone();
        network.parameters_mut().values_mut().copy_from_slice(&self.before);
        let trace = self.probe.trace_layer(&network, sequence, layer);
        if is_finite(&trace) {
            return (trace, self.before.clone());
        }
        let initial = initial(network.config(), self.seed, self.gain);
        network.parameters_mut().values_mut().copy_from_slice(initial.parameters().values());
        (self.probe.trace_layer(&network, sequence, layer), network.parameters().values().to_vec())
    }
}

/// Makes the network before training: the seed's weights, with a factor on the recurrent ones.
fn initial(config: &NetworkConfig, seed: u32, gain: f64) -> Network<f32> {
    let mut network = Network::<f32>::seeded(config, seed);
    if gain != 1.0 {
        let blocks = network.parameters().blocks().to_vec();
        for block in blocks.into_iter().filter(|block| block.name == "w_hh") {
            network.parameters_mut().values_mut()[block.range()].iter_mut().for_each(|weight| *weight *= gain as f32);
        }
    }
    network
}

/// Computes the mean of the last [`SOLVED_WINDOW`] losses; `None` before there are so many.
pub fn recent_mean(losses: &[f32]) -> Option<f64> {
    let window = losses.len().checked_sub(SOLVED_WINDOW).map(|from| &losses[from..])?;
    Some(window.iter().map(|&loss| f64::from(loss)).sum::<f64>() / SOLVED_WINDOW as f64)
}

fn is_finite(trace: &ProbeTrace<f32>) -> bool {
    let series = trace.z.iter().chain(&trace.gates).chain(&trace.grad_z).map(|series| series.values.as_slice());
    let states = [&trace.h, &trace.c, &trace.output, &trace.answer, &trace.grad_h, &trace.grad_c];
    states.into_iter().map(Vec::as_slice).chain(series).all(all_finite) && trace.loss.is_finite()
}
