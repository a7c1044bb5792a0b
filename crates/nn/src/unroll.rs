//! A network unrolled in time: forward, loss, and backpropagation through time (Werbos 1990).

use crate::Batch;
use crate::KeyedRng;
use crate::LayerUnroll;
use crate::LossSpec;
use crate::Network;
use crate::NetworkConfig;
use crate::Parameters;
use crate::Scalar;
use crate::Truncation;
use crate::dropout::Dropout;
use crate::loss;
use crate::math;
use crate::product::add_transposed_product;
use crate::readout::ReadoutUnroll;

mod numbers;

/// Every buffer that a pass over a batch needs, for one (network, length, batch size), allocated once.
///
/// The order is [`forward`](Self::forward), [`loss`](Self::loss), [`backward`](Self::backward), with the same network
/// and batch; the results of each can be read until the next pass. Matrices have T·B columns, step t of sequence b in column
/// `t·B + b`; those of states are the last layer's, [`layers`](Self::layers) has all.
#[derive(Clone, Debug)]
pub struct Unroll<S: Scalar> {
    config: NetworkConfig,
    len: usize,
    batch: usize,
    truncation: Truncation,
    layers: Vec<LayerUnroll<S>>,
    readout: ReadoutUnroll<S>,
    dropout: Dropout<S>,
    loss_per_step: Vec<f64>,
}

impl<S: Scalar> Unroll<S> {
    /// Allocates buffers for `len` steps of `batch` sequences, with a gradient that passes through all steps.
    #[must_use]
    pub fn new(config: &NetworkConfig, len: usize, batch: usize) -> Self {
        let layer = |(layer, inputs)| LayerUnroll::new(config, (layer, inputs), len, batch);
        let layers = config.layer_inputs().into_iter().enumerate().map(layer).collect();
        Self {
            config: *config,
            len,
            batch,
            truncation: Truncation::default(),
            layers,
            readout: ReadoutUnroll::new(config.outputs, config.hidden, len * batch),
            dropout: Dropout::off(),
            loss_per_step: vec![0.0; len * batch],
        }
    }

    /// Returns the same with a truncated gradient.
    #[must_use]
    pub fn truncated(self, truncation: Truncation) -> Self {
        Self { truncation, ..self }
    }

    /// Changes the truncation from the next pass on.
    pub fn set_truncation(&mut self, truncation: Truncation) {
        self.truncation = truncation;
    }

    /// Draws dropout masks for the following passes: each input, each number that goes from layer to layer, and each that the
    /// readout reads is left out with probability `rate` in [0, 1).
    pub fn drop_out(&mut self, rate: f64, random: &mut KeyedRng) {
        S::drop_out(self, rate, random);
    }

    pub(super) fn drop_out_pass(&mut self, rate: f64, random: &mut KeyedRng) {
        self.dropout.draw(&self.config, self.len * self.batch, rate, random);
    }

    /// The inputs of layer `index` in the last forward pass `[inputs × T·B]`; empty for the first layer where they are the
    /// batch's inputs unchanged.
    pub(super) fn read_by(&self, index: usize) -> &[S] {
        let below = index.checked_sub(1).map_or(&[][..], |below| self.layers[below].h_values());
        self.dropout.masked_inputs(index, below)
    }

    /// The dropout mask over the h of layer `index` in the last forward pass `[H × T·B]`: 0 or 1/(1 − p); empty without
    /// dropout.
    pub(super) fn mask_over(&self, index: usize) -> &[S] {
        self.dropout.mask(index + 1)
    }

    /// Switches dropout off for the following passes.
    pub fn keep_all(&mut self) {
        self.dropout = Dropout::off();
    }

    /// Runs the network over the batch: z, gates, h, c of every step, and the output.
    ///
    /// # Panics
    /// If network or batch have other sizes than the buffers.
    pub fn forward(&mut self, network: &Network<S>, batch: &Batch<S>) {
        S::forward(self, network, batch);
    }

    pub(super) fn forward_pass(&mut self, network: &Network<S>, batch: &Batch<S>) {
        self.forward_holding(network, batch, None);
    }

    /// Runs a forward pass in which every step after a cut continues from the states that `held` has before it, which the
    /// truncated gradient treats as constants.
    pub(super) fn forward_holding(&mut self, network: &Network<S>, batch: &Batch<S>, held: Option<&Self>) {
        self.check(network, batch);
        let (mut below, top) = (batch.inputs().as_slice(), self.layers.len());
        for (index, layer) in self.layers.iter_mut().enumerate() {
            let held = held.and_then(|held| held.layers.get(index));
            layer.forward(network, self.dropout.forward(index, below), self.truncation, held);
            below = layer.h_values();
        }
        self.readout.forward(network.parameters(), self.dropout.forward(top, below));
    }

    /// Computes the loss of the last forward pass: the mean over the batch's columns that have a target. Fills the loss of
    /// every column and `∂L/∂output`.
    ///
    /// # Panics
    /// If the batch does not suit network and loss; [`Batch::check_fits`] checks that.
    pub fn loss(&mut self, batch: &Batch<S>, spec: LossSpec) -> f64 {
        S::loss(self, batch, spec)
    }

