//! Small networks and batches.

use nalgebra::DMatrix;
use nn::{Batch, CellKind, Init, KeyedRng, LossKind, Network, NetworkConfig, Targets};

/// Describes a network of one layer.
pub fn config(cell: CellKind, inputs: usize, hidden: usize, outputs: usize) -> NetworkConfig {
    NetworkConfig { cell, inputs, hidden, outputs, forget_bias: 1.0, layers: 1, init: Init::Uniform, window: 3 }
}

/// Describes a network of every cell.
pub fn every(inputs: usize, hidden: usize, outputs: usize) -> Vec<NetworkConfig> {
    CellKind::ALL.map(|cell| config(cell, inputs, hidden, outputs)).to_vec()
}

/// Returns the network with every weight and bias moved a little, so that no bias is zero.
pub fn shaken(network: &Network<f64>) -> Network<f64> {
    let mut random = KeyedRng::new(5, *b"test", "shaken", [0; 8]);
    let mut network = network.clone();
    for value in network.parameters_mut().values_mut() {
        *value += random.uniform(-0.3, 0.3);
    }
    network
}

/// Builds sequences of these lengths with random inputs, and targets at every step.
pub fn example_batch(config: &NetworkConfig, kind: LossKind, lengths: Vec<usize>, len: usize) -> Batch<f64> {
    let mut random = KeyedRng::new(9, *b"test", "batch", [0; 8]);
    let columns = len * lengths.len();
    let inputs = DMatrix::from_fn(config.inputs, columns, |_, _| random.uniform(-1.0, 1.0));
    let targets = match kind {
        LossKind::SquaredError => {
            Targets::Values(DMatrix::from_fn(config.outputs, columns, |_, _| random.uniform(-1.0, 1.0)))
        }
        LossKind::CrossEntropy => {
            Targets::Classes((0..columns).map(|_| random.below(config.outputs as u64) as usize).collect())
        }
    };
    Batch::new(inputs, targets, lengths, len).unwrap()
}
