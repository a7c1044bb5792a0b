//! What `benches/browser/limit.js` times: whole updates, and the matrix products of an update alone.

mod products;

use lab::analysis::bench::{BenchRun, BenchSpec};
// `products` has a source file of the engine in it, which looks for this here.
use nn::Scalar;
use wasm_bindgen::prelude::wasm_bindgen;

use products::Products;

/// Updates of an LSTM, of the kind that `gatescope.bench` times.
#[wasm_bindgen]
pub struct Update(BenchRun);

#[wasm_bindgen]
impl Update {
    /// H hidden units, B sequences, T steps.
    ///
    /// # Errors
    /// What is out of range.
    #[wasm_bindgen(constructor)]
    pub fn new(hidden: usize, batch: usize, len: usize) -> Result<Self, String> {
        BenchRun::new(&BenchSpec { cell: "lstm".to_owned(), hidden, batch, len, updates: 1 }).map(Self)
    }

    /// One update.
    pub fn update(&mut self) {
        self.0.update();
    }
}

/// The matrix products of such an update.
#[wasm_bindgen]
pub struct Limit(Products);

#[wasm_bindgen]
impl Limit {
    /// H hidden units, B sequences, T steps.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(hidden: usize, batch: usize, len: usize) -> Self {
        Self(Products::new(hidden, batch, len))
    }

    /// All of them by nalgebra's `gemm`.
    pub fn gemm(&mut self) {
        self.0.steps_by_gemm();
        self.0.gradient_by_gemm();
    }

    /// Those of single steps by nalgebra's `gemm`.
    #[wasm_bindgen(js_name = stepsByGemm)]
    pub fn steps_by_gemm(&mut self) {
        self.0.steps_by_gemm();
    }

    /// Those of single steps by the engine's own kernel.
    #[wasm_bindgen(js_name = stepsByPanels)]
    pub fn steps_by_panels(&mut self) {
        self.0.steps_by_panels();
    }

    /// Operations of all of them.
    #[must_use]
    pub fn flops(&self) -> f64 {
        self.flops_of_steps() + self.0.flops_of_gradient()
    }

    /// Operations of those of single steps.
    #[wasm_bindgen(js_name = flopsOfSteps)]
    #[must_use]
    pub fn flops_of_steps(&self) -> f64 {
        self.0.flops_of_steps()
    }
}
