//! From gradients to an update, after PyTorch's definitions and defaults: one method a file, and a table.

mod adam;
mod sgd;

use crate::Scalar;

/// A method of descent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OptimizerKind {
    /// Gradient descent.
    Sgd,
    /// Gradient descent with momentum.
    Momentum,
    /// Adam.
    Adam,
}

/// One row of the table of methods.
struct Row {
    kind: OptimizerKind,
    code: &'static str,
    /// How many numbers it keeps per weight.
    moments: usize,
}

const TABLE: [Row; 3] = [
    Row { kind: OptimizerKind::Sgd, code: "sgd", moments: 0 },
    Row { kind: OptimizerKind::Momentum, code: "momentum", moments: 1 },
    Row { kind: OptimizerKind::Adam, code: "adam", moments: 2 },
];

impl OptimizerKind {
    /// Every method, in the order in which they are offered.
    pub const ALL: [Self; TABLE.len()] = [TABLE[0].kind, TABLE[1].kind, TABLE[2].kind];

    const fn row(self) -> &'static Row {
        const ROWS: &[Row; TABLE.len()] = &TABLE;
        &ROWS[self as usize]
    }

    /// The code in links and files: `sgd`, `momentum`, `adam`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().code
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
    /// The shares of their past that `adam`'s two moments keep per update, 0.9 and 0.999.
    pub betas: (f64, f64),
    /// What `adam` adds to its denominator, 1e-8.
    pub epsilon: f64,
}

impl OptimizerSettings {
    /// The method with this learning rate and the default numbers.
    #[must_use]
    pub const fn new(kind: OptimizerKind, lr: f64) -> Self {
        Self { kind, lr, momentum: 0.9, betas: (0.9, 0.999), epsilon: 1e-8 }
    }
}

/// All that a method remembers from update to update; with the weights, a checkpoint.
#[derive(Clone, PartialEq, Debug)]
pub struct OptimizerState<S> {
    /// Updates made so far.
    pub updates: u64,
    /// None for `sgd`, the velocity for `momentum`, first and second moment for `adam`; one number per weight each.
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
        let OptimizerState { updates, moments } = &mut self.state;
        match (self.settings.kind, moments.as_mut_slice()) {
            (OptimizerKind::Momentum, [velocity]) => {
                sgd::with_momentum(&self.settings, parameters, gradients, velocity)
            }
            (OptimizerKind::Adam, [first, second]) => {
                adam::step(&self.settings, *updates, parameters, gradients, first, second);
            }
            _ => sgd::plain(&self.settings, parameters, gradients),
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
