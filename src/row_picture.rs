//! Draws one row of a lane.

use std::cell::RefCell;

use leptos::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::canvas_view::{Picture, Size, in_css};
use crate::chart::canvas::{self, CanvasError};
use crate::pictures::{self, Row};
use crate::row_text::{edited_steps, symbols};
use crate::state::Lab;
use crate::steady::Steady;
use charts::heat_map::HeatMap;
use charts::lines::{Scale, UnitLines};
use charts::plotted::Plotted;
use charts::range::Kind;
use charts::series::{InputBars, PredictionChart};
use charts::symbols::{SymbolRow, frame};
use charts::{Style, Theme};
use lab::LaneSnapshot;
use lab::SequenceOnShow;
use lab::worker::event::Report;
use nn::{CellKind, ProbeTrace};
use tasks::Task;

/// Minimum distance in CSS pixels between two tick labels, one below the other.
const LEAST_APART: f64 = 13.0;

/// The signals with which a picture updates the scale beside it.
#[derive(Clone, Copy)]
pub struct Scales {
    /// Ticks: y in CSS pixels, text.
    pub ticks: RwSignal<Vec<(f64, String)>>,
    /// Numbers of rows and columns of values that share a cell.
    pub pooled: RwSignal<Option<(usize, usize)>>,
    /// The canvas's size.
    pub size: RwSignal<Size>,
}

/// The data and look that the input's picture was drawn from: the sequence, the lane's own inputs, the style and the
/// width.
type DrawnInput = (SequenceOnShow, Vec<f32>, Style, u32);

/// Draws one row of a lane.
pub struct RowPicture {
    lab: Lab,
    index: usize,
    cell: CellKind,
    row: Row,
    /// Whether it shows the lane without its edits.
    untouched: bool,
    task: &'static dyn Task,
    scales: Scales,
    range: RefCell<Steady>,
    pixels: RefCell<Vec<u8>>,
    drawn_input: RefCell<Option<DrawnInput>>,
}

impl RowPicture {
    /// Creates the picture of row `row` of lane `index` with cell `cell`.
    pub fn new(lab: Lab, (index, cell): (usize, CellKind), row: Row, task: &'static dyn Task, scales: Scales) -> Self {
        let kind = if cell.h_range().0 == 0.0 && row != Row::Answer { Kind::FromZero } else { Kind::Symmetric };
        Self {
            lab,
            index,
            cell,
            row,
            untouched: false,
            task,
            scales,
            range: RefCell::new(Steady::new(kind)),
            pixels: RefCell::default(),
            drawn_input: RefCell::default(),
        }
    }

    /// Selects the lane without its edits.
    pub fn untouched(self, untouched: bool) -> Self {
        Self { untouched, ..self }
    }

