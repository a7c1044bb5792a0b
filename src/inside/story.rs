//! What the film says of each frame, and its shares as a table.

use leptos::prelude::*;

use super::shown::Shown;
use super::view::View;
use crate::i18n::texts::inside;
use crate::i18n::{Text, t_string};
use crate::table::TableData;
use explain::film::frames::{Frame, Whose};
use lab::run::film::followed_gate;
use nn::ClipMode;
use numbers::power_of_ten;

impl View {
    fn has_no_state(self) -> bool {
        self.is(&|shown| !shown.lane.cell.is_recurrent())
    }

    /// Whose update it is, and of several layers which is on show.
    pub(super) fn title(self) -> String {
        let layer = self.film(|shown| (!shown.lane.trace.layer_norms.is_empty()).then_some(shown.lane.trace.layer + 1));
        let title = self.say(inside::title.text);
        match layer.flatten() {
            Some(layer) => format!("{title} · {} {layer}", t_string!(self.words.i18n(), hero.layer)),
            None => title,
        }
    }

    /// What the numbers and lines of the drawing are; nothing without one.
    pub(super) fn legend(self) -> String {
        if self.has_film() { self.say(inside::legend.text) } else { String::new() }
    }

    fn has_film(self) -> bool {
        self.is(&|_| true)
    }

    #[inline(never)]
    pub(super) fn name(self) -> String {
        if !self.has_film() {
            return String::new();
        }
        self.say(match self.frame() {
            Frame::Batch => inside::batch_name,
            Frame::Forward(_) => inside::forward_name.text,
            Frame::Readout => inside::readout_name,
            Frame::Backward(_) => inside::backward_name.text,
            Frame::Gather => inside::gather_name,
            Frame::Clip => inside::clip_name,
            Frame::Optimiser => inside::optimiser_name,
            Frame::Weights => inside::weights_name,
        })
    }

    #[inline(never)]
    pub(super) fn whose(self) -> String {
        if !self.has_film() {
            return String::new();
        }
        self.say(match self.frame().whose() {
            Whose::Own => inside::own,
            Whose::Part => inside::part.text,
            Whose::Batch => inside::whole.text,
        })
    }

    #[inline(never)]
    pub(super) fn sentence(self) -> String {
        let Some(factor) = self.film(|shown| shown.film.factor) else { return self.without_film() };
        let (clip, mode) = self.lab.experiment.with(|experiment| (experiment.clip, experiment.clip_mode));
        let sentence = self.say(match (factor, self.frame()) {
            (_, Frame::Batch) => inside::batch_text.text,
            (_, Frame::Forward(_)) if self.has_no_state() => inside::forward_window.text,
            (_, Frame::Forward(_)) => inside::forward_text.text,
            (_, Frame::Readout) if self.is(&|shown| shown.is_everywhere()) => inside::readout_every.text,
            (_, Frame::Readout) => inside::readout_text.text,
            (_, Frame::Backward(_)) if self.has_no_state() => inside::backward_window,
            (_, Frame::Gather) if self.has_no_state() => inside::gather_window,
            (_, Frame::Backward(_)) if self.is(&|shown| shown.silent()) => inside::backward_cut.text,
            (_, Frame::Backward(_)) if self.is(&|shown| shown.arrives() == Some(0.0)) => inside::backward_zero.text,
            (_, Frame::Backward(0)) => inside::backward_first,
            (_, Frame::Backward(_)) => inside::backward_text.text,
            (_, Frame::Gather) if self.is(&|shown| shown.cuts_second()) => inside::gather_cut.text,
            (_, Frame::Gather) => inside::gather_text.text,
            (_, Frame::Clip) if clip <= 0.0 => inside::clip_off,
            (_, Frame::Clip) if mode == ClipMode::Value => inside::clip_value.text,
            (factor, Frame::Clip) if factor < 1.0 => inside::clip_done.text,
            (_, Frame::Clip) => inside::clip_not.text,
            (_, Frame::Optimiser) => inside::optimiser_text,
            (_, Frame::Weights) if self.tried() => inside::not_made,
            (_, Frame::Weights) => inside::weights_text,
        });
        if self.frame() == Frame::Optimiser {
            return format!("{sentence} {}", self.example());
        }
        let of_pass = matches!(self.frame(), Frame::Readout | Frame::Backward(_));
        if of_pass && self.is(&|shown| !shown.lane.trace.mask.is_empty()) {
            return format!("{sentence} {}", self.say(inside::mask));
        }
        if self.lab.inside_made.get() { format!("{sentence} {}", self.say(inside::made.text)) } else { sentence }
    }

    /// Said of a lane that has no film, instead of all else.
    fn without_film(self) -> String {
        let others = self.lab.inside.with(|report| {
            report
                .as_ref()
                .and_then(|report| report.inside.as_ref())
                .is_some_and(|of| of.films.iter().any(Option::is_some))
        });
        let why = self.say(inside::no_film.text);
        match (others, self.lab.inside_made.get()) {
            (false, _) => why,
            (_, false) => format!("{why} {}", self.say(inside::no_film_others)),
            (_, true) => format!("{why} {}", self.say(inside::no_film_made)),
        }
    }

