//! From gradients to an update, after PyTorch's definitions and defaults: one method a file, and a table.

mod adam;
mod adamw;
mod rmsprop;
mod sgd;

use crate::Scalar;
use crate::table::kinds;

/// A method of descent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OptimizerKind {
    /// Gradient descent.
    Sgd,
    /// Gradient descent with momentum.
    Momentum,
    /// RMSprop.
    RmsProp,
    /// Adam.
    Adam,
    /// Adam with weights that decay apart from the gradient.
    AdamW,
}

/// One row of the table of methods.
struct Row {
    kind: OptimizerKind,
    code: &'static str,
    /// What it is called, in PyTorch and in every language.
    name: &'static str,
    /// How many numbers it keeps per weight.
    moments: usize,
}

const TABLE: [Row; 5] = [
    Row { kind: OptimizerKind::Sgd, code: "sgd", name: "SGD", moments: 0 },
    Row { kind: OptimizerKind::Momentum, code: "momentum", name: "Momentum", moments: 1 },
    Row { kind: OptimizerKind::RmsProp, code: "rmsprop", name: "RMSprop", moments: 1 },
    Row { kind: OptimizerKind::Adam, code: "adam", name: "Adam", moments: 2 },
    Row { kind: OptimizerKind::AdamW, code: "adamw", name: "AdamW", moments: 2 },
];

impl OptimizerKind {
    /// Every method, in the order in which they are offered.
    pub const ALL: [Self; TABLE.len()] = kinds!(TABLE, kind);

    const fn row(self) -> &'static Row {
        const ROWS: &[Row; TABLE.len()] = &TABLE;
        &ROWS[self as usize]
    }

    /// The code in links and files: `sgd`, `momentum`, `rmsprop`, `adam`, `adamw`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().code
    }

    /// What it is called, in PyTorch (but momentum, which is SGD's there) and in every language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The method with this code, if it is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.code == code).map(|row| row.kind)
    }
}

/// A method with its numbers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OptimizerSettings {
    /// The method.
    pub kind: OptimizerKind,
    /// The learning rate, over 0.
    pub lr: f64,
    /// The share of its velocity that `momentum` keeps per update, 0.9.
    pub momentum: f64,
    /// The share of its past that `rmsprop`'s mean square keeps per update, 0.99.
    pub alpha: f64,
    /// The shares of their past that the two moments of `adam` and `adamw` keep per update, 0.9 and 0.999.
    pub betas: (f64, f64),
    /// What `rmsprop`, `adam` and `adamw` add to their denominator, 1e-8.
    pub epsilon: f64,
    /// λ of weight decay, 0, but of `adamw` 0.01: it shrinks every weight by `lr · λ` of itself at each update, the others
    /// add `λ θ` to the gradient, that of a penalty `λ/2 · ‖θ‖²` (after any clipping).
    pub decay: f64,
}

impl OptimizerSettings {
    /// The method with this learning rate and the default numbers.
    #[must_use]
    pub const fn new(kind: OptimizerKind, lr: f64) -> Self {
        let decay = if matches!(kind, OptimizerKind::AdamW) { 0.01 } else { 0.0 };
        Self { kind, lr, momentum: 0.9, alpha: 0.99, betas: (0.9, 0.999), epsilon: 1e-8, decay }
    }
}

/// All that a method remembers from update to update; with the weights, a checkpoint.
#[derive(Clone, PartialEq, Debug)]
pub struct OptimizerState<S> {
    /// Updates made so far.
    pub updates: u64,
    /// None for `sgd`, the velocity for `momentum`, the mean square for `rmsprop`, first and second moment for `adam` and `adamw`; one number per weight each.
    pub moments: Vec<Vec<S>>,
}

/// A method at work on one network's weights.
#[derive(Clone, PartialEq, Debug)]
pub struct Optimizer<S> {
    settings: OptimizerSettings,
    state: OptimizerState<S>,
}

impl<S: Scalar> Optimizer<S> {
    /// A method with its default numbers, at update 0.
    #[must_use]
    pub fn new(kind: OptimizerKind, lr: f64, parameter_count: usize) -> Self {
        Self::with_settings(OptimizerSettings::new(kind, lr), parameter_count)
    }

    /// A method with these numbers, at update 0.
    #[must_use]
    pub fn with_settings(settings: OptimizerSettings, parameter_count: usize) -> Self {
        let moments = vec![vec![S::ZERO; parameter_count]; settings.kind.row().moments];
        Self { settings, state: OptimizerState { updates: 0, moments } }
    }

    /// Makes one update of the weights.
    ///
    /// # Panics
    /// If `parameters` or `gradients` do not have the number of entries that this was made for.
    pub fn step(&mut self, parameters: &mut [S], gradients: &[S]) {
        S::step(self, parameters, gradients);
    }

    pub(crate) fn step_pass(&mut self, parameters: &mut [S], gradients: &[S]) {
        assert_eq!(parameters.len(), gradients.len(), "a gradient per weight");
        self.state.updates += 1;
        let (kind, decay) = (self.settings.kind, S::from_f64(self.settings.decay));
        // A gradient of its own where weights decay, so that the loops of the others are as they are without.
        let mut penalised = Vec::new();
        if kind == OptimizerKind::AdamW {
            adamw::decay(&self.settings, parameters);
        } else if decay != S::ZERO {
            penalised.extend(gradients.iter().zip(&*parameters).map(|(&gradient, &weight)| gradient + decay * weight));
        }
        let gradients = if penalised.is_empty() { gradients } else { &penalised };
        let OptimizerState { updates, moments } = &mut self.state;
        match (kind, moments.as_mut_slice()) {
            (OptimizerKind::Momentum, [velocity]) => {
                sgd::with_momentum(&self.settings, parameters, gradients, velocity)
            }
            (OptimizerKind::RmsProp, [mean_square]) => {
                rmsprop::step(&self.settings, parameters, gradients, mean_square);
            }
            (OptimizerKind::Adam | OptimizerKind::AdamW, [first, second]) => {
                adam::step(&self.settings, *updates, parameters, gradients, first, second);
            }
            // Named, so that the compiler asks for the arm of another.
            (
                OptimizerKind::Sgd
                | OptimizerKind::Momentum
                | OptimizerKind::RmsProp
                | OptimizerKind::Adam
                | OptimizerKind::AdamW,
                _,
            ) => sgd::plain(&self.settings, parameters, gradients),
        }
    }

    /// The method and its numbers.
    #[must_use]
    pub fn settings(&self) -> &OptimizerSettings {
        &self.settings
    }

    /// What it remembers.
    #[must_use]
    pub fn state(&self) -> &OptimizerState<S> {
        &self.state
    }

    /// Takes up a remembered state; false, and nothing changed, if it is another method's or of other sizes.
    #[must_use]
    pub fn restore(&mut self, state: OptimizerState<S>) -> bool {
        let sizes = |state: &OptimizerState<S>| state.moments.iter().map(Vec::len).collect::<Vec<_>>();
        let fits = sizes(&self.state) == sizes(&state);
        if fits {
            self.state = state;
        }
        fits
    }
}