    /// Returns the axis of this row, fitted to the data if the cell does not bound them.
    fn scale(&self, lane: &LaneSnapshot, report: &Report) -> Scale {
        let mut range = self.range.borrow_mut();
        let bounded = |low: f64, high: f64| Scale { low, high };
        let (cell, (low, high)) = (self.cell, self.cell.h_range());
        match self.row {
            Row::Gate(gate) if !cell.is_linear(cell.gates()[gate]) => {
                let (low, high) = cell.gates()[gate].range().unwrap_or((0.0, pictures::slope_ceiling(cell).into()));
                bounded(low, high)
            }
            Row::Hidden | Row::HiddenLines if high.is_finite() => bounded(low, high),
            Row::Answer => {
                let targets = &report.snapshot.sequence.values;
                let ghost = lane.ghost.as_ref().map_or(&[][..], |ghost| &ghost.trace.answer);
                let values = lane.trace.answer.iter().chain(ghost).chain(targets).map(|&value| f64::from(value));
                let high = range.look(report, values).high();
                // If no target is negative, a quarter of the axis is reserved for negative predictions.
                let signed = targets.iter().any(|&target| target < 0.0);
                bounded(if signed { -high } else { -high / 4.0 }, high)
            }
            _ => {
                let of = |trace: &'_ ProbeTrace<f32>| -> Vec<f32> {
                    match self.row {
                        Row::Cell => trace.c.clone(),
                        Row::Gate(gate) => trace.gates[gate].values.clone(),
                        _ => trace.h.clone(),
                    }
                };
                let values = of(&lane.trace);
                let untouched = lane.ghost.as_ref().map(|ghost| of(&ghost.trace)).unwrap_or_default();
                let range = range.look(report, values.iter().chain(&untouched).map(|&value| f64::from(value)));
                bounded(range.low(), range.high())
            }
        }
    }

    fn map<'a>(&self, lane: &'a LaneSnapshot, top: f64, style: &Style) -> Option<HeatMap<'a>> {
        let ghost = lane.ghost.as_ref().filter(|_| self.untouched);
        let trace = ghost.map_or(&lane.trace, |ghost| &ghost.trace);
        match self.row {
            Row::Gate(gate) => Some(pictures::gate_map(trace, gate, top as f32, style.theme)),
            Row::Hidden => Some(pictures::hidden_map(trace, top as f32, style.theme)),
            Row::Answer if !self.task.classes().is_empty() => Some(pictures::answer_map(trace)),
            _ => None,
        }
    }

    /// Draws symbols as letters, values as bars, and a frame around edited ones; again only for another sequence, size
    /// or look.
    fn paint_input(
        &self,
        sequence: &SequenceOnShow,
        inputs: &[f32],
        canvas: &HtmlCanvasElement,
        style: &Style,
    ) -> Result<bool, CanvasError> {
        let drawn = (sequence.clone(), inputs.to_vec(), *style, canvas.width());
        if self.drawn_input.borrow().as_ref() == Some(&drawn) {
            return Ok(true);
        }
        let symbols = symbols(sequence, inputs, self.task);
        let edited = edited_steps(sequence, inputs);
        canvas::draw(canvas, style, |area, style| {
            if !symbols.is_empty() {
                SymbolRow { symbols: &symbols, marks: &sequence.marks }.draw(area, style)?;
                return frame(area, style, &edited, sequence.len);
            }
            let values: Vec<f32> = inputs.iter().copied().step_by(self.task.inputs()).collect();
            let least = values.iter().copied().fold(0.0, f32::min);
            let low = if least < 0.0 { f64::from(least).min(-1.0) } else { 0.0 };
            let steps: Vec<usize> = sequence.marks.iter().map(|t| t + 1).collect();
            let high = values.iter().copied().fold(1.0, f32::max);
            InputBars { values: &values, steps: &steps, marked: None, scale: Scale { low, high: high.into() } }
                .draw(area, style)?;
            frame(area, style, &edited, sequence.len)
        })?;
        *self.drawn_input.borrow_mut() = Some(drawn);
        Ok(true)
    }

    fn unit_lines<'a>(&self, lane: &'a LaneSnapshot, chosen: usize, scale: Scale) -> UnitLines<'a> {
        let state: fn(&ProbeTrace<f32>) -> &Vec<f32> =
            if self.row == Row::Cell { |trace| &trace.c } else { |trace| &trace.h };
        pictures::unit_lines(self.index, lane, state, chosen, scale)
    }

    fn prediction<'a>(&self, lane: &'a LaneSnapshot, target: &'a [f32], scale: Scale) -> PredictionChart<'a> {
        let ghost = lane.ghost.as_ref().map_or(&[][..], |ghost| &ghost.trace.answer);
        PredictionChart { code: self.cell.code(), prediction: &lane.trace.answer, target, scale, ghost }
    }

    fn tell_ticks(&self, found: Vec<(f64, String)>) {
        if self.scales.ticks.with_untracked(|shown| *shown != found) {
            self.scales.ticks.set(found);
        }
    }
}

impl Picture for RowPicture {
    fn paint(&self, report: &Report, canvas: &HtmlCanvasElement, style: &Style) -> Result<bool, CanvasError> {
        let snapshot = &report.snapshot;
        if self.row == Row::Input {
            let sequence = &snapshot.sequence;
            let inputs =
                snapshot.lane_of(self.index, self.cell).map_or(&*sequence.inputs, |lane| lane.inputs(sequence));
            return self.paint_input(sequence, inputs, canvas, style);
        }
        let Some(lane) = snapshot.lane_of(self.index, self.cell) else { return Ok(false) };
        let scale = self.scale(lane, report);
        let (width, height) = self.scales.size.get_untracked();
        let css = in_css(style, canvas, width);
        if let Some(map) = self.map(lane, scale.high, style) {
            let text = |value: f64| numbers::compact(value, 2, style.decimal);
            self.tell_ticks(vec![(0.0, text(scale.high)), (height, text(scale.low))]);
            let pooled = map.pooled(canvas.width() as usize, canvas.height() as usize);
            let pooled = pooled.map(|pooling| (pooling.rows_per, pooling.cols_per));
            if self.scales.pooled.get_untracked() != pooled {
                self.scales.pooled.set(pooled);
            }
            return canvas::put(canvas, style, &map, &mut self.pixels.borrow_mut()).map(|()| true);
        }
        let mut found: Vec<(f64, String)> = Vec::new();
        for (y, tick) in scale.ticks(height, &css) {
            if found.last().is_none_or(|(above, _)| y - above >= css.px(LEAST_APART)) {
                found.push((y, tick.label));
            }
        }
        self.tell_ticks(found);
        canvas::draw(canvas, style, |area, style| {
            if self.row == Row::Answer {
                return self.prediction(lane, &snapshot.sequence.values, scale).draw(area, style);
            }
            self.unit_lines(lane, self.lab.unit().min(lane.trace.hidden - 1), scale).draw(area, style)
        })
        .map(|()| true)
    }

    fn plotted(&self, report: &Report) -> Option<Plotted> {
        let lane = report.snapshot.lane_of(self.index, self.cell)?;
        let style = Style::new(Theme::Light, 1.0);
        if let Some(map) = self.map(lane, 1.0, &style) {
            return Some(map.plotted());
        }
        let scale = Scale { low: 0.0, high: 1.0 };
        Some(match self.row {
            Row::Cell => self.unit_lines(lane, untrack(|| self.lab.unit()).min(lane.trace.hidden - 1), scale).plotted(),
            Row::Answer => self.prediction(lane, &[], scale).plotted(),
            _ => return None,
        })
    }
}
