//! The weighted sums in equations that can be opened, and their codes in the page's markup.

use nn::Gate;

/// After the code of a sum: with all its terms.
const ALL: char = '+';

/// A state of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// h.
    Hidden,
    /// c.
    Cell,
}

/// A weighted sum that can be opened into its terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// The pre-activation of a gate.
    PreActivation(Gate),
    /// The reset input of a GRU, `U h + b_hn`, which its reset gate multiplies.
    ResetInput,
    /// The derivative by h.
    HiddenGradient,
    /// A row of the Jacobian, whose terms are its entries and do not add up to anything.
    JacobianRow(State),
    /// An output of the readout, from 0.
    Output(usize),
    /// The gradient of the weight that a film follows.
    FollowedGradient,
    /// The loss of the batch.
    BatchLoss,
    /// The loss of a sequence that has a target at every step.
    SequenceLoss,
}

impl Sum {
    /// The code in markup.
    pub fn code(self) -> String {
        match self {
            Self::PreActivation(gate) => format!("Z{}", gate.letter()),
            Self::ResetInput => "Q".to_owned(),
            Self::HiddenGradient => "H".to_owned(),
            Self::JacobianRow(State::Hidden) => "Rh".to_owned(),
            Self::JacobianRow(State::Cell) => "Rc".to_owned(),
            Self::Output(index) => format!("Y{index}"),
            Self::FollowedGradient => "G".to_owned(),
            Self::BatchLoss => "L".to_owned(),
            Self::SequenceLoss => "l".to_owned(),
        }
    }
}

/// A sum that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open<'a> {
    code: &'a str,
    /// Whether all its terms are asked for, not only the largest.
    pub all: bool,
}

impl<'a> Open<'a> {
    /// Reads what markup says is open: the code of a sum, with a sign after it where all terms are asked for; empty for
    /// nothing.
    pub fn read(text: &'a str) -> Self {
        match text.strip_suffix(ALL) {
            Some(code) => Self { code, all: true },
            None => Self { code: text, all: false },
        }
    }

    /// Whether it is this sum.
    pub fn is(self, sum: Option<Sum>) -> bool {
        sum.is_some_and(|sum| sum.code() == self.code)
    }
}

/// The code of a sum with all its terms.
pub fn with_all(sum: Sum) -> String {
    format!("{}{ALL}", sum.code())
}

/// The sum that is open after its button, or the one for all its terms, was pressed: pressed again it shuts.
pub fn pressed(open: &str, sum: String) -> String {
    if open.trim_end_matches(ALL) == sum { String::new() } else { sum }
}
