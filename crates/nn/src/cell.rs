//! The kinds of recurrent cell: one table row each, its equations in a file of its own.

use crate::LstmVariant;
use crate::table::kinds;

/// A recurrent cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CellKind {
    /// Elman RNN with the logistic function, `h_t = σ(W x_t + U h_{t−1} + b)`.
    RnnSigmoid,
    /// Elman RNN with tanh.
    RnnTanh,
    /// Elman RNN with `max(0, z)`.
    RnnRelu,
    /// LSTM with a forget gate and no peepholes.
    Lstm,
    /// Gated recurrent unit, in PyTorch's form.
    Gru,
    /// No recurrence: an MLP on the last inputs, `h_t = tanh(Σ W_k x_{t−k} + b)` for k below the window.
    Window,
    /// LSTM without a forget gate, `f = 1`.
    LstmNfg,
    /// LSTM without an input gate, `i = 1`.
    LstmNig,
    /// LSTM without an output gate, `o = 1`.
    LstmNog,
    /// LSTM with a linear candidate.
    LstmNiaf,
    /// LSTM without an activation of the cell state, `h = o ⊙ c`.
    LstmNoaf,
    /// LSTM with coupled gates, `f = 1 − i`.
    LstmCifg,
    /// LSTM whose gates see the cell state.
    LstmPeephole,
    /// LSTM whose gates see the gates of the step before.
    LstmFgr,
}

/// A block of pre-activations of a cell: H rows of `w_ih`, `w_hh` and `b`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Gate {
    /// i, how much of the candidate is written.
    Input,
    /// f, how much of the cell state is kept: 1 keeps, 0 forgets.
    Forget,
    /// g, the candidate for the cell state.
    Candidate,
    /// o, how much of the cell state becomes the hidden state.
    Output,
    /// r, how much of the previous state enters the candidate.
    Reset,
    /// z, how much of the previous state is kept.
    Update,
    /// n, the candidate that replaces the rest.
    New,
    /// z, the single block of an Elman RNN.
    PreActivation,
}

impl Gate {
    /// The letter of this gate in equations, files and charts: i, f, g, o, r, z, n.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Input => "i",
            Self::Forget => "f",
            Self::Candidate => "g",
            Self::Output => "o",
            Self::Reset => "r",
            Self::Update | Self::PreActivation => "z",
            Self::New => "n",
        }
    }

    /// The range of the gate's activation, within which it may be held: 0 to 1, or −1 to 1 for a candidate. `None` for the
    /// pre-activation of an Elman RNN.
    #[must_use]
    pub const fn range(self) -> Option<(f64, f64)> {
        match self {
            Self::Input | Self::Forget | Self::Output | Self::Reset | Self::Update => Some((0.0, 1.0)),
            Self::Candidate | Self::New => Some((-1.0, 1.0)),
            Self::PreActivation => None,
        }
    }

    /// Whether its values can be below 0.
    #[must_use]
    pub fn is_signed(self) -> bool {
        self.range().is_some_and(|(low, _)| low < 0.0)
    }
}

/// A block of weights that a cell has in addition to `w_ih`, `w_hh` and `b`.
#[derive(Clone, Copy, Debug)]
pub struct ExtraBlock {
    /// Its name, of at most seven letters; a bias is also listed in [`Block::is_bias`](crate::Block::is_bias).
    pub name: &'static str,
    /// Rows, in multiples of H.
    pub rows: usize,
    /// Columns, in multiples of H; 0 for a single column.
    pub cols: usize,
}

/// One row of the table of cells.
struct Row {
    kind: CellKind,
    code: &'static str,
    gates: &'static [Gate],
    /// The variant of the LSTM; `None` for other cells.
    lstm: Option<LstmVariant>,
    extra: &'static [ExtraBlock],
    /// The gate that multiplies `U h` before it enters the pre-activation of another gate, and that other gate.
    reset: Option<(Gate, Gate)>,
    /// The gate that keeps the state of the step before.
    keeps: Option<Gate>,
    h_range: (f64, f64),
    has_kink: bool,
}

const ELMAN: &[Gate] = &[Gate::PreActivation];
const LSTM: &[Gate] = &[Gate::Input, Gate::Forget, Gate::Candidate, Gate::Output];
const GRU: &[Gate] = &[Gate::Reset, Gate::Update, Gate::New];

const SIGNED: (f64, f64) = (-1.0, 1.0);
const UNBOUNDED: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

const TABLE: [Row; 14] = [
    elman(CellKind::RnnSigmoid, "rnn-sigmoid", (0.0, 1.0)),
    elman(CellKind::RnnTanh, "rnn-tanh", SIGNED),
    Row { has_kink: true, ..elman(CellKind::RnnRelu, "rnn-relu", (0.0, f64::INFINITY)) },
    lstm(CellKind::Lstm, LstmVariant::Vanilla),
    Row {
        gates: GRU,
        extra: &[ExtraBlock { name: "b_hn", rows: 1, cols: 0 }],
        reset: Some((Gate::Reset, Gate::New)),
        keeps: Some(Gate::Update),
        ..elman(CellKind::Gru, "gru", SIGNED)
    },
    elman(CellKind::Window, "window", SIGNED),
    lstm(CellKind::LstmNfg, LstmVariant::Nfg),
    lstm(CellKind::LstmNig, LstmVariant::Nig),
    lstm(CellKind::LstmNog, LstmVariant::Nog),
    lstm(CellKind::LstmNiaf, LstmVariant::Niaf),
    Row { h_range: UNBOUNDED, ..lstm(CellKind::LstmNoaf, LstmVariant::Noaf) },
    lstm(CellKind::LstmCifg, LstmVariant::Cifg),
    Row {
        extra: &[
            ExtraBlock { name: "p_i", rows: 1, cols: 0 },
            ExtraBlock { name: "p_f", rows: 1, cols: 0 },
            ExtraBlock { name: "p_o", rows: 1, cols: 0 },
        ],
        ..lstm(CellKind::LstmPeephole, LstmVariant::Peephole)
    },
    Row { extra: &[ExtraBlock { name: "w_gates", rows: 3, cols: 3 }], ..lstm(CellKind::LstmFgr, LstmVariant::Fgr) },
];

