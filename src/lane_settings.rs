//! The networks of a run: the cell and own settings of each lane, and buttons to add and remove lanes.

use leptos::prelude::*;
use web_sys::Event;

use crate::field::field;
use crate::html::{El, Node, button, div, label, option, select, span, when};
use crate::i18n::t_string;
use crate::live::{flag, live, tr};
use crate::state::Lab;
use crate::words::Words;
use lab::Experiment;
use lab::Reason;
use lab::experiment::keys;
use lab::experiment::limits;
use nn::{CellKind, Init, LstmVariant};

/// Returns the lanes as the link writes them, one text each.
fn lanes(shown: Memo<Experiment>) -> Vec<String> {
    let text = shown.with_untracked(|experiment| experiment.get("lanes")).unwrap_or_default();
    text.split(',').map(str::to_owned).collect()
}

/// Controls for a lane's network, its variant, and its own settings.
pub fn lane_picker(index: usize, shown: Memo<Experiment>) -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let cell = Memo::new(move |_| shown.with(|experiment| experiment.lanes.get(index).copied()));
    let code = move || cell.get().map_or("", CellKind::code);
    // "lstm" includes all its variants, which have a second control.
    let family = move || if code().starts_with("lstm") { "lstm" } else { code() };
    // Keeps the lane's own settings.
    let swap = move |code: &str| {
        let mut lanes = lanes(shown);
        if let Some(lane) = lanes.get_mut(index) {
            let own = lane.find(':').map_or(String::new(), |at| lane.split_off(at));
            *lane = format!("{code}{own}");
        }
        lab.change("lanes", &lanes.join(","));
    };
    let remove = move || {
        let mut lanes = lanes(shown);
        if index < lanes.len() {
            lanes.remove(index);
        }
        // Later lanes move up, so the reasons below their fields no longer apply.
        for lane in index..limits::MOST_LANES {
            ["hidden", "forget"].into_iter().for_each(|key| lab.settle(&own_id(key, lane)));
        }
        lab.change("lanes", &lanes.join(","));
        focus(index.min(lanes.len() - 1));
    };
    let (variants, families): (Vec<CellKind>, Vec<CellKind>) =
        CellKind::ALL.into_iter().partition(|kind| kind.variant() != LstmVariant::Vanilla);
    let picker = move |kinds: Vec<CellKind>, of_variants: bool| {
        let chosen = move || if of_variants { code() } else { family() };
        let item = move |kind: CellKind| {
            let name = move || if of_variants { words.variant(kind) } else { words.cell(kind) };
            option()
                .attr("value", kind.code())
                .attr("selected", flag(move || chosen() == kind.code()))
                .child(live(name))
        };
        select()
            .prop("value", live(chosen))
            .on("change", move |event: Event| swap(&event_target_value(&event)))
            .children(kinds.into_iter().map(item))
    };
    let variants: Vec<CellKind> = std::iter::once(CellKind::Lstm).chain(variants).collect();
    let several = move || shown.with(|experiment| experiment.lanes.len() > 1);
    let has_forget = move || cell.get().is_some_and(|cell: CellKind| cell.biased_gate().is_some());
    let [hidden, hidden_answer] = own_field(index, shown, "hidden");
    vec![
        div()
            .class("control lane-picker")
            .attr("data-lane", live(code))
            .child(span().class("dot").attr("aria-hidden", "true"))
            .child(
                picker(families, false)
                    .test_id(format!("network-{index}"))
                    .attr("aria-label", tr!(i18n, settings.lane, number = index + 1)),
            )
            .child(when(several, move || {
                button()
                    .class("quiet")
                    .attr("aria-label", tr!(i18n, settings.remove, number = index + 1))
                    .on_click(remove)
                    .child("×")
            }))
            .node(),
        when(
            move || family() == "lstm",
            move || {
                label()
                    .class("control own")
                    .child(span().class("visually-hidden").child(tr!(i18n, variants.label, number = index + 1)))
                    .child(picker(variants.clone(), true))
            },
        )
        .node(),
        div()
            .class("control own")
            .child(span().attr("aria-hidden", "true").child("H"))
            .child(hidden)
            .child(hidden_answer)
            .child(when(has_forget, move || {
                let [field, answer] = own_field(index, shown, "forget");
                // Shown beside the field of H, with the reason of a refusal below both.
                vec![label().child(span().attr("aria-hidden", "true").child("b_f ")).child(field), answer]
            }))
            .node(),
    ]
    .node()
}

/// Moves the focus to a lane's network once it is on the page.
fn focus(index: usize) {
    let focus = move || crate::focus(&format!("network-{index}"));
    set_timeout(focus, std::time::Duration::ZERO);
}

