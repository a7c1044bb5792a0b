//! Describes each frame of the film in words, and lists its shares as a table.

use leptos::prelude::*;

use super::shown::Shown;
use super::view::View;
use crate::i18n::t_string;
use crate::table::TableData;
use explain::film::frames::{Frame, Whose};
use lab::run::film::followed_gate;
use nn::ClipMode;
use numbers::power_of_ten;

impl View {
    fn has_no_state(self) -> bool {
        self.is(&|shown| !shown.lane.cell.is_recurrent())
    }

    /// Names the update, and the layer on show if there are several.
    pub(super) fn title(self) -> String {
        let i18n = self.words.i18n();
        let layer = self.film(|shown| (!shown.lane.trace.layer_norms.is_empty()).then_some(shown.lane.trace.layer + 1));
        let title = t_string!(i18n, inside.title, update = self.update());
        match layer.flatten() {
            Some(layer) => format!("{title} · {} {layer}", t_string!(i18n, hero.layer)),
            None => title,
        }
    }

    /// Explains the numbers and lines of the drawing; empty without one.
    pub(super) fn legend(self) -> String {
        let power = |power: f64| power_of_ten(power as i32);
        self.film(|shown| {
            let (low, high) = shown.decades();
            t_string!(self.words.i18n(), inside.legend, unit = self.unit(), low = power(low), high = power(high))
        })
        .unwrap_or_default()
    }

    fn has_film(self) -> bool {
        self.is(&|_| true)
    }

    /// Names the frame; empty without a film.
    pub(super) fn name(self) -> String {
        if !self.has_film() {
            return String::new();
        }
        let i18n = self.words.i18n();
        match self.frame() {
            Frame::Batch => t_string!(i18n, inside.batch_name).to_owned(),
            Frame::Forward(_) => t_string!(i18n, inside.forward_name, step = self.step()),
            Frame::Readout => t_string!(i18n, inside.readout_name).to_owned(),
            Frame::Backward(_) => t_string!(i18n, inside.backward_name, step = self.step()),
            Frame::Gather => t_string!(i18n, inside.gather_name).to_owned(),
            Frame::Clip => t_string!(i18n, inside.clip_name).to_owned(),
            Frame::Optimiser => t_string!(i18n, inside.optimiser_name).to_owned(),
            Frame::Weights => t_string!(i18n, inside.weights_name).to_owned(),
        }
    }

    /// Says whether the frame's numbers belong to the sequence or to the batch; empty without a film.
    pub(super) fn whose(self) -> String {
        if !self.has_film() {
            return String::new();
        }
        let i18n = self.words.i18n();
        match self.frame().whose() {
            Whose::Own => t_string!(i18n, inside.own).to_owned(),
            Whose::Part => t_string!(i18n, inside.part, batch = self.batch()),
            Whose::Batch => t_string!(i18n, inside.whole, batch = self.batch()),
        }
    }

    /// Explains the frame.
    pub(super) fn sentence(self) -> String {
        let Some(sentence) = self.film(|shown| self.sentence_of(shown)) else { return self.without_film() };
        let i18n = self.words.i18n();
        if self.frame() == Frame::Optimiser {
            return format!("{sentence} {}", self.example());
        }
        let of_pass = matches!(self.frame(), Frame::Readout | Frame::Backward(_));
        if of_pass && self.is(&|shown| !shown.lane.trace.mask.is_empty()) {
            return format!("{sentence} {}", t_string!(i18n, inside.mask));
        }
        if self.lab.inside_made.get() {
            format!("{sentence} {}", t_string!(i18n, inside.made, update = self.update()))
        } else {
            sentence
        }
    }

