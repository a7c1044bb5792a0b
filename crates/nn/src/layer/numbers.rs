//! Reading the results of a pass: states as they are, gradients divided by the power of two that they were multiplied by.

use nalgebra::{DMatrix, DMatrixView};

use super::LayerUnroll;
use crate::Scalar;
use crate::math;

impl<S: Scalar> LayerUnroll<S> {
    /// Pre-activations z `[gates·H × T·B]`, blocks of H rows in the order of [`CellKind::gates`](crate::CellKind::gates).
    #[must_use]
    pub fn z(&self) -> DMatrixView<'_, S> {
        self.matrix(&self.z, self.units())
    }

    /// Gate activations, rows as in z; without rows for an RNN.
    #[must_use]
    pub fn gates(&self) -> DMatrixView<'_, S> {
        self.matrix(&self.gates, self.units())
    }

    /// Hidden states `h_t` `[H × T·B]`.
    #[must_use]
    pub fn h(&self) -> DMatrixView<'_, S> {
        self.matrix(self.h_values(), self.hidden)
    }

    /// Cell states `c_t` `[H × T·B]`; without rows where the cell has none.
    #[must_use]
    pub fn c(&self) -> DMatrixView<'_, S> {
        self.matrix(self.c_values(), self.hidden)
    }

    /// Total derivatives `∂L/∂h_t` `[H × T·B]`, zero where below the smallest normal number.
    #[must_use]
    pub fn grad_h(&self) -> DMatrix<S> {
        self.lowered(&self.grad_h, self.hidden)
    }

    /// Total derivatives `∂L/∂c_t` `[H × T·B]`, likewise; without rows where the cell has no state c.
    #[must_use]
    pub fn grad_c(&self) -> DMatrix<S> {
        self.lowered(&self.grad_c, self.hidden)
    }

    /// `∂L/∂z_t` `[gates·H × T·B]`, likewise, rows as in z.
    #[must_use]
    pub fn grad_z(&self) -> DMatrix<S> {
        self.lowered(&self.grad_z, self.units())
    }

    /// `‖∂L/∂h_t‖_F` and `‖∂L/∂c_t‖_F` over units and batch, per step, zero where below the smallest normal number; the second
    /// empty without cell states.
    #[must_use]
    pub fn norms(&self) -> (Vec<f64>, Vec<f64>) {
        let run = self.hidden * self.batch;
        (self.lowered_norms(&self.grad_h, run), self.lowered_norms(&self.grad_c, run))
    }

    /// Computes [`math::norms`] of raised gradients, divided by `raise`.
    pub(crate) fn lowered_norms(&self, values: &[S], run: usize) -> Vec<f64> {
        math::norms(values, run).into_iter().map(|norm| self.lowered_norm(norm)).collect()
    }

    /// Divides a norm of raised gradients by `raise`.
    pub(crate) fn lowered_norm(&self, norm: f64) -> f64 {
        let norm = norm / self.raise.to_f64();
        if norm < S::MIN_POSITIVE.to_f64() { 0.0 } else { norm }
    }

    fn lowered(&self, values: &[S], rows: usize) -> DMatrix<S> {
        self.matrix(values, rows).map(|value| value.lowered(self.raise))
    }

    fn matrix<'a>(&self, values: &'a [S], rows: usize) -> DMatrixView<'a, S> {
        let rows = if values.is_empty() { 0 } else { rows };
        DMatrixView::from_slice(values, rows, self.len * self.batch)
    }

    /// z `[gates·H × T·B]`.
    pub(crate) fn z_values(&self) -> &[S] {
        &self.z
    }

    /// h without the state before the first step.
    pub(crate) fn h_values(&self) -> &[S] {
        &self.h[self.hidden * self.batch..]
    }

    /// c without the state before the first step; empty without a cell state.
    pub(crate) fn c_values(&self) -> &[S] {
        self.c.get(self.hidden * self.batch..).unwrap_or_default()
    }

    /// Raised `∂L/∂h` `[H × T·B]`.
    pub(crate) fn grad_h_values(&self) -> &[S] {
        &self.grad_h
    }

    /// Raised `∂L/∂c` `[H × T·B]`; empty without a cell state.
    pub(crate) fn grad_c_values(&self) -> &[S] {
        &self.grad_c
    }

    /// Raised `∂L/∂z` `[gates·H × T·B]`.
    pub(crate) fn grad_z_values(&self) -> &[S] {
        &self.grad_z
    }

    /// Raised `∂L/∂(U h_{t−1})` `[gates·H × T·B]`; of all cells but a GRU the same as `∂L/∂z`.
    pub(crate) fn grad_recurrent_values(&self) -> &[S] {
        if self.is_gru() { &self.grad_recurrent } else { &self.grad_z }
    }
}
