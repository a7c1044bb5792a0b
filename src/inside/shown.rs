//! One frame of a lane's film: its equations, its drawing, its cell.

use std::sync::Arc;

use leptos::prelude::*;

use super::view::View;
use crate::i18n::t_string;
use crate::inspector::labels;
use crate::row_text::hottest;
use explain::film::frames::Frame;
use explain::film::losses::losses;
use explain::film::scene::Scene;
use explain::film::unrolled::Unrolled;
use explain::inspector_text::Side;
use explain::readout::{Readout, is_mean_of_steps};
use explain::scale::decades;
use explain::step::{At, Gathering};
use explain::tree::digits::Digits;
use lab::Film;
use lab::LaneSnapshot;
use lab::SequenceOnShow;
use lab::worker::event::Report;
use nn::{LossAt, Truncation};
use tasks::Task;

/// One frame of a lane's film.
pub(super) struct Shown<'a> {
    pub(super) view: View,
    pub(super) report: &'a Arc<Report>,
    pub(super) lane: &'a LaneSnapshot,
    pub(super) film: &'a Film,
    pub(super) frame: Frame,
}

impl View {
    /// Builds a text about the lane on show; empty if it has no film.
    pub(super) fn read(self, text: &dyn Fn(&Shown<'_>) -> String) -> String {
        self.film(text).unwrap_or_default()
    }

    /// Evaluates a condition on the film of the lane on show; false if it has none.
    pub(super) fn is(self, so: &dyn Fn(&Shown<'_>) -> bool) -> bool {
        self.film(so).unwrap_or(false)
    }

    /// Evaluates a closure on the film of the lane on show, if it has one.
    pub(super) fn film<T>(self, of: impl Fn(&Shown<'_>) -> T) -> Option<T> {
        let report = self.lab.inside.get()?;
        let index = self.lab.lane();
        let lane = report.snapshot.lanes.get(index)?;
        let film = report.inside.as_ref()?.films.get(index)?.as_ref()?;
        Some(of(&Shown { view: self, report: &report, lane, film, frame: self.frame() }))
    }
}

impl Shown<'_> {
    fn truncation(&self) -> Truncation {
        Truncation::new(self.report.inside.as_ref().map_or(0, |inside| inside.window))
    }

    fn at(&self) -> At<'_> {
        let (lab, mark) = (self.view.lab, self.view.words.mark());
        let place = (self.frame.step(self.lane.trace.len).unwrap_or_else(|| lab.step()), lab.unit());
        let (lane, update) = (untrack(|| self.view.lab.lane()), self.report.snapshot.update);
        At::new(self.lane, &self.report.snapshot.sequence, place, self.truncation(), Digits::Shown(mark))
            .holding(|gate, unit| lab.experiment.with(|experiment| experiment.holds(lane, gate, unit, update)))
    }

    /// Whether the step receives exactly no gradient because of a cut.
    pub(super) fn silent(&self) -> bool {
        let len = self.lane.trace.len;
        let behind = |step: usize| self.truncation().cuts_after(step, len);
        self.arrives() == Some(0.0) && self.frame.step(len).is_some_and(behind)
    }

    /// Whether every step has a loss.
    pub(super) fn is_everywhere(&self) -> bool {
        self.view.lab.experiment.with(|experiment| experiment.task.task().loss().at == LossAt::Every)
    }

    /// Whether step 2 contributes exactly nothing because of a cut.
    pub(super) fn cuts_second(&self) -> bool {
        self.film.own_shares.get(1) == Some(&0.0) && self.truncation().cuts_after(1, self.lane.trace.len)
    }

    /// Returns the powers of ten between which gradients are drawn: those of all lanes, as in the gradient chart.
    pub(super) fn decades(&self) -> (f64, f64) {
        let lanes = self.report.snapshot.lanes.iter();
        decades(lanes.flat_map(|lane| lane.trace.grad_h_norms.iter().chain(&lane.trace.grad_c_norms)).copied())
    }

    /// Returns the norm of the gradient with respect to the step's h.
    pub(super) fn arrives(&self) -> Option<f64> {
        self.lane.trace.grad_h_norms.get(self.frame.step(self.lane.trace.len)?).copied()
    }

    pub(super) fn cell(&self) -> String {
        let at = self.at();
        let backward = matches!(self.frame, Frame::Backward(_)).then(|| at.decades());
        at.diagram(backward, t_string!(self.view.words.i18n(), inspector.held), self.view.words.mark())
    }

    pub(super) fn cell_words(&self) -> String {
        self.at().diagram_words(matches!(self.frame, Frame::Backward(_)), self.view.words.mark())
    }

    pub(super) fn equations(&self) -> String {
        let (view, snapshot) = (self.view, &self.report.snapshot);
        let Some(inside) = &self.report.inside else { return String::new() };
        view.lab.experiment.with(|experiment| {
            let (update, sequence) = (snapshot.update + 1, &snapshot.sequence);
            let readout = Readout::of_member(experiment, sequence, self.film);
            let at = self.at().gathering(Gathering { inside, film: self.film, sequence }).naming(&readout);
            // With a loss at every step, each belongs to its step's frame; a loss at the end has a frame of its own.
            let at = if readout.is_everywhere() { at.answering(readout) } else { at };
            let scene = Scene { experiment, update, sequence, film: self.film, at: &at };
            let side = match self.frame {
                Frame::Forward(_) => Some(Side::Forward),
                Frame::Backward(_) => Some(Side::Backward),
                _ => None,
            };
            let open = view.open.get();
            labels(view.words, "", &|labels| {
                let of_cell = side.map(|side| {
                    let mut lines = at.side(side);
                    // The sequence's loss is not known yet.
                    lines.retain(|line| !is_mean_of_steps(line));
                    at.markup_of(&lines, true, &open, labels)
                });
                let of_cell = of_cell.unwrap_or_default();
                // Its letters are not those of gates and states.
                let beside = at.markup_of(&scene.beside(self.frame), false, &open, labels);
                format!("{of_cell}<div class=\"plain\">{beside}</div>")
            })
        })
    }

    pub(super) fn picture(&self, width: f64) -> String {
        let lab = self.view.lab;
        let mark = self.view.words.mark();
        let task = lab.experiment.with(|experiment| experiment.task.task());
        let at = self.at();
        Unrolled {
            lane: self.lane,
            film: self.film,
            losses: &losses(&self.report.snapshot.sequence, &self.lane.trace),
            from_losses: &at.from_losses(),
            back_along: &|t| at.back_along(t),
            classes: task.classes(),
            truncation: self.truncation(),
            inputs: &inputs(&self.report.snapshot.sequence, task, mark),
            frame: self.frame,
            step: lab.step(),
            around: self.view.around.get(),
            unit: lab.unit().min(self.lane.trace.hidden - 1),
            decades: self.decades(),
            width,
            mark,
        }
        .svg()
    }
}

/// Describes the input of each step in a few letters: its symbol, or its first value, with a dot if the step is
/// relevant.
fn inputs(sequence: &SequenceOnShow, task: &dyn Task, mark: char) -> Vec<String> {
    let steps = sequence.inputs.chunks_exact(task.inputs()).enumerate();
    steps
        .map(|(t, input)| match task.symbols().get(hottest(input)) {
            Some(symbol) => (*symbol).to_owned(),
            None => {
                let value = numbers::fixed(f64::from(input.first().copied().unwrap_or_default()), 2, mark);
                if sequence.marks.contains(&t) { format!("{value}•") } else { value }
            }
        })
        .collect()
}