    fn sentence_of(self, shown: &Shown<'_>) -> String {
        let i18n = self.words.i18n();
        let has_state = shown.lane.cell.is_recurrent();
        match shown.frame {
            Frame::Batch => {
                t_string!(i18n, inside.batch_text, update = self.update(), batch = self.batch(), member = self.member())
            }
            Frame::Forward(_) => {
                let (step, unit, h) = (self.step(), self.unit(), self.of_unit(shown, &shown.lane.trace.h));
                if has_state {
                    t_string!(i18n, inside.forward_text, step = step, unit = unit, h = h)
                } else {
                    t_string!(i18n, inside.forward_window, step = step, unit = unit, h = h)
                }
            }
            Frame::Readout => {
                let (own, mean) = (self.number(shown.lane.trace.loss), self.number(shown.film.loss));
                if shown.is_everywhere() {
                    t_string!(i18n, inside.readout_every, own = own, mean = mean)
                } else {
                    t_string!(i18n, inside.readout_text, own = own, mean = mean)
                }
            }
            Frame::Backward(step) => self.backward(shown, step),
            Frame::Gather => self.gather(shown),
            Frame::Clip => self.clip(shown.film.factor),
            Frame::Optimiser => t_string!(i18n, inside.optimiser_text).to_owned(),
            Frame::Weights if self.tried() => t_string!(i18n, inside.not_made).to_owned(),
            Frame::Weights => t_string!(i18n, inside.weights_text).to_owned(),
        }
    }

    fn backward(self, shown: &Shown<'_>, step: usize) -> String {
        let i18n = self.words.i18n();
        if !shown.lane.cell.is_recurrent() {
            t_string!(i18n, inside.backward_window).to_owned()
        } else if shown.silent() {
            t_string!(i18n, inside.backward_cut, step = step + 1)
        } else if shown.arrives() == Some(0.0) {
            t_string!(i18n, inside.backward_zero, step = step + 1)
        } else if step == 0 {
            t_string!(i18n, inside.backward_first).to_owned()
        } else {
            t_string!(
                i18n,
                inside.backward_text,
                step = step + 1,
                share = self.number(share(&shown.film.own_shares, step)),
                unit = self.unit(),
                dh = self.of_unit(shown, &shown.lane.trace.grad_h)
            )
        }
    }

    fn gather(self, shown: &Shown<'_>) -> String {
        let i18n = self.words.i18n();
        let (own, all) = (&shown.film.own_shares, &shown.film.shares);
        if !shown.lane.cell.is_recurrent() {
            return t_string!(i18n, inside.gather_window).to_owned();
        }
        let (most, all_most) = (self.number(largest(own)), self.number(largest(all)));
        if shown.cuts_second() {
            return t_string!(i18n, inside.gather_cut, most = most, all_most = all_most);
        }
        let (far, all_far) = (self.number(share(own, 1)), self.number(share(all, 1)));
        t_string!(i18n, inside.gather_text, far = far, most = most, all_far = all_far, all_most = all_most)
    }

    fn clip(self, factor: f64) -> String {
        let i18n = self.words.i18n();
        let (clip, mode) = self.lab.experiment.with(|experiment| (experiment.clip, experiment.clip_mode));
        let limit = numbers::compact(clip, 4, self.words.mark());
        if clip <= 0.0 {
            t_string!(i18n, inside.clip_off).to_owned()
        } else if mode == ClipMode::Value {
            t_string!(i18n, inside.clip_value, limit = limit)
        } else if factor < 1.0 {
            t_string!(i18n, inside.clip_done, limit = limit)
        } else {
            t_string!(i18n, inside.clip_not, limit = limit)
        }
    }

    /// Says why a lane has no film.
    fn without_film(self) -> String {
        let others = self.lab.inside.with(|report| {
            report
                .as_ref()
                .and_then(|report| report.inside.as_ref())
                .is_some_and(|of| of.films.iter().any(Option::is_some))
        });
        let i18n = self.words.i18n();
        let why = t_string!(i18n, inside.no_film, name = self.network(), update = self.update());
        match (others, self.lab.inside_made.get()) {
            (false, _) => why,
            (_, false) => format!("{why} {}", t_string!(i18n, inside.no_film_others)),
            (_, true) => format!("{why} {}", t_string!(i18n, inside.no_film_made)),
        }
    }

    /// Names the weight that is followed as an example.
    fn example(self) -> String {
        let (i18n, unit) = (self.words.i18n(), self.unit());
        self.film(|Shown { lane, film, .. }| {
            let cell = lane.cell;
            if !cell.is_recurrent() {
                let one = film.followed.get(self.lab.unit()).or(film.followed.last());
                let column = one.map_or(0, |one| one.column + 1);
                t_string!(i18n, inside.example_window, unit = unit, column = column)
            } else if cell.has_gates() {
                let gate = self.words.gate(cell.gates()[followed_gate(cell)].letter());
                t_string!(i18n, inside.example_gate, unit = unit, gate = gate)
            } else {
                t_string!(i18n, inside.example_unit, unit = unit)
            }
        })
        .unwrap_or_default()
    }

