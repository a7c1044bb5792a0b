//! All weights of a network in one slice, with names for its parts.

use nalgebra::DMatrixView;

use crate::NetworkConfig;
use crate::Scalar;

/// A named matrix inside [`Parameters`], column-major.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Block {
    /// The layer that it belongs to, from 0; 0 for the readout's.
    pub layer: usize,
    /// `w_ih`, `w_hh`, `b`, `w_out` or `b_out`, as in PyTorch but with one bias where PyTorch has two; additional blocks
    /// are `p_i`, `p_f`, `p_o` and `w_gates` of variants of the LSTM, and `b_hn` of the GRU.
    pub name: &'static str,
    /// Rows: gates · H for the cell's blocks, outputs for the readout's.
    pub rows: usize,
    /// Columns: inputs, H, or 1 for a bias.
    pub cols: usize,
    /// The index of its first number in the slice.
    pub offset: usize,
}

impl Block {
    /// Number of its weights.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows * self.cols
    }

    /// Whether it has no weights.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is a bias.
    #[must_use]
    pub fn is_bias(&self) -> bool {
        matches!(self.name, "b" | "b_hn" | "b_out")
    }

    /// Whether it belongs to the readout.
    #[must_use]
    pub fn is_readout(&self) -> bool {
        self.name.ends_with("_out")
    }

    /// Whether it is a block of this layer (from 0) or of the readout, which is shown with every layer.
    #[must_use]
    pub fn belongs_to(&self, layer: usize) -> bool {
        self.layer == layer || self.is_readout()
    }

    /// Its range in the slice.
    #[must_use]
    pub const fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.len()
    }
}

/// Weights, or one number per weight such as its gradient: one slice, so that optimisers, clipping and checkpoints
/// need no structure, divided into named blocks for everything else.
///
/// Blocks in order: `w_ih` `[gates·H × D]`, `w_hh` `[gates·H × H]`, `b` `[gates·H × 1]`, `w_out` `[O × H]`,
/// `b_out` `[O × 1]`. Between `b` and `w_out` are the peepholes `p_i`, `p_f`, `p_o` `[H × 1]` of a variant that has them, or
/// `w_gates` `[3H × 3H]` (rows i, f, o; columns i, f, o of the step before), or the GRU's `b_hn` `[H × 1]`, the bias inside its reset gate. Rows of the first three are stacked by gate in the order of
/// [`CellKind::gates`](crate::CellKind::gates). In a window network `w_ih` has D columns for each step of the window, its own
/// first, and there is no `w_hh`. With several layers the blocks of each follow those of the one below, D being H from the second on,
/// and the readout's come last.
#[derive(Clone, PartialEq, Debug)]
pub struct Parameters<S> {
    values: Vec<S>,
    blocks: Vec<Block>,
}

impl<S: Scalar> Parameters<S> {
    /// Makes a zero for every weight of a network of these sizes.
    #[must_use]
    pub fn zeros(config: &NetworkConfig) -> Self {
        Self { values: vec![S::ZERO; config.parameter_count()], blocks: config.blocks() }
    }

    /// The blocks, in the order of the slice.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The block of this name, of the first layer or the readout.
    #[must_use]
    pub fn block(&self, name: &str) -> Option<&Block> {
        self.block_of(0, name)
    }

    /// The block of this name of a layer (from 0).
    #[must_use]
    pub fn block_of(&self, layer: usize, name: &str) -> Option<&Block> {
        self.blocks.iter().find(|block| block.layer == layer && block.name == name)
    }

    /// The block of this name as a matrix.
    #[must_use]
    pub fn view(&self, name: &str) -> Option<DMatrixView<'_, S>> {
        self.view_of(0, name)
    }

    /// The block of this name of a layer (from 0) as a matrix.
    pub(super) fn view_of(&self, layer: usize, name: &str) -> Option<DMatrixView<'_, S>> {
        let matrix = |block: &Block| DMatrixView::from_slice(&self.values[block.range()], block.rows, block.cols);
        self.block_of(layer, name).map(matrix)
    }

    /// The numbers of the block of this name, column-major; empty where there is none.
    #[must_use]
    pub fn slice(&self, name: &str) -> &[S] {
        self.block(name).map_or(&[], |block| &self.values[block.range()])
    }

    /// The numbers of the block of this name of a layer (from 0); empty where there is none.
    pub(super) fn of(&self, layer: usize, name: &str) -> &[S] {
        self.block_of(layer, name).map_or(&[], |block| &self.values[block.range()])
    }

    /// The numbers of the block of this name, column-major; empty where there is none.
    #[must_use]
    pub fn slice_mut(&mut self, name: &str) -> &mut [S] {
        self.of_mut(0, name)
    }

    /// The numbers of the block of this name of a layer (from 0); empty where there is none.
    pub(super) fn of_mut(&mut self, layer: usize, name: &str) -> &mut [S] {
        match self.block_of(layer, name).copied() {
            Some(block) => &mut self.values[block.range()],
            None => &mut [],
        }
    }

    /// All numbers, block after block.
    #[must_use]
    pub fn values(&self) -> &[S] {
        &self.values
    }

    /// All numbers, block after block.
    #[must_use]
    pub fn values_mut(&mut self) -> &mut [S] {
        &mut self.values
    }

    /// The numbers of the layers: all except the readout's, which come last.
    pub(super) fn of_layers_mut(&mut self) -> &mut [S] {
        let end = self.block("w_out").map_or(self.values.len(), |readout| readout.offset);
        &mut self.values[..end]
    }

    /// Number of numbers in all blocks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Converts every number to another type.
    #[must_use]
    pub fn cast<R: Scalar>(&self) -> Parameters<R> {
        Parameters { values: crate::math::cast(&self.values), blocks: self.blocks.clone() }
    }
}
