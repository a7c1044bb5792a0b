//! One network's column: every series of its trace on one time axis.

use leptos::prelude::*;

use crate::html::{Node, div, h3, header, p, section, span, when};
use crate::i18n::t_string;
use crate::live::{live, tr};
use crate::pictures::{self, Row};
use crate::pointing::{Pointing, point_of_row};
use crate::row::LaneRow;
use crate::state::Lab;
use crate::words::Words;
use lab::LaneSnapshot;
use lab::Stopped;
use lab::worker::event::Report;
use nn::CellKind;

/// A lane's column.
#[component]
pub fn LaneColumn(
    /// Index of the lane, from 0.
    index: usize,
    /// Its cell.
    cell: CellKind,
) -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let pointing = Pointing::new(lab, Some(index));
    let view = |&row: &Row| view! { <LaneRow index cell row /> };
    let classes = lab.experiment.with_untracked(|experiment| !experiment.task.task().classes().is_empty());
    let edited = Memo::new(move |_| {
        let ghost = |report: &Report| report.snapshot.lane_of(index, cell).is_some_and(|lane| lane.ghost.is_some());
        lab.report.with(|report| report.as_deref().is_some_and(ghost))
    });
    // Line charts include their ghosts; maps have a second map below.
    let with_ghost = |row: &Row| {
        let is_map = *row == Row::Hidden && cell.has_cell_state() || *row == Row::Answer && classes;
        let row = *row;
        let below = move || is_map && edited.get();
        [view(&row).node(), when(below, move || view! { <LaneRow index cell row untouched=true /> }).node()]
    };
    let (gates, mut others): (Vec<Row>, Vec<Row>) =
        pictures::rows(cell).into_iter().partition(|row| matches!(row, Row::Gate(_)));
    let input = view(&others.remove(0));
    section()
        .class("card lane")
        .test_id(format!("lane-{index}"))
        .attr("data-lane", cell.code())
        .attr("aria-labelledby", format!("lane-title-{index}"))
        .child(view! { <LaneHeader index cell /> })
        .child(
            div()
                .class("lane-rows")
                .attr("role", "group")
                .attr("tabindex", "0")
                .attr("aria-label", tr!(i18n, lane.group, name = words.cell(cell)))
                .on("keydown", move |event| pointing.key(&event))
                .on("pointermove", move |event| pointing.hover(point_of_row(&event, lab)))
                .on("pointerleave", move |_: web_sys::Event| pointing.leave())
                .on("click", move |event| pointing.choose(point_of_row(&event, lab)))
                .child(input)
                .child(
                    div().class("gate-rows").test_id(format!("chart-gates-{index}")).children(gates.iter().map(view)),
                )
                .children(others.iter().flat_map(with_ghost)),
        )
        .node()
}

/// Name, size, loss and status of a lane.
#[component]
fn LaneHeader(index: usize, cell: CellKind) -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let of = move || lab.calm.get().and_then(|report| report.snapshot.lane_of(index, cell).map(summary_of));
    let facts = Memo::new(move |_| of());
    let loss = move || facts.get().map(|facts| numbers::significant(f64::from(facts.loss), 3, words.mark()));
    let guess = move || {
        let level = lab.experiment.with(|experiment| experiment.task.task().guess_level());
        t_string!(i18n, lane.guessing, loss = numbers::significant(level, 3, words.mark()))
    };
    let parameters = move || {
        facts.get().map(|facts| {
            t_string!(i18n, lane.parameters, count = numbers::grouped(facts.parameters as u64), hidden = facts.hidden)
        })
    };
    let stopped = move || {
        let stopped = facts.get()?.stopped?;
        Some(words.stopped(stopped))
    };
    let loss_value = live(move || facts.get().map(|facts| f64::from(facts.loss).to_string()).unwrap_or_default());
    let name = live(move || lab.experiment.with(|experiment| words.lane(&experiment.lanes, index)));
    let head = header()
        .class("lane-header")
        .child(
            h3().attr("id", format!("lane-title-{index}"))
                .attr("data-lane", cell.code())
                .child(span().class("dot").attr("aria-hidden", "true"))
                .child(name),
        )
        .child(
            p().class("lane-loss")
                .child(tr!(i18n, lane.loss))
                .child(" ")
                .child(
                    span()
                        .class("number")
                        .test_id(format!("loss-{index}"))
                        .attr("data-value", loss_value)
                        .child(live(move || loss().unwrap_or_default())),
                )
                .child(" ")
                .child(span().class("muted").child(live(guess))),
        )
        .child(p().class("lane-size muted number").child(live(move || parameters().unwrap_or_default())));
    // The element exists before it has a text, as it would not be read out otherwise.
    let end = p()
        .class(live(move || if stopped().is_some() { "stopped" } else { "visually-hidden" }))
        .attr("role", "status")
        .child(live(move || stopped().unwrap_or_default()));
    vec![head, end].node()
}

#[derive(Clone, Copy, PartialEq)]
struct Facts {
    loss: f32,
    parameters: usize,
    hidden: usize,
    stopped: Option<Stopped>,
}

fn summary_of(lane: &LaneSnapshot) -> Facts {
    Facts { loss: lane.loss, parameters: lane.parameters, hidden: lane.trace.hidden, stopped: lane.stopped }
}
