//! The gradient chart: the size of the error's gradient at each timestep, ‖∂L/∂h_t‖ and ‖∂L/∂c_t‖ on a logarithmic axis.
//!
//! A norm that is exactly zero (too small for f32) has no logarithm: it is a hollow mark on the floor under the lowest decade, and
//! the line is interrupted there.

use std::cmp::Ordering;

use plotters::{coord::Shift, drawing::DrawingArea};
use plotters_backend::DrawingBackend;

use super::PlotBox;
use super::Style;
use super::dash::Dash;
use super::labels;
use super::palette::{self, ground};
use super::pen::{Anchor, Drawn, Pen};
use super::plotted::{Plotted, PlottedLine};
use super::range::StableRange;
use super::step_centre;
use super::ticks;

const LABEL_SIZE: f64 = 12.0;
const TICK_SIZE: f64 = 11.0;
/// CSS pixels between the lowest decade and the floor where zeros lie.
const FLOOR: f64 = 14.0;
/// CSS pixels from the plot's right edge to the direct labels.
const LABEL_GAP: f64 = 10.0;
/// CSS pixels of the piece of line before each label, as long as a pattern, and the gap after it.
const SAMPLE: f64 = 26.0;
const SAMPLE_GAP: f64 = 4.0;

/// The largest f32, and the size from which a norm is near it.
const LIMIT: f64 = f32::MAX as f64;
const NEAR: f64 = 1e30;

/// One line: a lane's hidden state, or its memory.
#[derive(Clone, Copy, Debug)]
pub struct GradientLine<'a> {
    /// The lane, counted from 0.
    pub lane: usize,
    /// The lane's code, which determines the colour.
    pub code: &'a str,
    /// `h` or `c`.
    pub name: &'a str,
    /// Solid for h, short dashes for c, others for further lanes of the same colour: [`Dash::of`].
    pub dash: Dash,
    /// The label at the line's right end.
    pub label: &'a str,
    /// Timesteps 1 … T, ascending.
    pub x: &'a [f64],
    /// Norms, 0 or above, one for each x; norms that are not finite are left out.
    pub y: &'a [f64],
}

/// The chart of all lanes.
#[derive(Clone, Copy, Debug)]
pub struct GradientChart<'a> {
    /// Lines; empty ones are left out. Later ones are drawn over earlier ones.
    pub lines: &'a [GradientLine<'a>],
    /// T, the sequence's length.
    pub length: usize,
    /// The axis, in decades, after [`StableRange::look`] at [`GradientChart::values`].
    pub range: &'a StableRange,
    /// `relative` or `absolute`, for `plotted()`.
    pub scale: &'a str,
    /// The word after the last timestep: "step".
    pub x_name: &'a str,
    /// The label of the rule at the largest f32; empty for no rule.
    pub limit: &'a str,
    /// The label of the floor, where norms are zero: "0", or that they are too small for f32; its words are set one below the
    /// other.
    pub zero: &'a str,
}

/// The gradient chart's plot inside an area `width` × `height` when the longest label would be `label` wide in multiples of its
/// font size ([`labels::guessed_width`]). HTML positions markers over the chart with it.
pub fn plot_box(width: f64, height: f64, label: f64, style: &Style) -> PlotBox {
    let right = (style.px(LABEL_GAP + SAMPLE + SAMPLE_GAP + 4.0) + style.px(LABEL_SIZE) * label).min(0.42 * width);
    let left = style.px(42.0).min(0.25 * width);
    PlotBox {
        left,
        top: style.px(10.0).min(height / 4.0),
        right: (width - right).max(left),
        bottom: (height - style.px(24.0)).max(height / 2.0),
    }
}

