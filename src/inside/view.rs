//! The film's position, and everything that changes it: buttons, keys, the timer, terms that link to other steps.

use std::time::Duration;

use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

use crate::inspector::place_of;
use crate::live::effect;
use crate::markup::hit;
use crate::state::{Lab, Notice};
use crate::words::Words;
use explain::film::frames::Frame;
use explain::sum::pressed;
use lab::Allowed;
use lab::Problem;
use lab::Reason;

/// Milliseconds per frame while the film plays.
pub(super) const PACES: [u64; 5] = [4000, 2000, 1000, 500, 200];
/// Index of the initial one.
pub(super) const USUAL_PACE: usize = 2;

/// The direction in which the film plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Playback {
    /// The film does not play.
    Stopped,
    /// Toward the update.
    Forward,
    /// Toward the first frame.
    Backward,
}

/// The film's state on the page.
#[derive(Clone, Copy)]
pub(super) struct View {
    /// The page's state.
    pub(super) lab: Lab,
    /// The page's language.
    pub(super) words: Words,
    /// Whether the film plays, and in which direction.
    pub(super) running: RwSignal<Playback>,
    /// Index in [`PACES`] of the current pace.
    pub(super) pace: RwSignal<usize>,
    /// Whether the cell of the step is opened into its diagram.
    pub(super) opened: RwSignal<bool>,
    /// The weighted sum that is open.
    pub(super) open: RwSignal<String>,
    /// The number of the cut that is being dragged.
    pub(super) dragged: RwSignal<Option<usize>>,
    /// The steps that the layout keeps expanded during a drag, and after it; `None` for the frame's step.
    pub(super) around: RwSignal<Option<(usize, usize)>>,
    /// The width of the drawing, in its own units.
    pub(super) width: Memo<f64>,
}

impl View {
    /// Returns the number of steps of the film's sequence. Once its update is made, lanes and charts show the probe
    /// again, which may have another number.
    pub(super) fn len(self) -> usize {
        untrack(|| self.lab.film_len().unwrap_or_else(|| self.lab.steps()))
    }

    pub(super) fn frame(self) -> Frame {
        Frame::at(self.lab.inside_frame.get(), self.len())
    }

    pub(super) fn member(self) -> usize {
        self.lab
            .inside
            .with(|report| report.as_ref().and_then(|report| Some(report.inside.as_ref()?.member + 1)).unwrap_or(1))
    }

    /// Returns the window of truncation of the film on show.
    pub(super) fn window(self) -> Option<usize> {
        self.lab.inside.with(|report| Some(report.as_ref()?.inside.as_ref()?.window))
    }

    /// Whether that window is not the run's own.
    pub(super) fn tried(self) -> bool {
        let (own, len) = self.lab.experiment.with(|experiment| (experiment.truncation, experiment.len));
        // A window as long as the sequence cuts nothing.
        self.window().is_some_and(|window| window % len != own % len)
    }

    /// Parses a whole number that was typed into a field; reports a value that is not allowed.
    pub(super) fn whole(self, field: &str, written: &str, (low, high): (usize, usize)) -> Option<usize> {
        self.lab.settle(field);
        let number = written.trim().parse::<usize>().ok().filter(|number| (low..=high).contains(number));
        if number.is_none() {
            let allowed = Reason::NotAllowed(Allowed::Whole(low as u64, high as u64));
            self.lab.tell(Notice::Refused(Problem::new(field, written, allowed)));
        }
        number
    }

    /// Follows another sequence of the batch, from 0.
    pub(super) fn follow(self, member: usize) {
        self.lab.look_inside(member, untrack(|| self.window()));
    }

    pub(super) fn try_window(self, window: usize) {
        if self.lab.inside_made.get_untracked() {
            return;
        }
        let member = untrack(|| self.member());
        self.lab.look_inside(member - 1, Some(window));
    }

