//! The linear readout `y_t = W_out h_t + b_out`, forward and backward over all columns at once.
//!
//! It has few outputs (1 to 9 on this page), too few for packed products, so it works with the rows of `W_out`: a copy
//! in which each is contiguous.

use crate::Parameters;
use crate::Scalar;
use crate::math;
use crate::product::{add_columns, dot};

/// The readout's answers, their gradients, and working memory.
#[derive(Clone, Debug)]
pub(super) struct ReadoutUnroll<S> {
    outputs: usize,
    hidden: usize,
    /// `W_outᵀ` `[H × O]`.
    rows: Vec<S>,
    /// y `[O × T·B]`.
    pub(super) output: Vec<S>,
    /// `∂L/∂y` `[O × T·B]`.
    pub(super) grad_output: Vec<S>,
}

impl<S: Scalar> ReadoutUnroll<S> {
    pub(super) fn new(outputs: usize, hidden: usize, columns: usize) -> Self {
        Self {
            outputs,
            hidden,
            rows: vec![S::ZERO; outputs * hidden],
            output: vec![S::ZERO; outputs * columns],
            grad_output: vec![S::ZERO; outputs * columns],
        }
    }

    /// Converts it to another number type.
    pub(super) fn cast<R: Scalar>(&self) -> ReadoutUnroll<R> {
        let [rows, output, grad_output] =
            [&self.rows, &self.output, &self.grad_output].map(|values| math::cast(values));
        ReadoutUnroll { outputs: self.outputs, hidden: self.hidden, rows, output, grad_output }
    }

    /// Computes y from h `[H × T·B]`.
    pub(super) fn forward(&mut self, parameters: &Parameters<S>, h: &[S]) {
        transpose(parameters.slice("w_out"), &mut self.rows, self.outputs);
        let bias = parameters.slice("b_out");
        for (y, h) in self.output.chunks_exact_mut(self.outputs).zip(h.chunks_exact(self.hidden)) {
            for ((y, row), &bias) in y.iter_mut().zip(self.rows.chunks_exact(self.hidden)).zip(bias) {
                *y = bias + dot(row, h);
            }
        }
    }

    /// Computes `raise` times `∂L/∂h = W_outᵀ ∂L/∂y` `[H × T·B]`, overwritten; exactly zero in columns without a loss.
    pub(super) fn backward_states(&self, grad_h: &mut [S], raise: S) {
        grad_h.fill(S::ZERO);
        for (grad_y, grad_h) in self.grad_output.chunks_exact(self.outputs).zip(grad_h.chunks_exact_mut(self.hidden)) {
            if grad_y.iter().any(|&grad| grad != S::ZERO) {
                add_columns(grad_h, &self.rows, grad_y, 1);
                grad_h.iter_mut().for_each(|grad| *grad *= raise);
            }
        }
    }

    /// Computes `∂L/∂W_out = Σ ∂L/∂y hᵀ` and `∂L/∂b_out = Σ ∂L/∂y`; overwritten.
    pub(super) fn backward_weights(&mut self, gradients: &mut Parameters<S>, h: &[S]) {
        self.rows.fill(S::ZERO);
        let grad_bias = gradients.slice_mut("b_out");
        grad_bias.fill(S::ZERO);
        for (grad_y, h) in self.grad_output.chunks_exact(self.outputs).zip(h.chunks_exact(self.hidden)) {
            if grad_y.iter().all(|&grad| grad == S::ZERO) {
                continue;
            }
            for ((row, bias), grad) in self.rows.chunks_exact_mut(self.hidden).zip(grad_bias.iter_mut()).zip(grad_y) {
                add_columns(row, h, std::slice::from_ref(grad), 1);
                *bias += *grad;
            }
        }
        transpose(&self.rows, gradients.slice_mut("w_out"), self.hidden);
    }
}

/// Writes the transpose of a matrix with so many rows, both column-major.
fn transpose<S: Scalar>(from: &[S], to: &mut [S], rows: usize) {
    let cols = from.len() / rows;
    for (col, column) in from.chunks_exact(rows).enumerate() {
        for (row, &value) in column.iter().enumerate() {
            to[row * cols + col] = value;
        }
    }
}
