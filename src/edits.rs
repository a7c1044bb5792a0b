//! "What if?": the form that changes something by hand, the list of edits, and their marks in the charts.
//!
//! Options and list are set as text that consists of our own words and numbers.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, HtmlInputElement, KeyboardEvent};

use crate::html::{El, Node, button, div, h2, input, label, p, section, select, span};
use crate::i18n::t_string;
use crate::live::{Live, effect, flag, live, tr};
use crate::markup::markup;
use crate::pictures::Row;
use crate::row_text;
use crate::state::{Lab, Notice};
use crate::words::Words;
use explain::cells::SEEING_GATES;
use lab::Allowed;
use lab::Edit;
use lab::Experiment;
use lab::Place;
use lab::Problem;
use lab::Reason;
use lab::experiment::offered;
use nn::CellKind;

/// The panel under the inspector.
#[component]
pub fn WhatIf() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    // The text that was typed; before that, the current value is shown.
    let value = RwSignal::new(None::<String>);
    let shown = move || value.get().unwrap_or_else(|| present(words, lab));
    let make = move || {
        let written = untrack(shown);
        let plain = written.trim().replace(',', ".").replace('−', "-");
        value.set(lab.edit(untrack(|| place(lab)), &plain, t_string!(i18n, edits.value)).then_some(written));
    };
    let of = Memo::new(move |_| place(lab).to_string());
    effect(move || {
        of.get();
        value.set(None);
    });
    let what = select()
        .test_id("what-if-what")
        .prop("innerHTML", live(move || options(words, lab)))
        .on("change", move |event: Event| lab.what_if.set(event_target_value(&event)));
    let value_field = field("what-if-value", live(shown))
        .on("input", move |event: Event| value.set(Some(event_target_value(&event))))
        .on("keydown", move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                make();
            }
        });
    let undo = move |event: Event| {
        let pressed: Option<HtmlElement> = event.target().and_then(|target| target.dyn_into().ok());
        if let Some(undone) = pressed.and_then(|pressed| pressed.dataset().get("undo")) {
            // The next Undo button receives the focus, if there is one.
            if undone == "all" || lab.experiment.with_untracked(|experiment| experiment.edits.len() < 2) {
                crate::focus("what-if-set");
            }
            lab.undo(undone.parse().ok());
        }
    };
    let none = move || lab.experiment.with(|experiment| experiment.edits.is_empty());
    section()
        .class("what-if")
        .test_id("what-if")
        .attr("aria-labelledby", "what-if-title")
        .child(h2().attr("id", "what-if-title").child(tr!(i18n, edits.title)))
        .child(p().class("muted").child(tr!(i18n, edits.text)))
        .child(titled(tr!(i18n, edits.what), what))
        .child(titled(live(move || which_name(words, lab, 0)), where_field("what-if-i", 0)))
        .child(
            titled(live(move || which_name(words, lab, 1)), where_field("what-if-j", 1))
                .attr("hidden", flag(move || place(lab).at[1] == 0)),
        )
        .child(titled(tr!(i18n, edits.value), value_field))
        .child(button().test_id("what-if-set").on_click(make).child(tr!(i18n, edits.set)))
        .child(
            div()
                .class("edits")
                .attr("hidden", flag(none))
                .on("click", undo)
                .child(markup(live(move || list(words, lab))).attr("aria-live", "polite"))
                .child(button().test_id("undo-all").attr("data-undo", "all").child(tr!(i18n, edits.undo_all)))
                .child(
                    p().test_id("what-if-against")
                        .attr("role", "status")
                        // Changes too fast to follow while training plays; read out when it pauses.
                        .attr("aria-live", live(move || if lab.playing.get() { "off" } else { "polite" }))
                        .child(live(move || against(words, lab))),
                )
                .child(p().class("muted").child(tr!(i18n, edits.note))),
        )
        .node()
}

/// Returns the place that the form changes, in the layer on show; the first possible one if that place does not exist.
fn place(lab: Lab) -> Place {
    let place = lab.what_if.with(|text| Place::read(text));
    lab.experiment.with(|experiment| {
        let place = place.map(|place| match place.has_layer() {
            true => Place { layer: experiment.layer_of(place.lane), ..place },
            false => place,
        });
        let fits = |place: &Place| Edit { place: *place, value: 0.0, update: 0 }.check(experiment).is_ok();
        place.filter(fits).unwrap_or_else(|| experiment.first_place())
    })
}

fn titled(title: Live, control: El) -> El {
    label().class("control").child(span().child(title)).child(control)
}

