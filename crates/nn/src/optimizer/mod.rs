//! Optimisers, with PyTorch's definitions and defaults: one method per file, and a table.

mod adam;
mod adamw;
mod rmsprop;
mod sgd;

use crate::Scalar;
use crate::table::kinds;

/// An optimisation method.
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
    /// Adam with decoupled weight decay.
    AdamW,
}

/// One row of the table of methods.
struct Row {
    kind: OptimizerKind,
    code: &'static str,
    /// Its name, in PyTorch and in every language.
    name: &'static str,
    /// Number of moments that it keeps per weight.
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

    /// Its name, in PyTorch (except momentum, which is part of SGD there) and in every language.
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

/// A method with its hyperparameters.
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
    /// ε, which `rmsprop`, `adam` and `adamw` add to their denominator, 1e-8.
    pub epsilon: f64,
    /// λ of weight decay, by default 0, and 0.01 for `adamw`. `adamw` shrinks every weight by `lr · λ` of itself at each update;
    /// the others add `λ θ` to the gradient (after any clipping), which is the gradient of a penalty `λ/2 · ‖θ‖²`.
    pub decay: f64,
}

impl OptimizerSettings {
    /// Makes settings with this learning rate and the defaults.
    #[must_use]
    pub const fn new(kind: OptimizerKind, lr: f64) -> Self {
        let decay = if matches!(kind, OptimizerKind::AdamW) { 0.01 } else { 0.0 };
        Self { kind, lr, momentum: 0.9, alpha: 0.99, betas: (0.9, 0.999), epsilon: 1e-8, decay }
    }
}

/// The state that a method keeps from update to update.
#[derive(Clone, PartialEq, Debug)]
pub struct OptimizerState<S> {
    /// Updates made so far.
    pub updates: u64,
    /// The moments, one number per weight each: none for `sgd`, the velocity for `momentum`, the mean square for `rmsprop`, first and second moment for `adam` and `adamw`.
    pub moments: Vec<Vec<S>>,
}

/// An optimiser of one network's weights.
#[derive(Clone, PartialEq, Debug)]
pub struct Optimizer<S> {
    settings: OptimizerSettings,
    state: OptimizerState<S>,
}

impl<S: Scalar> Optimizer<S> {
    /// Makes an optimiser with default hyperparameters, at update 0.
    #[must_use]
    pub fn new(kind: OptimizerKind, lr: f64, parameter_count: usize) -> Self {
        Self::with_settings(OptimizerSettings::new(kind, lr), parameter_count)
    }

    /// Makes an optimiser with these settings, at update 0.
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
        // With weight decay the gradient is copied, so that the loops of the methods need not know of it.
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
            // All kinds are named, so that the compiler reports a missing arm for a new one.
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

    /// The method and its hyperparameters.
    #[must_use]
    pub fn settings(&self) -> &OptimizerSettings {
        &self.settings
    }

    /// Its state.
    #[must_use]
    pub fn state(&self) -> &OptimizerState<S> {
        &self.state
    }

    /// Restores a state; returns false, and changes nothing, if it is another method's or has other sizes.
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
