//! "What if?": the form that changes something by hand, the list of what was changed, and the marks where it shows.

use leptos::prelude::*;
use web_sys::{Event, HtmlInputElement, KeyboardEvent};

use super::html::{
    El, Node, button, div, dynamic, h2, h3, input, label, li, option, p, section, select, span, ul, when,
};
use super::i18n::{Text, t_string, texts};
use super::live::{flag, live, tr};
use super::pictures::Row;
use super::row_text;
use super::state::{Lab, Notice};
use super::words::Words;
use crate::lab::{Allowed, Edit, Experiment, Place, Problem, Reason, Snapshot, edit, number};
use crate::nn::{CellKind, Gate};

/// The panel under the inspector.
#[component]
pub fn WhatIf() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let value = RwSignal::new("1".to_owned());
    // What stood in the field when it was last taken: what is refused gives way to it.
    let taken = StoredValue::new("1".to_owned());
    let cells = Memo::new(move |_| lab.experiment.with(|experiment| experiment.lanes.clone()));
    let place = move || lab.what_if.get();
    let cell = move || cells.with(|cells| cells.get(place().lane).copied()).unwrap_or(CellKind::Lstm);
    let make = move || {
        let written = value.get_untracked();
        if lab.edit(lab.what_if.get_untracked(), &written.trim().replace(',', ".")) {
            taken.set_value(written);
        } else {
            value.set(taken.get_value());
        }
    };
    let lane_of = move |index: usize| {
        option()
            .attr("value", index.to_string())
            .attr("selected", flag(move || place().lane == index))
            .child(live(move || words.lane(&cells.get(), index)))
    };
    let choose_lane = move |event: Event| {
        let lane = event_target_value(&event).parse().unwrap_or(0);
        let first = lab.experiment.with_untracked(|experiment| {
            let choices = choices(experiment.lanes.get(lane).copied().unwrap_or(CellKind::Lstm));
            let now = lab.what_if.get_untracked();
            let same = choices.iter().position(|choice| *choice == choice_of(&now, experiment)).unwrap_or(0);
            Place { lane, ..choices[same].place(lab, experiment) }
        });
        lab.what_if.set(first);
    };
    let choose = move |event: Event| {
        let lane = lab.what_if.get_untracked().lane;
        let picked: usize = event_target_value(&event).parse().unwrap_or(0);
        let place = lab.experiment.with_untracked(|experiment| {
            let choices = choices(cell_of(experiment, lane));
            Place { lane, ..choices[picked.min(choices.len() - 1)].place(lab, experiment) }
        });
        lab.what_if.set(place);
    };
    let here = move || lab.experiment.with(|experiment| choice_of(&place(), experiment));
    let options = move || {
        let item = |(at, choice): (usize, Choice)| {
            option()
                .attr("value", at.to_string())
                .attr("selected", flag(move || here() == choice))
                .child(live(move || choice.text(words)))
        };
        choices(cell()).into_iter().enumerate().map(item).collect::<Vec<_>>()
    };
    let chosen = move || choices(cell()).iter().position(|choice| *choice == here()).unwrap_or(0).to_string();
    let value_field = input()
        .attr("type", "text")
        .attr("inputmode", "decimal")
        .class("number")
        .test_id("what-if-value")
        .prop("value", live(move || value.get()))
        .on("input", move |event: Event| value.set(event_target_value(&event)))
        .on("keydown", move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                make();
            }
        });
    section()
        .class("what-if")
        .test_id("what-if")
        .attr("aria-labelledby", "what-if-title")
        .child(h2().attr("id", "what-if-title").child(tr!(i18n, edits.title)))
        .child(p().class("muted").child(tr!(i18n, edits.text)))
        .child(
            label().class("control").child(span().child(tr!(i18n, edits.lane))).child(
                select()
                    .test_id("what-if-lane")
                    .prop("value", live(move || place().lane.to_string()))
                    .on("change", choose_lane)
                    .child(dynamic(move || (0..cells.with(Vec::len)).map(lane_of).collect::<Vec<_>>())),
            ),
        )
        .child(label().class("control").child(span().child(tr!(i18n, edits.what))).child(
            select().test_id("what-if-what").prop("value", live(chosen)).on("change", choose).child(dynamic(options)),
        ))
        .child(place_field(words, 0, "what-if-i"))
        .child(when(move || here().second().is_some(), move || place_field(words, 1, "what-if-j")))
        .child(label().class("control").child(span().child(tr!(i18n, edits.value))).child(value_field))
        .child(button().test_id("what-if-set").on_click(make).child(tr!(i18n, edits.set)))
        .child(view! { <Made /> })
        .node()
}

/// What can be changed in a lane: a name, and of weights that all gates have the gate.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Choice {
    name: &'static str,
    /// The gate whose rows they are, where there are several.
    rows: Option<(usize, Gate)>,
}

fn cell_of(experiment: &Experiment, lane: usize) -> CellKind {
    experiment.lanes.get(lane).copied().unwrap_or(CellKind::Lstm)
}

