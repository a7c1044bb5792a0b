//! Draws the chart of one lane in a panel.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use web_sys::HtmlCanvasElement;

use super::charts::{CreditMap, FactorLines, plotted_triangle, spreads};
use super::say;
use crate::canvas_view::Picture;
use crate::chart::canvas::{self, CanvasError};
use crate::i18n::t_string;
use crate::state::Lab;
use crate::steady::Steady;
use crate::words::Words;
use charts::gradient::GradientChart;
use charts::histogram::{Histograms, Spread};
use charts::palette::Shades;
use charts::plotted::Plotted;
use charts::range::Kind;
use charts::{Style, Theme};
use lab::Findings;
use lab::Why;
use lab::analysis::findings::{Found, State};
use lab::worker::event::Report;
use nn::CellKind;

/// The chart of a lane of this cell; for a credit triangle, that of h or c.
pub struct WhyPicture {
    pub lab: Lab,
    pub words: Words,
    pub why: Why,
    pub lane: usize,
    pub cell: CellKind,
    /// The part of the state that a triangle shows.
    pub state: State,
    range: RefCell<Steady>,
    pixels: RefCell<Vec<u8>>,
    drawn: RefCell<Option<Arc<Findings>>>,
    /// Size and style of the last drawing.
    looks: Cell<Option<(u32, u32, Style)>>,
}

/// The data that a picture draws.
enum Drawing {
    Lines(FactorLines),
    Triangle(Vec<f64>),
}

impl WhyPicture {
    pub fn new(lab: Lab, words: Words, why: Why, lane: usize, cell: CellKind, state: State) -> Self {
        let range = RefCell::new(Steady::new(Kind::Decades));
        let (pixels, drawn, looks) = Default::default();
        Self { lab, words, why, lane, cell, state, range, pixels, drawn, looks }
    }

    /// Returns the data to draw for the lane.
    fn drawing(&self, found: &Findings) -> Option<Drawing> {
        match &found.found {
            Found::Factors(lanes) => {
                let label = |name| say::line(self.words, self.cell, name);
                Some(Drawing::Lines(FactorLines::new(lanes.get(self.lane)?, self.cell, label)))
            }
            Found::Credit(lanes) => {
                let triangle = lanes.get(self.lane)?.of(self.state);
                (!triangle.is_empty()).then(|| Drawing::Triangle(triangle.to_vec()))
            }
            Found::Check(_) => None,
        }
    }

    fn spreads(&self, report: &Report, theme: Theme) -> Option<Vec<(Spread, String, Shades)>> {
        let lane = report.snapshot.lanes.get(self.lane).filter(|lane| lane.cell == self.cell)?;
        let labelled = |(spread, shades): (Spread, Shades)| {
            let label = if spread.name == "dphi" { "φ′(z)" } else { spread.name };
            (spread, label.to_owned(), shades)
        };
        Some(spreads(lane, theme).into_iter().map(labelled).collect())
    }
}

impl Picture for WhyPicture {
    fn paint(&self, report: &Report, canvas: &HtmlCanvasElement, style: &Style) -> Result<bool, CanvasError> {
        if self.why == Why::Saturation {
            let Some(spreads) = self.spreads(report, style.theme) else { return Ok(false) };
            let chart = Histograms { lane: self.lane, spreads: &spreads };
            return canvas::draw(canvas, style, |area, style| chart.draw(area, style)).map(|()| true);
        }
        let Some(found) = self.lab.found(self.why) else { return Ok(false) };
        let Some(drawing) = self.drawing(&found) else { return Ok(false) };
        // Reports come more often than findings.
        let looks = Some((canvas.width(), canvas.height(), *style));
        let same = self.drawn.borrow().as_ref().is_some_and(|drawn| Arc::ptr_eq(drawn, &found));
        if self.looks.replace(looks) == looks && same {
            return Ok(true);
        }
        let outcome = match drawing {
            Drawing::Triangle(triangle) => {
                let map = CreditMap::new(&triangle);
                canvas::put(canvas, style, &map.map(self.cell.code(), style.theme), &mut self.pixels.borrow_mut())
            }
            Drawing::Lines(owned) => {
                let lines = owned.lines(self.lane);
                let mut range = self.range.borrow_mut();
                let range = range.look(report, GradientChart::values(&lines));
                let length = lines.last().map_or(0, |line| line.x.len());
                let x_name = t_string!(self.words.i18n(), chart.step);
                let chart =
                    GradientChart { lines: &lines, length, range, scale: "absolute", x_name, limit: "", zero: "0" };
                canvas::draw(canvas, style, |area, style| chart.draw(area, style))
            }
        };
        *self.drawn.borrow_mut() = Some(found);
        outcome.map(|()| true)
    }

    fn plotted(&self, report: &Report) -> Option<Plotted> {
        if self.why == Why::Saturation {
            return Some(Histograms { lane: self.lane, spreads: &self.spreads(report, Theme::Light)? }.plotted());
        }
        let drawn = self.drawn.borrow();
        let found = drawn.as_ref()?;
        let owned = match self.drawing(found)? {
            Drawing::Triangle(triangle) => return Some(plotted_triangle(&triangle)),
            Drawing::Lines(owned) => owned,
        };
        let lines = owned.lines(self.lane);
        let range = self.range.borrow();
        Some(
            GradientChart {
                lines: &lines,
                length: 0,
                range: range.range(),
                scale: "absolute",
                x_name: "",
                limit: "",
                zero: "0",
            }
            .plotted(),
        )
    }
}