    /// Which weight is followed as an example.
    fn example(self) -> String {
        let cell = self.film(|shown| shown.lane.cell);
        self.say(match cell {
            Some(cell) if !cell.is_recurrent() => inside::example_window.text,
            Some(cell) if cell.has_gates() => inside::example_gate.text,
            _ => inside::example_unit.text,
        })
    }

    /// How the truncated gradient differs from the full one.
    #[inline(never)]
    pub(super) fn truncated(self) -> String {
        match self.window() {
            Some(window) if window > 0 && window < self.lab.experiment.with(|experiment| experiment.len) => {
                self.say(inside::truncated.text)
            }
            _ => String::new(),
        }
    }

    /// The drawing in words: whose it is, where the film is, and, once the way back has begun, how the shares compare.
    #[inline(never)]
    pub(super) fn picture_words(self) -> String {
        let mut words = format!("{}: {}. ", self.say(inside::picture.text), self.name());
        if self.frame().index(self.len()) > Frame::Readout.index(self.len()) && !self.has_no_state() {
            words += &self.say(inside::shares_say.text);
        }
        words
    }

    /// Every step's share in the gradient of U: the sequence's own and the batch's.
    pub(super) fn shares(self) -> Option<TableData> {
        let i18n = self.words.i18n();
        let text = |value: &f64| numbers::significant(*value, 4, self.words.mark());
        untrack(|| {
            let heads = vec![
                t_string!(i18n, chart.step).to_owned(),
                t_string!(i18n, inside.own).to_owned(),
                self.say(inside::whole.text),
            ];
            self.film(|shown| {
                let both = shown.film.own_shares.iter().zip(&shown.film.shares).enumerate();
                both.map(|(t, (own, whole))| vec![(t + 1).to_string(), text(own), text(whole)]).collect()
            })
            .map(|rows| TableData { title: self.say(inside::shares), heads, rows })
        })
    }

    /// A text of the film with its placeholders, of which there are the same for all.
    #[inline(never)]
    pub(super) fn say(self, text: Text) -> String {
        let mark = self.words.mark();
        let number = |value: f64| numbers::significant(value, 4, mark);
        let step = self.frame().step(self.len()).unwrap_or_else(|| self.lab.step());
        let of_unit = |values: &[f32], hidden: usize| {
            number(
                values.get(step * hidden + self.lab.unit().min(hidden - 1)).map_or(f64::NAN, |&value| f64::from(value)),
            )
        };
        let (own, mean, share, far, most, angle, relative, largest, h, dh) = self
            .film(|&Shown { lane, film, .. }| {
                let share = |t: usize| number(film.own_shares.get(t).copied().unwrap_or_default());
                let most = film.own_shares.iter().copied().fold(0.0, f64::max);
                let largest = film.own_shares.iter().position(|&share| share == most).map_or(1, |t| t + 1);
                (
                    number(lane.trace.loss),
                    number(film.loss),
                    share(step),
                    share(1),
                    number(most),
                    number(film.angle),
                    number(film.relative),
                    largest,
                    of_unit(&lane.trace.h, lane.trace.hidden),
                    of_unit(&lane.trace.grad_h, lane.trace.hidden),
                )
            })
            .unwrap_or_default();
        // The same of the whole batch, the followed weight, and the scale of the flows.
        let (all_far, all_most, column, gate, (low, high)) = self
            .film(|shown| {
                let (film, cell) = (shown.film, shown.lane.cell);
                let column =
                    film.followed.get(self.lab.unit().min(film.followed.len() - 1)).map_or(0, |one| one.column + 1);
                let gate = if cell.has_gates() { cell.gates()[followed_gate(cell)].letter() } else { "" };
                let most = film.shares.iter().copied().fold(0.0, f64::max);
                let power = |power: f64| power_of_ten(power as i32);
                let (low, high) = shown.decades();
                (
                    number(film.shares.get(1).copied().unwrap_or_default()),
                    number(most),
                    column,
                    self.words.gate(gate),
                    (power(low), power(high)),
                )
            })
            .unwrap_or_default();
        let (batch, clip) = self.lab.experiment.with(|experiment| (experiment.batch, experiment.clip));
        let cell = self.lab.experiment.with(|experiment| experiment.lanes.get(self.lab.lane()).copied());
        let update = self.lab.inside.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update + 1));
        let limit = numbers::compact(clip, 4, mark);
        let name = cell.map_or("", |cell| self.words.cell(cell));
        self.words.i18n().fill(
            text,
            &[
                ("update", &numbers::grouped(update)),
                ("batch", &batch),
                ("member", &self.member()),
                ("step", &(step + 1)),
                ("unit", &(self.lab.unit() + 1)),
                ("own", &own),
                ("mean", &mean),
                ("share", &share),
                ("far", &far),
                ("most", &most),
                ("largest", &largest),
                ("all_far", &all_far),
                ("all_most", &all_most),
                ("column", &column),
                ("gate", &gate),
                ("low", &low),
                ("high", &high),
                ("limit", &limit),
                ("angle", &angle),
                ("relative", &relative),
                ("window", &self.window().unwrap_or(0)),
                ("h", &h),
                ("dh", &dh),
                ("name", &name),
                ("frame", &(self.lab.inside_frame.get() + 1)),
                ("count", &Frame::count(self.len())),
            ],
        )
    }
}
