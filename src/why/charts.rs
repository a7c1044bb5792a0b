//! From the findings of a panel to charts: numbers and colours. Pure functions.

use crate::pictures::slope_ceiling;
use charts::Theme;
use charts::dash::Dash;
use charts::gradient::GradientLine;
use charts::heat_map::{HeatMap, Layout};
use charts::histogram::Spread;
use charts::palette::{self, Shades};
use charts::plotted::Plotted;
use charts::reach::LOWEST;
use charts::scale::ColourScale;
use lab::LaneSnapshot;
use nn::{CellKind, Factors, Gate};

/// The lines of the chart of factors, each with its name in `plotted()`, its dash, and the cell code that gives its
/// colour. There is only one product: of an RNN's factors, or of an LSTM's forget gates.
const LINES: [(&str, Dash, Option<&str>); 6] = [
    ("ceiling", Dash::Dotted, Some("window")),
    ("slope", Dash::DashDot, Some("window")),
    ("sigma", Dash::Long, Some("window")),
    ("bound", Dash::Dashed, None),
    ("carousel", Dash::Dashed, Some("gate-f")),
    ("exact", Dash::Solid, None),
];

/// The lines of a lane's factors, with their data.
pub struct FactorLines {
    code: &'static str,
    x: Vec<f64>,
    y: [Vec<f64>; LINES.len()],
    labels: [String; LINES.len()],
}

impl FactorLines {
    /// Builds the lines of a lane of this cell; `label` names each line.
    pub fn new(factors: &Factors, cell: CellKind, label: impl Fn(&'static str) -> String) -> Self {
        let Factors { exact, bound, slope, sigma, carousel } = factors.clone();
        let len = exact.len();
        let level = |value: Option<f64>| value.map_or_else(Vec::new, |value| vec![value; len]);
        let ceiling = level((!slope.is_empty()).then(|| f64::from(slope_ceiling(cell))));
        Self {
            code: cell.code(),
            x: (1..=len).map(|t| t as f64).collect(),
            y: [ceiling, slope, level(sigma), bound, carousel, exact],
            labels: LINES.map(|(name, ..)| label(name)),
        }
    }

    /// Returns the lines in the form that the chart takes.
    pub fn lines(&self, lane: usize) -> Vec<GradientLine<'_>> {
        let line = |(k, (name, dash, code)): (usize, &(&'static str, Dash, Option<&'static str>))| GradientLine {
            lane,
            code: code.unwrap_or(self.code),
            name,
            dash: *dash,
            label: &self.labels[k],
            x: if self.y[k].is_empty() { &[] } else { &self.x },
            y: &self.y[k],
        };
        LINES.iter().enumerate().map(line).collect()
    }
}

/// Returns the index of τ and t (from 0) in a triangle's numbers.
pub fn place(end: usize, step: usize) -> usize {
    end * (end + 1) / 2 + step
}

/// Returns the number of steps T of a triangle with this many numbers.
pub fn side(numbers: usize) -> usize {
    (0..).find(|side| place(*side, 0) >= numbers).unwrap_or(0)
}

/// A credit triangle as a picture: rows τ from the top, columns t, as powers of ten of the largest number.
#[derive(Default)]
pub struct CreditMap {
    /// `[τ][t]`: −∞ for zero, NaN where t is after τ.
    powers: Vec<f32>,
    side: usize,
}

impl CreditMap {
    /// Builds the picture of a triangle's numbers.
    pub fn new(triangle: &[f64]) -> Self {
        let side = side(triangle.len());
        let peak = peak(triangle);
        let mut powers = vec![f32::NAN; side * side];
        for end in 0..side {
            for step in 0..=end {
                powers[end * side + step] = (triangle[place(end, step)] / peak).log10() as f32;
            }
        }
        Self { powers, side }
    }

    /// Returns the heat map in this lane's colour.
    pub fn map(&self, code: &str, theme: Theme) -> HeatMap<'_> {
        HeatMap {
            values: &self.powers,
            rows: self.side,
            cols: self.side,
            layout: Layout::RowMajor,
            scale: ColourScale::Decades { hue: palette::lane(code, theme).line, low: LOWEST, high: 0.0 },
        }
    }
}

/// Returns the largest number of a triangle; 1 if all are zero.
pub fn peak(triangle: &[f64]) -> f64 {
    let most = triangle.iter().copied().filter(|norm| norm.is_finite()).fold(0.0, f64::max);
    if most > 0.0 { most } else { 1.0 }
}

/// Returns the numbers of a triangle, NaN where t is after τ.
pub fn plotted_triangle(triangle: &[f64]) -> Plotted {
    let side = side(triangle.len());
    let at = |end: usize, step: usize| if step <= end { triangle[place(end, step)] } else { f64::NAN };
    let values = (0..side).flat_map(|end| (0..side).map(move |step| at(end, step))).collect();
    Plotted::Map { rows: side, cols: side, values }
}

/// Returns the distribution of a lane's gates, or slopes, over units and steps, with the colour of each.
pub fn spreads(lane: &LaneSnapshot, theme: Theme) -> Vec<(Spread, Shades)> {
    let spread = |(k, series): (usize, &nn::GateSeries<f32>)| {
        let range = lane.cell.gates().get(k).and_then(|gate: &Gate| gate.range());
        let shades =
            if range.is_some() { palette::gate(series.name, theme) } else { palette::lane(lane.cell.code(), theme) };
        let (low, high) = range.unwrap_or((0.0, f64::from(slope_ceiling(lane.cell))));
        // A linear candidate is unbounded.
        let most = series.values.iter().fold(high, |most, value| most.max(f64::from(value.abs())));
        let range = if low < 0.0 { (-most, most) } else { (low, high) };
        (Spread::new(series.name, range, &series.values), shades)
    };
    // A gate that is switched off has no distribution.
    let off = |k: usize| lane.cell.gates().get(k).is_some_and(|gate| lane.cell.switches_off(*gate));
    lane.trace.gates.iter().enumerate().filter(|(k, _)| !off(*k)).map(spread).collect()
}
