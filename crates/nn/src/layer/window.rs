//! The passes of a window network through a layer: all steps at once.

use super::LayerUnroll;
use crate::Network;
use crate::Scalar;
use crate::product::{add_product, add_transposed_product};
use crate::rnn;

impl<S: Scalar> LayerUnroll<S> {
    /// The number of inputs in one step's window.
    pub(super) fn seen_rows(&self) -> usize {
        self.seen.len() / (self.len * self.batch)
    }

    /// Computes all states of a window network; z contains the bias. Inputs before the first step are 0.
    pub(super) fn forward_window(&mut self, network: &Network<S>, inputs: &[S]) {
        let (rows, columns, width, units) = (self.seen_rows(), self.len * self.batch, self.inputs, self.units());
        for (column, seen) in self.seen.chunks_exact_mut(rows).enumerate() {
            for (k, seen) in seen.chunks_exact_mut(width).enumerate() {
                if let Some(before) = column.checked_sub(k * self.batch) {
                    seen.copy_from_slice(&inputs[before * width..(before + 1) * width]);
                }
            }
        }
        add_product(&mut self.z, network.parameters().of(self.layer, "w_ih"), &self.seen, units, rows, columns);
        rnn::forward(self.cell, &self.z, &mut self.h[self.hidden * self.batch..]);
    }

    /// Computes `‖∂L/∂x_t‖` of sequence `member` per step of a window network, after a backward pass; empty for other cells,
    /// which have states instead.
    pub(crate) fn input_norms(&self, network: &Network<S>, member: usize) -> Vec<f64> {
        if self.cell.is_recurrent() {
            return Vec::new();
        }
        let (rows, width, units) = (self.seen_rows(), self.inputs, self.units());
        let mut by_input = vec![S::ZERO; self.len * width];
        for t in 0..self.len {
            let mut by_seen = vec![S::ZERO; rows];
            let grad_z = &self.grad_z[(t * self.batch + member) * units..][..units];
            add_transposed_product(&mut by_seen, network.parameters().of(self.layer, "w_ih"), grad_z, units, rows, 1);
            for (k, from) in by_seen.chunks_exact(width).enumerate().take(t + 1) {
                by_input[(t - k) * width..].iter_mut().zip(from).for_each(|(sum, part)| *sum += *part);
            }
        }
        self.lowered_norms(&by_input, width)
    }
}