    pub(super) fn loss_pass(&mut self, batch: &Batch<S>, spec: LossSpec) -> f64 {
        let readout = &mut self.readout;
        loss::evaluate(spec, batch, &readout.output, &mut readout.grad_output, &mut self.loss_per_step)
    }

    /// Backpropagates the last loss through all steps: the total derivatives by every h, c and z, and the gradient by
    /// every weight, which overwrites `gradients`.
    ///
    /// Gradients are computed times a power of two ([`Scalar::RAISE`]) and divided by it where they are read: no digit differs,
    /// but the products of the smallest are no subnormal numbers. Where raised gradients overflow, the pass is made again
    /// without.
    ///
    /// # Panics
    /// If network or batch have other sizes than the buffers.
    pub fn backward(&mut self, network: &Network<S>, batch: &Batch<S>, gradients: &mut Parameters<S>) {
        S::backward(self, network, batch, gradients);
    }

    pub(super) fn backward_pass(&mut self, network: &Network<S>, batch: &Batch<S>, gradients: &mut Parameters<S>) {
        self.check(network, batch);
        self.backward_raised(network, batch, S::RAISE);
        self.layers_backward_weights(batch, gradients, S::RAISE);
        // A ∂L/∂z that is not finite makes the gradient of its bias so. A held gate has no such gradient.
        let is_finite =
            math::all_finite(gradients.of_layers_mut()) && (!network.is_held() || self.gradients_are_finite());
        if !is_finite && S::RAISE != S::ONE {
            self.backward_raised(network, batch, S::ONE);
            self.layers_backward_weights(batch, gradients, S::ONE);
        }
        let top = self.layers.len();
        let read = self.layers[top - 1].h_values();
        self.readout.backward_weights(gradients, self.dropout.masked_inputs(top, read));
    }

    /// The part of [`backward`](Self::backward) that a probe needs: the derivatives by every h, c and z.
    pub(super) fn backward_states(&mut self, network: &Network<S>, batch: &Batch<S>) {
        self.backward_raised(network, batch, S::RAISE);
        if S::RAISE != S::ONE && !self.gradients_are_finite() {
            self.backward_raised(network, batch, S::ONE);
        }
    }

    fn gradients_are_finite(&self) -> bool {
        let finite = |layer: &LayerUnroll<S>| {
            let gradients = [layer.grad_h_values(), layer.grad_c_values(), layer.grad_z_values()];
            gradients.into_iter().all(math::all_finite)
        };
        self.layers.iter().all(finite)
    }

    fn layers_backward_weights(&self, batch: &Batch<S>, gradients: &mut Parameters<S>, raise: S) {
        let mut below = batch.inputs().as_slice();
        for (index, layer) in self.layers.iter().enumerate() {
            layer.backward_weights(gradients, self.dropout.masked_inputs(index, below), batch.lengths());
            below = layer.h_values();
        }
        gradients.of_layers_mut().iter_mut().for_each(|gradient| *gradient = gradient.lowered(raise));
    }

    fn backward_raised(&mut self, network: &Network<S>, batch: &Batch<S>, raise: S) {
        let (hidden, columns) = (self.config.hidden, self.len * self.batch);
        let mut reader = self.layers.len();
        let mut rest = self.layers.as_mut_slice();
        // From the readout down: the layer above reads each layer's h, and the readout reads that of the last.
        let mut above: Option<&mut LayerUnroll<S>> = None;
        while let Some((layer, below)) = rest.split_last_mut() {
            let grad_h = layer.grad_h_mut();
            match above {
                None => self.readout.backward_states(grad_h, raise),
                Some(above) => {
                    let (w_ih, grad_z) = (network.parameters().of(reader, "w_ih"), above.grad_z_values());
                    grad_h.fill(S::ZERO);
                    add_transposed_product(grad_h, w_ih, grad_z, grad_z.len() / columns, hidden, columns);
                }
            }
            self.dropout.backward(reader, grad_h);
            layer.backward_states(network, self.truncation, batch.lengths(), raise);
            reader -= 1;
            above = Some(layer);
            rest = below;
        }
    }

    fn check(&self, network: &Network<S>, batch: &Batch<S>) {
        assert_eq!(&self.config, network.config(), "an unrolled network serves one configuration");
        assert_eq!((self.len, self.batch), (batch.len(), batch.batch()), "steps and sequences");
        assert_eq!(self.config.inputs, batch.inputs().nrows(), "inputs per step");
    }

    /// Converts the pass, without dropout, to another number type: its states keep their rounded values.
    #[must_use]
    pub fn cast<R: Scalar>(&self) -> Unroll<R> {
        let Self { config, len, batch, truncation, .. } = *self;
        let layers = self.layers.iter().map(LayerUnroll::cast).collect();
        let (readout, loss_per_step) = (self.readout.cast(), self.loss_per_step.clone());
        Unroll { config, len, batch, truncation, dropout: Dropout::off(), layers, readout, loss_per_step }
    }
}
