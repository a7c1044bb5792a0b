//! Charts of one number per timestep: a prediction beside its target, or an input as bars.

use plotters::{coord::Shift, drawing::DrawingArea};
use plotters_backend::DrawingBackend;

use super::PlotBox;
use super::Style;
use super::dash::Dash;
use super::lines::{Scale, draw_values};
use super::palette::{self, Rgb, ground};
use super::pen::{Drawn, Pen};
use super::plotted::Plotted;
use super::step_centre;
use super::ticks::Tick;

/// A predicted number beside its target. Fills its area, like [`UnitLines`](super::lines::UnitLines).
#[derive(Clone, Copy, Debug)]
pub struct PredictionChart<'a> {
    /// The lane's code, which determines the colour.
    pub code: &'a str,
    /// `[T]`, the readout after each step.
    pub prediction: &'a [f32],
    /// `[T]`, NaN at steps without a target. Neighbouring targets are joined by a grey line, a single one is a grey ring.
    pub target: &'a [f32],
    /// The vertical axis.
    pub scale: Scale,
    /// `[T]`, the prediction without the edits; empty without edits.
    pub ghost: &'a [f32],
}

impl PredictionChart<'_> {
    /// Ticks for the HTML scale, each with its y in an area `height` high.
    pub fn ticks(&self, height: f64, style: &Style) -> Vec<(f64, Tick)> {
        self.scale.ticks(height, style)
    }

    /// Draws the chart over the whole of `area`.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, style: &Style) -> Drawn<DB> {
        let pen = Pen::new(area, style);
        let (width, height) = pen.size();
        let ground = ground(style.theme);
        let steps = self.prediction.len().max(self.target.len());
        if self.scale.low <= 0.0 && self.scale.high >= 0.0 {
            pen.horizontal(0.0, width, self.scale.y_of(0.0, height, style), ground.grid.alpha(1.0))?;
        }
        let mut points = Vec::with_capacity(steps);
        let grey = ground.guess.alpha(1.0);
        let joined = self.target.iter().enumerate().map(|(t, v)| if self.is_isolated(t) { f32::NAN } else { *v });
        draw_values(&pen, joined, steps, self.scale, style, &mut points, (Dash::Solid, grey, 3.0))?;
        let colour = palette::lane(self.code, style.theme).line.alpha(1.0);
        let stroke = (Dash::Solid, colour, 2.0);
        draw_values(&pen, self.prediction.iter().copied(), steps, self.scale, style, &mut points, stroke)?;
        let stroke = (Dash::Ghost, ground.text.alpha(1.0), 1.6);
        draw_values(&pen, self.ghost.iter().copied(), steps, self.scale, style, &mut points, stroke)?;
        let plot = PlotBox::whole(width, height);
        for (t, value) in self.target.iter().enumerate().filter(|(t, v)| v.is_finite() && self.is_isolated(*t)) {
            let at = (plot.x_at(step_centre((t + 1) as f64, steps)), self.scale.y_of(f64::from(*value), height, style));
            let cell = plot.width() / steps as f64 / style.scale;
            // Not filled, so that a prediction that meets its target is visible inside.
            pen.hoop(at, (0.45 * cell).clamp(2.5, 4.5), grey, 1.8)?;
            if let Some(found) = self.prediction.get(t).filter(|v| v.is_finite()) {
                pen.dot(
                    (at.0, self.scale.y_of(f64::from(*found), height, style)),
                    (0.25 * cell).clamp(1.5, 2.4),
                    colour,
                )?;
            }
        }
        Ok(())
    }

    /// The predictions as one row.
    pub fn plotted(&self) -> Plotted {
        Plotted::Map {
            rows: 1,
            cols: self.prediction.len(),
            values: self.prediction.iter().map(|v| f64::from(*v)).collect(),
        }
    }

    /// Whether the steps before and after have no target.
    fn is_isolated(&self, t: usize) -> bool {
        let has_target = |k: Option<usize>| k.and_then(|k| self.target.get(k)).is_some_and(|v| v.is_finite());
        !has_target(t.checked_sub(1)) && !has_target(t.checked_add(1))
    }
}

/// An input of numbers: a bar from zero at each timestep, some of them marked.
#[derive(Clone, Copy, Debug)]
pub struct InputBars<'a> {
    /// `[T]`; values that are not finite have no bar.
    pub values: &'a [f32],
    /// Timesteps (1 … T) that matter to the task, drawn in `marked`; the others are grey.
    pub steps: &'a [usize],
    /// The colour of the marked bars; `None` for that of text.
    pub marked: Option<Rgb>,
    /// The vertical axis.
    pub scale: Scale,
}

impl InputBars<'_> {
    /// Draws the bars over the whole of `area`.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, style: &Style) -> Drawn<DB> {
        let pen = Pen::new(area, style);
        let (width, height) = pen.size();
        let ground = ground(style.theme);
        let plot = PlotBox::whole(width, height);
        let zero = self.scale.y_of(0.0, height, style);
        let half = plot.width() / self.values.len().max(1) as f64 * 0.36;
        for (step, value) in self.values.iter().enumerate().filter(|(_, v)| v.is_finite()) {
            let x = plot.x_at(step_centre((step + 1) as f64, self.values.len()));
            let y = self.scale.y_of(f64::from(*value), height, style);
            let colour =
                if self.steps.contains(&(step + 1)) { self.marked.unwrap_or(ground.text) } else { ground.axis };
            pen.fill(x - half, y.min(zero), (x + half).max(x - half + style.grain), y.max(zero), colour.alpha(1.0))?;
        }
        pen.horizontal(0.0, width, zero, ground.axis.alpha(1.0))
    }
}
