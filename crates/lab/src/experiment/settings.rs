//! Everything a share link can say, in one struct that only validated changes can touch.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::experiment::edit::{self, Edit};
use crate::experiment::keys::{self, Allowed, MOST_HIDDEN, Problem, Reason, Role};
use crate::experiment::place::Place;
use crate::experiment::why::Why;
use nn::{CellKind, ClipMode, Init, NetworkConfig, OptimizerKind, OptimizerSettings};
use tasks::{Scaling, Source, TaskKind};

/// How the hero chart scales the gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradientScale {
    /// The probe's norms, divided by that of the last step.
    #[default]
    Relative,
    /// The probe's norms as they are.
    Absolute,
    /// The norms of the batch of the update just made.
    Batch,
}

/// The page's language; the browser's where the link names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    En,
    /// Italian.
    It,
}

/// The page's colours; the system's where the link names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// How fast Play trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speed {
    /// At most so many updates a second, 1 to 1000.
    PerSecond(u32),
    /// As fast as it goes.
    Max,
}

impl Speed {
    /// Milliseconds from one update to the next.
    pub(crate) fn interval_ms(self) -> f64 {
        match self {
            Self::PerSecond(rate) => 1000.0 / f64::from(rate),
            Self::Max => 0.0,
        }
    }
}

/// What one lane has in the place of the run's own values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Own {
    /// Hidden units.
    pub hidden: Option<usize>,
    /// Initial forget-gate bias.
    pub forget: Option<f64>,
    /// How weights are drawn.
    pub init: Option<Init>,
}

/// The plain values of an [`Experiment`]. Read them through it; change them with [`Experiment::with`].
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What the networks have to do.
    pub task: TaskKind,
    /// Steps of a sequence, T.
    pub len: usize,
    /// One network a lane, 1 to 4; a cell may repeat.
    pub lanes: Vec<CellKind>,
    /// What each of them has of its own.
    pub own: Vec<Own>,
    /// Whether lanes without hidden units of their own have so many that their parameters are nearest to those of the first.
    pub matched: bool,
    /// Steps that a window network sees.
    pub window: usize,
    /// Hidden units H of each network.
    pub hidden: usize,
    /// Sequences in a batch, B.
    pub batch: usize,
    /// Learning rate.
    pub lr: f64,
    /// The optimiser.
    pub optimizer: OptimizerKind,
    /// Largest global norm of the parameter gradient, or largest single one; 0 is off.
    pub clip: f64,
    /// Which of the two.
    pub clip_mode: ClipMode,
    /// Window of truncated BPTT, at most `len`; 0 is off.
    pub truncation: usize,
    /// Initial forget-gate bias of an LSTM.
    pub forget: f64,
    /// A factor on the initial recurrent weights U.
    pub gain: f64,
    /// Recurrent layers of each network.
    pub layers: usize,
    /// How initial weights are drawn.
    pub init: Init,
    /// λ of weight decay, or the optimiser's own.
    pub decay: Option<f64>,
    /// Rate of dropout; 0 is off.
    pub dropout: f64,
    /// Whether inputs are normalised.
    pub norm: bool,
    /// Whether sequences differ in length, T being the longest.
    pub ragged: bool,
    /// Sequences in the training set; 0 for new ones in each batch.
    pub train: usize,
    /// Seed of the initial weights.
    pub seed: u32,
    /// Seed of the sequences.
    pub data: u32,
    /// What was changed by hand, and at which updates.
    pub edits: Vec<Edit>,
    /// The update on show.
    pub update: u64,
    /// Which fixed sequence the lanes show.
    pub probe: u32,
    /// The chosen step, from 1; the first that matters where none is chosen.
    pub step: Option<usize>,
    /// The chosen unit, from 1.
    pub unit: usize,
    /// The layer on show, from 1.
    pub layer: usize,
    /// The hero chart's scale.
    pub scale: GradientScale,
    /// The panel under the hero chart that is open.
    pub why: Option<Why>,
    /// Speed of Play.
    pub speed: Speed,
    /// Language, or the browser's.
    pub lang: Option<Lang>,
    /// Theme, or the system's.
    pub theme: Option<Theme>,
    /// For a projector: large, without settings.
    pub present: bool,
    /// Parts of the page that are hidden (codes of [`keys::PARTS`]).
    pub hide: Vec<&'static str>,
    /// The build that made the link, where it says so.
    pub build: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            task: TaskKind::Order,
            len: 30,
            lanes: vec![CellKind::RnnSigmoid, CellKind::Lstm],
            own: vec![Own::default(); 2],
            matched: false,
            window: 10,
            hidden: 16,
            batch: 16,
            lr: 0.01,
            optimizer: OptimizerKind::Adam,
            clip: 1.0,
            clip_mode: ClipMode::Norm,
            truncation: 0,
            forget: 1.0,
            gain: 1.0,
            layers: 1,
            init: Init::Uniform,
            decay: None,
            dropout: 0.0,
            norm: false,
            ragged: false,
            train: 0,
            seed: 1,
            data: 4,
            edits: Vec::new(),
            update: 0,
            probe: 0,
            step: None,
            unit: 1,
            layer: 1,
            scale: GradientScale::Relative,
            why: None,
            speed: Speed::PerSecond(40),
            lang: None,
            theme: None,
            present: false,
            hide: Vec::new(),
            build: None,
        }
    }
}

