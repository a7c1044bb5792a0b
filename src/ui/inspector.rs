//! The numbers of the chosen lane, step and unit, in the equations they satisfy.

use leptos::prelude::*;
use web_sys::Event;

use super::equations::{At, Line};
use super::html::{El, Node, aside, button, dd, div, dl, dt, dynamic, h2, h3, input, label, p, strong};
use super::i18n::{Text, t_string, texts};
use super::lane::lane_of;
use super::live::{live, tr};
use super::signals::{Memo, RwSignal};
use super::state::Lab;
use super::words::Words;

/// The inspector.
#[component]
pub fn Inspector() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let cells = Memo::new(move |_| lab.experiment.with(|experiment| experiment.lanes.clone()));
    let picked = RwSignal::new(None::<usize>);
    let lane = move || {
        let cells = cells.get();
        let first = cells.iter().position(|cell| cell.has_cell_state()).unwrap_or(0);
        picked.get().filter(|&lane| lane < cells.len()).unwrap_or(first)
    };
    let cell = move || cells.with(|cells| cells.get(lane()).copied());
    let title = move || {
        let name = words.lane(&cells.get(), lane());
        t_string!(i18n, inspector.title, name = name, step = lab.step() + 1, unit = lab.unit() + 1)
    };
    let lines = move |backward: bool| {
        let report = lab.calm.get()?;
        let of = lane_of(&report.snapshot, lane(), cell()?)?;
        let at = At::new(of, lab.step(), lab.unit(), words.mark());
        let lines = if backward { at.backward() } else { at.forward() };
        Some(lines.into_iter().map(show).collect::<Vec<_>>())
    };
    let tab = move |index: usize| {
        button()
            .attr("aria-pressed", live(move || (lane() == index).to_string()))
            .on_click(move || picked.set(Some(index)))
            .child(live(move || words.lane(&cells.get(), index)))
    };
    let tabs = move || (0..cells.get().len()).map(tab).collect::<Vec<_>>();
    aside()
        .class("inspector")
        .test_id("inspector")
        .attr("aria-label", tr!(i18n, inspector.label))
        .child(h2().child(live(title)))
        .child(div().class("buttons tabs").child(dynamic(tabs)))
        .child(picker("t", texts::inspector::step))
        .child(picker("unit", texts::inspector::unit))
        .child(picker("probe", texts::inspector::probe))
        .child(h3().child(tr!(i18n, inspector.forward)))
        .child(dl().class("equations").child(dynamic(move || lines(false))))
        .child(h3().child(tr!(i18n, inspector.backward)))
        .child(dl().class("equations").child(dynamic(move || lines(true))))
        .child(p().class("muted").child(tr!(i18n, inspector.note)))
        .node()
}

fn show(line: Line) -> El {
    div()
        .class("equation")
        .attr("data-gate", line.gate)
        .child(dt().child(line.left))
        .child(dd().class("number").child("= ").child(strong().child(line.value)))
}

/// A number of the view that is stepped up and down.
fn picker(key: &'static str, name: Text) -> El {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let range = move || {
        lab.experiment.with(|experiment| match key {
            "t" => (1, experiment.len as u64),
            "unit" => (1, experiment.hidden as u64),
            _ => (0, u64::from(u32::MAX)),
        })
    };
    let value = move || match key {
        "t" => lab.step() as u64 + 1,
        "unit" => lab.unit() as u64 + 1,
        _ => lab.experiment.with(|experiment| u64::from(experiment.probe)),
    };
    let set = move |to: u64| {
        let (min, max) = untrack(range);
        lab.hover.set(None);
        lab.view(key, &to.clamp(min, max).to_string());
    };
    let id = format!("pick-{key}");
    let write = move |event: Event| {
        match event_target_value(&event).trim().parse() {
            Ok(to) => set(to),
            Err(_) => set(untrack(value)),
        }
        event_target::<web_sys::HtmlInputElement>(&event).set_value(&untrack(value).to_string());
    };
    div()
        .class("control picker")
        .child(label().attr("for", id.clone()).child(live(move || i18n.text(name))))
        .child(
            button()
                .attr("aria-label", tr!(i18n, inspector.less, name = i18n.text(name)))
                .on_click(move || set(untrack(value).saturating_sub(1)))
                .child("−"),
        )
        .child(
            input()
                .attr("type", "number")
                .class("number")
                .attr("id", id)
                .attr("min", live(move || range().0.to_string()))
                .attr("max", live(move || range().1.to_string()))
                .prop("value", live(move || value().to_string()))
                .on("change", write),
        )
        .child(
            button()
                .attr("aria-label", tr!(i18n, inspector.more, name = i18n.text(name)))
                .on_click(move || set(untrack(value).saturating_add(1)))
                .child("+"),
        )
}
