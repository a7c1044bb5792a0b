//! What the film says of each frame, and its shares as a table.

use leptos::prelude::*;

use super::frames::{Frame, Whose};
use super::shown::Shown;
use super::view::View;
use crate::lab::number;
use crate::nn::ClipMode;
use crate::ui::i18n::texts::inside;
use crate::ui::i18n::{Text, t_string};
use crate::ui::table::TableData;

impl View {
    fn has_no_state(self) -> bool {
        self.film(|shown| !shown.lane.cell.is_recurrent()).unwrap_or(false)
    }

    #[inline(never)]
    pub(super) fn name(self) -> String {
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
        self.say(match self.frame().whose() {
            Whose::Own => inside::own,
            Whose::Part => inside::part.text,
            Whose::Batch => inside::whole.text,
        })
    }

    #[inline(never)]
    pub(super) fn sentence(self) -> String {
        let factor = self.film(|shown| shown.film.factor);
        let (clip, mode) = self.lab.experiment.with(|experiment| (experiment.clip, experiment.clip_mode));
        let sentence = self.say(match (factor, self.frame()) {
            (None, _) => inside::no_film.text,
            (_, Frame::Batch) => inside::batch_text.text,
            (_, Frame::Forward(_)) => inside::forward_text.text,
            (_, Frame::Readout) => inside::readout_text.text,
            (_, Frame::Backward(_)) if self.has_no_state() => inside::backward_window,
            (_, Frame::Gather) if self.has_no_state() => inside::gather_window,
            (_, Frame::Backward(_)) if self.film(|shown| shown.silent()).unwrap_or(false) => inside::backward_cut.text,
            (_, Frame::Backward(_)) if self.film(|shown| shown.arrives() == Some(0.0)).unwrap_or(false) => {
                inside::backward_zero.text
            }
            (_, Frame::Backward(0)) => inside::backward_first,
            (_, Frame::Backward(_)) => inside::backward_text.text,
            (_, Frame::Gather) => inside::gather_text.text,
            (_, Frame::Clip) if clip <= 0.0 => inside::clip_off,
            (_, Frame::Clip) if mode == ClipMode::Value => inside::clip_value.text,
            (Some(factor), Frame::Clip) if factor < 1.0 => inside::clip_done.text,
            (_, Frame::Clip) => inside::clip_not.text,
            (_, Frame::Optimiser) => inside::optimiser_text.text,
            (_, Frame::Weights) if self.tried() => inside::not_made,
            (_, Frame::Weights) => inside::weights_text,
        });
        let of_pass = matches!(self.frame(), Frame::Readout | Frame::Backward(_));
        if of_pass && self.film(|shown| !shown.lane.trace.mask.is_empty()).unwrap_or(false) {
            return format!("{sentence} {}", self.say(inside::mask));
        }
        if self.lab.inside_made.get() { format!("{sentence} {}", self.say(inside::made.text)) } else { sentence }
    }

    /// How the truncated gradient differs from the full one.
    #[inline(never)]
    pub(super) fn truncated(self) -> String {
        match self.window() {
            Some(window) if window > 0 => self.say(inside::truncated.text),
            _ => String::new(),
        }
    }

    /// The drawing in words: whose it is, where the film is, and, once the way back has begun, how the shares compare.
    #[inline(never)]
    pub(super) fn picture_words(self) -> String {
        let mut words = format!("{}: {}. ", self.say(inside::picture.text), self.name());
        if self.frame().index(self.len()) > Frame::Readout.index(self.len()) {
            words += &self.say(inside::shares_say.text);
        }
        words
    }

    /// Every step's share in the gradient of U: the sequence's own and the batch's.
    pub(super) fn shares(self) -> Option<TableData> {
        let i18n = self.words.i18n();
        let text = |value: &f64| number::significant(*value, 4, self.words.mark());
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
        let number = |value: f64| number::significant(value, 4, mark);
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
        let (batch, clip) = self.lab.experiment.with(|experiment| (experiment.batch, experiment.clip));
        let cell = self.lab.experiment.with(|experiment| experiment.lanes.get(self.lab.lane()).copied());
        let update = self.lab.inside.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update + 1));
        let limit = number::compact(clip, 4, mark);
        let name = cell.map_or("", |cell| self.words.cell(cell));
        self.words.i18n().fill(
            text,
            &[
                ("update", &number::grouped(update)),
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
