//! The place of each step along the unrolled drawing: one by one as far as there is room, pressed together beyond.

/// Room for the rows' letters, before the first step.
pub const GUTTER: f64 = 40.0;
/// The least width of a step drawn by itself.
const COLUMN: f64 = 70.0;

/// The content of a place along the axis of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// One step.
    Step(usize),
    /// Steps from the first to before the second, pressed together.
    Gap(usize, usize),
}

/// The steps that are drawn one by one, at most `most` of them: the first, the last, and those around `around`.
pub fn slots(len: usize, around: usize, most: usize) -> Vec<Slot> {
    if len <= most.max(3) {
        return (0..len).map(Slot::Step).collect();
    }
    let middle = most.max(3) - 2;
    let from = around.saturating_sub(middle / 2).clamp(1, len - 1 - middle);
    let mut slots = vec![Slot::Step(0)];
    if from > 1 {
        slots.push(Slot::Gap(1, from));
    }
    slots.extend((from..from + middle).map(Slot::Step));
    if from + middle < len - 1 {
        slots.push(Slot::Gap(from + middle, len - 1));
    }
    slots.push(Slot::Step(len - 1));
    slots
}

/// Steps that are drawn one by one at least.
pub const LEAST: usize = 3;
/// The same around a cut: with the steps beside it.
pub const LEAST_AT_CUT: usize = 5;

/// The places of all steps along the drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Each place with where it begins and ends.
    pub places: Vec<(Slot, f64, f64)>,
}

impl Slot {
    /// Its steps.
    pub fn steps(self) -> std::ops::Range<usize> {
        match self {
            Self::Step(t) => t..t + 1,
            Self::Gap(from, to) => from..to,
        }
    }
}

impl Layout {
    /// So many steps in so much room; those around a step are drawn one by one, with the ends at least so many.
    pub fn new(len: usize, (around, least): (usize, usize), width: f64) -> Self {
        let most = ((width - GUTTER) / COLUMN).max(least as f64) as usize;
        let slots = slots(len, around, if len <= most { most } else { most.saturating_sub(2).max(least) });
        let gaps = slots.iter().filter(|slot| matches!(slot, Slot::Gap(..))).count() as f64;
        let gap = COLUMN.min(width / 10.0);
        let column = (width - GUTTER - gaps * gap) / (slots.len() as f64 - gaps).max(1.0);
        let mut end = GUTTER;
        let place = |slot| {
            let left = end;
            end += if matches!(slot, Slot::Step(_)) { column } else { gap };
            (slot, left, end)
        };
        Self { places: slots.into_iter().map(place).collect() }
    }

    /// The beginning of step t; of the step after the last, the end of the last.
    pub fn start(&self, t: usize) -> f64 {
        for &(slot, left, right) in &self.places {
            let steps = slot.steps();
            if steps.contains(&t) {
                return left + (right - left) / steps.len() as f64 * (t - steps.start) as f64;
            }
        }
        self.places.last().map_or(GUTTER, |place| place.2)
    }

    /// The step whose beginning is nearest, one more than the last where that is the end.
    pub fn nearest(&self, x: f64) -> usize {
        let mut nearest = 0;
        for &(slot, left, right) in self.places.iter().filter(|place| place.1 <= x) {
            let steps = slot.steps();
            let share = ((x - left) / (right - left)).min(1.0);
            nearest = steps.start + (share * steps.len() as f64).round() as usize;
        }
        nearest
    }
}
