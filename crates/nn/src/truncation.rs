//! Truncated backpropagation through time (Williams & Peng 1990): the steps at which the gradient is cut.

/// The cuts of the gradient: with a window k it does not pass from step k + 1 back to step k, nor from 2k + 1 to 2k, and so
/// on, counted from the start of the sequence.
///
/// States carry over: only the gradient is cut. The chunks between the cuts give one update, their gradients summed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Truncation {
    window: usize,
}

impl Truncation {
    /// Cuts after every `window` steps; 0 for none, which is full backpropagation through time.
    #[must_use]
    pub const fn new(window: usize) -> Self {
        Self { window }
    }

    /// Number of steps from one cut to the next; 0 for no cut.
    #[must_use]
    pub const fn window(self) -> usize {
        self.window
    }

    /// Whether the gradient stops anywhere between step `t` (from 0) and the end of a sequence of `len` steps.
    #[must_use]
    pub const fn cuts_after(self, t: usize, len: usize) -> bool {
        self.window > 0 && (t / self.window + 1) * self.window < len
    }

    /// Whether the gradient stops between step `t` (from 0) and the step before it.
    #[must_use]
    pub const fn cuts_before(self, t: usize) -> bool {
        t > 0 && self.window > 0 && t.is_multiple_of(self.window)
    }
}