/// All that a cell's lane has: its gates, the input, the weights.
fn choices(cell: CellKind) -> Vec<Choice> {
    let plain = |name| Choice { name, rows: None };
    let held = cell.gates().iter().filter(|gate| gate.range().is_some());
    let mut all: Vec<Choice> = held.map(|gate| plain(gate.letter())).collect();
    all.push(plain("x"));
    for name in ["w", "u", "b"] {
        let rows = |(at, gate): (usize, &Gate)| Choice { name, rows: (cell.gates().len() > 1).then_some((at, *gate)) };
        all.extend(cell.gates().iter().enumerate().map(rows));
    }
    all.extend(["w_out", "b_out"].map(plain));
    all
}

fn choice_of(place: &Place, experiment: &Experiment) -> Choice {
    let gates = cell_of(experiment, place.lane).gates();
    let at = place.at[0].saturating_sub(1) / experiment.hidden;
    let rows = gates.get(at).filter(|_| gates.len() > 1 && ["w", "u", "b"].contains(&place.name));
    Choice { name: place.name, rows: rows.map(|gate| (at, *gate)) }
}

impl Choice {
    /// What it is called in the list of choices.
    fn text(self, words: Words) -> String {
        match self.name {
            "x" => format!("x: {}", t_string!(words.i18n(), edits.input)),
            name if self.is_gate() => format!("{name}: {}", words.gate(name)),
            name => self.symbol(name),
        }
    }

    fn is_gate(self) -> bool {
        Place { lane: 0, name: self.name, at: [0, 0] }.is_gate()
    }

    /// As in the equations: U_f, W_out, b.
    fn symbol(self, name: &str) -> String {
        let (letter, rest) = name.split_at(1);
        let letter = if letter == "b" { letter.to_owned() } else { letter.to_uppercase() };
        match self.rows {
            Some((_, gate)) => format!("{letter}_{}", gate.letter()),
            None => letter + rest,
        }
    }

    /// A place to begin with: the step and the unit chosen; of a gate all units.
    fn place(self, lab: Lab, experiment: &Experiment) -> Place {
        let (step, unit) = untrack(|| (lab.step() + 1, lab.unit() + 1));
        let row = self.rows.map_or(0, |(at, _)| at * experiment.hidden) + unit;
        let at = match self.name {
            "x" => [step, 1],
            "w" => [row, 1],
            "u" => [row, unit],
            "b" => [row, 0],
            "w_out" => [1, unit],
            "b_out" => [1, 0],
            _ => [0, 0],
        };
        Place { lane: 0, name: self.name, at }
    }

    /// What the first number counts.
    fn first(self) -> Text {
        match self.name {
            "x" => texts::edits::step,
            "w" | "u" | "b" => texts::edits::unit,
            "w_out" | "b_out" => texts::edits::output,
            _ => texts::edits::unit_or_all,
        }
    }

    /// What the second counts, where there is one.
    fn second(self) -> Option<Text> {
        match self.name {
            "x" | "w" => Some(texts::edits::from_input),
            "u" | "w_out" => Some(texts::edits::from_unit),
            _ => None,
        }
    }
}

/// One of the two numbers that say where.
fn place_field(words: Words, which: usize, test_id: &'static str) -> El {
    let lab = expect_context::<Lab>();
    let i18n = words.i18n();
    let here = move || lab.experiment.with(|experiment| choice_of(&lab.what_if.get(), experiment));
    let title = move || {
        let choice = here();
        i18n.text(if which == 0 { choice.first() } else { choice.second().unwrap_or(texts::edits::input) })
    };
    let before = move || match here().rows.filter(|_| which == 0) {
        Some((at, _)) => at * lab.experiment.with(|experiment| experiment.hidden),
        None => 0,
    };
    let shown = move || match lab.what_if.get().at[which] {
        0 => String::new(),
        at => (at - before()).to_string(),
    };
    let write = move |event: Event| {
        let written = event_target_value(&event);
        let (choice, mut place) = (untrack(here), lab.what_if.get_untracked());
        let all = choice.is_gate() && written.trim().is_empty();
        // What is no number is one that is too large, and answered as that.
        let number = written.trim().parse().ok().filter(|number| *number > 0).unwrap_or(u32::MAX as usize);
        place.at[which] = if all { 0 } else { untrack(before).saturating_add(number) };
        let edit = Edit { place, value: 0.0, update: 0 };
        let refused = lab.experiment.with_untracked(|experiment| match edit.check(experiment) {
            _ if choice.rows.is_some() && which == 0 && number > experiment.hidden => Some(experiment.hidden as f64),
            Err(Allowed::Part(_, _, most)) => Some(most),
            _ => None,
        });
        match refused {
            None => lab.what_if.set(place),
            Some(most) => {
                let allowed = Reason::NotAllowed(Allowed::Whole(1, most as u64));
                lab.tell(Notice::Refused(Problem::new("edit", &written, allowed)));
            }
        }
        event_target::<HtmlInputElement>(&event).set_value(&untrack(shown));
    };
    label().class("control").child(span().child(live(title))).child(
        input()
            .attr("type", "text")
            .attr("inputmode", "numeric")
            .class("number")
            .test_id(test_id)
            .prop("value", live(shown))
            .on("change", write),
    )
}

