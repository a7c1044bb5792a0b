//! The first quantity of a pass that is not finite, in the order in which the pass computes them.

use crate::Scalar;
use crate::Unroll;
use crate::math;

/// A quantity of a pass.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Quantity {
    /// A pre-activation z.
    PreActivation,
    /// A cell state c.
    Cell,
    /// A hidden state h.
    Hidden,
    /// The readout y.
    Output,
    /// The loss of a step, as the f32 in which losses are kept.
    Loss,
    /// `∂L/∂h`.
    GradHidden,
    /// `∂L/∂c`.
    GradCell,
}

impl Quantity {
    /// Every quantity, in the order of its variants.
    pub const ALL: [Self; 7] =
        [Self::PreActivation, Self::Cell, Self::Hidden, Self::Output, Self::Loss, Self::GradHidden, Self::GradCell];

    /// Its letter in the equations, the same in every language.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        ["z", "c", "h", "y", "L", "∂L/∂h", "∂L/∂c"][self as usize]
    }
}

impl<S: Scalar> Unroll<S> {
    /// Finds the first quantity of the last pass over sequences of these lengths that is not finite, and its step (from 0): forward
    /// from the first step on, within a step layer after layer, then readout and loss; `back` from the last step of the
    /// gradient on. None where all are, so that only a sum of them overflowed; this cannot happen to the loss, whose mean
    /// is at most its largest term.
    #[must_use]
    pub fn first_overflow(&self, lengths: &[usize], back: bool) -> Option<(Quantity, usize)> {
        S::first_overflow(self, lengths, back)
    }

    pub(super) fn first_overflow_pass(&self, lengths: &[usize], back: bool) -> Option<(Quantity, usize)> {
        let batch = self.batch();
        // Columns beyond a sequence's end are ignored.
        let broken = |values: &[S], t: usize| {
            let rows = values.len() / (self.len() * batch);
            let valid = (0..batch).filter(|&b| t < lengths[b]);
            rows > 0 && !valid.map(|b| (t * batch + b) * rows).all(|at| math::all_finite(&values[at..at + rows]))
        };
        let at = |t: usize| {
            for layer in self.layers().iter() {
                let forward = [
                    (Quantity::PreActivation, layer.z_values()),
                    (Quantity::Cell, layer.c_values()),
                    (Quantity::Hidden, layer.h_values()),
                ];
                let backward =
                    [(Quantity::GradHidden, layer.grad_h_values()), (Quantity::GradCell, layer.grad_c_values())];
                let quantities = if back { &backward[..] } else { &forward[..] };
                if let Some((quantity, _)) = quantities.iter().find(|(_, values)| broken(values, t)) {
                    return Some((*quantity, t));
                }
            }
            let lost =
                || (0..batch).any(|b| t < lengths[b] && !(self.loss_per_step()[t * batch + b] as f32).is_finite());
            match back {
                true => None,
                false if broken(self.output_values(), t) => Some((Quantity::Output, t)),
                false => lost().then_some((Quantity::Loss, t)),
            }
        };
        let steps = 0..self.len();
        if back { steps.rev().find_map(at) } else { steps.into_iter().find_map(at) }
    }
}
