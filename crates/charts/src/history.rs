//! The losses of one lane, one per update, stored so that a screen's width of them is cheap to draw.
//!
//! A pyramid over the values has at level 1 the least and greatest of each 8 values, at level 2 of each 8 of those, and so on, so
//! that the extremes of any stretch need at most 14 reads per level. Memory: 4 bytes a value and 8/7 of a byte for
//! the pyramid, 5.2 MB for 1,000,000 updates (up to twice that while a `Vec` grows).

use std::ops::Range;

const BRANCH: usize = 8;

/// Losses by update, with their extremes.
#[derive(Clone, Debug, Default)]
pub struct LossHistory {
    values: Vec<f32>,
    /// `levels[k][j]` is (least, greatest) of values `j·8^(k+1) … (j+1)·8^(k+1)`, whole blocks only.
    levels: Vec<Vec<(f32, f32)>>,
    /// See [`LossHistory::usual_top`].
    usual_top: Option<f32>,
    /// Index of the first value that is not finite; the pyramid ends there.
    broken: Option<usize>,
}

impl LossHistory {
    /// Makes an empty history.
    pub fn new() -> Self {
        Self::default()
    }

    /// All losses; index u − 1 is update u.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Number of updates.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Number of losses before the first that is not finite: those that a line can show.
    pub fn finite(&self) -> usize {
        self.broken.unwrap_or(self.values.len())
    }

    /// The update (from 1) whose loss is the first that is not finite.
    pub fn broken_at(&self) -> Option<usize> {
        self.broken.map(|index| index + 1)
    }

    /// Appends the loss of the next update.
    pub fn push(&mut self, loss: f32) {
        self.values.push(loss);
        if self.broken.is_some() {
            return;
        }
        if !loss.is_finite() {
            self.broken = Some(self.values.len() - 1);
            return;
        }
        let mut count = self.values.len();
        let mut level = 0;
        while count.is_multiple_of(BRANCH) {
            let start = count - BRANCH;
            let block = match level {
                0 => extremes(self.values[start..].iter().map(|v| (*v, *v))),
                _ => extremes(self.levels[level - 1][start..].iter().copied()),
            };
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(block);
            if level == 1 {
                self.usual_top = greater(self.usual_top, usual(&self.levels[0][start..]));
            }
            count /= BRANCH;
            level += 1;
        }
    }

    /// Appends the losses of several updates in order.
    pub fn extend(&mut self, losses: &[f32]) {
        losses.iter().for_each(|loss| self.push(*loss));
    }

    /// Keeps the first `count` updates only, as when training goes back.
    pub fn truncate(&mut self, count: usize) {
        self.values.truncate(count);
        self.broken = self.broken.filter(|index| *index < count);
        let mut blocks = self.finite();
        for level in &mut self.levels {
            blocks /= BRANCH;
            level.truncate(blocks);
        }
        let blocks = self.levels.first().map_or(&[][..], Vec::as_slice);
        self.usual_top = blocks.chunks_exact(BRANCH).map(usual).fold(None, greater);
    }

    /// The size that losses reach repeatedly, without lone spikes: of each 64 updates in a row the least of the eight maxima of 8;
    /// of those the greatest. The greatest loss while there are fewer than 64; `None` while there is none.
    pub fn usual_top(&self) -> Option<f32> {
        self.usual_top.or_else(|| self.extremes(0..self.finite()).map(|(_, greatest)| greatest))
    }

    /// Finds the least and greatest of the losses with these indices (update − 1), of the finite ones; `None` if there is none.
    pub fn extremes(&self, indices: Range<usize>) -> Option<(f32, f32)> {
        let (from, to) = (indices.start, indices.end.min(self.finite()));
        if from >= to {
            return None;
        }
        let mut found = (f32::INFINITY, f32::NEG_INFINITY);
        stretches(from..to, |level, stretch| found = join(found, self.read(level, stretch)));
        Some(found)
    }

    /// Computes the line to draw when `per_column` updates share a pixel column: (update, loss) into `out`, which is cleared first. Up
    /// to two updates a column all appear; above, each column gives its first, least, greatest and last, so no spike is lost
    /// and the line enters and leaves the column where it should. Work grows with columns, not with updates.
    pub fn thin(&self, per_column: f64, out: &mut Vec<(f64, f32)>) {
        out.clear();
        let count = self.finite();
        if per_column.is_nan() || per_column <= 2.0 {
            out.extend(self.values[..count].iter().enumerate().map(|(k, v)| ((k + 1) as f64, *v)));
            return;
        }
        let mut column = 1u64;
        let mut from = 0;
        while from < count {
            // Column k holds the updates u with (k − 1)·per ≤ u < k·per; index = u − 1.
            let to = ((column as f64 * per_column).ceil() as usize).saturating_sub(1).min(count);
            column += 1;
            let Some((least, greatest)) = self.extremes(from..to) else { continue };
            let (first, last) = (self.values[from], self.values[to - 1]);
            let middle = (from + 1 + to) as f64 / 2.0;
            out.push(((from + 1) as f64, first));
            if least < first.min(last) {
                out.push((middle, least));
            }
            if greatest > first.max(last) {
                out.push((middle, greatest));
            }
            if to - from > 1 {
                out.push((to as f64, last));
            }
            from = to;
        }
    }

    /// Computes the line in a bounded number of points, at most four for each of `columns` stretches and one more, for a curve that
    /// is stored. Each stretch keeps its extremes.
    pub fn in_few_points(&self, columns: usize) -> Vec<(f64, f32)> {
        let mut points = Vec::new();
        self.thin(self.finite() as f64 / columns.max(1) as f64, &mut points);
        points
    }

    fn read(&self, level: usize, range: Range<usize>) -> (f32, f32) {
        match level {
            0 => extremes(self.values[range].iter().map(|v| (*v, *v))),
            _ => extremes(self.levels[level - 1][range].iter().copied()),
        }
    }
}

/// Lists the stretches of each level of the pyramid (0 is the values) that together cover values `from..to`.
pub fn stretches(Range { start: mut from, end: mut to }: Range<usize>, mut each: impl FnMut(usize, Range<usize>)) {
    let mut level = 0;
    loop {
        let whole = from.div_ceil(BRANCH)..to / BRANCH;
        if whole.start >= whole.end {
            return each(level, from..to);
        }
        each(level, from..whole.start * BRANCH);
        each(level, whole.end * BRANCH..to);
        (from, to, level) = (whole.start, whole.end, level + 1);
    }
}

/// The least of the blocks' maxima.
fn usual(blocks: &[(f32, f32)]) -> f32 {
    blocks.iter().fold(f32::INFINITY, |least, (_, greatest)| least.min(*greatest))
}

fn greater(a: Option<f32>, b: f32) -> Option<f32> {
    Some(a.map_or(b, |a| a.max(b)))
}

fn join(a: (f32, f32), b: (f32, f32)) -> (f32, f32) {
    (a.0.min(b.0), a.1.max(b.1))
}

fn extremes(values: impl Iterator<Item = (f32, f32)>) -> (f32, f32) {
    values.fold((f32::INFINITY, f32::NEG_INFINITY), join)
}
