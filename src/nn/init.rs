//! Initial weights.

use crate::{Gate, KeyedRng, NetworkConfig, Parameters, Scalar};

/// Weights uniform in ±1/√H (PyTorch's choice for its recurrent modules), biases 0, and the forget gate's bias at
/// [`NetworkConfig::forget_bias`] (Gers, Schmidhuber & Cummins 2000; Jozefowicz, Zaremba & Sutskever 2015 advise 1).
///
/// Each block has its own random stream, keyed by seed, lane code and block name: another lane or another block changes
/// no number here. Numbers are drawn in f64, so that f32 and f64 networks of a seed agree up to rounding.
pub(super) fn initial<S: Scalar>(config: &NetworkConfig, seed: u32) -> Parameters<S> {
    let mut parameters = Parameters::zeros(config);
    let limit = 1.0 / (config.hidden as f64).sqrt();
    let weights: Vec<&str> =
        parameters.blocks().iter().filter(|block| !block.name.starts_with('b')).map(|block| block.name).collect();
    for name in weights {
        let mut random = KeyedRng::new(seed, *b"init", config.code(), KeyedRng::index_of_name(name));
        for value in parameters.slice_mut(name) {
            *value = S::from_f64(random.uniform(-limit, limit));
        }
    }
    let forget = |&gate: &Gate| gate == Gate::Forget && !config.cell.switches_off(gate);
    if let Some(forget) = config.cell.gates().iter().position(forget) {
        let rows = forget * config.hidden..(forget + 1) * config.hidden;
        parameters.slice_mut("b")[rows].fill(S::from_f64(config.forget_bias));
    }
    parameters
}
