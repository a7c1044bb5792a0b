//! One network of a run: its updates, its checkpoints, and what is shown of it.

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

/// One network in training, with every buffer it needs.
#[derive(Clone)]
pub(crate) struct Lane {
    cell: CellKind,
    /// Which lane of the run it is, from 0.
    index: usize,
    /// Seed of the initial weights, and of what dropout leaves out.
    seed: u32,
    /// The factor on their recurrent ones.
    gain: f64,
    dropout: f64,
    clip_mode: ClipMode,
    network: Network<f32>,
    optimizer: Optimizer<f32>,
    unroll: Unroll<f32>,
    gradients: Parameters<f32>,
    probe: Probe<f32>,
    /// Weights before the last update, for a lane whose last step led nowhere.
    before: Vec<f32>,
    /// Loss of each update made, and of those beyond that were made before the run went back: they would be the same.
    known: Vec<f32>,
    /// How many losses belong to the updates made.
    made: usize,
    /// Loss of what is held out, after every so many updates; as `known` also beyond the updates made.
    held_out: Vec<f32>,
    /// How many updates that is; 0 where nothing is held out.
    every: u64,
    stopped: Option<Stopped>,
    /// What was changed by hand in this lane, earliest first.
    edits: Vec<Edit>,
    /// The lane as it would be without its edits, once they have set it apart.
    twin: Option<Box<Lane>>,
    /// Whether an edit has been reached that sets the two apart. Before it the twin, if there is one, waits.
    apart: bool,
}

