//! A benchmark of training: 2 inputs, 1 output, squared error at the last step, full BPTT, Adam.

use std::collections::VecDeque;

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use crate::experiment::keys;
use crate::experiment::settings::Settings;
use nn::{
    Batch, CellKind, Init, KeyedRng, LossAt, LossKind, LossSpec, Network, NetworkConfig, Optimizer, OptimizerKind,
    Parameters, Targets, Unroll,
};

/// Milliseconds of updates before measuring, so that the browser's compiler has finished optimising.
const WARM_UP_MS: f64 = 200.0;
const INPUTS: usize = 2;
const OUTPUTS: usize = 1;
const LOSS: LossSpec = LossSpec { kind: LossKind::SquaredError, at: LossAt::Last };

/// The sizes of a benchmark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchSpec {
    /// Lane code.
    pub cell: String,
    /// Hidden units H, as `hidden` in a link.
    pub hidden: usize,
    /// Batch size B.
    pub batch: usize,
    /// Steps T.
    pub len: usize,
    /// Number of updates to measure, 1 to 1,000,000.
    pub updates: u64,
}

/// The result of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BenchResult {
    /// Updates per second.
    pub updates_per_second: f64,
    /// Billions of floating-point operations per second in the matrix products alone: `6·G·H·(H + D)·T·B` per update.
    pub gflops: f64,
}

/// A measurement in progress.
pub struct BenchRun {
    network: Network<f32>,
    batch: Batch<f32>,
    unroll: Unroll<f32>,
    gradients: Parameters<f32>,
    optimizer: Optimizer<f32>,
    flops: f64,
    updates: u64,
    warm_ms: f64,
    done: u64,
    spent_ms: f64,
}

impl BenchRun {
    /// Prepares a measurement.
    ///
    /// # Errors
    /// A line that names the size that is out of range and its allowed values.
    pub fn new(spec: &BenchSpec) -> Result<Self, String> {
        let cell = CellKind::from_code(&spec.cell).ok_or_else(|| format!("unknown cell {:.32}", spec.cell))?;
        for (key, value) in [
            ("hidden", spec.hidden as u64),
            ("batch", spec.batch as u64),
            ("len", spec.len as u64),
            ("update", spec.updates),
        ] {
            let (min, max) = keys::whole_range(key).unwrap_or((1, 1));
            let min = min.max(1);
            if !(min..=max).contains(&value) {
                return Err(format!("{key} is {value}; allowed: {min}–{max}"));
            }
        }
        let config = NetworkConfig {
            cell,
            inputs: INPUTS,
            hidden: spec.hidden,
            outputs: OUTPUTS,
            forget_bias: 1.0,
            window: Settings::default().window,
            layers: 1,
            init: Init::Uniform,
        };
        let network = Network::seeded(&config, 0);
        let mut rng = KeyedRng::new(0, *b"data", "bench", [0; 8]);
        let columns = spec.len * spec.batch;
        let inputs = DMatrix::from_fn(INPUTS, columns, |_, _| rng.uniform(-1.0, 1.0) as f32);
        let targets = Targets::Values(DMatrix::from_fn(OUTPUTS, columns, |_, _| rng.uniform(-1.0, 1.0) as f32));
        let batch =
            Batch::new(inputs, targets, vec![spec.len; spec.batch], spec.len).map_err(|error| error.to_string())?;
        let (gates, hidden) = (cell.gates().len() as f64, spec.hidden as f64);
        // The inputs of each unit: those of the step and the state, or those of a window.
        let fan_in = if cell.is_recurrent() { hidden + INPUTS as f64 } else { (INPUTS * config.window) as f64 };
        Ok(Self {
            unroll: Unroll::new(&config, spec.len, spec.batch),
            gradients: network.parameters().clone(),
            optimizer: Optimizer::new(OptimizerKind::Adam, 1e-3, network.parameter_count()),
            flops: 6.0 * gates * hidden * fan_in * columns as f64,
            network,
            batch,
            updates: spec.updates,
            warm_ms: 0.0,
            done: 0,
            spent_ms: 0.0,
        })
    }

    /// Works for about `budget` milliseconds of the clock `now`; returns the result once all updates are measured.
    pub fn slice(&mut self, budget: f64, now: &dyn Fn() -> f64) -> Option<BenchResult> {
        let start = now();
        let warming = self.warm_ms < WARM_UP_MS;
        let mut time = start;
        while time - start < budget && (warming || self.done < self.updates) {
            self.update();
            self.done += u64::from(!warming);
            time = now();
        }
        if warming {
            self.warm_ms += time - start;
            return None;
        }
        self.spent_ms += time - start;
        (self.done >= self.updates).then(|| {
            // The clock may not have advanced.
            let seconds = self.spent_ms.max(0.001) / 1000.0;
            let updates_per_second = self.done as f64 / seconds;
            BenchResult { updates_per_second, gflops: updates_per_second * self.flops / 1e9 }
        })
    }

    /// Makes one update.
    pub fn update(&mut self) {
        self.unroll.forward(&self.network, &self.batch);
        self.unroll.loss(&self.batch, LOSS);
        self.unroll.backward(&self.network, &self.batch, &mut self.gradients);
        self.optimizer.step(self.network.parameters_mut().values_mut(), self.gradients.values());
    }
}

/// Measurements, one after another, as two at a time would disturb each other.
#[derive(Default)]
pub(crate) struct BenchQueue {
    running: Option<(u32, BenchRun)>,
    waiting: VecDeque<(u32, BenchSpec)>,
}

/// The end of a measurement.
pub(crate) enum BenchOutcome {
    /// The result.
    Done(BenchResult),
    /// The reason why it cannot be made.
    Refused(String),
}

impl BenchQueue {
    /// Adds a measurement for this request.
    pub(crate) fn push(&mut self, id: u32, spec: BenchSpec) {
        self.waiting.push_back((id, spec));
    }

    /// Whether there is anything to measure.
    pub(crate) fn is_busy(&self) -> bool {
        self.running.is_some() || !self.waiting.is_empty()
    }

    /// Works on the current measurement, or the next one that waits; returns its outcome if it ended.
    pub(crate) fn slice(&mut self, budget: f64, now: &dyn Fn() -> f64) -> Option<(u32, BenchOutcome)> {
        let (id, mut run) = match self.running.take() {
            Some(running) => running,
            None => {
                let (id, spec) = self.waiting.pop_front()?;
                match BenchRun::new(&spec) {
                    Ok(run) => (id, run),
                    Err(problem) => return Some((id, BenchOutcome::Refused(problem))),
                }
            }
        };
        if let Some(result) = run.slice(budget, now) {
            return Some((id, BenchOutcome::Done(result)));
        }
        self.running = Some((id, run));
        None
    }
}
