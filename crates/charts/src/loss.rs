//! The loss of every lane over training, which is also the timeline of the run.

use plotters::style::{Color, RGBAColor};
use plotters::{coord::Shift, drawing::DrawingArea};
use plotters_backend::DrawingBackend;

use super::PlotBox;
use super::Style;
use super::dash::Dash;
use super::history::LossHistory;
use super::labels;
use super::palette::{self, ground};
use super::pen::{Anchor, Drawn, Pen};
use super::plotted::{Plotted, PlottedLine};
use super::range::{StableRange, nice_bound};
use super::ticks;

const TICK_SIZE: f64 = 11.0;
/// The opacity of a line beyond the update on show.
const AHEAD: f64 = 0.35;

/// The opacity of a ghost, and its dash pattern.
const PALE: f64 = 0.55;
const DOTTED: [f64; 2] = [1.5, 2.5];

/// One lane's losses.
#[derive(Clone, Copy, Debug)]
pub struct LossLine<'a> {
    /// The lane, counted from 0.
    pub lane: usize,
    /// The lane's code, which determines the colour.
    pub code: &'a str,
    /// The dash pattern, which distinguishes lanes of one colour.
    pub dash: Dash,
    /// Its losses.
    pub history: &'a LossHistory,
    /// Number of updates from one loss to the next: 1, and more for held-out losses.
    pub every: u32,
    /// The label at its end; may be empty.
    pub label: &'a str,
}

/// A curve to compare with: pale, dotted, with its letter where it ends.
#[derive(Clone, Copy, Debug)]
pub struct Ghost<'a> {
    /// The lane's code, which determines the colour.
    pub code: &'a str,
    /// Its short name in sentences and tables; may be empty.
    pub letter: &'a str,
    /// (update, loss), by rising update, no more than a screen is wide.
    pub points: &'a [(f64, f32)],
}

impl Ghost<'_> {
    /// The loss at an update, or at the last point before it; `None` beyond its ends.
    pub fn at(&self, update: f64) -> Option<f32> {
        let point = self.points.iter().rev().find(|point| point.0 <= update)?;
        self.points.last().filter(|last| last.0 >= update).map(|_| point.1)
    }
}

/// The loss of guessing.
#[derive(Clone, Copy, Debug)]
pub struct Guess<'a> {
    /// 1/6 for adding, ln 4 for four classes.
    pub level: f64,
    /// The label at the dashed line: "guessing".
    pub label: &'a str,
}

/// The chart. Update n is at n / `last` of the plot's width; 0, before the first update, has no loss.
#[derive(Clone, Copy, Debug)]
pub struct LossChart<'a> {
    /// Lanes; later ones are drawn over earlier ones.
    pub lines: &'a [LossLine<'a>],
    /// Curves to compare with, drawn below them.
    pub ghosts: &'a [Ghost<'a>],
    /// The level of guessing, always in sight.
    pub guess: Option<Guess<'a>>,
    /// The vertical axis, after [`StableRange::look`] at [`LossChart::top`].
    pub range: &'a StableRange,
    /// The update at the right edge: [`last_update`].
    pub last: u32,
    /// The update on show: a rule, after which lines are faint. None where it is the last one.
    pub cursor: Option<u32>,
    /// Whether there are axes with numbers; without, the plot fills its area (the strip in the transport bar).
    pub axes: bool,
}

/// The update at the right edge after `done` updates: 100 at least, then 120, 150, 200, 250, 300, 400 …, so that the axis
/// moves seldom.
pub fn last_update(done: u32) -> u32 {
    nice_bound(f64::from(done.max(100))).ceil() as u32
}

/// The plot inside an area `width` × `height`. HTML positions the cursor over the chart with it.
pub fn plot_box(width: f64, height: f64, axes: bool, style: &Style) -> PlotBox {
    if axes {
        let left = style.px(36.0).min(width / 4.0);
        PlotBox {
            left,
            top: style.px(8.0).min(height / 4.0),
            right: (width - style.px(16.0)).max(left),
            bottom: (height - style.px(22.0)).max(height / 2.0),
        }
    } else {
        let inset = style.px(2.0).min(height / 4.0);
        PlotBox { left: 0.0, top: inset, right: width, bottom: height - inset }
    }
}

