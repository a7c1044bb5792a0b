//! A network: its sizes and its weights.

use thiserror::Error;

use crate::Block;
use crate::CellKind;
use crate::Init;
use crate::Parameters;
use crate::Scalar;
use crate::init;

/// The sizes of a network: recurrent layers, each reading the h of the one below, and a linear readout
/// `y_t = W_out h_t + b_out` of the last.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct NetworkConfig {
    /// The recurrent cell.
    pub cell: CellKind,
    /// D, the number of inputs per step; at least 1.
    pub inputs: usize,
    /// H, the units of each layer; at least 1.
    pub hidden: usize,
    /// O, the number of outputs per step; at least 1.
    pub outputs: usize,
    /// The initial bias of the forget gate; 1 lets the cell state pass at first. Cells without that gate ignore it.
    pub forget_bias: f64,
    /// Number of recurrent layers; at least 1. A window network always has one.
    pub layers: usize,
    /// The distribution of initial weights.
    pub init: Init,
    /// Number of steps in the window of a window network, its own and those before; at least 1. Other cells ignore it.
    pub window: usize,
}

impl NetworkConfig {
    /// The lane code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.cell.code()
    }

    /// The number of inputs that a layer reads at each step, with `inputs` per step: for a window network those of the whole
    /// window.
    pub(super) fn seen(&self, inputs: usize) -> usize {
        if self.cell.is_recurrent() { inputs } else { inputs * self.window }
    }

    /// Number of weights and biases of such a network.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.blocks().iter().map(Block::len).sum()
    }

    /// Number of weights and biases that have an effect. Files and buffers keep the rows of a gate that a variant switches off;
    /// those have no effect and no gradient.
    #[must_use]
    pub fn acting_count(&self) -> usize {
        let off = self.cell.gates().iter().filter(|gate| self.cell.switches_off(**gate)).count() * self.hidden;
        let idle = |block: &Block| if matches!(block.name, "w_ih" | "w_hh" | "b") { off * block.cols } else { 0 };
        self.blocks().iter().map(|block| block.len() - idle(block)).sum()
    }

    /// The blocks of its weights, in the order of [`Parameters`].
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let rows = self.cell.gates().len() * self.hidden;
        let recurrent = if self.cell.is_recurrent() { self.hidden } else { 0 };
        let (mut blocks, mut offset) = (Vec::new(), 0);
        let mut place = |layer, (name, rows, cols)| {
            let block = Block { layer, name, rows, cols, offset };
            offset += block.len();
            if !block.is_empty() {
                blocks.push(block);
            }
        };
        for (layer, inputs) in self.layer_inputs().into_iter().enumerate() {
            place(layer, ("w_ih", rows, self.seen(inputs)));
            place(layer, ("w_hh", rows, recurrent));
            place(layer, ("b", rows, 1));
            for block in self.cell.extra() {
                place(layer, (block.name, block.rows * self.hidden, (block.cols * self.hidden).max(1)));
            }
        }
        place(0, ("w_out", self.outputs, self.hidden));
        place(0, ("b_out", self.outputs, 1));
        blocks
    }

    /// The number of inputs of each layer, lowest first: D, then H for every layer above it.
    pub(super) fn layer_inputs(&self) -> Vec<usize> {
        let above = if self.cell.is_recurrent() { self.layers.max(1) - 1 } else { 0 };
        [vec![self.inputs], vec![self.hidden; above]].concat()
    }
}

/// An error in the sizes or weights of a network.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NetworkError {
    /// A size is zero.
    #[error("a network needs at least 1 input, 1 hidden unit and 1 output, found {inputs}, {hidden} and {outputs}")]
    Empty {
        /// Inputs found.
        inputs: usize,
        /// Hidden units found.
        hidden: usize,
        /// Outputs found.
        outputs: usize,
    },
    /// The parameters were made for other sizes.
    #[error("expected {expected} weights in the blocks of a {cell}, found {found} weights or other blocks")]
    Parameters {
        /// The lane code.
        cell: &'static str,
        /// The count that the sizes call for.
        expected: usize,
        /// The count found.
        found: usize,
    },
}

