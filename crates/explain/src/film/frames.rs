//! The frames of the film of one update.

/// One frame. Steps count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The batch is drawn and a member of it looked at.
    Batch,
    /// The states of step t.
    Forward(usize),
    /// The readout's answer, and the loss.
    Readout,
    /// The derivatives of step t.
    Backward(usize),
    /// The sum of all steps' and members' shares: the weights' gradient.
    Gather,
    /// Clipping by the global norm.
    Clip,
    /// The optimiser's change, made of the gradient.
    Optimiser,
    /// The new weights: the update is made.
    Weights,
}

/// The owner of the numbers of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The member's own.
    Own,
    /// The member's part of the batch's mean.
    Part,
    /// The whole batch's.
    Batch,
}

impl Frame {
    /// The number of frames that the film of a sequence of `len` steps has.
    pub const fn count(len: usize) -> usize {
        2 * len + 6
    }

    /// Frame `index` (from 0; the last where there are fewer).
    pub const fn at(index: usize, len: usize) -> Self {
        if index == 0 {
            return Self::Batch;
        }
        if index <= len {
            return Self::Forward(index - 1);
        }
        if index > len + 1 && index <= 2 * len + 1 {
            return Self::Backward(2 * len + 1 - index);
        }
        match index - len {
            1 => Self::Readout,
            rest if rest == len + 2 => Self::Gather,
            rest if rest == len + 3 => Self::Clip,
            rest if rest == len + 4 => Self::Optimiser,
            _ => Self::Weights,
        }
    }

    /// The number of the frame in the film, from 0.
    pub const fn index(self, len: usize) -> usize {
        match self {
            Self::Batch => 0,
            Self::Forward(t) => t + 1,
            Self::Readout => len + 1,
            Self::Backward(t) => 2 * len + 1 - t,
            Self::Gather => 2 * len + 2,
            Self::Clip => 2 * len + 3,
            Self::Optimiser => 2 * len + 4,
            Self::Weights => 2 * len + 5,
        }
    }

    /// The step that it is at, if it is at one.
    pub const fn step(self, len: usize) -> Option<usize> {
        match self {
            Self::Forward(t) | Self::Backward(t) => Some(t),
            Self::Readout => Some(len - 1),
            _ => None,
        }
    }

    /// The frame of another step in the same direction; the same frame where it has none.
    pub const fn of_step(self, t: usize) -> Self {
        match self {
            Self::Batch | Self::Forward(_) => Self::Forward(t),
            Self::Readout | Self::Backward(_) => Self::Backward(t),
            other => other,
        }
    }

    /// The frame of a step that this one takes numbers from.
    pub const fn source(self, t: usize) -> Self {
        match self {
            Self::Readout => Self::Forward(t),
            Self::Gather => Self::Backward(t),
            other => other.of_step(t),
        }
    }

    /// The owner of its numbers.
    pub const fn whose(self) -> Whose {
        match self {
            Self::Forward(_) | Self::Readout => Whose::Own,
            Self::Backward(_) => Whose::Part,
            _ => Whose::Batch,
        }
    }
}