impl<'a> LossChart<'a> {
    /// The least top of the vertical axis: 1.35 × the level of guessing, and the size that losses usually reach
    /// ([`LossHistory::usual_top`]) up to 3 × that level. Losses above it (a lone spike, a bad start, an explosion) are clipped
    /// and marked.
    pub fn top(lines: &[LossLine<'a>], guess: Option<f64>) -> f64 {
        let usual = lines
            .iter()
            .filter_map(|line| line.history.usual_top())
            .map(|top| 1.1 * f64::from(top))
            .fold(0.0, f64::max);
        match guess.filter(|g| g.is_finite() && *g > 0.0) {
            Some(guess) => usual.min(3.0 * guess).max(1.35 * guess),
            None => usual,
        }
    }

    /// Draws the chart over the whole of `area`.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, style: &Style) -> Drawn<DB> {
        let pen = Pen::new(area, style);
        let (width, height) = pen.size();
        let plot = plot_box(width, height, self.axes, style);
        self.draw_axes(&pen, &plot, style, width)?;
        let last = f64::from(self.last.max(1));
        let per_column = last / (plot.width() / style.grain).max(1.0);
        let (mut thinned, mut points) = (Vec::new(), Vec::new());
        let place = |(update, loss): &(f64, f32)| (plot.x_at(update / last), self.y_of(f64::from(*loss), &plot));
        for ghost in self.ghosts {
            let colour = palette::lane(ghost.code, style.theme).line.alpha(PALE);
            points.clear();
            points.extend(ghost.points.iter().map(place));
            pen.dashed(&points, &DOTTED, colour, 1.6)?;
            if let Some((x, y)) = points.last() {
                // Beside the end, off the edges.
                let half = style.px(TICK_SIZE) / 2.0;
                let at = (x.min(plot.right - 2.0 * half), y.min(plot.bottom - half).max(plot.top + half));
                pen.text(ghost.letter, at, Anchor::Left, TICK_SIZE, true, ground(style.theme).muted.alpha(1.0))?;
            }
        }
        for line in self.lines {
            let colour = palette::lane(line.code, style.theme).line.alpha(line.dash.strength());
            let every = f64::from(line.every);
            line.history.thin(per_column / every, &mut thinned);
            thinned.iter_mut().for_each(|point| point.0 *= every);
            points.clear();
            points.extend(thinned.iter().map(place));
            let width = if self.axes { 2.0 } else { 1.6 };
            let past =
                thinned.partition_point(|(update, _)| self.cursor.is_none_or(|cursor| *update <= f64::from(cursor)));
            pen.dashed(&points[past.saturating_sub(1)..], line.dash.pattern(), colour.mix(AHEAD), width)?;
            match &points[..past] {
                [alone] => pen.dot(*alone, 2.0, colour)?,
                all => pen.dashed(all, line.dash.pattern(), colour, width)?,
            }
            self.mark_clipped(&pen, &thinned, &points, &plot, style, colour)?;
            if let (Some(update), at) = (line.history.broken_at(), points.last().copied()) {
                // Diverged: a cross where the last number was, at the top if there never was one.
                let (x, y) = at.unwrap_or((plot.x_at(update as f64 * every / last), plot.top));
                let (x, y, arm) = (x.min(plot.right), y, style.px(4.0));
                pen.line(&[(x - arm, y - arm), (x + arm, y + arm)], colour, 2.0)?;
                pen.line(&[(x - arm, y + arm), (x + arm, y - arm)], colour, 2.0)?;
            }
        }
        self.draw_labels(&pen, &plot, style)?;
        if let Some(cursor) = self.cursor {
            let x = plot.x_at(f64::from(cursor) / last);
            pen.line(&[(x, 0.0), (x, height)], palette::ground(style.theme).text.alpha(1.0), 2.0)?;
        }
        Ok(())
    }

    /// Every loss, one per update, before thinning and clipping.
    pub fn plotted(&self) -> Plotted {
        let record = |line: &LossLine| PlottedLine {
            lane: line.lane,
            name: if line.dash.is_ghost() {
                "ghost"
            } else if line.every > 1 {
                "held-out"
            } else {
                "loss"
            }
            .into(),
            scale: "absolute".into(),
            x: (1..=line.history.len()).map(|u| u as f64 * f64::from(line.every)).collect(),
            y: line.history.values().iter().map(|v| f64::from(*v)).collect(),
        };
        Plotted::Lines(self.lines.iter().map(record).collect())
    }

