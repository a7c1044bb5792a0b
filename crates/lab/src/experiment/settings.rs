//! The values that a share link can set, with their defaults.

use crate::experiment::edit::Edit;
use crate::experiment::limits::MOST_HIDDEN;
use crate::experiment::why::Why;
use nn::{CellKind, ClipMode, Init, NetworkConfig, OptimizerKind};
use tasks::TaskKind;

use serde::{Deserialize, Serialize};

/// The scale of the gradient chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradientScale {
    /// The norms of the probe's pass, divided by that of the last step.
    #[default]
    Relative,
    /// The norms of the probe's pass as they are.
    Absolute,
    /// The norms of the batch of the update just made.
    Batch,
}

impl GradientScale {
    /// All of them, in the order of the link's table.
    pub const ALL: [Self; 3] = [Self::Relative, Self::Absolute, Self::Batch];

    /// Its code in a link.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Relative => "relative",
            Self::Absolute => "absolute",
            Self::Batch => "batch",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scale| scale.code() == code)
    }
}

/// The page's language; the browser's where the link names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    En,
    /// Italian.
    It,
}

impl Lang {
    /// All of them, in the order of the link's table.
    pub const ALL: [Self; 2] = [Self::It, Self::En];

    /// Its code in a link.
    pub const fn code(self) -> &'static str {
        match self {
            Self::It => "it",
            Self::En => "en",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }
}

/// The page's colours; the system's where the link names none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All of them, in the order of the link's table.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// Its code in a link.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// The speed at which Play trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speed {
    /// At most so many updates a second, 1 to 1000.
    PerSecond(u32),
    /// As fast as possible.
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

/// The values that one lane has instead of those of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Own {
    /// Hidden units.
    pub hidden: Option<usize>,
    /// Initial forget-gate bias.
    pub forget: Option<f64>,
    /// Distribution of the initial weights.
    pub init: Option<Init>,
}

/// The plain values of an experiment. [`Experiment`](crate::Experiment) is the validated form, which alone changes them.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The task of the networks.
    pub task: TaskKind,
    /// Steps of a sequence, T.
    pub len: usize,
    /// The cell of each lane, 1 to 4 of them; a cell may repeat.
    pub lanes: Vec<CellKind>,
    /// The values of its own that each lane has.
    pub own: Vec<Own>,
    /// Whether lanes without hidden units of their own have so many that their number of parameters is nearest to that of the
    /// first lane.
    pub matched: bool,
    /// Number of steps that a window network sees.
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
    /// Whether `clip` limits the norm or each gradient.
    pub clip_mode: ClipMode,
    /// Window of truncated BPTT, at most `len`; 0 is off.
    pub truncation: usize,
    /// Initial forget-gate bias of an LSTM.
    pub forget: f64,
    /// A factor on the initial recurrent weights U.
    pub gain: f64,
    /// Recurrent layers of each network.
    pub layers: usize,
    /// Distribution of the initial weights.
    pub init: Init,
    /// λ of weight decay, or the optimiser's own.
    pub decay: Option<f64>,
    /// Rate of dropout; 0 is off.
    pub dropout: f64,
    /// Whether inputs are normalised.
    pub norm: bool,
    /// Whether sequences differ in length, T being the longest.
    pub ragged: bool,
    /// Number of sequences in the training set; 0 for new ones in each batch.
    pub train: usize,
    /// Seed of the initial weights.
    pub seed: u32,
    /// Seed of the sequences.
    pub data: u32,
    /// The changes by hand, and the updates at which they take effect.
    pub edits: Vec<Edit>,
    /// The update on show.
    pub update: u64,
    /// The key of the fixed sequence that the lanes show.
    pub probe: u32,
    /// The chosen step, from 1; the first that matters where none is chosen.
    pub step: Option<usize>,
    /// The chosen unit, from 1.
    pub unit: usize,
    /// The layer on show, from 1.
    pub layer: usize,
    /// The gradient chart's scale.
    pub scale: GradientScale,
    /// The panel under the gradient chart that is open.
    pub why: Option<Why>,
    /// Speed of Play.
    pub speed: Speed,
    /// Language, or the browser's.
    pub lang: Option<Lang>,
    /// Theme, or the system's.
    pub theme: Option<Theme>,
    /// For a projector: large, without settings.
    pub present: bool,
    /// Parts of the page that are hidden (codes of [`keys::PARTS`](crate::experiment::keys::PARTS)).
    pub hide: Vec<&'static str>,
    /// The build that made the link, if it says so.
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
    /// The values that a lane has of its own.
    pub fn own(&self, lane: usize) -> Own {
        self.own.get(lane).copied().unwrap_or_default()
    }

    /// Hidden units of a lane.
    pub fn hidden_of(&self, lane: usize) -> usize {
        self.own(lane).hidden.unwrap_or_else(|| self.usual_hidden(lane))
    }

    /// Hidden units of a lane that has no number of its own.
    pub fn usual_hidden(&self, lane: usize) -> usize {
        let Some(&cell) = self.lanes.get(lane).filter(|_| self.matched && lane > 0) else { return self.hidden };
        let count = |cell: CellKind, hidden: usize| self.shape(cell, hidden).acting_count();
        let count_of_first = count(self.lanes[0], self.hidden_of(0));
        (1..=MOST_HIDDEN).min_by_key(|&hidden| count(cell, hidden).abs_diff(count_of_first)).unwrap_or(self.hidden)
    }

    /// Hidden units of the largest lane.
    pub fn units(&self) -> usize {
        (0..self.lanes.len()).map(|lane| self.hidden_of(lane)).max().unwrap_or(self.hidden)
    }

    /// Recurrent layers of a lane; a window network has one in any case.
    pub fn layers_of(&self, lane: usize) -> usize {
        if self.lanes.get(lane).is_some_and(|cell| cell.is_recurrent()) { self.layers } else { 1 }
    }

    /// The sizes of a network of this cell with so many hidden units.
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
