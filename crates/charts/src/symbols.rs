//! The input of a symbol task: one letter per timestep, the steps that matter on a dark background.

use plotters::{coord::Shift, drawing::DrawingArea};
use plotters_backend::DrawingBackend;

use super::PlotBox;
use super::Style;
use super::palette::{self, ground};
use super::pen::{Anchor, Drawn, Pen};
use super::step_centre;

/// CSS pixels that a letter needs with its gap.
const LETTER: f64 = 8.5;
const SIZE: f64 = 10.0;

/// Draws frames around timesteps (from 0) whose input was changed by hand.
pub fn frame<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    style: &Style,
    steps: &[usize],
    length: usize,
) -> Drawn<DB> {
    let pen = Pen::new(area, style);
    let (width, height) = pen.size();
    let half = style.px(LETTER / 2.0).max(width / length.max(1) as f64 / 2.0);
    for step in steps {
        let x = PlotBox::whole(width, height).x_at(step_centre((step + 1) as f64, length));
        let (left, right, low, high) = ((x - half).max(1.0), (x + half).min(width - 1.0), height - 1.0, 1.0);
        let corners = [(left, high), (right, high), (right, low), (left, low), (left, high)];
        pen.line(&corners, palette::gate("o", style.theme).line.alpha(1.0), 2.0)?;
    }
    Ok(())
}

/// A row of letters, one per timestep.
#[derive(Clone, Copy, Debug)]
pub struct SymbolRow<'a> {
    /// `[T]`, the symbol at each step.
    pub symbols: &'a [&'a str],
    /// Timesteps (from 0) that matter to the task, which are always shown.
    pub marks: &'a [usize],
}

impl SymbolRow<'_> {
    /// The stride at which letters fit in `width` drawing units; 1 when all do.
    pub fn thinning(&self, width: f64, style: &Style) -> usize {
        let cell = width / self.symbols.len().max(1) as f64;
        (style.px(LETTER) / cell.max(1e-9)).ceil().max(1.0) as usize
    }

    /// Draws the row over the whole of `area`.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, style: &Style) -> Drawn<DB> {
        let pen = Pen::new(area, style);
        let (width, height) = pen.size();
        let plot = PlotBox::whole(width, height);
        let ground = ground(style.theme);
        let every = self.thinning(width, style);
        let near_mark = |t: usize| self.marks.iter().any(|&mark| mark != t && mark.abs_diff(t) < every);
        let top = (height - style.px(SIZE * 1.25)) / 2.0;
        for (t, symbol) in self.symbols.iter().enumerate() {
            let marked = self.marks.contains(&t);
            if !marked && (t % every != 0 || near_mark(t)) {
                continue;
            }
            let x = plot.x_at(step_centre((t + 1) as f64, self.symbols.len()));
            let colour = if marked {
                let half = style.px(LETTER / 2.0).max(width / self.symbols.len() as f64 / 2.0);
                pen.fill(x - half, 0.0, x + half, height, ground.text.alpha(1.0))?;
                ground.surface
            } else {
                ground.muted
            };
            pen.text(symbol, (x, top), Anchor::Top, SIZE, marked, colour.alpha(1.0))?;
        }
        Ok(())
    }
}
