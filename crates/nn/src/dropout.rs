//! Dropout (Srivastava et al. 2014) on the connections up through a network, not along in time (Zaremba, Sutskever & Vinyals
//! 2014): on the inputs, between layers, and before the readout.

use crate::KeyedRng;
use crate::NetworkConfig;
use crate::Scalar;

/// The masks of one pass, and the numbers after masking.
///
/// Inverted dropout: with rate p a number is 0 with probability p and else multiplied by 1/(1 − p), so that its mean stays
/// and a pass without dropout needs no factor.
#[derive(Clone, Debug, Default)]
pub(super) struct Dropout<S> {
    /// A mask for the inputs of each layer `[inputs × T·B]`, and one for those of the readout `[H × T·B]`; none without
    /// dropout.
    masks: Vec<Vec<S>>,
    masked: Vec<Vec<S>>,
}

impl<S: Scalar> Dropout<S> {
    /// Makes a dropout that drops nothing.
    pub(super) fn off() -> Self {
        Self { masks: Vec::new(), masked: Vec::new() }
    }

    /// Draws new masks with a rate in [0, 1): layer after layer, column after column.
    pub(super) fn draw(&mut self, config: &NetworkConfig, columns: usize, rate: f64, random: &mut KeyedRng) {
        let kept = S::from_f64(1.0 / (1.0 - rate));
        self.masks.clear();
        for width in config.layer_inputs().into_iter().chain([config.hidden]) {
            let mask = (0..width * columns).map(|_| if random.unit() < rate { S::ZERO } else { kept });
            self.masks.push(mask.collect());
        }
        self.masked.resize(self.masks.len(), Vec::new());
    }

    /// Masks the inputs `values` of reader `index` (layers from 0, then the readout), and keeps them for the backward pass.
    pub(super) fn forward<'a>(&'a mut self, index: usize, values: &'a [S]) -> &'a [S] {
        let (Some(mask), Some(masked)) = (self.masks.get(index), self.masked.get_mut(index)) else { return values };
        masked.clear();
        masked.extend(values.iter().zip(mask).map(|(&value, &mask)| value * mask));
        masked
    }

    /// The inputs of reader `index` in the last forward pass: `values`, masked if there is a mask.
    pub(super) fn masked_inputs<'a>(&'a self, index: usize, values: &'a [S]) -> &'a [S] {
        self.masked.get(index).filter(|_| !self.masks.is_empty()).map_or(values, |masked| masked)
    }

    /// The mask over the inputs of reader `index`; empty without dropout.
    pub(super) fn mask(&self, index: usize) -> &[S] {
        self.masks.get(index).map_or(&[], Vec::as_slice)
    }

    /// Turns the gradient by the masked inputs of reader `index` into that by the unmasked ones.
    pub(super) fn backward(&self, index: usize, gradient: &mut [S]) {
        if let Some(mask) = self.masks.get(index) {
            gradient.iter_mut().zip(mask).for_each(|(gradient, &mask)| *gradient *= mask);
        }
    }
}