impl Settings {
    /// What a lane has of its own.
    pub fn own(&self, lane: usize) -> Own {
        self.own.get(lane).copied().unwrap_or_default()
    }

    /// Hidden units of a lane.
    pub fn hidden_of(&self, lane: usize) -> usize {
        self.own(lane).hidden.unwrap_or_else(|| self.usual_hidden(lane))
    }

    /// Those that it has where it has none of its own.
    pub fn usual_hidden(&self, lane: usize) -> usize {
        let Some(&cell) = self.lanes.get(lane).filter(|_| self.matched && lane > 0) else { return self.hidden };
        let count = |cell: CellKind, hidden: usize| self.shape(cell, hidden).acting_count();
        let wanted = count(self.lanes[0], self.hidden_of(0));
        (1..=MOST_HIDDEN).min_by_key(|&hidden| count(cell, hidden).abs_diff(wanted)).unwrap_or(self.hidden)
    }

    /// Hidden units of the largest lane.
    pub fn units(&self) -> usize {
        (0..self.lanes.len()).map(|lane| self.hidden_of(lane)).max().unwrap_or(self.hidden)
    }

    /// Recurrent layers of a lane; a window network has one in any case.
    pub fn layers_of(&self, lane: usize) -> usize {
        if self.lanes.get(lane).is_some_and(|cell| cell.is_recurrent()) { self.layers } else { 1 }
    }

    /// A network of this cell with so many hidden units.
    pub(crate) fn shape(&self, cell: CellKind, hidden: usize) -> NetworkConfig {
        let task = self.task.task();
        NetworkConfig {
            cell,
            inputs: task.inputs(),
            hidden,
            outputs: task.outputs(),
            forget_bias: self.forget,
            layers: self.layers,
            init: self.init,
            window: self.window,
        }
    }
}

/// A validated experiment. Its values are read as fields (it dereferences to [`Settings`]) and changed by
/// [`Experiment::with`], which is what links, controls and the script interface all go through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Experiment(Settings);

impl Deref for Experiment {
    type Target = Settings;
    fn deref(&self) -> &Settings {
        &self.0
    }
}

impl Experiment {
    /// This experiment with one key changed. A chosen step or unit that the new sizes lack is let go; a window longer
    /// than the sequence becomes the whole of it. Edits of what is another thing then are dropped: all, where task or
    /// sizes of the networks changed; those of a lane that has another network; those of layers that are gone; those of steps
    /// beyond the sequence.
    ///
    /// # Errors
    /// What was wrong with the key or its value; the experiment is then as it was.
    pub fn with(&self, key: &str, value: &str) -> Result<Self, Problem> {
        self.with_all(&[(key, Some(value))]).map_err(|mut problems| problems.remove(0))
    }

    /// This experiment with one key as if the link had left it out.
    ///
    /// # Errors
    /// If there is no such key.
    pub fn without(&self, key: &str) -> Result<Self, Problem> {
        self.with_all(&[(key, None)]).map_err(|mut problems| problems.remove(0))
    }

