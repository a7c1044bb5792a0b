//! One chart of a lane with its label to the left and its scale to the right.

use std::rc::Rc;

use leptos::prelude::*;

use super::canvas_view::{ChartCanvas, Look};
use super::i18n::t_string;
use super::lane::lane_of;
use super::live::live;
use super::pictures::{self, Row};
use super::row_picture::{RowPicture, Scales};
use super::row_text;
use super::state::Lab;
use super::table::TableButton;
use super::words::Words;
use crate::nn::CellKind;

/// One chart of a lane.
#[component]
pub fn LaneRow(
    /// Which lane, from 0.
    index: usize,
    /// Its cell.
    cell: CellKind,
    /// Which of its charts.
    row: Row,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let (task, hidden) = lab.experiment.with_untracked(|experiment| (experiment.task.task(), experiment.hidden));
    let label = move || row_text::label(words, cell, row);
    let test_id = match row {
        Row::Cell => Some(format!("chart-cell-{index}")),
        Row::Hidden => Some(format!("chart-hidden-{index}")),
        Row::Answer => Some(format!("chart-output-{index}")),
        Row::Input | Row::Gate(_) | Row::HiddenLines => None,
    };
    let table = move || {
        let report = lab.report.get_untracked()?;
        let lane = lane_of(&report.snapshot, index, cell)?;
        Some(row_text::table(words, lane, &report.snapshot.sequence, task, row))
    };
    let summary = Signal::derive(move || {
        let report = lab.calm.get()?;
        let lane = lane_of(&report.snapshot, index, cell)?;
        Some(row_text::summary(words, lane, &report.snapshot.sequence, task, row))
    });
    let scales =
        Scales { ticks: RwSignal::new(Vec::new()), pooled: RwSignal::new(None), size: RwSignal::new((0.0, 0.0)) };
    let picture = Rc::new(RowPicture::new(lab, index, cell, row, task, scales));
    let pooled = move || {
        scales.pooled.get().map(|(rows, columns)| {
            view! { <span class="muted">{t_string!(i18n, chart.pooled, rows = rows, columns = columns).to_string()}</span> }
        })
    };
    let units = if matches!(row, Row::Gate(_) | Row::Hidden) { hidden } else { 0 };
    view! {
        <div class=format!("row row-{}", row_text::class(row)) data-testid=test_id>
            <div class="row-label">
                <span class="symbol" data-gate=row_text::gate_name(cell, row)>{row_text::symbol(cell, row)}</span>
                <span class="muted">{live(label)}</span>
                {pooled}
                <TableButton name=Signal::derive(move || format!("{} – {}", words.cell(cell), label())) data=Rc::new(table) />
            </div>
            <div class="row-plot">
                <ChartCanvas
                    picture
                    name=row.plotted_name(index, row_text::gate_name(cell, row))
                    summary=Signal::derive(move || summary.get().unwrap_or_else(label))
                    rows=units
                    size=scales.size
                />
                <div class="band" aria-hidden="true"></div>
            </div>
            <div class="row-scale" aria-hidden="true">
                <RowScale cell row is_class=!task.classes().is_empty() ticks=scales.ticks />
            </div>
        </div>
    }
}

/// The scale beside a chart: a colour bar with its ends, class names, or ticks.
#[component]
fn RowScale(cell: CellKind, row: Row, is_class: bool, ticks: RwSignal<Vec<(f64, String)>>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let look = expect_context::<Look>();
    let bar = move || {
        let theme = look.theme.get();
        let scale = match row {
            Row::Gate(_) => pictures::gate_scale(cell, row_text::gate_name(cell, row), theme),
            _ => pictures::hidden_scale(cell, 1.0, theme),
        };
        let stops: Vec<String> = scale.legend(9, theme).into_iter().map(|colour| colour.css()).collect();
        format!("linear-gradient(to top, {})", stops.join(", "))
    };
    let class_names = move || {
        let target = lab.report.with(|report| report.as_ref().and_then(|report| report.snapshot.sequence.class));
        let names = lab.experiment.with(|experiment| experiment.task.task().classes());
        names
            .iter()
            .enumerate()
            .map(|(class, name)| {
                let right = target == Some(class);
                view! { <span class:right=right>{*name} {right.then_some(" ◂")}</span> }
            })
            .collect_view()
    };
    match row {
        Row::Input => ().into_any(),
        Row::Answer if is_class => view! { <div class="classes">{class_names}</div> }.into_any(),
        Row::Gate(_) | Row::Hidden => view! {
            <div class="colour-bar" style:background=live(bar)></div>
            <div class="ticks">
                {move || ticks.get().into_iter().map(|(_, text)| view! { <span>{text}</span> }).collect_view()}
            </div>
        }
        .into_any(),
        Row::Cell | Row::HiddenLines | Row::Answer => view! {
            <div class="placed-ticks">
                {move || {
                    ticks
                        .get()
                        .into_iter()
                        .map(|(y, text)| view! { <span style:top=format!("{y:.1}px")>{text}</span> })
                        .collect_view()
                }}
            </div>
        }
        .into_any(),
    }
}
