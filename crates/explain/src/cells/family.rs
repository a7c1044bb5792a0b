//! The families of cells, which share their equations.

use nn::CellKind;

/// Cells that share their equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Elman RNNs, and the window network, which is one without a state.
    Elman,
    /// The GRU.
    Gru,
    /// The LSTM and its variants.
    Lstm,
}

impl Family {
    /// The family of a cell.
    pub(super) const fn of(cell: CellKind) -> Self {
        match cell {
            CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => Self::Elman,
            CellKind::Gru => Self::Gru,
            CellKind::Lstm
            | CellKind::LstmNfg
            | CellKind::LstmNig
            | CellKind::LstmNog
            | CellKind::LstmNiaf
            | CellKind::LstmNoaf
            | CellKind::LstmCifg
            | CellKind::LstmPeephole
            | CellKind::LstmFgr => Self::Lstm,
        }
    }
}
