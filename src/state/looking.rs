//! Looking inside an update, and into the causes of a gradient's size.

use std::sync::Arc;

use leptos::prelude::*;

use super::Lab;
use lab::Findings;
use lab::GradientScale;
use lab::Why;
use lab::worker::event::Command;

impl Lab {
    /// Tells the worker which probe, layer and panel are on show.
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

    /// Requests a gradient check of the networks on show.
    pub fn check_gradients(&self) {
        self.findings.set(None);
        self.client().send(Command::Why { why: Some(Why::Check) });
    }

    /// Returns the findings for this panel, if they are on show.
    pub fn found(&self, why: Why) -> Option<Arc<Findings>> {
        self.findings.get().filter(|found| found.why() == why)
    }

    /// Returns the path highlighted in every chart, both ends from 0: from the step on show to the step whose credit is
    /// traced.
    pub fn path(&self) -> Option<(usize, usize)> {
        (self.experiment.with(|experiment| experiment.why) == Some(Why::Credit)).then(|| {
            let step = self.step();
            (step, self.path_end.get().min(self.steps() - 1).max(step))
        })
    }

    /// Looks inside the next update, at a member of its batch (from 0), with the run's window of truncation or another
    /// one. Training stops.
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

    /// Looks inside the next update, at the sequence that was followed last if the batch has it.
    pub fn open_inside(&self) {
        let (batch, last) = (self.experiment.with_untracked(|experiment| experiment.batch), self.followed.get_value());
        self.look_inside(if last < batch { last } else { 0 }, None);
    }

    /// Returns to the probe without making the update.
    pub fn leave_inside(&self) {
        if self.member.get_value().is_some() {
            self.ask(false, |id| Command::Inside { member: None, window: 0, id }, Box::new(|_| ()));
        }
        self.close_inside();
    }

    /// Makes the update at the end of the film, like any other, and shows the probe again. The film can still be looked
    /// at.
    pub fn make_inside(&self) {
        if !self.inside_made.get_untracked() {
            self.inside_made.set(true);
            self.member.set_value(None);
            self.played.set(true);
            self.ask(false, |id| Command::Step { updates: 1, id }, Box::new(|_| ()));
        }
    }

    /// Closes the film because another action continues the run; the worker does so by itself.
    pub(super) fn close_inside(&self) {
        self.member.set_value(None);
        self.inside.set(None);
    }
}