impl GradientChart<'_> {
    /// All norms of all lines, for the range.
    pub fn values<'b>(lines: &'b [GradientLine<'b>]) -> impl Iterator<Item = f64> + 'b {
        lines.iter().flat_map(|line| line.y.iter().copied())
    }

    /// All norms of all lines, and the largest f32 where one of them is near it.
    pub fn values_to_limit<'b>(lines: &'b [GradientLine<'b>]) -> impl Iterator<Item = f64> + 'b {
        let near = Self::values(lines).any(|norm| norm.is_finite() && norm > NEAR);
        Self::values(lines).chain(near.then_some(LIMIT))
    }

    /// The plot inside an area `width` × `height`.
    pub fn plot_box(&self, width: f64, height: f64, style: &Style) -> PlotBox {
        let named = self.shown().filter(|line| !line.dash.is_ghost());
        let longest = named.map(|line| labels::guessed_width(line.label, true)).fold(0.0, f64::max);
        plot_box(width, height, longest, style)
    }

    /// The y of a norm, in drawing units; the floor for 0.
    pub fn y_of(&self, norm: f64, plot: &PlotBox, style: &Style) -> f64 {
        if norm <= 0.0 {
            return plot.bottom;
        }
        let lowest = plot.bottom - style.px(FLOOR).min(plot.height() / 4.0);
        lowest - self.range.fraction(norm).clamp(0.0, 1.0) * (lowest - plot.top)
    }

    /// Draws the chart over the whole of `area`.
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, style: &Style) -> Drawn<DB> {
        let pen = Pen::new(area, style);
        let (width, height) = pen.size();
        let plot = self.plot_box(width, height, style);
        self.draw_axes(&pen, &plot, style)?;

        let cell = plot.width() / self.length.max(1) as f64 / style.scale;
        let with_zeros = self.shown().filter(|line| line.y.contains(&0.0)).count();
        let (mut points, mut rings) = (Vec::with_capacity(self.length), 0);
        for line in self.shown() {
            let colour = palette::lane(line.code, style.theme).line.alpha(line.dash.strength());
            let zero = with_zeros.saturating_sub(rings + 1);
            rings += usize::from(line.y.contains(&0.0));
            points.clear();
            for (t, norm) in line.x.iter().zip(line.y).map(|(t, norm)| (*t, *norm)) {
                let at = (plot.x_at(step_centre(t, self.length)), self.y_of(norm, &plot, style));
                if norm > 0.0 && norm.is_finite() {
                    points.push(at);
                    continue;
                }
                Self::draw_run(&pen, line.dash, &points, cell, colour)?;
                points.clear();
                if norm == 0.0 {
                    // Zeros of several lanes are concentric rings.
                    let radius = (0.4 * cell).clamp(1.2, 3.0) + 1.8 * zero as f64;
                    pen.ring(at, radius, colour, ground(style.theme).surface.alpha(1.0), 1.5)?;
                }
            }
            Self::draw_run(&pen, line.dash, &points, cell, colour)?;
        }
        self.draw_labels(&pen, &plot, style, width)
    }

    /// The numbers that the chart shows.
    pub fn plotted(&self) -> Plotted {
        let record = |line: &GradientLine| PlottedLine {
            lane: line.lane,
            name: line.name.into(),
            scale: self.scale.into(),
            x: line.x.to_vec(),
            y: line.y.to_vec(),
        };
        Plotted::Lines(self.shown().map(record).collect())
    }

    fn shown(&self) -> impl Iterator<Item = &GradientLine<'_>> {
        self.lines.iter().filter(|line| !line.x.is_empty() && !line.y.is_empty())
    }

    /// Draws one uninterrupted stretch of a line.
    fn draw_run<DB: DrawingBackend>(
        pen: &Pen<DB>,
        dash: Dash,
        points: &[(f64, f64)],
        cell: f64,
        colour: plotters::style::RGBAColor,
    ) -> Drawn<DB> {
        let thin = dash.is_memory() || dash.is_ghost();
        pen.dashed(points, dash.pattern(), colour, if thin { 1.6 } else { 2.0 })?;
        let dots = cell >= 7.0 && !thin;
        // A step between two gaps is a dot, whatever the others are.
        if dots || points.len() == 1 {
            points.iter().try_for_each(|at| pen.dot(*at, 2.4, colour))?;
        }
        Ok(())
    }

    fn draw_axes<DB: DrawingBackend>(&self, pen: &Pen<DB>, plot: &PlotBox, style: &Style) -> Drawn<DB> {
        let ground = ground(style.theme);
        let muted = ground.muted.alpha(1.0);
        let most = (plot.height() / style.px(26.0)).floor().max(1.0) as usize;
        let left = plot.left - style.px(7.0);
        for tick in ticks::decades(self.range.low() as i32, self.range.high() as i32, most) {
            let y = self.y_of(10f64.powi(tick.at as i32), plot, style);
            pen.horizontal(plot.left, plot.right, y, ground.grid.alpha(1.0))?;
            pen.text(&tick.label, (left, y), Anchor::Right, TICK_SIZE, false, muted)?;
        }
        pen.horizontal(plot.left, plot.right, plot.bottom, ground.axis.alpha(1.0))?;
        if !self.limit.is_empty() && self.range.fraction(LIMIT) <= 1.0 {
            let y = self.y_of(LIMIT, plot, style);
            pen.horizontal(plot.left, plot.right, y, muted)?;
            let at = (plot.left + style.px(3.0), y + style.px(2.0));
            pen.text(self.limit, at, Anchor::TopLeft, TICK_SIZE, false, muted)?;
        }
        if self.shown().any(|line| line.y.contains(&0.0)) {
            let words = self.zero.split(' ');
            let first = plot.bottom - style.px(TICK_SIZE) * 0.5 * (words.clone().count() - 1) as f64;
            for (line, word) in words.enumerate() {
                let y = first + style.px(TICK_SIZE) * line as f64;
                pen.text(word, (left, y), Anchor::Right, TICK_SIZE, false, muted)?;
            }
        }

        let below = plot.bottom + style.px(7.0);
        let digits = self.length.to_string().len() as f64;
        let room = style.px(TICK_SIZE) * (0.6 * digits + 1.0);
        for t in ticks::steps(self.length, plot.width(), room) {
            let x = plot.x_at(step_centre(t as f64, self.length));
            pen.text(&t.to_string(), (x, below), Anchor::Top, TICK_SIZE, false, muted)?;
        }
        let after =
            plot.x_at(step_centre(self.length as f64, self.length)) + style.px(TICK_SIZE) * (0.3 * digits + 0.5);
        pen.text(self.x_name, (after, below), Anchor::TopLeft, TICK_SIZE, false, muted)
    }

    /// Draws labels at the right ends, moved apart where they would touch, each after a sample of its line, as relative lines
    /// all end in one point.
    fn draw_labels<DB: DrawingBackend>(&self, pen: &Pen<DB>, plot: &PlotBox, style: &Style, width: f64) -> Drawn<DB> {
        let named = self.shown().filter(|line| !line.dash.is_ghost());
        let mut ends: Vec<_> = named.filter_map(|line| Some((line, self.end_of(line, plot, style)?))).collect();
        // Relative lines all end at 1: their labels are in the order of the lines before they meet.
        let place = |(line, end): &(&GradientLine, (f64, f64))| {
            ((end.1 / style.px(4.0)).round(), self.mean_of(line, plot, style))
        };
        ends.sort_by(|a, b| place(a).partial_cmp(&place(b)).unwrap_or(Ordering::Equal));
        let mut lowest = f64::NEG_INFINITY;
        let descend = |(_, at): &(&GradientLine, (f64, f64))| {
            lowest = lowest.max(at.1);
            lowest
        };
        let wanted: Vec<f64> = ends.iter().map(descend).collect();
        let x = plot.right + style.px(LABEL_GAP);
        let text = x + style.px(SAMPLE + SAMPLE_GAP);
        let room = (width - text) / style.px(LABEL_SIZE);
        let placed = labels::spread(&wanted, style.px(LABEL_SIZE + 4.0), 0.0, plot.bottom + style.px(4.0));
        for ((line, _), y) in ends.into_iter().zip(placed) {
            let shades = palette::lane(line.code, style.theme);
            let colour = shades.line.alpha(1.0);
            Self::draw_run(pen, line.dash, &[(x, y), (x + style.px(SAMPLE), y)], 0.0, colour)?;
            if !line.dash.is_memory() {
                pen.dot((x + style.px(4.5), y), 2.4, colour)?;
            }
            pen.text(
                &labels::shortened(line.label, true, room),
                (text, y),
                Anchor::Left,
                LABEL_SIZE,
                true,
                shades.text.alpha(1.0),
            )?;
        }
        Ok(())
    }

    /// The mean height of a line's finite points.
    fn mean_of(&self, line: &GradientLine, plot: &PlotBox, style: &Style) -> f64 {
        let finite = line.y.iter().filter(|norm| norm.is_finite());
        let (sum, count) =
            finite.fold((0.0, 0.0), |(sum, count), norm| (sum + self.y_of(*norm, plot, style), count + 1.0));
        if count > 0.0 { sum / count } else { plot.bottom }
    }

    /// The position of a line's last finite point.
    fn end_of(&self, line: &GradientLine, plot: &PlotBox, style: &Style) -> Option<(f64, f64)> {
        let (t, norm) = line.x.iter().zip(line.y).rfind(|(_, norm)| norm.is_finite())?;
        Some((plot.x_at(step_centre(*t, self.length)), self.y_of(*norm, plot, style)))
    }
}