const fn elman(kind: CellKind, code: &'static str, h_range: (f64, f64)) -> Row {
    Row { kind, code, gates: ELMAN, lstm: None, extra: &[], reset: None, keeps: None, h_range, has_kink: false }
}

const fn lstm(kind: CellKind, variant: LstmVariant) -> Row {
    Row { gates: LSTM, lstm: Some(variant), keeps: Some(Gate::Forget), ..elman(kind, variant.code(), SIGNED) }
}

impl CellKind {
    /// Every kind, in the order in which they are offered, the LSTM's variants last.
    pub const ALL: [Self; TABLE.len()] = kinds!(TABLE, kind);

    const fn row(self) -> &'static Row {
        const ROWS: &[Row; TABLE.len()] = &TABLE;
        &ROWS[self as usize]
    }

    /// The lane code in links, files and the script interface: `rnn-sigmoid`, `lstm`, `lstm-nfg`, `gru` …
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().code
    }

    /// The kind with this lane code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Some(TABLE.iter().find(|row| row.code == code)?.kind)
    }

    /// The row blocks of `w_ih`, `w_hh` and `b`, in order; H rows each.
    #[must_use]
    pub const fn gates(self) -> &'static [Gate] {
        self.row().gates
    }

    /// Whether its blocks are gates; that of an Elman RNN is not.
    #[must_use]
    pub const fn has_gates(self) -> bool {
        self.gates().len() > 1
    }

    /// The gate of this letter, if it has one.
    #[must_use]
    pub fn gate(self, letter: &str) -> Option<Gate> {
        self.gates().iter().copied().find(|gate| gate.letter() == letter && gate.range().is_some())
    }

    /// The index of this gate in [`gates`](Self::gates), if the cell has it.
    #[must_use]
    pub fn index_of(self, gate: Gate) -> Option<usize> {
        self.gates().iter().position(|known| *known == gate)
    }

    /// The blocks of weights that it has in addition to `w_ih`, `w_hh` and `b`.
    #[must_use]
    pub const fn extra(self) -> &'static [ExtraBlock] {
        self.row().extra
    }

    /// The gate that multiplies `U h` before it enters the pre-activation of another gate, and that other gate: r and n of a GRU.
    #[must_use]
    pub const fn reset(self) -> Option<(Gate, Gate)> {
        self.row().reset
    }

    /// The gate that multiplies `U h` in the pre-activation of the gate of this letter.
    #[must_use]
    pub fn reset_of(self, letter: &str) -> Option<Gate> {
        self.reset().filter(|(_, of)| of.letter() == letter).map(|(by, _)| by)
    }

    /// The gate that keeps the state of the step before: c if the cell has one, else h.
    #[must_use]
    pub const fn keeps(self) -> Option<Gate> {
        self.row().keeps
    }

    /// The index of the gate with the forget bias: the one that keeps the cell state, unless it is switched off.
    #[must_use]
    pub fn biased_gate(self) -> Option<usize> {
        self.index_of(self.keeps().filter(|&gate| self.has_cell_state() && !self.switches_off(gate))?)
    }

    /// The letter of pre-activations: `a` in a cell with a gate z, else `z`.
    #[must_use]
    pub fn pre_activation(self) -> &'static str {
        if self.gate("z").is_some() { "a" } else { "z" }
    }

    /// The range of h; infinite where it is unbounded.
    #[must_use]
    pub const fn h_range(self) -> (f64, f64) {
        self.row().h_range
    }

    /// Whether its activation function has a point without a derivative.
    #[must_use]
    pub const fn has_kink(self) -> bool {
        self.row().has_kink
    }

    /// Whether a step depends on the one before; a window network has no state.
    #[must_use]
    pub const fn is_recurrent(self) -> bool {
        !matches!(self, Self::Window)
    }

    /// Whether the cell has a state c in addition to h.
    #[must_use]
    pub const fn has_cell_state(self) -> bool {
        self.row().lstm.is_some()
    }

    /// The variant of the LSTM; the plain one for other cells.
    #[must_use]
    pub const fn variant(self) -> LstmVariant {
        match self.row().lstm {
            Some(variant) => variant,
            None => LstmVariant::Vanilla,
        }
    }

    /// Whether this gate has no activation function in this cell, so that it is unbounded.
    #[must_use]
    pub fn is_linear(self, gate: Gate) -> bool {
        (self, gate) == (Self::LstmNiaf, Gate::Candidate)
    }

    /// Whether this cell computes the gate without its weights, so that those have no effect.
    #[must_use]
    pub const fn switches_off(self, gate: Gate) -> bool {
        self.variant().switches_off(gate)
    }
}
