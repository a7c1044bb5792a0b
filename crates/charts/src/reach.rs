//! How far back the gradient reached at each update on show: timesteps down, updates across.

use super::heat_map::{HeatMap, Layout};
use super::palette::Rgb;
use super::scale::ColourScale;

/// The power of ten at which a share counts as nothing to the eye.
pub const LOWEST: f32 = -12.0;
/// The powers of ten at which a map's scale may end, so that it changes seldom: where a gradient explodes the shares go far
/// beyond 1, up to the end of f32 and further.
const TOPS: [f32; 7] = [0.0, 1.0, 3.0, 10.0, 20.0, 40.0, 80.0];

/// One lane's gradient norms by update, relative to the last step's, as powers of ten. Beyond
/// a number of columns that the caller sets each column stands for twice as many updates and has one of them; columns of which no
/// update is known are NaN.
#[derive(Clone, Debug)]
pub struct ReachHistory {
    steps: usize,
    columns: u64,
    /// Updates a column.
    apart: u64,
    /// The latest update that was on show.
    last: u64,
    /// The update that stands in each column.
    updates: Vec<Option<u64>>,
    /// The power of ten at which the scale ends.
    top: f32,
    /// `[column][step]`: log₁₀ of the share; −∞ for a gradient that is zero, NaN where there is none to compare.
    values: Vec<f32>,
}

impl ReachHistory {
    /// For sequences of `steps` steps, in at most `columns` columns.
    pub fn new(steps: usize, columns: u64) -> Self {
        Self { steps, columns, apart: 1, last: 0, updates: Vec::new(), top: TOPS[0], values: Vec::new() }
    }

    /// Takes the norms `[T]` at an update, unless its column already has one.
    pub fn record(&mut self, update: u64, norms: &[f64]) {
        if norms.len() != self.steps {
            return;
        }
        while update / self.apart >= self.columns {
            self.widen();
        }
        self.last = self.last.max(update);
        let column = (update / self.apart) as usize;
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

    /// The power of ten at which the scale ends: 0, or the next of a few that the shares by now call for.
    pub fn top(&self) -> f32 {
        self.top
    }

    /// The nearest update that is in it before this one, or after it.
    pub fn beside(&self, update: u64, after: bool) -> Option<u64> {
        let mut there = self.updates.iter().flatten().copied();
        if after { there.find(|one| *one > update) } else { there.take_while(|one| *one < update).last() }
    }

    /// Two columns become one: the earlier, if it has an update, else the later.
    fn widen(&mut self) {
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
        self.apart *= 2;
    }

    /// Lets go all from an update on, and what shares its column.
    pub fn forget_from(&mut self, update: u64) {
        let kept = ((update / self.apart) as usize).min(self.updates.len());
        self.updates.truncate(kept);
        self.values.truncate(kept * self.steps);
        self.last = self.last.min((kept as u64 * self.apart).saturating_sub(1));
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.updates.len()
    }

    /// The update in the column at `fraction` of the map's width; the nearest before it where that column has none.
    pub fn update_at(&self, fraction: f64) -> Option<u64> {
        let column = (fraction.clamp(0.0, 1.0) * self.updates.len() as f64) as usize;
        self.updates[..(column + 1).min(self.updates.len())].iter().rev().find_map(|update| *update)
    }

    /// The latest update that is in it, also where it shares its column with an earlier one.
    pub fn end(&self) -> u64 {
        self.last
    }

    /// Each update that is in it, with its powers of ten `[T]`.
    pub fn recorded(&self) -> impl Iterator<Item = (u64, &[f32])> {
        let columns = self.updates.iter().zip(self.values.chunks_exact(self.steps.max(1)));
        columns.filter_map(|(update, values)| update.map(|update| (update, values)))
    }

    /// Its colours.
    pub fn scale(&self, hue: Rgb) -> ColourScale {
        ColourScale::Decades { hue, low: LOWEST, high: self.top }
    }

    /// The picture, step 1 at the top.
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
