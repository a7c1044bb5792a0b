//! The losses of all lanes over training, with the level of guessing: where training is, and the way to where it was.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use web_sys::{Event, HtmlCanvasElement};

use super::canvas_view::{ChartCanvas, Picture};
use super::charts::Style;
use super::charts::canvas::{self, CanvasError};
use super::charts::dash::Dash;
use super::charts::history::LossHistory;
use super::charts::loss::{Guess, LossChart, LossLine, last_update};
use super::charts::palette;
use super::charts::plotted::Plotted;
use super::charts::range::Kind;
use super::html::{Node, div, span};
use super::i18n::t_string;
use super::journey::Journey;
use super::live::{live, said, tr};
use super::state::Lab;
use super::steady::Steady;
use super::table::{TableButton, TableData};
use super::words::Words;
use crate::lab::number;
use crate::lab::protocol::Report;

/// Rows of the timeline's table.
const TABLE_ROWS: usize = 100;

/// The timeline of the transport bar.
#[component]
pub fn Timeline() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let picture = Rc::new(LossPicture { lab, words, range: RefCell::new(Steady::new(Kind::FromZero)) });
    let summary = said(move || {
        let Some(report) = lab.calm.get() else { return t_string!(i18n, timeline.title).to_owned() };
        let text = |value: f64| number::significant(value, 3, words.mark());
        let guess = text(lab.experiment.with(|experiment| experiment.task.task().guess_level()));
        let lanes: Vec<String> = report
            .snapshot
            .lanes
            .iter()
            .map(|lane| format!("{}: {}", words.cell(lane.cell), text(f64::from(lane.loss))))
            .collect();
        let update = number::grouped(report.snapshot.update);
        t_string!(i18n, timeline.summary, update = update, lanes = lanes.join(", "), guess = guess)
    });
    let table = move || Some(table(lab, words));
    let canvas = view! { <ChartCanvas picture name=Some("loss".to_owned()) summary /> };
    let name = said(move || t_string!(i18n, timeline.title).to_owned());
    let journey = Journey::new(lab);
    // Told as often as texts, not every frame.
    let update = move || lab.calm.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update));
    let known = move || update().max(untrack(|| lab.last_known()));
    let place = move || t_string!(i18n, timeline.place, update = number::grouped(update()));
    div()
        .class("timeline")
        .test_id("timeline")
        .child(span().class("muted").attr("aria-hidden", "true").child(tr!(i18n, timeline.loss)))
        .child(
            div()
                .class("timeline-plot")
                .test_id("chart-loss")
                .attr("role", "slider")
                .attr("tabindex", "0")
                .attr("aria-label", tr!(i18n, timeline.travel))
                .attr("title", tr!(i18n, timeline.travel))
                .attr("aria-valuemin", "0")
                .attr("aria-valuemax", live(move || known().to_string()))
                .attr("aria-valuenow", live(move || update().to_string()))
                .attr("aria-valuetext", live(place))
                .on("keydown", move |event| journey.key(&event))
                .on("pointerdown", move |event| journey.grasp(&event))
                .on("pointermove", move |event| journey.drag(&event))
                .on("pointerup", move |_: Event| journey.let_go())
                .on("pointercancel", move |_: Event| journey.let_go())
                .child(canvas),
        )
        .child(view! { <TableButton name data=Rc::new(table) /> })
        .node()
}

struct LossPicture {
    lab: Lab,
    words: Words,
    range: RefCell<Steady>,
}

fn lines<'a>(report: &Report, losses: &'a [LossHistory], ghosts: &'a [LossHistory]) -> Vec<LossLine<'a>> {
    let codes: Vec<&'static str> = report.snapshot.lanes.iter().map(|lane| lane.cell.code()).collect();
    let line = |(lane, history)| LossLine {
        lane,
        code: codes[lane],
        dash: Dash::of(palette::rank(&codes, lane), false),
        history,
    };
    let lines = losses.iter().take(codes.len()).enumerate().map(line);
    // Below them what edited lanes would be without their edits.
    let ghosts = ghosts.iter().enumerate().take(codes.len()).filter(|(_, history)| !history.is_empty());
    ghosts.map(|ghost| LossLine { dash: Dash::Ghost, ..line(ghost) }).chain(lines).collect()
}

impl Picture for LossPicture {
    fn paint(&self, report: &Report, canvas: &HtmlCanvasElement, style: &Style) -> Result<bool, CanvasError> {
        let level = self.lab.experiment.with_untracked(|experiment| experiment.task.task().guess_level());
        let i18n = self.words.i18n();
        let label = t_string!(i18n, timeline.guessing, level = number::significant(level, 3, self.words.mark()));
        self.lab.with_losses(|losses, ghosts| {
            let lines = lines(report, losses, ghosts);
            let mut range = self.range.borrow_mut();
            let range = range.look(report, [LossChart::top(&lines, Some(level))]);
            let (done, known) = (report.snapshot.update as u32, self.lab.last_known() as u32);
            let guess = Some(Guess { level, label: &label });
            let chart = LossChart {
                lines: &lines,
                guess,
                range,
                last: last_update(known),
                cursor: (done < known).then_some(done),
                axes: false,
            };
            canvas::draw(canvas, style, |area, style| chart.draw(area, style)).map(|()| true)
        })
    }

    fn plotted(&self, report: &Report) -> Option<Plotted> {
        let range = self.range.borrow();
        let last = report.snapshot.update as u32;
        self.lab.with_losses(|losses, ghosts| {
            let lines = lines(report, losses, ghosts);
            let mut plotted =
                LossChart { lines: &lines, guess: None, range: range.range(), last, cursor: None, axes: false }
                    .plotted();
            // Losses of a report that has come but is not drawn yet are not plotted yet.
            if let Plotted::Lines(lines) = &mut plotted {
                for line in lines {
                    line.x.truncate(last as usize);
                    line.y.truncate(last as usize);
                }
            }
            Some(plotted)
        })
    }
}

/// Losses at up to [`TABLE_ROWS`] updates, evenly apart, the last one among them.
fn table(lab: Lab, words: Words) -> TableData {
    let i18n = words.i18n();
    let codes = lab.experiment.with_untracked(|experiment| experiment.lanes.clone());
    lab.losses.with_value(|losses| {
        let last = losses.iter().map(LossHistory::len).max().unwrap_or(0);
        let apart = last.div_ceil(TABLE_ROWS).max(1);
        let loss = |history: &LossHistory, update: usize| {
            history
                .values()
                .get(update - 1)
                .map_or_else(String::new, |&loss| number::significant(f64::from(loss), 4, words.mark()))
        };
        TableData {
            title: t_string!(i18n, timeline.title).to_owned(),
            heads: std::iter::once(t_string!(i18n, transport.update).to_owned())
                .chain(codes.iter().map(|&cell| words.cell(cell).to_owned()))
                .collect(),
            rows: (1..=last)
                .rev()
                .step_by(apart)
                .map(|update| {
                    std::iter::once(number::grouped(update as u64))
                        .chain(losses.iter().map(|lane| loss(lane, update)))
                        .collect()
                })
                .collect(),
        }
    })
}