    /// Opens a sum, or goes to the origin of a term.
    pub(super) fn click(self, event: &Event) {
        if let Some(sum) = hit(event, "data-sum") {
            self.open.update(|open| *open = pressed(open, sum));
        } else if let Some((step, unit)) = hit(event, "data-go").as_deref().and_then(place_of) {
            self.lab.view("unit", &(unit + 1).to_string());
            self.go(untrack(|| self.frame()).source(step).index(self.len()));
        }
    }

    /// Goes to a frame; the last one makes the update.
    pub(super) fn go(self, to: usize) {
        let last = Frame::count(self.len()) - 1;
        let to = to.min(last);
        if self.lab.inside_frame.get_untracked() != to {
            self.around.set(None);
            self.lab.inside_frame.set(to);
        }
        if to == last {
            self.running.set(Playback::Stopped);
            // With another window than the run's it would be another update.
            if !untrack(|| self.tried()) {
                self.lab.make_inside();
            }
        }
    }

    /// Starts playing in a direction, from the other end if none is left; stops if it plays.
    pub(super) fn toggle(self, direction: Playback) {
        let (at, last) = (self.lab.inside_frame.get_untracked(), Frame::count(self.len()) - 1);
        if self.running.get_untracked() != Playback::Stopped {
            return self.running.set(Playback::Stopped);
        }
        match direction {
            Playback::Forward if at == last => self.go(0),
            // Going to the last frame makes the update, so playing backward starts before it.
            Playback::Backward if at == 0 => self.go(last - 1),
            _ => {}
        }
        self.running.set(direction);
    }

    pub(super) fn leave(self) {
        self.running.set(Playback::Stopped);
        self.lab.leave_inside();
        // The transport bar is only shown again once the film is closed.
        set_timeout(|| crate::focus("step-inside"), Duration::ZERO);
    }

    pub(super) fn key(self, event: &KeyboardEvent) {
        let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is = |selector: &str| element.as_ref().is_some_and(|element| element.matches(selector).unwrap_or(false));
        let key = event.key();
        let plain = !(event.ctrl_key() || event.alt_key() || event.meta_key());
        // A field handles its own keys, and Space presses a button.
        if !plain || (key != "Escape" && is("[type=number]")) || (key == " " && is("button")) {
            return;
        }
        let at = self.lab.inside_frame.get_untracked();
        let (unit, hidden) = self.lab.experiment.with_untracked(|experiment| (experiment.unit, experiment.units()));
        let choose = |unit: usize| self.lab.view("unit", &unit.clamp(1, hidden).to_string());
        if !matches!(key.as_str(), " " | "ArrowUp" | "ArrowDown") {
            self.running.set(Playback::Stopped);
        }
        match key.as_str() {
            " " => self.toggle(if event.shift_key() { Playback::Backward } else { Playback::Forward }),
            "ArrowLeft" => self.go(at.saturating_sub(1)),
            "ArrowRight" => self.go(at + 1),
            "ArrowUp" => choose(unit - 1),
            "ArrowDown" => choose(unit + 1),
            "Home" => self.go(0),
            "End" => self.go(usize::MAX),
            "Escape" => self.leave(),
            _ => return,
        }
        event.prevent_default();
    }

    /// Runs a timer that advances the film while it plays.
    pub(super) fn follow_running(self) {
        let timer = StoredValue::new(None::<IntervalHandle>);
        let stop = move || {
            if let Some(timer) = timer.try_update_value(Option::take).flatten() {
                timer.clear();
            }
        };
        let next = move || {
            let at = self.lab.inside_frame.get_untracked();
            if self.running.get_untracked() == Playback::Forward {
                return self.go(at + 1);
            }
            self.go(at.saturating_sub(1));
            if at <= 1 {
                self.running.set(Playback::Stopped);
            }
        };
        effect(move || {
            stop();
            let stay = Duration::from_millis(PACES[self.pace.get()]);
            if self.running.get() != Playback::Stopped {
                timer.set_value(set_interval_with_handle(next, stay).ok());
            }
        });
        on_cleanup(stop);
    }
}
