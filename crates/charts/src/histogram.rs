//! Histograms of values, one small one per gate, side by side, on one scale of shares.

use plotters::{coord::Shift, drawing::DrawingArea};
use plotters_backend::DrawingBackend;

use super::Style;
use super::labels::guessed_width;
use super::palette::{Shades, ground};
use super::pen::{Anchor, Drawn, Pen};
use super::plotted::{Plotted, PlottedLine};

/// Number of bars of each histogram.
pub const BARS: usize = 20;
const SIZE: f64 = 11.0;

/// The distribution of the values of one series over its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Spread {
    /// Its name: a gate's letter, or `dphi`.
    pub name: &'static str,
    /// The lower end of the range.
    pub low: f64,
    /// The upper end of the range.
    pub high: f64,
    /// Number of values in each bar; a value on a boundary is in the upper bar, the upper end itself in the last.
    pub counts: Vec<u64>,
}

impl Spread {
    /// Counts values within a range; those outside are in the bar at that end, NaN in none.
    pub fn new(name: &'static str, (low, high): (f64, f64), values: &[f32]) -> Self {
        let mut counts = vec![0; BARS];
        for value in values.iter().filter(|value| !value.is_nan()) {
            let at = (f64::from(*value) - low) / (high - low) * BARS as f64;
            counts[(at.max(0.0) as usize).min(BARS - 1)] += 1;
        }
        Self { name, low, high, counts }
    }

    /// The share of values in the bars of these numbers.
    pub fn share(&self, bars: std::ops::Range<usize>) -> f64 {
        self.counts[bars].iter().sum::<u64>() as f64 / self.counts.iter().sum::<u64>().max(1) as f64
    }

    /// The ends of a bar.
    pub fn ends(&self, bar: usize) -> [f64; 2] {
        [bar, bar + 1].map(|edge| self.low + (self.high - self.low) * edge as f64 / BARS as f64)
    }

    fn middle(&self, bar: usize) -> f64 {
        self.low + (self.high - self.low) * (bar as f64 + 0.5) / BARS as f64
    }
}

/// The histograms of a lane.
pub struct Histograms<'a> {
    /// The lane, from 0.
    pub lane: usize,
    /// The distributions, each with its label and colour.
    pub spreads: &'a [(Spread, String, Shades)],
}

impl Histograms<'_> {
    /// Draws them over the whole of `area`.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, style: &Style) -> Drawn<DB> {
        let pen = Pen::new(area, style);
        let (width, height) = pen.size();
        let ground = ground(style.theme);
        let muted = ground.muted.alpha(1.0);
        let (left, top) = (style.px(34.0), style.px(SIZE + 8.0));
        let (bottom, gap) = (height - style.px(SIZE + 6.0), style.px(14.0));
        let shares = self.spreads.iter().flat_map(|(spread, ..)| (0..BARS).map(move |bar| spread.share(bar..bar + 1)));
        let most = shares.fold(0.0, f64::max);
        let Some(room) = self.spreads.len().checked_sub(1) else { return Ok(()) };
        let each = ((width - left - gap * room as f64) / self.spreads.len() as f64).max(1.0);
        let text = |value: f64| numbers::compact(value, 2, style.decimal);
        for (y, share) in [(top, most), (bottom, 0.0)] {
            pen.text(&text(share), (left - style.px(6.0), y), Anchor::Right, SIZE, false, muted)?;
        }
        for (k, (spread, label, shades)) in self.spreads.iter().enumerate() {
            let from = left + (each + gap) * k as f64;
            let x = |bar: usize| from + each * bar as f64 / BARS as f64;
            pen.text(label, (from, style.px(1.0)), Anchor::TopLeft, SIZE, true, shades.text.alpha(1.0))?;
            pen.horizontal(from, from + each, top, ground.grid.alpha(1.0))?;
            for bar in 0..BARS {
                let share = spread.share(bar..bar + 1);
                if share > 0.0 {
                    let y = bottom - (bottom - top) * share / most;
                    pen.fill(x(bar), y, x(bar + 1) - style.grain, bottom, shades.line.alpha(1.0))?;
                }
            }
            pen.horizontal(from, from + each, bottom, ground.axis.alpha(1.0))?;
            let y = bottom + style.px(4.0);
            pen.text(&text(spread.low), (from, y), Anchor::TopLeft, SIZE, false, muted)?;
            let high = text(spread.high);
            let x = from + each - style.px(SIZE) * guessed_width(&high, false);
            pen.text(&high, (x, y), Anchor::TopLeft, SIZE, false, muted)?;
        }
        Ok(())
    }

    /// The middle of each bar and the number of values in it.
    pub fn plotted(&self) -> Plotted {
        let line = |(spread, ..): &(Spread, String, Shades)| PlottedLine {
            lane: self.lane,
            name: spread.name.into(),
            scale: "count".into(),
            x: (0..BARS).map(|bar| spread.middle(bar)).collect(),
            y: spread.counts.iter().map(|&count| count as f64).collect(),
        };
        Plotted::Lines(self.spreads.iter().map(line).collect())
    }
}