fn field(test_id: &'static str, shown: Live) -> El {
    input().attr("type", "text").attr("inputmode", "decimal").class("number").test_id(test_id).prop("value", shown)
}

/// Lists everything that can be changed, lane by lane: gates, input, weights.
fn options(words: Words, lab: Lab) -> String {
    let now = place(lab);
    lab.experiment.with(|experiment| {
        let mut html = String::new();
        for place in (0..experiment.lanes.len()).flat_map(|lane| offered::places(experiment, lane)) {
            let of = |place: &Place| (place.lane, place.name, place.before(experiment.hidden_of(place.lane)));
            let chosen = if of(&place) == of(&now) { " selected" } else { "" };
            let named = match place.name {
                "x" => format!("x: {}", t_string!(words.i18n(), edits.input)),
                name if place.is_gate() => format!("{name}: {}", words.gate(name)),
                _ => symbol(&place, experiment),
            };
            let of_lane = lane_of(words, &place, experiment);
            html += &format!("<option value=\"{place}\"{chosen}>{of_lane}, {named}</option>");
        }
        html
    })
}

/// Names the lane of a place, and its layer if there are several.
fn lane_of(words: Words, place: &Place, experiment: &Experiment) -> String {
    let lane = words.lane(&experiment.lanes, place.lane);
    if experiment.layers_of(place.lane) == 1 || !place.has_layer() {
        return lane;
    }
    format!("{lane} · {} {}", t_string!(words.i18n(), hero.layer), place.layer + 1)
}

/// Returns the symbol of a place in the equations: U_f, W_out, b, V(i; f).
fn symbol(place: &Place, experiment: &Experiment) -> String {
    let letter = place.letter();
    let gates = experiment.lanes.get(place.lane).map_or(&[][..], |cell| cell.gates());
    let hidden = experiment.hidden_of(place.lane);
    let [row, col] = place.before(hidden).map(|before| before / hidden);
    match (place.stacked(), gates.get(row)) {
        ([_, true], _) => format!("V({}; {})", SEEING_GATES[row % 3].letter(), SEEING_GATES[col % 3].letter()),
        ([true, _], Some(gate)) if gates.len() > 1 => format!("{letter}_{}", gate.letter()),
        _ => letter.to_owned(),
    }
}

/// Names one of the two indices of a place.
fn which_name(words: Words, lab: Lab, which: usize) -> &'static str {
    let (i18n, place) = (words.i18n(), place(lab));
    match (which, place.name) {
        (0, "x") => t_string!(i18n, edits.step),
        (0, "w_out" | "b_out") => t_string!(i18n, edits.output),
        (0, _) if place.is_gate() => t_string!(i18n, edits.unit_or_all),
        (0, _) => t_string!(i18n, edits.unit),
        (_, "w") if place.layer > 0 => t_string!(i18n, edits.from_below),
        (_, "x" | "w") => t_string!(i18n, edits.from_input),
        _ => t_string!(i18n, edits.from_unit),
    }
}

/// Returns the current value at the place that the form changes, to four decimals: for a gate, at the step on show; for
/// all units, their mean. It is not updated while training plays.
fn present(words: Words, lab: Lab) -> String {
    let report = if lab.playing.get() { lab.calm.get_untracked() } else { lab.calm.get() };
    let (place, step) = (place(lab), lab.chosen_step());
    let value = report.and_then(|report| {
        let lane = report.snapshot.lanes.get(place.lane)?;
        place.present(lane, &report.snapshot.sequence, step)
    });
    value.map_or_else(String::new, |value| plain(words, (value * 1e4).round() / 1e4 + 0.0))
}

