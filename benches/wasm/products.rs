//! The matrix products of an LSTM's update, each at its shape: by nalgebra's `gemm`, and by the engine's own kernel.
//!
//! Also a part of `benches/engine.rs`, which times the same natively.

// The very source of the kernel, which the engine keeps to itself.
#[allow(dead_code, reason = "the engine uses the rest of it")]
#[path = "../../crates/nn/src/panels.rs"]
mod panels;

use std::hint::black_box;

use nalgebra::{DMatrix, DMatrixView};
use panels::{Panels, add_products};

const INPUTS: usize = 2;
const GATES: usize = 4;

/// All factors and results of one update's products.
///
/// With H hidden units, D inputs, B sequences and T steps these are `Z_t = [W U] [x_t; h_{t−1}]`, `[4H × (D+H)] · [(D+H) × B]`,
/// and `Uᵀ ∂L/∂z_t`, `[H × 4H] · [4H × B]`, for every step; and for the whole `∂L/∂[W U] = Σ ∂L/∂z_t [x_t; h_{t−1}]ᵀ`,
/// `[4H × T·B] · [T·B × (D+H)]`.
pub struct Products {
    hidden: usize,
    batch: usize,
    len: usize,
    /// `[W U]` and Uᵀ.
    weights: DMatrix<f32>,
    u_transposed: DMatrix<f32>,
    /// `[x; h]`, and both by themselves as the kernel reads them.
    seen: DMatrix<f32>,
    x: DMatrix<f32>,
    h: DMatrix<f32>,
    /// The results.
    z: DMatrix<f32>,
    grad_h: DMatrix<f32>,
    gradient: DMatrix<f32>,
    /// Of the kernel.
    bias: Vec<f32>,
    panels: [Panels<f32>; 3],
}

impl Products {
    /// Factors of numbers between −1 and 1.
    #[must_use]
    pub fn new(hidden: usize, batch: usize, len: usize) -> Self {
        let (units, columns) = (GATES * hidden, len * batch);
        // Any numbers will do that are neither all alike nor subnormal.
        let number = |row: usize, column: usize| ((row * 37 + column * 101) % 199) as f32 / 99.0 - 1.0;
        Self {
            hidden,
            batch,
            len,
            weights: DMatrix::from_fn(units, INPUTS + hidden, number),
            u_transposed: DMatrix::from_fn(hidden, units, number),
            seen: DMatrix::from_fn(INPUTS + hidden, columns, number),
            x: DMatrix::from_fn(INPUTS, columns, number),
            h: DMatrix::from_fn(hidden, columns, number),
            z: DMatrix::zeros(units, columns),
            grad_h: DMatrix::zeros(hidden, columns),
            gradient: DMatrix::zeros(units, INPUTS + hidden),
            bias: vec![0.0; units],
            panels: [Panels::new(units, INPUTS), Panels::new(units, hidden), Panels::new(hidden, units)],
        }
    }

    /// Operations in the products of all steps: a sum and a product count as two.
    #[must_use]
    pub fn flops_of_steps(&self) -> f64 {
        let (hidden, columns) = (self.hidden as f64, (self.len * self.batch) as f64);
        2.0 * GATES as f64 * hidden * (INPUTS as f64 + 2.0 * hidden) * columns
    }

    /// Operations in the product that is the weights' gradient.
    #[must_use]
    pub fn flops_of_gradient(&self) -> f64 {
        let (hidden, columns) = (self.hidden as f64, (self.len * self.batch) as f64);
        2.0 * GATES as f64 * hidden * (INPUTS as f64 + hidden) * columns
    }

    /// The products of all steps, forward and back, by nalgebra. Everything favours it: inputs and state stand in one matrix, Uᵀ
    /// is there as a matrix of its own, and the results are overwritten and not added to.
    pub fn steps_by_gemm(&mut self) {
        for t in 0..self.len {
            let seen = self.seen.columns(t * self.batch, self.batch);
            self.z.columns_mut(t * self.batch, self.batch).gemm(1.0, &self.weights, &seen, 0.0);
        }
        for t in (0..self.len).rev() {
            let grad_z = self.z.columns(t * self.batch, self.batch);
            self.grad_h.columns_mut(t * self.batch, self.batch).gemm(1.0, &self.u_transposed, &grad_z, 0.0);
        }
        black_box(&mut self.grad_h);
    }

    /// The same by the engine's own kernel, and as the engine has them: laying the weights out is part of it.
    pub fn steps_by_panels(&mut self) {
        let (units, hidden, batch) = (GATES * self.hidden, self.hidden, self.batch);
        let (w, u) = self.weights.as_slice().split_at(units * INPUTS);
        let [w_panels, u_panels, u_transposed] = &mut self.panels;
        w_panels.fill(w);
        u_panels.fill(u);
        for t in 0..self.len {
            let column = t * batch;
            let (x, h) = (&self.x.as_slice()[column * INPUTS..], &self.h.as_slice()[column * hidden..]);
            let z = &mut self.z.as_mut_slice()[column * units..(column + batch) * units];
            add_products(z, units, Some(&self.bias), &[(&*w_panels, x), (&*u_panels, h)]);
        }
        u_transposed.fill_transposed(u);
        for t in (0..self.len).rev() {
            let column = t * batch;
            let grad_z = &self.z.as_slice()[column * units..];
            let grad_h = &mut self.grad_h.as_mut_slice()[column * hidden..(column + batch) * hidden];
            add_products(grad_h, hidden, Some(&self.bias[..hidden]), &[(&*u_transposed, grad_z)]);
        }
        black_box(&mut self.grad_h);
    }

    /// The weights' gradient, which the engine leaves to nalgebra.
    pub fn gradient_by_gemm(&mut self) {
        let (rows, columns) = self.seen.shape();
        let seen = DMatrixView::from_slice_with_strides(self.seen.as_slice(), columns, rows, rows, 1);
        self.gradient.gemm(1.0, &self.z, &seen, 0.0);
        black_box(&mut self.gradient);
    }
}
