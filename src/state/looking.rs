//! Looking closer: inside an update, and for the reasons behind a gradient.

use std::sync::Arc;

use leptos::prelude::*;

use super::Lab;
use lab::Findings;
use lab::GradientScale;
use lab::Why;
use lab::worker::event::Command;

impl Lab {
    /// Tells the worker what is looked at.
    pub(super) fn look(&self) {
        let (probe, batch_norms, speed) = self.experiment.with_untracked(|experiment| {
            (experiment.probe, experiment.scale == GradientScale::Batch, experiment.speed)
        });
        self.client().send(Command::Look { probe, batch_norms, speed });
        let (layers, layer) = self.experiment.with_untracked(|experiment| (experiment.layers, experiment.layer));
        if layers > 1 {
            self.client().send(Command::Layer { layer: layer - 1 });
        }
        let why = self.experiment.with_untracked(|experiment| experiment.why);
        if self.asked_why.get_value() != Some(why) {
            self.asked_why.set_value(Some(why));
            // A check is made only when its button is pressed.
            self.client().send(Command::Why { why: why.filter(|why| *why != Why::Check) });
        }
    }

    /// Has the gradients of the networks on show checked.
    pub fn check_gradients(&self) {
        self.findings.set(None);
        self.client().send(Command::Why { why: Some(Why::Check) });
    }

    /// What was found of this kind, if that is what is on show.
    pub fn found(&self, why: Why) -> Option<Arc<Findings>> {
        self.findings.get().filter(|found| found.why() == why)
    }

    /// The way that is lit in every chart, both ends from 0: from the step whose credit is looked at back to the step on show.
    pub fn path(&self) -> Option<(usize, usize)> {
        (self.experiment.with(|experiment| experiment.why) == Some(Why::Credit)).then(|| {
            let step = self.step();
            (step, self.path_end.get().min(self.steps() - 1).max(step))
        })
    }

    /// Looks inside the next update, at a member of its batch (from 0), as it is made, or as it would be with another window
    /// of truncation. Training stops.
    pub fn look_inside(&self, member: usize, window: Option<usize>) {
        if self.inside_made.get_untracked() || self.inside.with_untracked(Option::is_none) {
            self.inside_frame.set(0);
            self.inside_made.set(false);
        }
        self.member.set_value(Some(member));
        self.followed.set_value(member);
        let window = window.unwrap_or_else(|| self.experiment.with_untracked(|experiment| experiment.truncation));
        self.ask(false, |id| Command::Inside { member: Some(member), window, id }, Box::new(|_| ()));
    }

    /// Looks inside the next update, at the sequence that was followed last where the batch has it.
    pub fn open_inside(&self) {
        let (batch, last) = (self.experiment.with_untracked(|experiment| experiment.batch), self.followed.get_value());
        self.look_inside(if last < batch { last } else { 0 }, None);
    }

    /// Back to the probe; the update that was looked into has not been made by it.
    pub fn leave_inside(&self) {
        if self.member.get_value().is_some() {
            self.ask(false, |id| Command::Inside { member: None, window: 0, id }, Box::new(|_| ()));
        }
        self.close_inside();
    }

    /// The film has reached its end: the update is made, as any is, and the probe is on show again. The film stays to be
    /// looked at.
    pub fn make_inside(&self) {
        if !self.inside_made.get_untracked() {
            self.inside_made.set(true);
            self.member.set_value(None);
            self.played.set(true);
            self.ask(false, |id| Command::Step { updates: 1, id }, Box::new(|_| ()));
        }
    }

    /// What goes on instead ends the film; the worker leaves it by itself.
    pub(super) fn close_inside(&self) {
        self.member.set_value(None);
        self.inside.set(None);
    }
}
