//! One network's column: all that the trace holds of it, on one time axis.

use leptos::prelude::*;

use super::i18n::t_string;
use super::live::{live, tr};
use super::pictures::{self, Row};
use super::pointing::{Pointing, point_of_row};
use super::row::LaneRow;
use super::state::Lab;
use super::words::Words;
use crate::lab::{LaneSnapshot, Snapshot, Stopped, number};
use crate::nn::CellKind;

/// The lane of this index, if the snapshot's lane there is of this cell: for a moment after a change it is not.
pub fn lane_of(snapshot: &Snapshot, index: usize, cell: CellKind) -> Option<&LaneSnapshot> {
    snapshot.lanes.get(index).filter(|lane| lane.cell == cell)
}

/// A lane's column.
#[component]
pub fn LaneColumn(
    /// Which lane, from 0.
    index: usize,
    /// Its cell.
    cell: CellKind,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let pointing = Pointing::new(lab);
    let rows = pictures::rows(cell).iter().map(|&row| (row, view! { <LaneRow index cell row /> }));
    let (gates, others): (Vec<_>, Vec<_>) = rows.partition(|(row, _)| matches!(row, Row::Gate(_)));
    let mut others = others.into_iter().map(|(_, view)| view);
    let input = others.next();
    view! {
        <section class="card lane" data-testid=format!("lane-{index}") data-lane=cell.code() aria-labelledby=format!("lane-title-{index}")>
            <LaneHeader index cell />
            <div
                class="lane-rows"
                role="group"
                tabindex="0"
                aria-label=tr!(i18n, lane.group, name = words.cell(cell))
                on:keydown=move |event| pointing.key(&event)
                on:pointermove=move |event| pointing.hover(point_of_row(&event, lab))
                on:pointerleave=move |_| pointing.leave()
                on:click=move |event| pointing.choose(point_of_row(&event, lab))
            >
                {input}
                <div class="gate-rows" data-testid=format!("chart-gates-{index}")>
                    {gates.into_iter().map(|(_, view)| view).collect_view()}
                </div>
                {others.collect_view()}
            </div>
        </section>
    }
}

/// Name, size, loss and state of a lane.
#[component]
fn LaneHeader(index: usize, cell: CellKind) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let of = move || lab.calm.get().and_then(|report| lane_of(&report.snapshot, index, cell).map(summary_of));
    let facts = Memo::new(move |_| of());
    let loss = move || facts.get().map(|facts| number::significant(f64::from(facts.loss), 3, words.mark()));
    let guess = move || {
        let level = lab.experiment.with(|experiment| experiment.task.task().guess_level());
        t_string!(i18n, lane.guessing, loss = number::significant(level, 3, words.mark())).to_string()
    };
    let parameters = move || {
        facts
            .get()
            .map(|facts| t_string!(i18n, lane.parameters, count = number::grouped(facts.parameters as u64)).to_string())
    };
    let stopped = move || {
        let stopped = facts.get()?.stopped?;
        let what = words.stop_reason(stopped.reason);
        Some(t_string!(i18n, stopped.lane, update = number::grouped(stopped.update), what = what).to_string())
    };
    view! {
        <header class="lane-header">
            <h3 id=format!("lane-title-{index}") data-lane=cell.code()>
                <span class="dot" aria-hidden="true"></span>
                {live(move || lab.experiment.with(|experiment| words.lane(&experiment.lanes, index)))}
            </h3>
            <p class="lane-loss">
                {tr!(i18n, lane.loss)} " "
                <span
                    class="number"
                    data-testid=format!("loss-{index}")
                    data-value=live(move || facts.get().map(|facts| f64::from(facts.loss).to_string()).unwrap_or_default())
                >
                    {live(move || loss().unwrap_or_default())}
                </span>
                " "
                <span class="muted">{live(guess)}</span>
            </p>
            <p class="lane-size muted number">{live(move || parameters().unwrap_or_default())}</p>
        </header>
        <Show when=move || facts.get().is_some_and(|facts| facts.stopped.is_some())>
            <p class="stopped" role="status">{live(move || stopped().unwrap_or_default())}</p>
        </Show>
    }
}

#[derive(Clone, Copy, PartialEq)]
struct Facts {
    loss: f32,
    parameters: usize,
    stopped: Option<Stopped>,
}

fn summary_of(lane: &LaneSnapshot) -> Facts {
    Facts { loss: lane.loss, parameters: lane.parameters, stopped: lane.stopped }
}
