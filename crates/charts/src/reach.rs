//! The reach of the gradient over training: gradient norms by timestep (down) and update (across).

use super::heat_map::{HeatMap, Layout};
use super::palette::Rgb;
use super::scale::ColourScale;

/// The power of ten at the lower end of the colour scale.
pub const LOWEST: f32 = -12.0;
/// The powers of ten at which a map's scale may end, few enough that it rarely changes: the shares of an exploding gradient are far
/// above 1, up to the largest f32 and beyond.
const TOPS: [f32; 7] = [0.0, 1.0, 3.0, 10.0, 20.0, 40.0, 80.0];

/// One lane's gradient norms by update, relative to the last step's, as powers of ten. When
/// there are more columns than the caller allows, each column covers twice as many updates, of which it shows one; columns without
/// an update are NaN.
#[derive(Clone, Debug)]
pub struct ReachHistory {
    steps: usize,
    columns: u64,
    /// Updates per column.
    per_column: u64,
    /// The latest update that was recorded.
    last: u64,
    /// The update in each column, if any.
    updates: Vec<Option<u64>>,
    /// The power of ten at which the scale ends.
    top: f32,
    /// `[column][step]`: log₁₀ of the share; −∞ for a gradient that is zero, NaN where there is none to compare.
    values: Vec<f32>,
}

impl ReachHistory {
    /// Makes an empty one for sequences of `steps` steps, in at most `columns` columns.
    pub fn new(steps: usize, columns: u64) -> Self {
        Self { steps, columns, per_column: 1, last: 0, updates: Vec::new(), top: TOPS[0], values: Vec::new() }
    }

    /// Records the norms `[T]` at an update, unless its column already has one.
    pub fn record(&mut self, update: u64, norms: &[f64]) {
        if norms.len() != self.steps {
            return;
        }
        while update / self.per_column >= self.columns {
            self.merge_columns();
        }
        self.last = self.last.max(update);
        let column = (update / self.per_column) as usize;
        if column >= self.updates.len() {
            self.updates.resize(column + 1, None);
            self.values.resize((column + 1) * self.steps, f32::NAN);
        }
        if self.updates[column].is_some() {
            return;
        }
        self.updates[column] = Some(update);
        let last = norms.last().copied().unwrap_or_default();
        let shares = norms.iter().map(|norm| if last > 0.0 { (norm / last).log10() as f32 } else { f32::NAN });
        for (value, share) in self.values[column * self.steps..].iter_mut().zip(shares) {
            *value = share;
            if share.is_finite() && share > self.top {
                self.top = TOPS.into_iter().find(|top| *top >= share).unwrap_or(TOPS[TOPS.len() - 1]);
            }
        }
    }

    /// The power of ten at which the scale ends: 0, or the next of a few above the largest share so far.
    pub fn top(&self) -> f32 {
        self.top
    }

    /// The nearest recorded update before this one, or after it.
    pub fn beside(&self, update: u64, after: bool) -> Option<u64> {
        let mut recorded = self.updates.iter().flatten().copied();
        if after { recorded.find(|other| *other > update) } else { recorded.take_while(|other| *other < update).last() }
    }

    /// Merges each two columns: keeps the earlier, if it has an update, else the later.
    fn merge_columns(&mut self) {
        let columns = self.updates.len().div_ceil(2);
        for column in 0..columns {
            let first = 2 * column;
            let second = (first + 1).min(self.updates.len() - 1);
            let from = if self.updates[first].is_some() { first } else { second };
            self.updates[column] = self.updates[from];
            self.values.copy_within(from * self.steps..(from + 1) * self.steps, column * self.steps);
        }
        self.updates.truncate(columns);
        self.values.truncate(columns * self.steps);
        self.per_column *= 2;
    }

    /// Drops all updates from this one on, and those in its column.
    pub fn forget_from(&mut self, update: u64) {
        let kept = ((update / self.per_column) as usize).min(self.updates.len());
        self.updates.truncate(kept);
        self.values.truncate(kept * self.steps);
        self.last = self.last.min((kept as u64 * self.per_column).saturating_sub(1));
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.updates.len()
    }

    /// The update in the column at `fraction` of the map's width; the nearest before it where that column has none.
    pub fn update_at(&self, fraction: f64) -> Option<u64> {
        let column = (fraction.clamp(0.0, 1.0) * self.updates.len() as f64) as usize;
        self.updates[..(column + 1).min(self.updates.len())].iter().rev().find_map(|update| *update)
    }

    /// The latest recorded update, also where an earlier one is shown in its column.
    pub fn end(&self) -> u64 {
        self.last
    }

    /// Each update that has a column, with its powers of ten `[T]`.
    pub fn recorded(&self) -> impl Iterator<Item = (u64, &[f32])> {
        let columns = self.updates.iter().zip(self.values.chunks_exact(self.steps.max(1)));
        columns.filter_map(|(update, values)| update.map(|update| (update, values)))
    }

    /// The colour scale.
    pub fn scale(&self, hue: Rgb) -> ColourScale {
        ColourScale::Decades { hue, low: LOWEST, high: self.top }
    }

    /// The heat map, step 1 at the top.
    pub fn map(&self, hue: Rgb) -> HeatMap<'_> {
        HeatMap {
            values: &self.values,
            rows: self.steps,
            cols: self.updates.len(),
            layout: Layout::ColumnMajor,
            scale: self.scale(hue),
        }
    }
}
