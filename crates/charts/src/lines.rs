//! Many units as lines over one sequence: the cell state, or hidden states. The chosen unit is bold, the others are thin.
//!
//! The lines fill their area; the scale beside them is HTML, with the ticks of [`UnitLines::ticks`].

use plotters::{coord::Shift, drawing::DrawingArea};
use plotters_backend::DrawingBackend;

use super::PlotBox;
use super::Style;
use super::dash::Dash;
use super::palette::{self, ground};
use super::pen::{Drawn, Pen};
use super::plotted::{Plotted, PlottedLine};
use super::step_centre;
use super::ticks::Tick;

/// CSS pixels kept free above the greatest and below the least value, so that strokes there are not cut.
const INSET: f64 = 2.0;

/// The vertical axis of a chart without margins: `low` to `high`, in an area of some height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The value at the bottom.
    pub low: f64,
    /// The value at the top, above `low`.
    pub high: f64,
}

impl Scale {
    /// The y of `value` in an area `height` high, in drawing units from the top; at the edge when outside.
    pub fn y_of(&self, value: f64, height: f64, style: &Style) -> f64 {
        let inset = style.px(INSET).min(height / 4.0);
        let fraction = if self.high > self.low { (value - self.low) / (self.high - self.low) } else { 0.5 };
        height - inset - fraction.clamp(0.0, 1.0) * (height - 2.0 * inset)
    }

    /// The ticks of the scale beside the chart: top, zero if it is between, bottom; each with its y.
    pub fn ticks(&self, height: f64, style: &Style) -> Vec<(f64, Tick)> {
        let zero = (self.low < 0.0 && self.high > 0.0).then_some(0.0);
        [Some(self.high), zero, Some(self.low)]
            .into_iter()
            .flatten()
            .map(|at| (self.y_of(at, height, style), Tick { at, label: numbers::compact(at, 3, style.decimal) }))
            .collect()
    }
}

/// All units of one state of one lane.
#[derive(Clone, Copy, Debug)]
pub struct UnitLines<'a> {
    /// The lane, counted from 0.
    pub lane: usize,
    /// The lane's code, which determines the colour.
    pub code: &'a str,
    /// `[T × units]`: `values[(t − 1)·units + u]`; a value that is not finite interrupts its line.
    pub values: &'a [f32],
    /// T.
    pub steps: usize,
    /// The number of units.
    pub units: usize,
    /// The unit drawn bold and last.
    pub chosen: Option<usize>,
    /// −bound … bound, or 0 … 1.
    pub scale: Scale,
    /// `values` without the edits, of which the chosen unit's are drawn; empty without edits.
    pub ghost: &'a [f32],
}

impl UnitLines<'_> {
    /// Ticks for the HTML scale, each with its y in an area `height` high.
    pub fn ticks(&self, height: f64, style: &Style) -> Vec<(f64, Tick)> {
        self.scale.ticks(height, style)
    }

    /// Draws the lines over the whole of `area`.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, style: &Style) -> Drawn<DB> {
        let pen = Pen::new(area, style);
        let (width, height) = pen.size();
        if self.scale.low <= 0.0 && self.scale.high >= 0.0 {
            pen.horizontal(0.0, width, self.scale.y_of(0.0, height, style), ground(style.theme).grid.alpha(1.0))?;
        }
        let colour = palette::lane(self.code, style.theme).line;
        // The more lines overlap, the fainter each.
        let alpha = (1.8 / (self.units.max(1) as f64).sqrt()).clamp(0.16, 0.6);
        let mut points = Vec::with_capacity(self.steps);
        let others = (0..self.units).filter(|u| Some(*u) != self.chosen).map(|u| (u, alpha, 1.0));
        for (unit, alpha, width) in others.chain(self.chosen.filter(|u| *u < self.units).map(|u| (u, 1.0, 2.5))) {
            let values = (0..self.steps).map(|t| self.value(t, unit));
            let stroke = (Dash::Solid, colour.alpha(alpha), width);
            draw_values(&pen, values, self.steps, self.scale, style, &mut points, stroke)?;
        }
        let stroke = (Dash::Ghost, ground(style.theme).text.alpha(1.0), 1.6);
        draw_values(&pen, self.chosen_ghost(), self.steps, self.scale, style, &mut points, stroke)
    }

    /// The chosen unit's values without the edits.
    fn chosen_ghost(&self) -> impl Iterator<Item = f32> {
        let unit = self.chosen.filter(|unit| *unit < self.units).unwrap_or(self.ghost.len());
        self.ghost.iter().skip(unit).step_by(self.units.max(1)).copied()
    }

    /// One record per unit, named by its number; and one of the chosen unit without the edits, if there are edits.
    pub fn plotted(&self) -> Plotted {
        let record = |unit: usize| PlottedLine {
            lane: self.lane,
            name: unit.to_string(),
            scale: "absolute".into(),
            x: (1..=self.steps).map(|t| t as f64).collect(),
            y: (0..self.steps).map(|t| f64::from(self.value(t, unit))).collect(),
        };
        let mut lines: Vec<PlottedLine> = (0..self.units).map(record).collect();
        if let (Some(unit), false) = (self.chosen, self.ghost.is_empty()) {
            let y = self.chosen_ghost().map(f64::from).collect();
            lines.push(PlottedLine { name: format!("ghost {unit}"), y, ..record(unit) });
        }
        Plotted::Lines(lines)
    }

    fn value(&self, step: usize, unit: usize) -> f32 {
        self.values.get(step * self.units + unit).copied().unwrap_or(f32::NAN)
    }
}

/// Draws one value per timestep as a line of (dash, colour, CSS width), interrupted where a value is not finite; a single one is a
/// dot.
pub(super) fn draw_values<DB: DrawingBackend>(
    pen: &Pen<DB>,
    values: impl Iterator<Item = f32>,
    steps: usize,
    scale: Scale,
    style: &Style,
    points: &mut Vec<(f64, f64)>,
    (dash, colour, stroke): (Dash, plotters::style::RGBAColor, f64),
) -> Drawn<DB> {
    let (width, height) = pen.size();
    let plot = PlotBox::whole(width, height);
    let run = |points: &[(f64, f64)]| match points {
        [alone] => pen.dot(*alone, stroke, colour),
        _ => pen.dashed(points, dash.pattern(), colour, stroke),
    };
    points.clear();
    for (step, value) in values.enumerate() {
        if value.is_finite() {
            points
                .push((plot.x_at(step_centre((step + 1) as f64, steps)), scale.y_of(f64::from(value), height, style)));
        } else {
            run(points)?;
            points.clear();
        }
    }
    run(points)
}