/// A recurrent network with its weights.
#[derive(Clone, PartialEq, Debug)]
pub struct Network<S> {
    config: NetworkConfig,
    parameters: Parameters<S>,
    /// Held gates of each layer: rows of the stacked gates, and their values. Layers may be missing at the end.
    clamps: Vec<Vec<(usize, S)>>,
}

impl<S: Scalar> Network<S> {
    /// Makes a network with the initial weights of this seed: drawn as [`Init`] says, biases 0 except the forget gate's.
    ///
    /// They depend only on the seed, the cell's code, the sizes and the initialisation.
    #[must_use]
    pub fn seeded(config: &NetworkConfig, seed: u32) -> Self {
        Self { config: *config, parameters: init::initial(config, seed), clamps: Vec::new() }
    }

    /// Makes a network with these weights.
    ///
    /// # Errors
    /// If a size is zero or the parameters were made for another network.
    pub fn with_parameters(config: &NetworkConfig, parameters: Parameters<S>) -> Result<Self, NetworkError> {
        let NetworkConfig { inputs, hidden, outputs, .. } = *config;
        if inputs == 0 || hidden == 0 || outputs == 0 {
            return Err(NetworkError::Empty { inputs, hidden, outputs });
        }
        let expected = Parameters::<S>::zeros(config);
        if expected.blocks() != parameters.blocks() {
            return Err(NetworkError::Parameters {
                cell: config.code(),
                expected: expected.len(),
                found: parameters.len(),
            });
        }
        Ok(Self { config: *config, parameters, clamps: Vec::new() })
    }

    /// Its sizes.
    #[must_use]
    pub fn config(&self) -> &NetworkConfig {
        &self.config
    }

    /// Its weights.
    #[must_use]
    pub fn parameters(&self) -> &Parameters<S> {
        &self.parameters
    }

    /// Its weights, for a trainer or a check to change.
    #[must_use]
    pub fn parameters_mut(&mut self) -> &mut Parameters<S> {
        &mut self.parameters
    }

    /// Held gates of a layer (from 0): a row of the stacked gates (`k·H + u` is gate k of unit u) with its value at every step
    /// of every sequence. A later pair for a row replaces an earlier one.
    #[must_use]
    pub fn clamps(&self, layer: usize) -> &[(usize, S)] {
        self.clamps.get(layer).map_or(&[], Vec::as_slice)
    }

    /// Whether any gate is held.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.clamps.iter().any(|clamps| !clamps.is_empty())
    }

    /// Holds these gates of each layer, lowest first, and no others. The value replaces the activation; the pre-activation then
    /// has no effect and a gradient of exactly zero.
    ///
    /// # Panics
    /// If the cell has no gate in one of the rows, or the network no such layer.
    pub fn hold(&mut self, clamps: Vec<Vec<(usize, S)>>) {
        let gates = self.config.cell.gates();
        let is_gate = |row: usize| gates.get(row / self.config.hidden).is_some_and(|gate| gate.range().is_some());
        assert!(clamps.len() <= self.config.layer_inputs().len(), "a clamp is of a layer of the network");
        assert!(clamps.iter().flatten().all(|(row, _)| is_gate(*row)), "a clamp holds a gate of the cell");
        self.clamps = clamps;
    }

    /// Number of weights and biases.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.parameters.len()
    }

    /// Converts the network to another number type.
    #[must_use]
    pub fn cast<R: Scalar>(&self) -> Network<R> {
        let of_layer = |clamps: &Vec<(usize, S)>| {
            clamps.iter().map(|&(row, value)| (row, R::from_f64(value.to_f64()))).collect::<Vec<_>>()
        };
        let clamps = self.clamps.iter().map(of_layer).collect();
        Network { config: self.config, parameters: self.parameters.cast(), clamps }
    }
}