/// A field for one of the two indices of a place; for weights stacked by gates, the unit.
fn where_field(test_id: &'static str, which: usize) -> El {
    let (lab, words) = (expect_context::<Lab>(), Words::here());
    let before = move || {
        let place = place(lab);
        place.before(lab.experiment.with(|experiment| experiment.hidden_of(place.lane)))[which]
    };
    let shown = move || match place(lab).at[which] {
        0 => String::new(),
        at => (at - before()).to_string(),
    };
    let write = move |event: Event| {
        let written = event_target_value(&event);
        let (mut place, before) = untrack(|| (place(lab), before()));
        // A text that is no number is refused as one that is too large.
        let number = written.trim().parse().ok().filter(|number| *number > 0).unwrap_or(u32::MAX as usize);
        place.at[which] = if place.is_gate() && written.trim().is_empty() { 0 } else { before.saturating_add(number) };
        let edit = Edit { place, value: 0.0, update: 0 };
        let most = lab.experiment.with_untracked(|experiment| match edit.check(experiment) {
            _ if place.stacked()[which] && number > experiment.hidden_of(place.lane) => {
                Some(experiment.hidden_of(place.lane) as f64)
            }
            Err(Allowed::Part(_, _, most)) => Some(most),
            _ => None,
        });
        match most {
            None => {
                lab.settle(untrack(|| which_name(words, lab, which)));
                lab.what_if.set(place.to_string());
            }
            Some(most) => {
                let allowed = Reason::NotAllowed(Allowed::Whole(1, most as u64));
                let name = untrack(|| which_name(words, lab, which));
                lab.tell(Notice::Refused(Problem::new(name, &written, allowed)));
            }
        }
        event_target::<HtmlInputElement>(&event).set_value(&untrack(shown));
    };
    field(test_id, live(shown)).on("change", write)
}

/// Lists the edits of the run, each with a button that undoes it.
fn list(words: Words, lab: Lab) -> String {
    let i18n = words.i18n();
    let here = lab.calm.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update));
    lab.experiment.with(|experiment| {
        let item = |(index, edit): (usize, &Edit)| {
            let text = in_words(words, experiment, *edit);
            let waits = if edit.update > here { t_string!(i18n, edits.waits) } else { "" };
            let undo = t_string!(i18n, edits.undo_one, edit = &text);
            let name = t_string!(i18n, edits.undo);
            format!(
                "<li data-edit=\"{edit}\">{text} {waits} \
                 <button data-key=\"undo{index}\" data-undo=\"{index}\" aria-label=\"{undo}\">{name}</button></li>"
            )
        };
        let items: String = experiment.edits.iter().enumerate().map(item).collect();
        format!("<ul data-testid=\"edits\" aria-label=\"{}\">{items}</ul>", t_string!(i18n, edits.list))
    })
}

/// Compares the loss on the sequence shown with and without the edits.
fn against(words: Words, lab: Lab) -> String {
    let i18n = words.i18n();
    let Some(report) = lab.calm.get() else { return String::new() };
    let text = |loss: f64| numbers::significant(loss, 3, words.mark());
    let mut said = String::new();
    for (k, lane) in report.snapshot.lanes.iter().enumerate() {
        if let Some(ghost) = &lane.ghost {
            let name = lab.experiment.with(|experiment| words.lane(&experiment.lanes, k));
            let (loss, untouched) = (text(lane.trace.loss), text(ghost.trace.loss));
            said += &t_string!(i18n, edits.against, name = name, loss = loss, untouched = untouched);
            said += " ";
        }
    }
    said
}

/// Describes an edit in words and by its symbol.
fn in_words(words: Words, experiment: &Experiment, edit: Edit) -> String {
    let i18n = words.i18n();
    let Edit { place, value, update } = edit;
    let [i, j] = place.at;
    let mut what = symbol(&place, experiment);
    if place.is_gate() {
        what += &format!(", {}, {}", words.gate(place.name), units(words, i));
    } else {
        let [rows, cols] = place.before(experiment.hidden_of(place.lane));
        what += &if j > 0 { format!("[{},{}]", i - rows, j - cols) } else { format!("[{}]", i - rows) };
    }
    let (name, value) = (lane_of(words, &place, experiment), plain(words, value));
    t_string!(i18n, edits.item, name = name, what = what, value = value, update = numbers::grouped(update))
}

fn units(words: Words, unit: usize) -> String {
    let i18n = words.i18n();
    if unit == 0 {
        t_string!(i18n, edits.all_units).to_owned()
    } else {
        t_string!(i18n, chart.unit_number, unit = unit)
    }
}

/// Writes a value with all its digits.
fn plain(words: Words, value: f64) -> String {
    value.to_string().replace('.', &words.mark().to_string()).replace('-', "−")
}

/// Describes the edits in a lane's row, of the run on show; empty if there are none.
pub fn mark(words: Words, lab: Lab, lane: usize, cell: CellKind, row: Row) -> String {
    let i18n = words.i18n();
    let Some(report) = lab.calm.get() else { return String::new() };
    let snapshot = &report.snapshot;
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
    let mut told = String::new();
    for (unit, value) in held {
        told += if told.is_empty() { "" } else { "; " };
        told += &t_string!(i18n, edits.held, units = units(words, unit), value = plain(words, value));
    }
    told
}
