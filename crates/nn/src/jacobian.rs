//! Derivatives of a state, and of each step's loss, by the states before.
//!
//! [`StateDerivatives`] go back step by step. From the unit vectors at step T come the rows of
//! `∂s_T/∂s_t = ∂s_T/∂s_{T−1} ⋯ ∂s_{t+1}/∂s_t`, from `∂L_τ/∂h_τ` at every step τ the credit.
//!
//! Truncation has no effect here: these are the full derivatives of the network.

use nalgebra::DMatrix;

use crate::Batch;
use crate::LossSpec;
use crate::Network;
use crate::Scalar;
use crate::Unroll;
use crate::math;
use crate::product;
use crate::spectral;
use crate::state_derivatives::StateDerivatives;

/// The dependence of each step's loss on the states up to it.
#[derive(Clone, PartialEq, Debug)]
pub struct Credit {
    /// `‖∂L_τ/∂h_t‖₂` at `[τ][t]`, t ≤ τ: the total derivative of step τ's own loss.
    pub h: Vec<Vec<f64>>,
    /// `‖∂L_τ/∂c_t‖₂` likewise; empty without a cell state.
    pub c: Vec<Vec<f64>>,
}

impl<S: Scalar> Unroll<S> {
    /// `∂s_T/∂s_t` `[n × n]` for every step t of one sequence of the last forward pass, the last of them the identity. The
    /// parts of s are independent arguments: the effect of c through the h of its own step is not in the columns of c.
    ///
    /// # Panics
    /// If the batch has no sequence `member`.
    #[must_use]
    pub fn state_jacobians(&self, network: &Network<S>, member: usize) -> Vec<DMatrix<S>> {
        assert!(member < self.batch(), "a member of the batch");
        let mut rows = StateDerivatives::of_state(network, member);
        let mut jacobians: Vec<DMatrix<S>> = Vec::new();
        for t in (0..self.len()).rev() {
            jacobians.push(rows.jacobian());
            if t > 0 {
                rows.enter_step(self, network, t);
                rows.leave_step(self, network);
            }
        }
        jacobians.reverse();
        jacobians
    }

    /// The credit of every state of one sequence, after forward pass and loss over this batch.
    ///
    /// # Panics
    /// If the batch has no sequence `member`.
    #[must_use]
    pub fn credit(&self, network: &Network<S>, batch: &Batch<S>, spec: LossSpec, member: usize) -> Credit {
        assert!(member < self.batch(), "a member of the batch");
        let mut credit = CreditBack::new(network, member);
        // ∂L/∂y contains each step's share in the batch's mean.
        let count = S::from_f64(spec.count(batch.lengths()) as f64);
        for t in (0..self.len()).rev() {
            let loss = self.grad_output().column(t * self.batch() + member) * count;
            credit.step(self, network, t, loss.as_slice());
        }
        credit.finish()
    }
}

/// A computation of [`Credit`], one step per call.
pub(super) struct CreditBack<S> {
    back: StateDerivatives<S>,
    /// `[τ from the last][t from τ]`.
    h: Vec<Vec<f64>>,
    c: Vec<Vec<f64>>,
}

impl<S: Scalar> CreditBack<S> {
    pub(super) fn new(network: &Network<S>, member: usize) -> Self {
        Self { back: StateDerivatives::new(network, member), h: Vec::new(), c: Vec::new() }
    }

    /// Goes from step t + 1 back to step t, and starts the derivatives of step t's own quantities: `starts` has them by the answer
    /// y, `[O × k]` with the same k at every step. For k > 1 the norm kept is the spectral one.
    pub(super) fn step(&mut self, unroll: &Unroll<S>, network: &Network<S>, t: usize, starts: &[S]) {
        let (hidden, outputs) = (network.config().hidden, network.config().outputs);
        let width = starts.len() / outputs;
        let w_out = network.parameters().slice("w_out");
        for start in starts.chunks_exact(outputs) {
            let column = self.back.push_zero();
            let grad_h = &mut self.back.h[column * hidden..];
            product::add_transposed_product(grad_h, w_out, start, outputs, hidden, 1);
        }
        self.back.enter_step(unroll, network, t);
        self.h.push(Vec::new());
        self.c.push(Vec::new());
        for (norms, values) in [(&mut self.h, &self.back.h), (&mut self.c, &self.back.c)] {
            for (norms, columns) in norms.iter_mut().zip(values.chunks_exact(width * hidden)) {
                norms.push(if width == 1 {
                    math::norm(columns)
                } else {
                    spectral::of_columns(math::cast(columns), hidden).unwrap_or(f64::NAN)
                });
            }
        }
        self.back.leave_step(unroll, network);
    }

    pub(super) fn finish(&mut self) -> Credit {
        let (mut h, mut c) = (std::mem::take(&mut self.h), std::mem::take(&mut self.c));
        for norms in [&mut h, &mut c] {
            norms.reverse();
            norms.iter_mut().for_each(|steps| steps.reverse());
        }
        Credit { h, c: if self.back.c.is_empty() { Vec::new() } else { c } }
    }
}
