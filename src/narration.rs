//! Reads out a choice: the value in the chart where it was made, and its effect there.

use leptos::prelude::*;

use crate::hero_text;
use crate::i18n::t_string;
use crate::live::effect;
use crate::pictures::{Row, rows};
use crate::row_text;
use crate::state::{Choice, Lab};
use crate::words::Words;
use lab::Experiment;
use lab::LaneSnapshot;
use lab::Snapshot;
use lab::worker::event::Report;
use nn::{CellKind, ProbeTrace};

/// Milliseconds without another choice before it is read out, as a held key passes many values.
const PATIENCE_MS: u64 = 250;

/// Returns the current choice.
pub fn choice(lab: Lab) -> Choice {
    let of_run = |experiment: &Experiment| (experiment.step, experiment.unit, experiment.probe);
    let (step, unit, probe) = lab.experiment.with(of_run);
    (step, unit, probe, lab.lane())
}

/// Reads out choices that are made outside the charts: in the inspector's fields, or by a button in its equations. The
/// sentence is about the inspector's lane. The film reads out its own frames.
pub fn follow(lab: Lab) {
    let narrator = Narrator::new(lab, None);
    let chosen = Memo::new(move |_| choice(lab));
    let last = StoredValue::new(untrack(|| choice(lab)));
    effect(move || {
        let chosen = chosen.get();
        let before = last.get_value();
        last.set_value(chosen);
        if lab.inside.with_untracked(Option::is_some) {
            return lab.narration.set(String::new());
        }
        if before.2 != chosen.2 {
            // The last sentence is about another sequence.
            lab.narration.set(String::new());
        } else if before == chosen || lab.narrated.get_value() == Some(chosen) {
            return;
        }
        Narrator { lane: Some(chosen.3), ..narrator }.say_soon(chosen);
    });
}

/// Reads out choices in the charts of one lane, or in the gradient chart.
#[derive(Clone, Copy)]
pub struct Narrator {
    lab: Lab,
    words: Words,
    lane: Option<usize>,
    /// The chart of the lane that is read out.
    row: StoredValue<Option<usize>>,
}

impl Narrator {
    /// Creates a narrator for the component.
    pub fn new(lab: Lab, lane: Option<usize>) -> Self {
        Self { lab, words: Words::here(), lane, row: StoredValue::new(None) }
    }

    /// Reads out a choice made in this chart of the lane, or in the previous one. Not while training plays, as nobody
    /// could follow.
    pub fn tell(self, row: Option<usize>) {
        if row.is_some() {
            self.row.set_value(row);
        }
        self.say_soon(untrack(|| choice(self.lab)));
    }

    fn say_soon(self, chosen: Choice) {
        let lab = self.lab;
        lab.narrated.set_value(Some(chosen));
        let say = move || {
            let now = untrack(|| choice(lab));
            if now != chosen || lab.playing.get_untracked() || self.row.try_get_value().is_none() {
                return;
            }
            let Some(report) = lab.report.get_untracked() else { return };
            if report.inside.is_none() && report.snapshot.sequence.probe != chosen.2 {
                // The report of this choice has not arrived yet.
                return self.say_soon(chosen);
            }
            if let Some(text) = self.text(&report) {
                lab.narration.set(text);
            }
        };
        set_timeout(say, std::time::Duration::from_millis(PATIENCE_MS));
    }

    /// Selects the chart that is read out, by the letter that was pressed.
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
        let (words, i18n, lab) = (self.words, self.words.i18n(), self.lab);
        let (step, unit) = untrack(|| (lab.step(), lab.unit()));
        let Some(lane) = self.lane_of(&report.snapshot) else {
            let scale = lab.experiment.with_untracked(|experiment| experiment.scale);
            let value = hero_text::at_step(words, report, scale, step);
            return Some(t_string!(i18n, narration.gradient, step = step + 1, value = value));
        };
        let known = rows(lane.cell);
        // By default the gate that controls the memory, or the hidden state.
        let usual = lane.cell.keeps().and_then(|gate| lane.cell.index_of(gate)).map_or(Row::Hidden, Row::Gate);
        let row = self.row.get_value().and_then(|row| known.get(row)).copied().unwrap_or(usual);
        let gate = row_text::gate_name(lane.cell, row);
        // The label of a slope also contains its maximum.
        let name = if gate.is_empty() { row_text::label(words, lane.cell, row) } else { words.gate(gate).to_owned() };
        let task = lab.experiment.with_untracked(|experiment| experiment.task.task());
        if matches!(row, Row::Input | Row::Answer) {
            let value = row_text::at_step(words, lane, &report.snapshot.sequence, task, row, step)?;
            return Some(t_string!(i18n, narration.step, name = name, step = step + 1, value = value));
        }
        let (values, hidden) = row_text::numbers(lane, &report.snapshot.sequence, task, row);
        let unit = unit.min(hidden.saturating_sub(1));
        let index = step * hidden + unit;
        let value = f64::from(*values.get(index)?);
        let said =
            t_string!(i18n, narration.unit, name = name, unit = unit + 1, step = step + 1, value = words.share(value));
        Some(said + &self.effect(&lane.trace, index, gate, value))
    }

    /// Describes the effect of a gate's value, after a comma: how much passes, and of what. Empty for a slope or a
    /// state.
    fn effect(self, trace: &ProbeTrace<f32>, index: usize, gate: &str, value: f64) -> String {
        let (words, i18n) = (self.words, self.words.i18n());
        let at = |values: &[f32], index: Option<usize>| {
            f64::from(index.and_then(|index| values.get(index)).copied().unwrap_or_default())
        };
        let gate_at = |gate: &str| at(trace.gate(gate).unwrap_or_default(), Some(index));
        // Before the first step all states are 0.
        let before = index.checked_sub(trace.hidden);
        let share = |of: f64| words.share(value * of);
        match (trace.cell, gate) {
            (CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window, _) => String::new(),
            (CellKind::Gru, "z") => {
                let h = at(&trace.h, before);
                t_string!(i18n, narration.keeps_h, share = share(h), of = words.share(h))
            }
            (CellKind::Gru, _) => String::new(),
            (_, "i") => {
                let g = gate_at("g");
                t_string!(i18n, narration.lets_in, share = share(g), of = words.share(g))
            }
            (_, "f") => {
                let c = at(&trace.c, before);
                t_string!(i18n, narration.keeps, share = share(c), of = words.share(c))
            }
            (_, "g") => {
                let i = gate_at("i");
                t_string!(i18n, narration.writes, share = share(i))
            }
            (cell, "o") => {
                let c = at(&trace.c, Some(index));
                let (name, of) = if cell == CellKind::LstmNoaf { ("c", c) } else { ("tanh(c)", c.tanh()) };
                t_string!(i18n, narration.shows, share = share(of), of = format!("{name} = {}", words.share(of)))
            }
            _ => String::new(),
        }
    }
}
