//! Reasons why a gradient shrinks or grows on its way back: the factor of each step, and the product of all of them.
//!
//! Both go through a pass of an f32 network in f64: the states are those very f32 numbers, and derivatives that f32 could
//! not represent are computed all the same. Each goes back one step per call, so that the caller can do other work in
//! between.

use serde::{Deserialize, Serialize};

use crate::Batch;
use crate::LossAt;
use crate::LossSpec;
use crate::Network;
use crate::Unroll;
use crate::jacobian::{Credit, CreditBack};
use crate::largest_singular_value;
use crate::rnn;
use crate::state_derivatives::StateDerivatives;

/// A pass of a network over one sequence, whose derivatives are computed step by step.
struct Pass {
    network: Network<f64>,
    unroll: Unroll<f64>,
    spec: LossSpec,
}

impl Pass {
    fn new(network: &Network<f32>, batch: &Batch<f32>, spec: LossSpec) -> Self {
        let mut unroll = Unroll::new(network.config(), batch.len(), 1);
        unroll.forward(network, batch);
        unroll.loss(batch, spec);
        Self { network: network.cast(), unroll: unroll.cast(), spec }
    }
}

/// The factors of the steps back from the last one. Arrays are `[T]`, step t at index t − 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Factors {
    /// `‖∂s_T/∂s_t‖₂`: the largest share of a change of the state at t that is left at T. 1 at T.
    pub exact: Vec<f64>,
    /// `∏_{τ = t+1 … T} max φ′(z_τ) · σ_max(U)`: an upper bound of it for an RNN, whose step back is `diag(φ′(z)) U`; empty
    /// for other cells.
    pub bound: Vec<f64>,
    /// `max φ′(z_t)` over the units of an RNN; empty for other cells.
    pub slope: Vec<f64>,
    /// `σ_max(U)` of an RNN.
    pub sigma: Option<f64>,
    /// `‖∏_{τ = t+1 … T} diag(f_τ)‖₂`, the largest entry: the gradient along the cell state alone; empty without a forget
    /// gate.
    pub carousel: Vec<f64>,
}

/// A computation of [`Factors`], one step per call.
pub struct FactorsWalk {
    pass: Pass,
    back: StateDerivatives<f64>,
    /// Number of steps still to compute.
    left: usize,
    /// The product of the forget gates.
    kept: Vec<f64>,
    product: f64,
    /// Whether a state was not finite; derivatives further back are NaN then.
    broken: bool,
    found: Factors,
}

impl FactorsWalk {
    /// Prepares the factors of a network's pass over a batch of one sequence.
    ///
    /// # Panics
    /// If the batch does not suit network and loss.
    #[must_use]
    pub fn new(network: &Network<f32>, batch: &Batch<f32>, spec: LossSpec) -> Self {
        let pass = Pass::new(network, batch, spec);
        let sigma = if network.config().cell.has_gates() {
            None
        } else {
            pass.network.parameters().view_of(network.config().layers - 1, "w_hh")
        };
        Self {
            back: StateDerivatives::of_state(&pass.network, 0),
            left: batch.len(),
            kept: vec![1.0; network.config().hidden],
            product: 1.0,
            broken: false,
            found: Factors { sigma: sigma.and_then(largest_singular_value), ..Factors::default() },
            pass,
        }
    }

    /// Goes one step further back; whether there are more.
    pub fn step(&mut self) -> bool {
        let Pass { network, unroll, .. } = &self.pass;
        let config = network.config();
        let (hidden, found) = (config.hidden, &mut self.found);
        let Some(t) = self.left.checked_sub(1) else { return false };
        self.left = t;
        let states = [unroll.h(), unroll.c()];
        self.broken |= !states.iter().all(|state| state.column(t).iter().all(|value| value.is_finite()));
        let or_nan = |number: f64| if self.broken { f64::NAN } else { number };
        found.exact.push(or_nan(self.back.norm()));
        if let Some(sigma) = found.sigma {
            // ∂h/∂z of each unit: the backward pass applied to ∂L/∂h = 1.
            let mut slopes = vec![0.0; hidden];
            rnn::backward(
                config.cell,
                f64::MIN_POSITIVE,
                unroll.h().column(t).as_slice(),
                &vec![1.0; hidden],
                &mut slopes,
            );
            let slope = slopes.into_iter().fold(0.0, f64::max);
            found.bound.push(or_nan(self.product));
            found.slope.push(or_nan(slope));
            self.product *= slope * sigma;
        }
        let keeps = config.cell.keeps().filter(|_| config.cell.has_cell_state());
        if let Some(gate) = keeps.and_then(|gate| config.cell.index_of(gate)) {
            found.carousel.push(or_nan(self.kept.iter().copied().fold(0.0, f64::max)));
            let gates = unroll.gates();
            for (unit, kept) in self.kept.iter_mut().enumerate() {
                *kept *= gates[(gate * hidden + unit, t)];
            }
        }
        if t > 0 {
            self.back.enter_step(unroll, network, t);
            self.back.leave_step(unroll, network);
        }
        if t == 0 {
            for series in [&mut found.exact, &mut found.bound, &mut found.slope, &mut found.carousel] {
                series.reverse();
            }
        }
        t > 0
    }

    /// Returns the result, once there are no more steps.
    #[must_use]
    pub fn finish(self) -> Factors {
        self.found
    }
}

/// A computation of [`Credit`], one step per call: for a task with a loss at every step `‖∂L_τ/∂h_t‖₂`; else of the answer,
/// `‖∂y_τ/∂h_t‖₂` in the spectral norm, y being the readout before any softmax.
pub struct CreditWalk {
    pass: Pass,
    credit: CreditBack<f64>,
    /// The unit vectors of the answer `[O × O]`.
    answers: Vec<f64>,
    left: usize,
}

impl CreditWalk {
    /// Prepares the credit of a network's pass over a batch of one sequence.
    ///
    /// # Panics
    /// If the batch does not suit network and loss.
    #[must_use]
    pub fn new(network: &Network<f32>, batch: &Batch<f32>, spec: LossSpec) -> Self {
        let (pass, outputs) = (Pass::new(network, batch, spec), network.config().outputs);
        let answers = (0..outputs * outputs).map(|at| f64::from(u8::from(at % (outputs + 1) == 0))).collect();
        Self { credit: CreditBack::new(&pass.network, 0), answers, left: batch.len(), pass }
    }

    /// Goes one step further back; whether there are more.
    pub fn step(&mut self) -> bool {
        let Pass { network, unroll, spec } = &self.pass;
        let Some(t) = self.left.checked_sub(1) else { return false };
        self.left = t;
        if spec.at == LossAt::Every {
            let count = unroll.len() as f64;
            let starts: Vec<f64> = unroll.grad_output().column(t).iter().map(|grad| grad * count).collect();
            self.credit.step(unroll, network, t, &starts);
        } else {
            self.credit.step(unroll, network, t, &self.answers);
        }
        t > 0
    }

    /// Returns the result, once there are no more steps.
    #[must_use]
    pub fn finish(mut self) -> Credit {
        self.credit.finish()
    }
}
