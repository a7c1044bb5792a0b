//! The engine's speed test: what is run; whoever has a clock measures it.

use nalgebra::DMatrix;

use crate::nn::{
    Batch, BatchError, CellKind, KeyedRng, LossAt, LossKind, LossSpec, Network, NetworkConfig,
    Optimizer, OptimizerKind, Parameters, Targets, Unroll,
};

/// The shape of the network that is timed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BenchSpec {
    /// The cell.
    pub cell: CellKind,
    /// H, units.
    pub hidden: usize,
    /// B, sequences per batch.
    pub batch: usize,
    /// T, steps.
    pub len: usize,
}

const INPUTS: usize = 2;

impl BenchSpec {
    /// Floating-point operations of one update's matrix products, `6·G·H·(H + D)·T·B` with G blocks of pre-activations
    /// and D = 2.
    #[must_use]
    pub fn flops(&self) -> f64 {
        let gates = self.cell.gates().len() as f64;
        let (hidden, moments) = (self.hidden as f64, self.len as f64 * self.batch as f64);
        6.0 * gates * hidden * (hidden + INPUTS as f64) * moments
    }
}

/// A network that trains on one fixed batch: 2 inputs, 1 output, squared error at the last step, full backpropagation,
/// Adam.
#[derive(Clone, Debug)]
pub struct BenchRun {
    network: Network<f32>,
    batch: Batch<f32>,
    unroll: Unroll<f32>,
    gradients: Parameters<f32>,
    optimizer: Optimizer<f32>,
}

const LOSS: LossSpec = LossSpec {
    kind: LossKind::SquaredError,
    at: LossAt::Last,
};

impl BenchRun {
    /// Everything that the updates need.
    ///
    /// # Errors
    /// If a size is zero.
    pub fn new(spec: &BenchSpec) -> Result<Self, BatchError> {
        let config = NetworkConfig {
            cell: spec.cell,
            inputs: INPUTS,
            hidden: spec.hidden,
            outputs: 1,
            forget_bias: 1.0,
        };
        if spec.hidden == 0 {
            return Err(BatchError::Empty {
                len: spec.len,
                batch: 0,
            });
        }
        let columns = spec.len.saturating_mul(spec.batch);
        let mut random = KeyedRng::new(0, *b"data", "bench", [0; 8]);
        let inputs = DMatrix::from_fn(INPUTS, columns, |_, _| random.uniform(0.0, 1.0) as f32);
        let targets = DMatrix::from_fn(1, columns, |_, _| random.uniform(0.0, 2.0) as f32);
        let batch = Batch::new(
            inputs,
            Targets::Values(targets),
            vec![spec.len; spec.batch],
            spec.len,
        )?;
        let network = Network::seeded(&config, 0);
        Ok(Self {
            batch,
            unroll: Unroll::new(&config, spec.len, spec.batch),
            gradients: Parameters::zeros(&config),
            optimizer: Optimizer::new(OptimizerKind::Adam, 0.001, network.parameter_count()),
            network,
        })
    }

    /// One update; returns the loss before it.
    pub fn update(&mut self) -> f64 {
        self.unroll.forward(&self.network, &self.batch);
        let loss = self.unroll.loss(&self.batch, LOSS);
        self.unroll
            .backward(&self.network, &self.batch, &mut self.gradients);
        self.optimizer.step(
            self.network.parameters_mut().values_mut(),
            self.gradients.values(),
        );
        loss
    }
}