/// Returns the test id of a field for a lane's own setting.
fn own_id(key: &str, index: usize) -> String {
    if key == "hidden" { format!("own-hidden-{index}") } else { format!("own-forget-{index}") }
}

/// A field for a lane's own value; if empty, that of the run applies and is shown as its placeholder.
fn own_field(index: usize, shown: Memo<Experiment>, key: &'static str) -> [El; 2] {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let mark = move || words.mark().to_string();
    let common = move || {
        let text = shown.with(|experiment| match key {
            "hidden" => experiment.usual_hidden(index).to_string(),
            _ => numbers::written(experiment.forget),
        });
        text.replace('.', &mark())
    };
    let value = move || {
        let own = shown.with(|experiment| experiment.own(index));
        let text = match key {
            "hidden" => own.hidden.map(|hidden| hidden.to_string()),
            _ => own.forget.map(numbers::written),
        };
        text.unwrap_or_default().replace('.', &mark())
    };
    let name = move || match key {
        "hidden" => t_string!(i18n, settings.own_hidden, number = index + 1, common = common()),
        _ => t_string!(i18n, settings.own_forget, number = index + 1, common = common()),
    };
    let id = own_id(key, index);
    let holds = move || Some(value()).filter(|value| !value.is_empty()).unwrap_or_else(common);
    let enter = {
        let id = id.clone();
        move |typed: &str| {
            let value = typed.trim().replace(',', ".");
            // The link's key would list all lanes with all their settings.
            match keys::find(key)
                .map(|key| key.allowed)
                .filter(|allowed| !value.is_empty() && !allowed.lets_through(&value))
            {
                Some(allowed) => lab.refuse(&id, typed, Reason::NotAllowed(allowed)),
                None => {
                    lab.settle(&id);
                    write_own(lab, index, shown, key, &value);
                }
            }
        }
    };
    let [field, answer] = field(id.clone(), value, holds, enter);
    let field = field.test_id(id).attr("aria-label", live(name)).attr("placeholder", live(common));
    [field, answer]
}

/// A control for the initial weights of one lane; the first option is that of the run.
pub fn own_init(index: usize, shown: Memo<Experiment>) -> El {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let own = move || shown.with(|experiment| experiment.own(index)).init.map_or("", Init::code);
    let name = move |code: &'static str| match code {
        "" => t_string!(i18n, settings.as_run),
        code => words.code("init", code),
    };
    let item = move |code: &'static str| {
        option().attr("value", code).attr("selected", flag(move || own() == code)).child(live(move || name(code)))
    };
    let choice = select()
        .test_id(format!("own-init-{index}"))
        .attr("aria-label", tr!(i18n, settings.own_init, number = index + 1))
        .prop("value", live(own))
        .on("change", move |event: Event| write_own(lab, index, shown, "init", &event_target_value(&event)))
        .children(std::iter::once("").chain(keys::words("init").iter().copied()).map(item));
    let lane = move || shown.with(|experiment| words.lane(&experiment.lanes, index));
    label().class("control own-init").child(span().class("muted").child(live(lane))).child(choice)
}

/// Changes a lane's own setting; an empty text removes it.
fn write_own(lab: Lab, index: usize, shown: Memo<Experiment>, key: &str, written: &str) {
    let mut lanes = lanes(shown);
    if let Some(lane) = lanes.get_mut(index) {
        let own = format!("{key}=");
        let mut pieces: Vec<String> =
            lane.split(':').filter(|piece| !piece.starts_with(&own)).map(str::to_owned).collect();
        if !written.is_empty() {
            pieces.push(own + written);
        }
        *lane = pieces.join(":");
    }
    lab.change("lanes", &lanes.join(","));
}

/// A button that adds a lane with the first network that is not yet used.
pub fn add_lane(shown: Memo<Experiment>) -> AnyView {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let add = move || {
        let mut lanes = lanes(shown);
        let there = |kind: &CellKind| lanes.iter().any(|lane| lane.split(':').next() == Some(kind.code()));
        let offered = [CellKind::Lstm, CellKind::Gru, CellKind::RnnTanh, CellKind::Window, CellKind::RnnSigmoid];
        let new = offered.into_iter().find(|kind| !there(kind)).unwrap_or(CellKind::Lstm);
        lanes.push(new.code().to_owned());
        lab.change("lanes", &lanes.join(","));
        focus(lanes.len() - 1);
    };
    when(
        move || shown.with(|experiment| experiment.lanes.len() < limits::MOST_LANES),
        move || button().test_id("add-network").on_click(add).child(tr!(i18n, settings.add)),
    )
    .node()
}
