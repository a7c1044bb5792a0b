//! The losses of all lanes over training, with the level of guessing. It shows the current update, and dragging goes to
//! others.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use web_sys::{Event, HtmlCanvasElement};

use crate::canvas_view::{ChartCanvas, Picture};
use crate::chart::canvas::{self, CanvasError};
use crate::html::{Node, div, when};
use crate::i18n::t_string;
use crate::journey::Journey;
use crate::live::{live, said, tr};
use crate::shelf::Contents;
use crate::state::Lab;
use crate::steady::Steady;
use crate::table::{TableButton, TableData};
use crate::words::Words;
use charts::Style;
use charts::dash::Dash;
use charts::history::LossHistory;
use charts::loss::{Ghost, Guess, LossChart, LossLine, last_update};
use charts::palette;
use charts::plotted::Plotted;
use charts::range::Kind;
use lab::run::held_out;
use lab::worker::event::Report;

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
        let text = |value: f64| numbers::significant(value, 3, words.mark());
        let guess = text(lab.experiment.with(|experiment| experiment.task.task().guess_level()));
        let lanes: Vec<String> = report
            .snapshot
            .lanes
            .iter()
            .map(|lane| format!("{}: {}", words.cell(lane.cell), text(f64::from(lane.loss))))
            .collect();
        let update = numbers::grouped(report.snapshot.update);
        let said = t_string!(i18n, timeline.summary, update = update, lanes = lanes.join(", "), guess = guess);
        let names = lab.shelf.contents.with(|contents| ghost_names(words, contents));
        if names.is_empty() { said } else { said + " " + &t_string!(i18n, runs.pale, names = names) }
    });
    let table = move || Some(table(lab, words));
    let canvas = view! { <ChartCanvas picture name=Some("loss".to_owned()) summary /> };
    let name = said(move || t_string!(i18n, timeline.title).to_owned());
    let journey = Journey::new(lab);
    // Updated as often as texts, not every frame.
    let update = move || lab.calm.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update));
    let known = move || update().max(untrack(|| lab.last_known()));
    let place = move || t_string!(i18n, timeline.place, update = numbers::grouped(update()));
    let holds_out = move || lab.experiment.with(|experiment| experiment.train > 0);
    let legend = move || format!("{}{}", if holds_out() { "—— " } else { "" }, t_string!(i18n, timeline.loss));
    div()
        // Follows the setting instead of the data, so that nothing jumps while training plays.
        .class(live(move || if holds_out() { "timeline tall" } else { "timeline" }))
        .test_id("timeline")
        .child(
            // Beside the plot, as inside it a legend would cover the first losses.
            div()
                .class("muted")
                .attr("aria-hidden", "true")
                .child(div().child(live(legend)))
                .child(when(holds_out, move || div().child("– – ").child(tr!(i18n, timeline.held_out)))),
        )
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

/// Letters and names of the runs in comparison.
fn ghost_names(words: Words, contents: &Contents) -> String {
    let mut names = String::new();
    for kept in contents.runs.iter().filter(|kept| kept.overlaid) {
        let between = if names.is_empty() { "" } else { "; " };
        names += &format!("{between}{}: {}", contents.letter(kept), words.kept(kept));
    }
    names
}

struct LossPicture {
    lab: Lab,
    words: Words,
    range: RefCell<Steady>,
}

fn lines<'a>(
    report: &Report,
    (losses, ghosts): (&'a [LossHistory], &'a [LossHistory]),
    (held, every): (&'a [LossHistory], u64),
) -> Vec<LossLine<'a>> {
    let codes: Vec<&'static str> = report.snapshot.lanes.iter().map(|lane| lane.cell.code()).collect();
    let line = |(lane, history)| LossLine {
        lane,
        code: codes[lane],
        dash: Dash::of(palette::rank(&codes, lane), false),
        history,
        every: 1,
        label: "",
    };
    let held =
        held.iter().enumerate().take(codes.len()).filter(|(_, history)| !history.is_empty()).map(|(lane, history)| {
            LossLine { dash: Dash::of(palette::rank(&codes, lane), true), every: every as u32, ..line((lane, history)) }
        });
    let lines = losses.iter().take(codes.len()).enumerate().map(line).chain(held);
    // Drawn below them: the losses of edited lanes without their edits.
    let ghosts = ghosts.iter().enumerate().take(codes.len()).filter(|(_, history)| !history.is_empty());
    ghosts.map(|ghost| LossLine { dash: Dash::Ghost, ..line(ghost) }).chain(lines).collect()
}

