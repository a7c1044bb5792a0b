//! The weight that a film follows through an update.

use super::At;
use lab::run::film::{Followed, followed_gate};

impl At<'_> {
    /// The weight that a film follows, of this unit.
    pub(crate) fn followed(&self) -> Option<Followed> {
        self.film.and_then(|of| of.film.followed.get(self.u).copied())
    }

    /// The factors of step t's part of that weight's gradient: `∂L/∂z`, and what the weight is multiplied with, which is 0
    /// before the first step.
    pub(crate) fn part_of_followed(&self, t: usize) -> (f64, f64) {
        let delta = self.delta(followed_gate(self.lane.cell), t, self.u);
        let seen = if self.lane.cell.is_recurrent() {
            t.checked_sub(1).map(|before| f64::from(self.lane.trace.h[before * self.lane.trace.hidden + self.u]))
        } else {
            self.seen_by_followed(t).map(|(step, d)| self.input(step, d))
        };
        (delta, seen.unwrap_or_default())
    }

    /// The step and the input that the followed weight of a window network reads at step t; none before the first step.
    pub(crate) fn seen_by_followed(&self, t: usize) -> Option<(usize, usize)> {
        let (column, inputs) = (self.followed()?.column, self.inputs_a_step());
        Some((t.checked_sub(column / inputs)?, column % inputs))
    }
}
