//! The gradients between steps as norms over the units, and what remains of a state until the end.

use super::{At, peephole_block};
use crate::scale::decades;
use nn::Gate;

impl At<'_> {
    /// The norms of the gradient along the edge from step t + 1 (t from 0) to step t: `‖Uᵀ δ_{t+1}‖` and, along the cell,
    /// `‖f_{t+1} ⊙ ∂L/∂c_{t+1}‖`; nothing through a cut.
    pub fn back_along(&self, t: usize) -> (f64, f64) {
        let trace = &self.lane.trace;
        let (hidden, next) = (trace.hidden, t + 1);
        if next >= trace.len || !trace.cell.is_recurrent() || self.truncation.cuts_before(next) {
            return (0.0, 0.0);
        }
        let u = self.weights.slice("w_hh");
        let rows = trace.grad_z.len() * hidden;
        let deltas: Vec<f64> = (0..rows).map(|row| self.delta(row / hidden, next, row % hidden)).collect();
        let (memory, kept) = (trace.cell.has_cell_state(), trace.keeps());
        let kept = |j: usize| kept.map_or(0.0, |gate| f64::from(gate[next * hidden + j]));
        let of_unit = |j: usize| {
            let by_product = u[j * rows..(j + 1) * rows].iter().zip(&deltas).map(|(u, delta)| f64::from(*u) * delta);
            by_product.sum::<f64>() + if memory { 0.0 } else { kept(j) * f64::from(trace.grad_h[next * hidden + j]) }
        };
        let h = (0..hidden).map(|j| of_unit(j).powi(2)).sum::<f64>().sqrt();
        let along = |(j, c): (usize, &f32)| {
            let peepholes = [Gate::Input, Gate::Forget].into_iter().enumerate().map(|(k, gate)| {
                let weights = peephole_block(gate).map_or(&[][..], |block| self.weights.slice(block));
                weights.get(j).map_or(0.0, |&p| f64::from(p)) * self.delta(k, next, j)
            });
            (kept(j) * f64::from(*c) + peepholes.sum::<f64>()).powi(2)
        };
        let c = trace.grad_c.iter().skip(next * hidden).take(hidden).enumerate().map(along).sum::<f64>();
        (h, c.sqrt())
    }

    /// `‖W_outᵀ ∂L/∂y_t‖` per step: the gradient that each step's own loss sends into its h.
    pub fn from_losses(&self) -> Vec<f64> {
        let (outputs, hidden) = (self.lane.trace.outputs, self.lane.trace.hidden);
        let step = |(t, gradient): (usize, &[f32])| {
            let of_unit = |j: usize| {
                let parts = gradient.iter().enumerate().map(|(o, &g)| self.weight("w_out", o, j) * f64::from(g));
                (self.mask(t, j) * parts.sum::<f64>()).powi(2)
            };
            if gradient.iter().all(|&g| g == 0.0) { 0.0 } else { (0..hidden).map(of_unit).sum::<f64>().sqrt() }
        };
        self.lane.trace.grad_output.chunks_exact(outputs).enumerate().map(step).collect()
    }

    /// The share of the unit's state that its forget gates after this step (of a GRU its update gates) keep until the last
    /// step; 1 without such gates.
    pub fn kept(&self) -> f64 {
        let trace = &self.lane.trace;
        let Some(forget) = trace.keeps() else { return 1.0 };
        let later = forget.iter().skip((self.t + 1) * trace.hidden + self.u).step_by(trace.hidden);
        later.map(|&keep| f64::from(keep)).product()
    }

    /// Powers of ten that hold the lane's gradients by single numbers.
    pub fn decades(&self) -> (f64, f64) {
        let trace = &self.lane.trace;
        let series = trace.grad_z.iter().flat_map(|series| &series.values);
        decades(trace.grad_h.iter().chain(&trace.grad_c).chain(series).map(|&value| f64::from(value).abs()))
    }
}
