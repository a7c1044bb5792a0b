//! Changes of the keys of run and view, and refused values.

use leptos::prelude::*;

use super::Lab;
use super::Notice;
use crate::address;
use lab::Experiment;
use lab::Problem;
use lab::Reason;

impl Lab {
    /// Changes a key of the experiment: at once before the first update, otherwise as an offer to restart.
    pub fn change(&self, key: &str, value: &str) {
        if let Err(problem) = self.try_change(key, value) {
            self.tell(Notice::Refused(problem));
        }
    }

    /// Changes a key to the text typed into its field, or shows below the field why it is refused.
    pub fn enter(&self, key: &str, typed: &str) {
        if let Err(problem) = self.try_change(key, &typed.trim().replace(',', ".")) {
            self.refuse(key, typed, problem.reason);
        }
    }

    /// Shows below the field of this name why the typed text is refused.
    pub fn refuse(&self, field: &str, typed: &str, reason: Reason) {
        self.settle(field);
        self.refusals.update(|refusals| refusals.push(Problem::new(field, typed.trim(), reason)));
    }

    /// Returns the reason why the text typed into the field of this name was refused.
    pub fn refused(&self, field: &str) -> Option<Problem> {
        self.refusals.with(|refusals| refusals.iter().find(|problem| problem.key == field).cloned())
    }

    pub(super) fn try_change(&self, key: &str, value: &str) -> Result<(), Problem> {
        let experiment = self.base().with(key, value)?;
        self.settle(key);
        let fresh =
            untrack(|| self.update()) == 0 && !self.playing.get_untracked() && self.replay.get_untracked().is_none();
        if experiment.same_run(&self.experiment.get_untracked()) {
            self.draft.set(None);
        } else if fresh {
            // Refusals in other fields remain.
            let refusals = self.refusals.get_untracked();
            self.start_with(key, value);
            self.refusals.set(refusals);
        } else {
            self.draft.set(Some(experiment));
        }
        Ok(())
    }

    /// Changes a view key at once.
    pub fn view(&self, key: &str, value: &str) {
        self.view_by(key, &|experiment| experiment.with(key, value));
    }

    /// Resets a view key to its default at once.
    pub fn view_default(&self, key: &str) {
        self.view_by(key, &|experiment| experiment.without(key));
    }

    pub(super) fn view_by(&self, key: &str, change: &dyn Fn(&Experiment) -> Result<Experiment, Problem>) {
        match self.experiment.with_untracked(change) {
            Ok(experiment) => {
                self.settle(key);
                self.experiment.set(experiment);
                self.draft.update(|draft| {
                    if let Some(changed) = draft.as_ref().and_then(|draft| change(draft).ok()) {
                        *draft = Some(changed);
                    }
                });
                self.look();
                if !self.playing.get_untracked() {
                    address::write(self);
                }
            }
            Err(problem) => self.tell(Notice::Refused(problem)),
        }
    }

    /// Removes the refusal and notice of the field of this name.
    pub fn settle(&self, field: &str) {
        let settled = |notice: &Notice| matches!(notice, Notice::Refused(problem) if problem.key == field);
        if self.notices.with_untracked(|notices| notices.iter().any(settled)) {
            self.notices.update(|notices| notices.retain(|notice| !settled(notice)));
        }
        if self.refusals.with_untracked(|refusals| refusals.iter().any(|problem| problem.key == field)) {
            self.refusals.update(|refusals| refusals.retain(|problem| problem.key != field));
        }
    }
}
