//! Names in equations: a letter with the number of its layer, an index, and what it is the entry of.

use nn::Gate;

/// A colour of its own in equations and charts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    /// A gate.
    Gate(Gate),
    /// The hidden state h.
    Hidden,
    /// The cell state c.
    CellState,
    /// The slope φ′ of an Elman RNN.
    Slope,
}

impl Tint {
    /// The name in the page's style sheet.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gate(gate) => gate.letter(),
            Self::Hidden => "h",
            Self::CellState => "c",
            Self::Slope => "dphi",
        }
    }
}

/// An index below a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// No index.
    None,
    /// A step, from 1; 0 is before the first.
    Step(usize),
    /// k steps before this one, from 1.
    Back(usize),
    /// Any step t.
    Any,
    /// The step before any step, t − 1.
    BeforeAny,
    /// The index of the readout's weights.
    Out,
    /// The index of the bias that a GRU's reset gate multiplies.
    HiddenNew,
}

impl Index {
    /// The text of the index; empty for none.
    pub fn text(self) -> String {
        match self {
            Self::None => String::new(),
            Self::Step(step) => step.to_string(),
            Self::Back(step) => format!("{step}−k"),
            Self::Any => "t".to_owned(),
            Self::BeforeAny => "t−1".to_owned(),
            Self::Out => "out".to_owned(),
            Self::HiddenNew => "hn".to_owned(),
        }
    }
}

/// An argument in brackets after a letter: which gate, unit or class it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// A gate.
    Gate(Gate),
    /// A unit of a gate, from 1.
    UnitOf(Gate, usize),
    /// A number from 1: of a unit, an input, an output or a sequence.
    Number(usize),
    /// A class by its name.
    Class(&'static str),
    /// Any sequence b of the batch.
    Sequence,
    /// All sequences of the batch but this one, from 1.
    OtherThan(usize),
    /// Any number of steps back, k.
    StepsBack,
}

/// A name.
#[derive(Clone, Debug, PartialEq)]
pub struct Symbol {
    /// The letters.
    pub letter: &'static str,
    /// The colour; none for what has none.
    pub tint: Option<Tint>,
    /// Whether it is the change of what the letter names, Δ.
    pub change: bool,
    /// The layer, from 1; none where there is only one.
    pub layer: Option<usize>,
    /// The index.
    pub index: Index,
    /// The arguments.
    pub labels: Vec<Label>,
    /// Whether it is transposed.
    pub transposed: bool,
    /// Whether it is a word of the page's language, of which `letter` is the English one.
    pub is_word: bool,
}

impl Symbol {
    /// A letter alone.
    pub const fn new(letter: &'static str) -> Self {
        Self {
            letter,
            tint: None,
            change: false,
            layer: None,
            index: Index::None,
            labels: Vec::new(),
            transposed: false,
            is_word: false,
        }
    }

    /// The hidden state h.
    pub fn hidden() -> Self {
        Self { tint: Some(Tint::Hidden), ..Self::new("h") }
    }

    /// The cell state c.
    pub fn cell_state() -> Self {
        Self { tint: Some(Tint::CellState), ..Self::new("c") }
    }

    /// A gate by its letter.
    pub fn gate(gate: Gate) -> Self {
        Self { tint: Some(Tint::Gate(gate)), ..Self::new(gate.letter()) }
    }

    /// A word of the page's language.
    pub fn word(english: &'static str) -> Self {
        Self { is_word: true, ..Self::new(english) }
    }

    /// The same at a step, from 1.
    pub fn at(self, step: usize) -> Self {
        self.indexed(Index::Step(step))
    }

    /// The same with an index.
    pub fn indexed(self, index: Index) -> Self {
        Self { index, ..self }
    }

    /// The same with one more argument.
    pub fn of(mut self, label: Label) -> Self {
        self.labels.push(label);
        self
    }

    /// The same of a layer, from 1.
    pub fn of_layer(self, layer: Option<usize>) -> Self {
        Self { layer, ..self }
    }

    /// The same transposed.
    pub fn transposed(self) -> Self {
        Self { transposed: true, ..self }
    }

    /// The change of it.
    pub fn change(self) -> Self {
        Self { change: true, ..self }
    }
}