impl Lane {
    /// The network before training.
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
            known: Vec::new(),
            made: 0,
            held_out: Vec::new(),
            every: held_out::every(experiment).unwrap_or(0),
            stopped: None,
            edits: Vec::new(),
            twin: None,
            apart: false,
            network,
        }
    }

    /// Takes these edits, in their order, in place of those before; what is trained differs from update `part` on, if anywhere. The run must
    /// then be brought to that update, or to one before it, and [`arrive`](Self::arrive) there again.
    pub(crate) fn edit(&mut self, edits: Vec<Edit>, part: Option<u64>) {
        self.edits = edits;
        if let Some(update) = part {
            self.known.truncate(update as usize);
            self.held_out.truncate(update.checked_div(self.every).unwrap_or(0) as usize);
        }
        if !self.edits.iter().any(Edit::trains) {
            self.twin = None;
        }
    }

    /// When the run stands at `update`, before the next one is made: what is edited here and now. Doing it again changes
    /// nothing.
    pub(crate) fn arrive(&mut self, update: u64) {
        if self.edits.is_empty() && !self.network.is_held() {
            return;
        }
        if !self.apart && self.edits.iter().any(|edit| edit.trains() && edit.update == update) {
            self.part();
        }
        let hidden = self.network.config().hidden;
        let mut clamps = Vec::new();
        for edit in self.edits.iter().filter(|edit| edit.update <= update) {
            let of_edit = edit.clamps(self.cell, hidden);
            if !of_edit.is_empty() {
                clamps.resize(clamps.len().max(edit.place.layer + 1), Vec::new());
                clamps[edit.place.layer].extend(of_edit);
            }
            if edit.update == update {
                edit.set_weight(self.network.parameters_mut());
            }
        }
        self.network.hold(clamps);
    }

    /// Sets the twin apart: from here on it goes the way that the lane would have gone.
    fn part(&mut self) {
        let mut twin = self.twin.take().unwrap_or_else(|| Box::new(Self { edits: Vec::new(), ..self.clone() }));
        twin.network.hold(Vec::new());
        twin.restore(&self.checkpoint());
        if twin.known.len() < twin.made {
            twin.known = self.losses().to_vec();
            twin.held_out = self.held_out.clone();
        }
        self.twin = Some(twin);
        self.apart = true;
    }

    /// The twin, once it is apart.
    fn twin(&mut self) -> Option<&mut Self> {
        self.twin.as_deref_mut().filter(|_| self.apart)
    }

    /// The sequence as the lane sees it at an update; none where none of its inputs is edited.
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

    /// The network before training again; its losses stay known, and its edits hold.
    pub(crate) fn restart(&mut self, experiment: &Experiment, loss: LossSpec) {
        let (known, edits) = (std::mem::take(&mut self.known), std::mem::take(&mut self.edits));
        let held_out = std::mem::take(&mut self.held_out);
        *self = Self { known, held_out, edits, twin: self.twin.take(), ..Self::new(experiment, self.index, loss) };
    }

    /// All that the lane's further way depends on.
    pub(crate) fn checkpoint(&self) -> LaneCheckpoint {
        LaneCheckpoint {
            weights: self.weights(),
            before: self.before.clone(),
            optimizer: self.optimizer.state().clone(),
            made: self.made,
            stopped: self.stopped,
            twin: self.twin.as_ref().filter(|_| self.apart).map(|twin| Box::new(twin.checkpoint())),
        }
    }

    /// Back, or on, to a checkpoint of this lane. The pass of its last update is not in it: what is told of that is right
    /// after one more update.
    pub(crate) fn restore(&mut self, checkpoint: &LaneCheckpoint) {
        self.network.parameters_mut().values_mut().copy_from_slice(&checkpoint.weights);
        self.before.copy_from_slice(&checkpoint.before);
        let fits = self.optimizer.restore(checkpoint.optimizer.clone());
        debug_assert!(fits, "a checkpoint of this lane");
        self.made = checkpoint.made;
        self.stopped = checkpoint.stopped;
        self.apart = match (&mut self.twin, &checkpoint.twin) {
            (Some(twin), Some(checkpoint)) => {
                twin.restore(checkpoint);
                true
            }
            _ => false,
        };
    }

    /// Loss of each update made.
    pub(crate) fn losses(&self) -> &[f32] {
        &self.known[..self.made]
    }

    /// Where the lane diverged, if it did.
    pub(crate) fn stopped(&self) -> Option<Stopped> {
        self.stopped
    }

    /// One update, unless the lane has diverged.
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

    /// Forward, loss, backward, clip, optimiser. A quantity that is not finite ends it before it can reach the weights,
    /// or takes them back.
    fn try_step(&mut self, batch: &Batch<f32>, loss: LossSpec, limit: f64) -> Result<(), StopReason> {
        self.drop_out();
        self.unroll.forward(&self.network, batch);
        // Losses are kept in f32; one beyond its range is as lost as one that is not finite.
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
        if self.made == self.known.len() {
            self.known.push(value);
        }
        self.made += 1;
        Ok(())
    }

    /// Draws what the next update leaves out: by seed, lane code and update.
    fn drop_out(&mut self) {
        if self.dropout > 0.0 {
            let next = self.made as u64 + 1;
            let mut random = KeyedRng::new(self.seed, *b"drop", self.network.config().code(), next.to_le_bytes());
            self.unroll.drop_out(self.dropout, &mut random);
        }
    }

    /// After an update: the loss of what is held out, where it is due and not known yet.
    pub(crate) fn hold_out(&mut self, held: &HeldOut, loss: LossSpec) {
        if let Some(twin) = self.twin() {
            twin.hold_out(held, loss);
        }
        let due = (self.made as u64).checked_div(self.every).unwrap_or(0);
        if self.stopped.is_some() || (self.made as u64) != due * self.every || self.held_out.len() as u64 + 1 != due {
            return;
        }
        self.unroll.keep_all();
        let mut pass = |batch: &Batch<f32>| {
            self.unroll.forward(&self.network, batch);
            self.unroll.loss(batch, loss)
        };
        let sum: f64 = held.batches.iter().map(&mut pass).sum();
        self.held_out.push((sum / held.batches.len() as f64) as f32);
    }

    /// The update of this batch with this window of truncation, made by a copy; the trace of one member in it, and the batch's
    /// gradient norms as in [`LaneSnapshot::batch_norms`].
    pub(crate) fn film(
        &self,
        batch: &Batch<f32>,
        loss: LossSpec,
        clip: f64,
        (member, window, layer): (usize, usize, usize),
    ) -> Option<(Film, ProbeTrace<f32>, GradientNorms)> {
        let mut lane = Self { twin: None, ..self.clone() };
        lane.unroll.set_truncation(Truncation::new(window));
        lane.known.truncate(lane.made);
        if self.stopped.is_some() || lane.try_step(batch, loss, clip).is_err() {
            return None;
        }
        // Clipping has overwritten the gradient; the same passes give the same one again.
        let mut pass = |truncation: Truncation| {
            let mut gradients = self.gradients.clone();
            lane.unroll.set_truncation(truncation);
            lane.unroll.forward(&self.network, batch);
            lane.unroll.loss(batch, loss);
            lane.unroll.backward(&self.network, batch, &mut gradients);
            gradients
        };
        // Without a cut there is but one gradient. The film's own pass comes last: the trace is taken from it.
        let full = (window > 0).then(|| pass(Truncation::default()));
        let gradients = pass(Truncation::new(window));
        let place = (member, layer, batch.lengths()[member]);
        let trace = ProbeTrace::of_layer(&lane.unroll, &self.network, loss, place);
        let film = Film::new(&Made {
            loss: lane.losses().last().copied()?,
            moments: loss.count(batch.lengths()),
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

    /// How far back the gradient reaches in the probe's pass of a layer (from 0; the last where there are fewer), and which that is.
    pub(crate) fn reach(&mut self, sequence: &Batch<f32>, layer: usize) -> (usize, Vec<f64>) {
        let trace = self.finite_trace(sequence, layer).0;
        (trace.layer, trace.reach_norms().to_vec())
    }

    /// What the page shows of the lane: the probe's pass over `sequence`, or over `edited` where the lane sees that, the
    /// losses of the updates after `since`, and with `batch_norms` the gradient norms of the last update. `next_batch` gives
    /// the loss before the first one.
    pub(crate) fn snapshot(
        &mut self,
        sequence: &Batch<f32>,
        edited: Option<&Batch<f32>>,
        (layer, since): (usize, u64),
        next_batch: &Batch<f32>,
        loss: LossSpec,
        batch_norms: bool,
    ) -> LaneSnapshot {
        // What a lane that diverged left behind is no pass of an update.
        let norms = if batch_norms && !self.losses().is_empty() && self.stopped.is_none() {
            self.gradient_norms(layer)
        } else {
            (Vec::new(), Vec::new())
        };
        let shown_loss = match self.losses().last() {
            Some(&last) => last,
            None => {
                self.drop_out();
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
            recent_loss: recent_mean(self.losses_since_edited()),
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

    /// The losses since something was last changed by hand that trains: those before are of another network. Of an update in
    /// which the change came, the loss is of the network after it.
    fn losses_since_edited(&self) -> &[f32] {
        let losses = self.losses();
        let made = self.edits.iter().filter(|edit| edit.trains()).map(|edit| edit.update as usize);
        let last = made.filter(|update| *update <= losses.len()).max().unwrap_or(0);
        &losses[last..]
    }

    /// The untouched lane's pass over the untouched sequence. Where only inputs were edited it is this one's.
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

    /// The losses of what is held out from those after update `since` on, and how many there were up to it.
    fn held_out_after(&self, since: u64) -> (u64, Vec<f32>) {
        let index = |updates: u64| updates.checked_div(self.every).unwrap_or(0) as usize;
        let until = index(self.made as u64).min(self.held_out.len());
        let from = index(since).min(until);
        (from as u64, self.held_out[from..until].to_vec())
    }

    /// `‖∂L/∂h_t‖` and `‖∂L/∂c_t‖` of a layer in the last pass over a batch.
    fn gradient_norms(&self, layer: usize) -> GradientNorms {
        self.unroll.layer_norms(layer)
    }

    /// The present weights.
    pub(crate) fn weights(&self) -> Vec<f32> {
        self.network.parameters().values().to_vec()
    }

    /// A copy of the network as the page shows it over this sequence.
    pub(crate) fn on_show(&mut self, sequence: &Batch<f32>) -> Network<f32> {
        let (_, weights) = self.finite_trace(sequence, 0);
        let mut network = self.network.clone();
        network.parameters_mut().values_mut().copy_from_slice(&weights);
        network
    }

    /// Of all weights those that a layer (from 0) and the readout have: what is told of the network on show.
    pub(crate) fn of_layer(&self, weights: &[f32], layer: usize) -> Vec<f32> {
        let blocks = self.network.parameters().blocks().iter().filter(|block| block.belongs_to(layer));
        blocks.flat_map(|block| &weights[block.range()]).copied().collect()
    }

    /// The probe's pass with the present weights, of one layer. Where it is not finite throughout: with those before the last update,
    /// the last that an update's whole pass was finite with; and should the probe fail where the batch did not, with the
    /// initial ones. Nothing depends on what was shown before, so that a replay shows the same. The weights go with it.
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

/// The network before training: its seed's weights, the recurrent ones by a factor larger.
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

/// Mean of the last [`SOLVED_WINDOW`] losses.
pub fn recent_mean(losses: &[f32]) -> Option<f64> {
    let window = losses.len().checked_sub(SOLVED_WINDOW).map(|from| &losses[from..])?;
    Some(window.iter().map(|&loss| f64::from(loss)).sum::<f64>() / SOLVED_WINDOW as f64)
}

fn is_finite(trace: &ProbeTrace<f32>) -> bool {
    let series = trace.z.iter().chain(&trace.gates).chain(&trace.grad_z).map(|series| series.values.as_slice());
    let states = [&trace.h, &trace.c, &trace.output, &trace.answer, &trace.grad_h, &trace.grad_c];
    states.into_iter().map(Vec::as_slice).chain(series).all(all_finite) && trace.loss.is_finite()
}