    /// Says how the truncated gradient differs from the full one.
    pub(super) fn truncated(self) -> String {
        let len = self.lab.experiment.with(|experiment| experiment.len);
        let Some(window) = self.window().filter(|window| (1..len).contains(window)) else { return String::new() };
        let number = |of: fn(&Shown<'_>) -> f64| self.film(of).map_or_else(String::new, |value| self.number(value));
        t_string!(
            self.words.i18n(),
            inside.truncated,
            window = window,
            angle = number(|shown| shown.film.angle),
            relative = number(|shown| shown.film.relative)
        )
    }

    /// Describes the drawing: its network, its frame and, once the backward pass has begun, how the shares compare.
    pub(super) fn picture_words(self) -> String {
        let i18n = self.words.i18n();
        let words = format!("{}: {}. ", t_string!(i18n, inside.picture, name = self.network()), self.name());
        if self.frame().index(self.len()) <= Frame::Readout.index(self.len()) || self.has_no_state() {
            return words;
        }
        let shares = self.film(|shown| {
            let own = &shown.film.own_shares;
            let most = largest(own);
            let at = own.iter().position(|&share| share == most).map_or(1, |t| t + 1);
            let (far, most) = (self.number(share(own, 1)), self.number(most));
            t_string!(i18n, inside.shares_say, far = far, largest = at, most = most)
        });
        words + &shares.unwrap_or_default()
    }

    /// Lists every step's share in the gradient of U: the sequence's own and the batch's.
    pub(super) fn shares(self) -> Option<TableData> {
        let i18n = self.words.i18n();
        untrack(|| {
            let heads = vec![
                t_string!(i18n, chart.step).to_owned(),
                t_string!(i18n, inside.own).to_owned(),
                t_string!(i18n, inside.whole, batch = self.batch()),
            ];
            self.film(|shown| {
                let both = shown.film.own_shares.iter().zip(&shown.film.shares).enumerate();
                both.map(|(t, (own, whole))| vec![(t + 1).to_string(), self.number(*own), self.number(*whole)])
                    .collect()
            })
            .map(|rows| TableData { title: t_string!(i18n, inside.shares).to_owned(), heads, rows })
        })
    }

    /// Names the sequence, step and unit of the opened cell.
    pub(super) fn place(self) -> String {
        let (member, step, unit) = (self.member(), self.step(), self.unit());
        t_string!(self.words.i18n(), inside.cell_of, member = member, step = step, unit = unit)
    }

    /// Names the update that the film makes.
    fn update(self) -> String {
        let made = self.lab.inside.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update + 1));
        numbers::grouped(made)
    }

    fn batch(self) -> usize {
        self.lab.experiment.with(|experiment| experiment.batch)
    }

    /// Returns the step of the frame, else the one on show; from 1.
    fn step(self) -> usize {
        self.frame().step(self.len()).unwrap_or_else(|| self.lab.step()) + 1
    }

    /// Returns the unit on show, from 1.
    fn unit(self) -> usize {
        self.lab.unit() + 1
    }

    /// Names the network on show.
    fn network(self) -> &'static str {
        let cell = self.lab.experiment.with(|experiment| experiment.lanes.get(self.lab.lane()).copied());
        cell.map_or("", |cell| self.words.cell(cell))
    }

    fn number(self, value: f64) -> String {
        numbers::significant(value, 4, self.words.mark())
    }

    /// Writes the value of the unit on show at the step on show, out of `[steps × hidden]` values.
    fn of_unit(self, shown: &Shown<'_>, values: &[f32]) -> String {
        let hidden = shown.lane.trace.hidden;
        let value = values.get((self.step() - 1) * hidden + self.lab.unit().min(hidden - 1));
        self.number(value.map_or(f64::NAN, |&value| f64::from(value)))
    }
}

fn share(shares: &[f64], step: usize) -> f64 {
    shares.get(step).copied().unwrap_or_default()
}

fn largest(shares: &[f64]) -> f64 {
    shares.iter().copied().fold(0.0, f64::max)
}
