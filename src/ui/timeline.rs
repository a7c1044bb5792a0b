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
use super::charts::loss::{Ghost, Guess, LossChart, LossLine, last_update};
use super::charts::palette;
use super::charts::plotted::Plotted;
use super::charts::range::Kind;
use super::html::{Node, div, span};
use super::i18n::t_string;
use super::journey::Journey;
use super::live::{live, said, tr};
use super::shelf::{Contents, Shelf};
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
        let said = t_string!(i18n, timeline.summary, update = update, lanes = lanes.join(", "), guess = guess);
        let ghosts = lab.shelf.contents.with(|contents| ghost_names(words, contents));
        if ghosts.is_empty() {
            said
        } else {
            let names: Vec<String> = ghosts.into_iter().map(|(index, name)| Shelf::letter(index) + ": " + &name).collect();
            said + " " + &t_string!(i18n, runs.pale, names = names.join("; "))
        }
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

/// The runs whose curves stand beside those on show: their places on the shelf and their names.
fn ghost_names(words: Words, contents: &Contents) -> Vec<(usize, String)> {
    let overlaid = contents.runs.iter().enumerate().filter(|(_, kept)| kept.overlaid);
    overlaid.map(|(index, kept)| (index, words.kept(kept))).collect()
}

/// Has `then` draw with the curves of the runs on the shelf that are to be compared with.
fn with_ghosts<T>(contents: &Contents, then: impl FnOnce(&[Ghost]) -> T) -> T {
    let letters: Vec<String> = (0..contents.runs.len()).map(Shelf::letter).collect();
    let overlaid = contents.runs.iter().zip(&letters).filter(|(kept, _)| kept.overlaid);
    let lanes = overlaid.flat_map(|(kept, letter)| {
        let codes = kept.run.experiment.lanes.iter().map(|cell| cell.code());
        codes.zip(&kept.run.lanes).map(move |(code, lane)| Ghost { code, letter, points: &lane.curve })
    });
    then(&lanes.collect::<Vec<_>>())
}

struct LossPicture {
    lab: Lab,
    words: Words,
    range: RefCell<Steady>,
}

fn lines<'a>(report: &Report, losses: &'a [LossHistory]) -> Vec<LossLine<'a>> {
    let codes: Vec<&'static str> = report.snapshot.lanes.iter().map(|lane| lane.cell.code()).collect();
    let line = |(lane, history)| LossLine {
        lane,
        code: codes[lane],
        dash: Dash::of(palette::rank(&codes, lane), false),
        history,
    };
    losses.iter().take(codes.len()).enumerate().map(line).collect()
}

impl Picture for LossPicture {
    fn paint(&self, report: &Report, canvas: &HtmlCanvasElement, style: &Style) -> Result<bool, CanvasError> {
        let level = self.lab.experiment.with_untracked(|experiment| experiment.task.task().guess_level());
        let i18n = self.words.i18n();
        let label = t_string!(i18n, timeline.guessing, level = number::significant(level, 3, self.words.mark()));
        let contents = self.lab.shelf.contents.get();
        self.lab.losses.with_value(|losses| {
            let lines = lines(report, losses);
            let mut range = self.range.borrow_mut();
            let range = range.look(report, [LossChart::top(&lines, Some(level))]);
            let (done, known) = (report.snapshot.update as u32, self.lab.last_known() as u32);
            let guess = Some(Guess { level, label: &label });
            let last = last_update(self.lab.last_drawn() as u32);
            let cursor = (done < known).then_some(done);
            with_ghosts(&contents, |ghosts| {
                let chart = LossChart { lines: &lines, ghosts, guess, range, last, cursor, axes: false };
                canvas::draw(canvas, style, |area, style| chart.draw(area, style)).map(|()| true)
            })
        })
    }

    fn plotted(&self, report: &Report) -> Option<Plotted> {
        let range = self.range.borrow();
        let last = report.snapshot.update as u32;
        self.lab.losses.with_value(|losses| {
            let lines = lines(report, losses);
            let mut plotted =
                LossChart { lines: &lines, ghosts: &[], guess: None, range: range.range(), last, cursor: None, axes: false }
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

/// Losses at up to [`TABLE_ROWS`] updates, evenly apart, the last one among them; beside them those of the ghosts, of which
/// a point is known at some updates only: the one last before.
fn table(lab: Lab, words: Words) -> TableData {
    let i18n = words.i18n();
    let codes = lab.experiment.with_untracked(|experiment| experiment.lanes.clone());
    let contents = lab.shelf.contents.get_untracked();
    let text = |loss: f32| number::significant(f64::from(loss), 4, words.mark());
    let mut heads = vec![t_string!(i18n, transport.update).to_owned()];
    heads.extend(codes.iter().map(|&cell| words.cell(cell).to_owned()));
    for (index, name) in ghost_names(words, &contents) {
        let kept = &contents.runs[index].run.experiment.lanes;
        heads.extend(kept.iter().map(|&cell| format!("{}: {name}, {}", Shelf::letter(index), words.cell(cell))));
    }
    let last = lab.last_drawn() as usize;
    let apart = last.div_ceil(TABLE_ROWS).max(1);
    let known = |history: &LossHistory, update: usize| history.values().get(update - 1).copied();
    let row = |losses: &Vec<LossHistory>, ghosts: &[Ghost], update: usize| {
        let before = |ghost: &Ghost| {
            let count = ghost.points.partition_point(|point| point.0 <= update as f64);
            let ended = count == ghost.points.len() && ghost.points.last().is_some_and(|point| point.0 < update as f64);
            ghost.points.get(count.checked_sub(1)?).filter(|_| !ended).map(|point| point.1)
        };
        let lanes = losses.iter().map(|history| known(history, update)).chain(ghosts.iter().map(before));
        let cells = lanes.map(|loss| loss.map_or_else(String::new, text));
        std::iter::once(number::grouped(update as u64)).chain(cells).collect()
    };
    let rows = lab.losses.with_value(|losses| {
        with_ghosts(&contents, |ghosts| {
            (1..=last).rev().step_by(apart).map(|update| row(losses, ghosts, update)).collect()
        })
    });
    TableData { title: t_string!(i18n, timeline.title).to_owned(), heads, rows }
}