/// The edits of the run, each to be undone, and what they do to the sequence shown.
#[component]
fn Made() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let edits = Memo::new(move |_| lab.experiment.with(|experiment| edit::format(&experiment.edits)));
    let item = move |(index, edit): (usize, Edit)| {
        let text = move || lab.experiment.with(|experiment| in_words(words, experiment, edit));
        let reached = Memo::new(move |_| {
            lab.calm.with(|report| report.as_ref().is_some_and(|report| report.snapshot.update >= edit.update))
        });
        let waits = move || if reached.get() { "" } else { t_string!(i18n, edits.waits) };
        let undo = move || {
            lab.undo(index);
            super::focus("what-if-set");
        };
        li().attr("data-edit", edit.to_string())
            .child(live(text))
            .child(" ")
            .child(span().class("muted").child(live(waits)))
            .child(" ")
            .child(
                button()
                    .attr("aria-label", tr!(i18n, edits.undo_one, edit = text()))
                    .on_click(undo)
                    .child(tr!(i18n, edits.undo)),
            )
    };
    let items = move || {
        edits.track();
        let edits = lab.experiment.with_untracked(|experiment| experiment.edits.clone());
        edits.into_iter().enumerate().map(item).collect::<Vec<_>>()
    };
    let against = move || {
        let Some(report) = lab.calm.get() else { return String::new() };
        let cells: Vec<CellKind> = report.snapshot.lanes.iter().map(|lane| lane.cell).collect();
        let text = |loss: f64| number::significant(loss, 3, words.mark());
        let said = report.snapshot.lanes.iter().enumerate().filter_map(|(k, lane)| {
            let (name, loss) = (words.lane(&cells, k), text(lane.trace.loss));
            let untouched = text(lane.ghost.as_ref()?.trace.loss);
            Some(t_string!(i18n, edits.against, name = name, loss = loss, untouched = untouched))
        });
        said.collect::<Vec<_>>().join(" ")
    };
    let undo_all = move || {
        lab.undo_all();
        super::focus("what-if-set");
    };
    when(
        move || edits.with(|edits| !edits.is_empty()),
        move || {
            div()
                .class("edits")
                .child(h3().child(tr!(i18n, edits.list)))
                .child(ul().test_id("edits").child(dynamic(items)))
                .child(button().test_id("undo-all").on_click(undo_all).child(tr!(i18n, edits.undo_all)))
                .child(p().child(live(against)))
                .child(p().class("muted").child(tr!(i18n, edits.note)))
        },
    )
}

/// An edit in words.
fn in_words(words: Words, experiment: &Experiment, edit: Edit) -> String {
    let i18n = words.i18n();
    let Edit { place, value, update } = edit;
    let choice = choice_of(&place, experiment);
    let [i, j] = place.at;
    let row = i - choice.rows.map_or(0, |(at, _)| at * experiment.hidden);
    let what = match (place.name, j) {
        (name, _) if place.is_gate() => {
            let what = format!("{name}, {}", words.gate(name));
            if i == 0 {
                t_string!(i18n, edits.all_units, what = what)
            } else {
                t_string!(i18n, edits.of_unit, what = what, unit = i)
            }
        }
        ("x", _) => t_string!(i18n, edits.input_at, input = j, step = i),
        (name, 0) => format!("{}[{row}]", choice.symbol(name)),
        (name, _) => format!("{}[{row},{j}]", choice.symbol(name)),
    };
    let (name, value) = (words.lane(&experiment.lanes, place.lane), number(words, value));
    t_string!(i18n, edits.item, name = name, what = what, value = value, update = number::grouped(update))
}

/// A value as it was written.
fn number(words: Words, value: f64) -> String {
    value.to_string().replace('.', &words.mark().to_string()).replace('-', "−")
}

/// What was changed by hand in a lane's row, of the run on show; empty where nothing was.
pub fn mark(words: Words, lab: Lab, snapshot: &Snapshot, lane: usize, cell: CellKind, row: Row) -> String {
    let i18n = words.i18n();
    if row == Row::Input {
        let inputs = snapshot.lanes.get(lane).map_or(&[][..], |lane| &lane.inputs);
        if inputs.is_empty() {
            return String::new();
        }
        let steps = row_text::edited_steps(&snapshot.sequence, inputs);
        let steps = steps.iter().map(|step| (step + 1).to_string()).collect::<Vec<_>>().join(", ");
        return t_string!(i18n, edits.changed, steps = steps);
    }
    if !matches!(row, Row::Gate(_)) {
        return String::new();
    }
    let held = lab.experiment.with(|experiment| experiment.held(lane, row_text::gate_name(cell, row), snapshot.update));
    let told = held.into_iter().map(|(unit, value)| match unit {
        0 => t_string!(i18n, edits.held, value = number(words, value)),
        _ => t_string!(i18n, edits.unit_held, unit = unit, value = number(words, value)),
    });
    told.collect::<Vec<_>>().join("; ")
}