    /// This experiment with several keys changed at once, in whatever order they stand; without a value a key is as if the
    /// link had left it out. Edits that are among them hold as they stand, or are refused.
    ///
    /// # Errors
    /// What was wrong with each key or value that cannot be; the experiment is then as it was.
    pub fn with_all(&self, wanted: &[(&str, Option<&str>)]) -> Result<Self, Vec<Problem>> {
        let mut changed = self.clone();
        let mut problems = Vec::new();
        for (key, value) in wanted {
            let set = match value {
                Some(value) => keys::set(&mut changed.0, key, value),
                None => keys::unset(&mut changed.0, key),
            };
            problems.extend(set.err().map(|problem| match *key {
                // Also of what the table already refuses.
                "tbptt" => Problem { reason: Reason::NotAllowed(Allowed::Whole(0, changed.len as u64)), ..problem },
                _ => problem,
            }));
        }
        if !wanted.iter().any(|(key, _)| *key == "edit") {
            self.keep_edits(&mut changed.0);
        }
        // Bounds, once the sizes are known.
        for (key, value) in wanted {
            problems.extend(changed.within(key, value.unwrap_or_default()).err());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        changed.fit();
        Ok(changed)
    }

    /// Drops the edits of what is no longer the same in `changed`.
    fn keep_edits(&self, changed: &mut Settings) {
        let now = changed.clone();
        changed.edits.retain(|edit| {
            let lane = edit.place.lane;
            let shape = |of: &Settings| (of.task, of.lanes.get(lane).copied(), of.hidden_of(lane), of.window);
            let beyond = edit.place.is_input() && edit.place.at[0] > now.len;
            shape(&now) == shape(self) && edit.place.layer < now.layers_of(lane) && !beyond
        });
    }

    /// Whether what was asked for is within the sizes.
    fn within(&self, key: &str, value: &str) -> Result<(), Problem> {
        let (found, least, most) = match key {
            "t" => (self.step.unwrap_or(1), 1, self.len),
            "unit" => (self.unit, 1, self.units()),
            "layer" => (self.layer, 1, self.layers),
            "tbptt" => (self.truncation, 0, self.len),
            _ => (0, 0, 0),
        };
        if found > most {
            return Err(Problem::new(key, value, Reason::NotAllowed(Allowed::Whole(least, most as u64))));
        }
        if key == "edit" {
            for edit in &self.edits {
                let refused = |allowed| Problem::new(key, &edit.to_string(), Reason::NotAllowed(allowed));
                edit.check(self).map_err(refused)?;
            }
        }
        Ok(())
    }

    /// `t`, `unit`, `layer` and `tbptt` fitted to the sizes.
    fn fit(&mut self) {
        if self.step.is_some_and(|step| step > self.len) {
            self.0.step = None;
        }
        self.0.unit = self.unit.min(self.units());
        self.0.layer = self.layer.min(self.layers);
        self.0.truncation = self.truncation.min(self.len);
    }

    /// For the link's reader, which has checked each value and the bounds between them.
    pub(crate) fn from_settings(settings: Settings) -> Self {
        Self(settings)
    }

    /// The same, without the build that its link named: from here on it is this build's.
    pub fn without_build(mut self) -> Self {
        self.0.build = None;
        self
    }

    /// The value of a key, as a link would write it.
    pub fn get(&self, key: &str) -> Option<String> {
        keys::find(key).map(|key| (key.get)(&self.0))
    }

    /// Whether both are the same run before anything was changed by hand in it. Edits, view keys and the update may
    /// differ.
    pub fn same_run(&self, other: &Self) -> bool {
        keys::KEYS.iter().filter(|key| key.role == Role::Run).all(|key| (key.get)(&self.0) == (key.get)(&other.0))
    }

    /// Which layer of a lane is on show, from 0: its last where it has fewer.
    pub fn layer_of(&self, lane: usize) -> usize {
        self.layer.min(self.layers_of(lane)) - 1
    }

    /// Where a gate (i, f, g, o) of a lane's layer on show is held at an update: units from 1, 0 for all, with the value. A later one
    /// takes the place of an earlier one.
    pub fn held(&self, lane: usize, gate: &str, update: u64) -> Vec<(usize, f64)> {
        let (mut held, layer) = (edit::of_lane(&self.edits, lane), self.layer_of(lane));
        held.retain(|edit| (edit.place.name, edit.place.layer) == (gate, layer) && edit.update <= update);
        let mut units: Vec<(usize, f64)> = Vec::new();
        for edit in held {
            let unit = edit.place.at[0];
            units.retain(|(other, _)| unit != 0 && *other != unit);
            units.push((unit, edit.value));
        }
        units
    }

    /// Whether a gate of a lane's unit (from 0) is held at an update.
    pub fn holds(&self, lane: usize, gate: &str, unit: usize, update: u64) -> bool {
        self.held(lane, gate, update).iter().any(|&(one, _)| one == 0 || one == unit + 1)
    }

    /// The lane that is looked into where none is chosen: the first with a cell state.
    pub fn usual_lane(&self) -> usize {
        self.lanes.iter().position(|cell| cell.has_cell_state()).unwrap_or(0)
    }

    /// The place of the layer on show that is offered to be edited first: the forget gate of all units of the first lane that has one; else a
    /// weight.
    pub fn first_place(&self) -> Place {
        let place = |lane, name, at| Place { lane, layer: self.layer_of(lane), name, at };
        let held = |of_cell_state: bool| {
            self.lanes.iter().enumerate().find_map(|(lane, cell)| {
                let place = place(lane, cell.keeps()?.letter(), [0, 0]);
                (cell.has_cell_state() == of_cell_state && place.gate_of(*cell).is_some()).then_some(place)
            })
        };
        held(true).or_else(|| held(false)).unwrap_or_else(|| place(0, "w", [1, 1]))
    }

    /// The update from which a lane trains otherwise in the other experiment, the same run with other edits; `None` where
    /// it never does.
    pub fn parts_from(&self, other: &Self, lane: usize) -> Option<u64> {
        edit::part_at(&edit::of_lane(&self.edits, lane), &edit::of_lane(&other.edits, lane))
    }

    /// Floating-point operations of the matrix products of one lane's update, for the largest cell: about how long the
    /// worker may be silent.
    pub fn lane_flops(&self) -> f64 {
        let (hidden, inputs) = (self.units() as f64, self.task.task().inputs() as f64);
        // An edited lane trains a second network beside it: the untouched one.
        let networks = if self.edits.is_empty() { 1.0 } else { 2.0 };
        let above = (self.layers - 1) as f64 * 2.0 * hidden;
        let seen = (4.0 * (hidden + inputs + above)).max(inputs * self.window as f64);
        networks * 6.0 * hidden * seen * (self.len * self.batch) as f64
    }

    /// The shape of the network of a cell in this experiment, in a lane with nothing of its own.
    pub fn network(&self, cell: CellKind) -> NetworkConfig {
        self.shape(cell, self.hidden)
    }

    /// The shape of a lane's network.
    pub fn lane_network(&self, lane: usize) -> NetworkConfig {
        let cell = self.lanes.get(lane).copied().unwrap_or(CellKind::RnnTanh);
        let own = self.own(lane);
        let (forget_bias, init) = (own.forget.unwrap_or(self.forget), own.init.unwrap_or(self.init));
        NetworkConfig { forget_bias, init, ..self.shape(cell, self.hidden_of(lane)) }
    }

    /// The optimiser with its numbers.
    pub fn optimizer_settings(&self) -> OptimizerSettings {
        let settings = OptimizerSettings::new(self.optimizer, self.lr);
        OptimizerSettings { decay: self.decay.unwrap_or(settings.decay), ..settings }
    }

    /// Where its sequences come from.
    pub fn source(&self) -> Source {
        let source = Source {
            task: self.task,
            data: self.data,
            len: self.len,
            size: self.batch,
            ragged: self.ragged,
            train: self.train,
            scaling: None,
        };
        Source { scaling: self.norm.then(|| Scaling::of(&source)), ..source }
    }
}
