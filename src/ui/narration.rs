//! What was chosen, read out: the value of the chart in which it was chosen, and what that value does there.

use leptos::prelude::*;

use super::hero;
use super::i18n::{t_string, texts::narration as texts};
use super::pictures::{Row, rows};
use super::row_text;
use super::state::Lab;
use super::words::Words;
use crate::lab::protocol::Report;
use crate::lab::{LaneSnapshot, Snapshot};
use crate::nn::ProbeTrace;

/// Milliseconds for which nothing else is chosen before it is said: held keys pass over much.
const PATIENCE_MS: u64 = 250;

/// Says what is chosen in the charts of one lane, or in the gradient chart.
#[derive(Clone, Copy)]
pub struct Narrator {
    lab: Lab,
    words: Words,
    lane: Option<usize>,
    /// The chart of the lane that is spoken of.
    row: StoredValue<Option<usize>>,
}

impl Narrator {
    /// A narrator where the component stands.
    pub fn new(lab: Lab, lane: Option<usize>) -> Self {
        Self { lab, words: Words::here(), lane, row: StoredValue::new(None) }
    }

    /// Something was chosen, in this chart of the lane or in the one before. While training plays nobody could follow.
    pub fn tell(self, row: Option<usize>) {
        if row.is_some() {
            self.row.set_value(row);
        }
        let chosen = self.lab.experiment.with_untracked(|experiment| (experiment.step, experiment.unit));
        let say = move || {
            let now = self.lab.experiment.with_untracked(|experiment| (experiment.step, experiment.unit));
            if now != chosen || self.lab.playing.get_untracked() || self.row.try_get_value().is_none() {
                return;
            }
            let report = self.lab.report.get_untracked();
            if let Some(text) = report.and_then(|report| self.text(&report)) {
                self.lab.narration.set(text);
            }
        };
        set_timeout(say, std::time::Duration::from_millis(PATIENCE_MS));
    }

    /// The letter of a chart was pressed: from here on that chart is spoken of.
    pub fn letter(self, letter: &str) {
        let report = self.lab.report.get_untracked();
        let Some(lane) = report.as_deref().and_then(|report| self.lane_of(&report.snapshot)) else { return };
        let is_of = |row: &Row| match row_text::symbol(lane.cell, *row) {
            "ŷ" => letter == "y",
            "φ′(z)" => letter == "s",
            symbol => letter == symbol,
        };
        if let Some(row) = rows(lane.cell).iter().position(is_of) {
            self.tell(Some(row));
        }
    }

    fn lane_of(self, snapshot: &Snapshot) -> Option<&LaneSnapshot> {
        snapshot.lanes.get(self.lane?)
    }

    fn text(self, report: &Report) -> Option<String> {
        let (words, lab) = (self.words, self.lab);
        let i18n = words.i18n();
        let (step, unit) = untrack(|| (lab.step(), lab.unit()));
        if self.lane.is_none() {
            let scale = lab.experiment.with_untracked(|experiment| experiment.scale);
            let values = hero::at_step(words, report, scale, step);
            return Some(t_string!(i18n, narration.gradient, step = step + 1, values = values));
        }
        let lane = self.lane_of(&report.snapshot)?;
        let known = rows(lane.cell);
        // Without a choice the gate that decides what is remembered, or the hidden state.
        let usual = if lane.cell.has_cell_state() { Row::Gate(1) } else { Row::Hidden };
        let row = self.row.get_value().and_then(|row| known.get(row)).copied().unwrap_or(usual);
        let task = lab.experiment.with_untracked(|experiment| experiment.task.task());
        let at = |values: &[f32]| values.get(step * lane.trace.hidden + unit).copied().map(f64::from);
        let name = match row {
            Row::Gate(_) => words.gate(row_text::gate_name(lane.cell, row)).to_owned(),
            _ => row_text::label(words, lane.cell, row),
        };
        let of_unit = |value: f64| {
            let (step, unit, value) = (step + 1, unit + 1, words.share(value));
            t_string!(i18n, narration.unit, step = step, name = name, unit = unit, value = value)
        };
        let trace = &lane.trace;
        match row {
            Row::Gate(index) => {
                let value = at(&trace.gates.get(index)?.values)?;
                Some(of_unit(value) + &self.effect(trace, step, unit, row_text::gate_name(lane.cell, row), value))
            }
            Row::Cell => Some(of_unit(at(&trace.c)?)),
            Row::Hidden | Row::HiddenLines => Some(of_unit(at(&trace.h)?)),
            Row::Input | Row::Answer => {
                let value = row_text::at_step(words, lane, &report.snapshot.sequence, task, row, step)?;
                Some(t_string!(i18n, narration.step, step = step + 1, name = name, value = value))
            }
        }
    }

    /// What a gate's value does, after a comma; nothing for a slope.
    fn effect(self, trace: &ProbeTrace<f32>, step: usize, unit: usize, gate: &str, value: f64) -> String {
        let index = step * trace.hidden + unit;
        let of = |name: &str| {
            let series = trace.gates.iter().find(|series| series.name == name);
            series.and_then(|series| series.values.get(index)).map_or(0.0, |value| f64::from(*value))
        };
        let before = index.checked_sub(trace.hidden).and_then(|before| trace.c.get(before));
        let (text, share) = match gate {
            "i" => (texts::lets_in, value * of("g")),
            "f" => (texts::keeps, value * before.map_or(0.0, |c| f64::from(*c))),
            "g" => (texts::writes, value * of("i")),
            "o" => (texts::shows, trace.h.get(index).map_or(0.0, |h| f64::from(*h))),
            _ => return String::new(),
        };
        self.words.i18n().fill(text.text, &[("share", &self.words.share(share))])
    }
}