impl Picture for LossPicture {
    fn paint(&self, report: &Report, canvas: &HtmlCanvasElement, style: &Style) -> Result<bool, CanvasError> {
        let level = self.lab.experiment.with_untracked(|experiment| experiment.task.task().guess_level());
        let i18n = self.words.i18n();
        let label = t_string!(i18n, timeline.guessing, level = numbers::significant(level, 3, self.words.mark()));
        let draw = |losses: &[LossHistory], untouched: &[LossHistory], contents: &Contents| {
            let held_out = self.lab.held_out.get_value();
            let every = self.lab.experiment.with_untracked(held_out::every).unwrap_or(1);
            let lines = lines(report, (losses, untouched), (&held_out, every));
            let mut range = self.range.borrow_mut();
            let range = range.look(report, [LossChart::top(&lines, Some(level))]);
            let (done, known) = (report.snapshot.update as u32, self.lab.last_known() as u32);
            let guess = Some(Guess { level, label: &label });
            let last = last_update(self.lab.last_drawn() as u32);
            let cursor = (done < known).then_some(done);
            let chart =
                LossChart { lines: &lines, ghosts: &contents.ghosts(), guess, range, last, cursor, axes: false };
            canvas::draw(canvas, style, |area, style| chart.draw(area, style)).map(|()| true)
        };
        let contents = &self.lab.shelf.contents;
        self.lab.with_losses(|losses, untouched| contents.with(|contents| draw(losses, untouched, contents)))
    }

    fn plotted(&self, report: &Report) -> Option<Plotted> {
        let range = self.range.borrow();
        let last = report.snapshot.update as u32;
        self.lab.with_losses(|losses, untouched| {
            let held_out = self.lab.held_out.get_value();
            let every = self.lab.experiment.with_untracked(held_out::every).unwrap_or(1);
            let lines = lines(report, (losses, untouched), (&held_out, every));
            let mut plotted = LossChart {
                lines: &lines,
                ghosts: &[],
                guess: None,
                range: range.range(),
                last,
                cursor: None,
                axes: false,
            }
            .plotted();
            // The losses of a report that is not drawn yet are not plotted yet.
            if let Plotted::Lines(lines) = &mut plotted {
                for line in lines {
                    let shown = line.x.partition_point(|update| *update <= f64::from(last));
                    line.x.truncate(shown);
                    line.y.truncate(shown);
                }
            }
            Some(plotted)
        })
    }
}

/// Lists losses at up to [`TABLE_ROWS`] evenly spaced updates, including the last one; beside them those of the ghosts,
/// each at its last known point up to that update.
fn table(lab: Lab, words: Words) -> TableData {
    lab.shelf.contents.with_untracked(|contents| table_with(lab, words, contents))
}

fn table_with(lab: Lab, words: Words, contents: &Contents) -> TableData {
    let ghosts: &[Ghost] = &contents.ghosts();
    let i18n = words.i18n();
    let codes = lab.experiment.with_untracked(|experiment| experiment.lanes.clone());
    let mut heads = vec![t_string!(i18n, transport.update).to_owned()];
    heads.extend((0..codes.len()).map(|lane| words.lane(&codes, lane)));
    let untouched = lab.ghosts.get_value();
    // Only lanes with edits have them.
    let edited = || untouched.iter().enumerate().take(codes.len()).filter(|(_, history)| !history.is_empty());
    let with = |lane: usize, what: &str| format!("{}, {what}", words.lane(&codes, lane));
    heads.extend(edited().map(|(lane, _)| with(lane, t_string!(i18n, edits.untouched))));
    let every = lab.experiment.with_untracked(held_out::every);
    if every.is_some() {
        heads.extend((0..codes.len()).map(|lane| with(lane, t_string!(i18n, timeline.held_out))));
    }
    for kept in contents.runs.iter().filter(|kept| kept.overlaid) {
        let cells = &kept.run.experiment.lanes;
        let run = format!("{} ({}): ", contents.letter(kept), words.kept(kept));
        heads.extend((0..kept.run.lanes.len()).map(|lane| format!("{run}{}", words.lane(cells, lane))));
    }
    let last = lab.last_drawn() as usize;
    let mut rows = Vec::new();
    lab.losses.with_value(|losses| {
        for update in (1..=last).rev().step_by(last.div_ceil(TABLE_ROWS).max(1)) {
            let mut row = vec![numbers::grouped(update as u64)];
            let mut add = |loss: Option<f32>| {
                row.push(loss.map_or_else(String::new, |loss| numbers::significant(f64::from(loss), 4, words.mark())));
            };
            let histories = losses.iter().chain(edited().map(|(_, history)| history));
            histories.for_each(|history| add(history.values().get(update - 1).copied()));
            if let Some(every) = every {
                let look = (update as u64 / every) as usize;
                let at = |history: &LossHistory| look.checked_sub(1).and_then(|at| history.values().get(at).copied());
                lab.held_out.with_value(|held| held.iter().for_each(|history| add(at(history))));
            }
            ghosts.iter().for_each(|ghost| add(ghost.at(update as f64)));
            rows.push(row);
        }
    });
    TableData { title: t_string!(i18n, timeline.title).to_owned(), heads, rows }
}