    /// Draws the labels at the ends of lines, beside them where there is room, one under the other.
    fn draw_labels<DB: DrawingBackend>(&self, pen: &Pen<DB>, plot: &PlotBox, style: &Style) -> Drawn<DB> {
        let width = |text: &str| style.px(TICK_SIZE) * labels::guessed_width(text, true);
        let last = f64::from(self.last.max(1));
        let end = |line: &&LossLine<'a>| {
            let at = line.history.finite().checked_sub(1).filter(|_| !line.label.is_empty())?;
            let loss = f64::from(*line.history.values().get(at)?);
            let x = plot.x_at((at + 1) as f64 * f64::from(line.every) / last);
            Some((line.code, line.label, x, self.y_of(loss, plot)))
        };
        if let Some(guess) = self.guess {
            let (y, width) = (self.y_of(guess.level, plot) - style.px(7.0), width(guess.label));
            self.put_label(pen, (plot.right - style.px(3.0) - width, y), width, guess.label, style, None)?;
        }
        let ends: Vec<_> = self.lines.iter().filter_map(|line| end(&line)).collect();
        let wanted: Vec<f64> = ends.iter().map(|end| end.3).collect();
        let placed = labels::spread(&wanted, style.px(TICK_SIZE), plot.top, plot.bottom);
        // The level of guessing has its own label at the right end.
        let right = plot.right - self.guess.map_or(0.0, |guess| width(guess.label) + style.px(8.0));
        for ((code, label, x, _), y) in ends.into_iter().zip(placed) {
            let x = (x + style.px(4.0)).min(right - width(label)).max(plot.left);
            let colour = palette::lane(code, style.theme).text.alpha(1.0);
            self.put_label(pen, (x, y), width(label), label, style, Some(colour))?;
        }
        Ok(())
    }

    /// Draws a label over a background that hides lines; a lane's label has its colour.
    fn put_label<DB: DrawingBackend>(
        &self,
        pen: &Pen<DB>,
        (x, y): (f64, f64),
        width: f64,
        label: &str,
        style: &Style,
        colour: Option<RGBAColor>,
    ) -> Drawn<DB> {
        let (ground, half) = (ground(style.theme), style.px(TICK_SIZE) / 2.0);
        pen.fill(x, y - half, x + width, y + half, ground.surface.alpha(0.8))?;
        pen.text(label, (x, y), Anchor::Left, TICK_SIZE, colour.is_some(), colour.unwrap_or(ground.muted.alpha(1.0)))
    }

    fn y_of(&self, loss: f64, plot: &PlotBox) -> f64 {
        plot.y_at(self.range.fraction(loss).clamp(0.0, 1.0))
    }

    /// Draws a small triangle at the top over each stretch that goes beyond it, far enough apart to be distinguished.
    fn mark_clipped<DB: DrawingBackend>(
        &self,
        pen: &Pen<DB>,
        thinned: &[(f64, f32)],
        points: &[(f64, f64)],
        plot: &PlotBox,
        style: &Style,
        colour: RGBAColor,
    ) -> Drawn<DB> {
        let mut free = f64::NEG_INFINITY;
        for ((_, loss), (x, _)) in thinned.iter().zip(points) {
            if f64::from(*loss) > self.range.high() && *x >= free {
                let (half, down) = (style.px(4.0), style.px(6.0));
                pen.triangle([(*x, plot.top), (x + half, plot.top + down), (x - half, plot.top + down)], colour)?;
                free = x + style.px(14.0);
            }
        }
        Ok(())
    }

    fn draw_axes<DB: DrawingBackend>(&self, pen: &Pen<DB>, plot: &PlotBox, style: &Style, width: f64) -> Drawn<DB> {
        let ground = ground(style.theme);
        let (muted, grid) = (ground.muted.alpha(1.0), ground.grid.alpha(1.0));
        if self.axes {
            let most = (plot.height() / style.px(26.0)).floor().max(1.0) as usize;
            for tick in ticks::linear(0.0, self.range.high(), most, style.decimal) {
                let y = self.y_of(tick.at, plot);
                pen.horizontal(plot.left, plot.right, y, grid)?;
                pen.text(&tick.label, (plot.left - style.px(7.0), y), Anchor::Right, TICK_SIZE, false, muted)?;
            }
            let label =
                style.px(TICK_SIZE) * (0.6 * numbers::grouped(u64::from(self.last)).chars().count() as f64 + 1.6);
            let most = (plot.width() / label).floor().max(1.0) as usize;
            for tick in ticks::updates(self.last, most) {
                let x = plot.x_at(tick.at / f64::from(self.last.max(1)));
                // The last label may be wider than the margin beside it.
                let half = style.px(TICK_SIZE) * labels::guessed_width(&tick.label, false) / 2.0;
                let x = x.min(width - half);
                pen.text(&tick.label, (x, plot.bottom + style.px(6.0)), Anchor::Top, TICK_SIZE, false, muted)?;
            }
        }
        pen.horizontal(plot.left, plot.right, plot.bottom, ground.axis.alpha(1.0))?;
        if let Some(guess) = self.guess {
            let y = self.y_of(guess.level, plot);
            pen.dashed(&[(plot.left, y), (plot.right, y)], &[2.0, 3.0], ground.guess.alpha(1.0), 1.0)?;
        }
        Ok(())
    }
}
