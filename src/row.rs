//! One chart of a lane, with its label to the left and its scale to the right.

use std::borrow::Cow;
use std::rc::Rc;

use leptos::prelude::*;

use crate::canvas_view::{ChartCanvas, Look};
use crate::edits;
use crate::html::{El, Node, div, dynamic, span};
use crate::i18n::t_string;
use crate::live::{live, said, tr};
use crate::pictures::{self, Row};
use crate::row_picture::{RowPicture, Scales};
use crate::row_text;
use crate::state::Lab;
use crate::table::TableButton;
use crate::words::Words;
use lab::LaneSnapshot;
use nn::CellKind;

/// One chart of a lane.
#[component]
pub fn LaneRow(
    /// Index of the lane, from 0.
    index: usize,
    /// Its cell.
    cell: CellKind,
    /// Which of the lane's charts.
    row: Row,
    /// Whether to show the lane without its edits; only for maps, which have no room for a dotted line.
    #[prop(optional)]
    untouched: bool,
) -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let (task, hidden) =
        lab.experiment.with_untracked(|experiment| (experiment.task.task(), experiment.hidden_of(index)));
    let label = move || {
        let name = row_text::label(words, cell, row);
        if untouched { format!("{name}, {}", t_string!(i18n, edits.untouched)) } else { name }
    };
    let test_id = match row {
        _ if untouched => None,
        Row::Cell => Some(format!("chart-cell-{index}")),
        Row::Hidden => Some(format!("chart-hidden-{index}")),
        Row::Answer => Some(format!("chart-output-{index}")),
        Row::Input | Row::Gate(_) | Row::HiddenLines => None,
    };
    if let Row::Gate(at) = row
        && let Some(off) = cell.gates().get(at).and_then(|gate| row_text::off(cell, *gate))
    {
        // A gate that is not learnt has no map.
        return div()
            .class("row row-off")
            .child(
                div()
                    .class("row-label")
                    .child(span().class("symbol").child(off))
                    .child(span().class("muted").child(live(label)))
                    .child(span().class("muted").child(tr!(i18n, inspector.off))),
            )
            .node();
    }
    let table = move || {
        let report = lab.report.get_untracked()?;
        let lane = shown(report.snapshot.lane_of(index, cell)?, untouched)?;
        Some(row_text::table(words, &lane, &report.snapshot.sequence, task, row))
    };
    let edited = move || if untouched { String::new() } else { edits::mark(words, lab, index, cell, row) };
    let summary = move || {
        let report = lab.calm.get()?;
        let lane = shown(report.snapshot.lane_of(index, cell)?, untouched)?;
        let summary = row_text::summary(words, &lane, &report.snapshot.sequence, task, row);
        let edited = edited();
        Some(if edited.is_empty() { summary } else { [summary, edited].join(" ") })
    };
    let scales =
        Scales { ticks: RwSignal::new(Vec::new()), pooled: RwSignal::new(None), size: RwSignal::new((0.0, 0.0)) };
    let picture = Rc::new(RowPicture::new(lab, (index, cell), row, task, scales).untouched(untouched));
    let pooled = live(move || {
        scales
            .pooled
            .get()
            .map(|(rows, columns)| t_string!(i18n, chart.pooled, rows = rows, columns = columns))
            .unwrap_or_default()
    });
    let units = if matches!(row, Row::Gate(_) | Row::Hidden) { hidden } else { 0 };
    let gate = row_text::gate_name(cell, row);
    let name = said(move || format!("{} – {}", words.cell(cell), label()));
    let canvas = view! {
        <ChartCanvas
            picture
            name=row.plotted_name(index, gate).filter(|_| !untouched)
            summary=said(move || summary().unwrap_or_else(label))
            of_lane=true
            rows=units
            size=scales.size
        />
    };
    let place = pictures::rows(cell).iter().position(|known| *known == row).filter(|_| !untouched);
    div()
        .class(format!("row row-{}", row_text::class(row)))
        .attr("data-testid", test_id)
        .attr("data-row", place.map(|row| row.to_string()))
        .child(
            div()
                .class("row-label")
                .child(span().class("symbol").attr("data-gate", gate).child(row_text::symbol(cell, row)))
                .child(span().class("muted").child(live(label)))
                .child(span().class("muted").child(pooled))
                .child(span().class("edited").child(live(edited)))
                .child(view! { <TableButton name data=Rc::new(table) /> }),
        )
        .child(div().class("row-plot").child(canvas).child(div().class("band").attr("aria-hidden", "true")))
        .child(div().class("row-scale").attr("aria-hidden", "true").child(view! {
            <RowScale cell row is_class=!task.classes().is_empty() ticks=scales.ticks />
        }))
        .node()
}

/// Returns a lane as a row shows it: as it is, or with the pass that it would have made without edits.
fn shown(lane: &LaneSnapshot, untouched: bool) -> Option<Cow<'_, LaneSnapshot>> {
    if !untouched {
        return Some(Cow::Borrowed(lane));
    }
    let trace = lane.ghost.as_ref()?.trace.clone();
    Some(Cow::Owned(LaneSnapshot { trace, ..lane.clone() }))
}

/// The scale beside a chart: a colour bar with its limits, class names, or ticks.
#[component]
fn RowScale(cell: CellKind, row: Row, is_class: bool, ticks: RwSignal<Vec<(f64, String)>>) -> AnyView {
    let lab = expect_context::<Lab>();
    let look = expect_context::<Look>();
    let bar = move || {
        let theme = look.theme.get();
        let scale = match row {
            Row::Gate(_) => pictures::gate_scale(cell, row_text::gate_name(cell, row), 1.0, theme),
            _ => pictures::hidden_scale(cell, 1.0, theme),
        };
        let stops: Vec<String> = scale.legend(9, theme).into_iter().map(|colour| colour.css()).collect();
        format!("linear-gradient(to top, {})", stops.join(", "))
    };
    let target =
        Memo::new(move |_| lab.report.with(|report| report.as_ref().and_then(|report| report.snapshot.sequence.class)));
    let class_names = move || {
        let target = target.get();
        let names = lab.experiment.with(|experiment| experiment.task.task().classes());
        let name = |(class, name): (usize, &&'static str)| {
            let right = target == Some(class);
            span().class(right.then_some("right")).child(*name).child(right.then_some(" ◂"))
        };
        names.iter().enumerate().map(name).collect::<Vec<_>>()
    };
    let tick = |text: String| span().child(text);
    let ticks_in_turn = move || ticks.get().into_iter().map(|(_, text)| tick(text)).collect::<Vec<_>>();
    let ticks_in_place = move || {
        let placed = |(y, text)| tick(text).style("top", live(move || format!("{y:.1}px")));
        ticks.get().into_iter().map(placed).collect::<Vec<_>>()
    };
    match row {
        Row::Input => None::<El>.node(),
        Row::Answer if is_class => div().class("classes").child(dynamic(class_names)).node(),
        Row::Gate(_) | Row::Hidden => vec![
            div().class("colour-bar").style("background", live(bar)),
            div().class("ticks").child(dynamic(ticks_in_turn)),
        ]
        .node(),
        Row::Cell | Row::HiddenLines | Row::Answer => div().class("placed-ticks").child(dynamic(ticks_in_place)).node(),
    }
}
