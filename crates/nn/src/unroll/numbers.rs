//! Reading the results of a pass: states, answers, gradients and losses.

use nalgebra::{DMatrix, DMatrixView};

use super::Unroll;
use crate::LayerUnroll;
use crate::LossSpec;
use crate::Network;
use crate::NetworkConfig;
use crate::Scalar;
use crate::Truncation;

impl<S: Scalar> Unroll<S> {
    /// The sizes that the buffers were made for.
    #[must_use]
    pub fn config(&self) -> &NetworkConfig {
        &self.config
    }

    /// T.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a number of steps, not of elements")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// B.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The truncation of the gradient.
    #[must_use]
    pub fn truncation(&self) -> Truncation {
        self.truncation
    }

    /// Every layer, lowest first.
    #[must_use]
    pub fn layers(&self) -> &[LayerUnroll<S>] {
        &self.layers
    }

    pub(crate) fn top(&self) -> &LayerUnroll<S> {
        // `new` makes a layer for every entry of `layer_inputs`, which is never empty.
        &self.layers[self.layers.len() - 1]
    }

    /// Pre-activations z `[gates·H × T·B]`, blocks of H rows in the order of the cell's gates.
    #[must_use]
    pub fn z(&self) -> DMatrixView<'_, S> {
        self.top().z()
    }

    /// Gate activations, rows as in z; without rows for an RNN.
    #[must_use]
    pub fn gates(&self) -> DMatrixView<'_, S> {
        self.top().gates()
    }

    /// Hidden states `h_t` `[H × T·B]`.
    #[must_use]
    pub fn h(&self) -> DMatrixView<'_, S> {
        self.top().h()
    }

    /// Cell states `c_t` `[H × T·B]`; without rows where the cell has none.
    #[must_use]
    pub fn c(&self) -> DMatrixView<'_, S> {
        self.top().c()
    }

    /// Answers `[O × T·B]`, before any softmax.
    #[must_use]
    pub fn output(&self) -> DMatrixView<'_, S> {
        DMatrixView::from_slice(&self.readout.output, self.config.outputs, self.len * self.batch)
    }

    pub(crate) fn output_values(&self) -> &[S] {
        &self.readout.output
    }

    /// `∂L/∂output` `[O × T·B]`, exactly zero in columns without a target.
    #[must_use]
    pub fn grad_output(&self) -> DMatrixView<'_, S> {
        DMatrixView::from_slice(&self.readout.grad_output, self.config.outputs, self.len * self.batch)
    }

    /// Total derivatives `∂L/∂h_t` `[H × T·B]`.
    #[must_use]
    pub fn grad_h(&self) -> DMatrix<S> {
        self.top().grad_h()
    }

    /// Total derivatives `∂L/∂c_t` `[H × T·B]`; without rows where the cell has no state c.
    #[must_use]
    pub fn grad_c(&self) -> DMatrix<S> {
        self.top().grad_c()
    }

    /// `‖∂L/∂h_t‖_F` and `‖∂L/∂c_t‖_F` of a layer (from 0; the last where there are fewer) over units and batch, per step; the
    /// second empty without cell states.
    #[must_use]
    pub fn layer_norms(&self, layer: usize) -> (Vec<f64>, Vec<f64>) {
        self.layers[layer.min(self.layers.len() - 1)].norms()
    }

    /// `‖∂L/∂h_t‖_F` over units and batch, per step.
    #[must_use]
    pub fn grad_h_norms(&self) -> Vec<f64> {
        self.top().norms().0
    }

    /// `‖∂L/∂c_t‖_F` over units and batch, per step; empty without cell states.
    #[must_use]
    pub fn grad_c_norms(&self) -> Vec<f64> {
        self.top().norms().1
    }

    /// `∂L/∂z_t` `[gates·H × T·B]`, rows as in z.
    #[must_use]
    pub fn grad_z(&self) -> DMatrix<S> {
        self.top().grad_z()
    }

    /// `‖∂L/∂x_t‖` of one sequence per step, after a backward pass of a window network; empty for all others.
    #[must_use]
    pub fn input_norms(&self, network: &Network<S>, member: usize) -> Vec<f64> {
        S::input_norms(self, network, member)
    }

    pub(crate) fn input_norms_pass(&self, network: &Network<S>, member: usize) -> Vec<f64> {
        self.top().input_norms(network, member)
    }

    /// The loss of sequence `member` in its first `len` steps alone, the mean over its steps that have a target.
    #[must_use]
    pub fn own_loss(&self, spec: LossSpec, member: usize, len: usize) -> f64 {
        let losses = self.loss_per_step.iter().skip(member).step_by(self.batch).take(len);
        losses.sum::<f64>() * (1.0 / spec.count(&[len]) as f64)
    }

    /// The loss of every column `t·B + b`, not divided by their number; zero where there is no target.
    #[must_use]
    pub fn loss_per_step(&self) -> &[f64] {
        &self.loss_per_step
    }
}
