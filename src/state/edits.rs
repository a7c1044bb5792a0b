//! Changes made by hand.

use leptos::prelude::*;

use super::ChangeEdits;
use super::Lab;
use super::Notice;
use crate::client::{Answer, Lost};
use lab::Allowed;
use lab::Edit;
use lab::Experiment;
use lab::Place;
use lab::Problem;
use lab::Reason;
use lab::experiment::edit;
use lab::experiment::link;
use lab::run::held_out;
use lab::worker::event::Command;

impl Lab {
    /// Changes something by hand, at the update on show. Returns false and adds a notice if it is not allowed; `value`
    /// is as typed into the field of this name.
    pub fn edit(&self, place: Place, value: &str, field: &str) -> bool {
        // Its update is not known before training pauses, so this one is used for the check.
        let number = numbers::parse(value).unwrap_or(f64::NAN);
        let tried = Edit { place, value: number, update: untrack(|| self.update()) };
        self.settle(field);
        if let Err(allowed) = self.experiment.with_untracked(|experiment| tried.check(experiment)) {
            let allowed = match allowed {
                Allowed::Part(_, low, high) => Allowed::Real(low, high),
                other => other,
            };
            self.tell(Notice::Refused(Problem::new(field, value, Reason::NotAllowed(allowed))));
            return false;
        }
        let more = move |update: u64, edits: &mut Vec<Edit>| {
            edits.retain(|edit| edit.place != place || edit.update != update);
            edits.push(Edit { update, ..tried });
        };
        self.change_edits(Box::new(more), Box::new(|_| ()));
        true
    }

    /// Undoes an edit, by its index in the list; `None` for all.
    pub fn undo(&self, index: Option<usize>) {
        let less = move |_, edits: &mut Vec<Edit>| {
            edits.retain({
                let mut at = 0;
                move |_| {
                    at += 1;
                    index.is_some_and(|index| at != index + 1)
                }
            })
        };
        self.change_edits(Box::new(less), Box::new(|_| ()));
    }

    /// Fills in the "What if?" form and goes there.
    pub fn offer_edit(&self, place: Place) {
        self.what_if.set(place.to_string());
        crate::focus("what-if-value");
    }

    /// Changes the edits at the update of the run: pauses training first so that the update is known, and resumes it
    /// afterwards. A replay is not cancelled and continues to its end.
    pub fn change_edits(&self, change: ChangeEdits, answer: Answer) {
        let (lab, playing) = (*self, self.playing.get_untracked());
        let target = self.editing.get_value().map(|at| at as u64).or_else(|| Some(self.replay.get_untracked()?.until));
        let at_rest = move |outcome: Result<(), Lost>| {
            let update = target.unwrap_or_else(|| untrack(|| lab.update()));
            let before = lab.experiment.get_untracked();
            let mut edits = before.edits.clone();
            change(update, &mut edits);
            let text = edit::format(&edits);
            let changed = if text.is_empty() { before.without("edit") } else { before.with("edit", &text) };
            match changed.and_then(|changed| changed.with("update", &update.to_string())) {
                Ok(experiment) if outcome.is_ok() => {
                    lab.editing.set_value(Some(update as usize));
                    let done = move |outcome: Result<(), Lost>| {
                        lab.editing.set_value(None);
                        if playing && outcome.is_ok() {
                            lab.play(Box::new(|_| ()));
                        }
                        answer(outcome);
                    };
                    return lab.go_on(experiment, Box::new(done));
                }
                // The worker failed; the run is rebuilt with this.
                Ok(experiment) => lab.experiment.set(experiment),
                Err(problem) => lab.tell(Notice::Refused(problem)),
            }
            answer(outcome);
        };
        match target {
            Some(_) => at_rest(Ok(())),
            None => self.pause(Box::new(at_rest)),
        }
    }

    /// Continues the run with other edits. Results after the first difference are no longer valid, except as those of
    /// an edited lane without its edits.
    pub(super) fn go_on(&self, experiment: Experiment, answer: Answer) {
        let before = self.experiment.get_untracked();
        let trains = |of: &Experiment, lane: usize| of.parts_from(&Experiment::default(), lane).is_some();
        for lane in 0..experiment.lanes.len() {
            let Some(part) = before.parts_from(&experiment, lane) else { continue };
            let (was, is) = (trains(&before, lane), trains(&experiment, lane));
            self.losses.update_value(|losses| {
                self.ghosts.update_value(|ghosts| {
                    let (Some(history), Some(ghost)) = (losses.get_mut(lane), ghosts.get_mut(lane)) else { return };
                    if !was {
                        *ghost = history.clone();
                    }
                    history.truncate(part as usize);
                    if !is {
                        let untouched = std::mem::take(ghost);
                        if untouched.len() > history.len() {
                            *history = untouched;
                        }
                    }
                });
            });
            self.held_out.update_value(|held| {
                if let (Some(history), Some(every)) = (held.get_mut(lane), held_out::every(&experiment)) {
                    history.truncate((part / every) as usize);
                }
            });
            self.reach.update_value(|reach| {
                if let Some(map) = reach.get_mut(lane) {
                    map.forget_from(part);
                }
            });
        }
        let run = self.run.get_value() + 1;
        self.run.set_value(run);
        let (link, edits) = (link::format(&experiment), edit::format(&experiment.edits));
        self.draft.update(|draft| {
            let edited = |draft: &Experiment| draft.with("edit", &edits).or_else(|_| draft.without("edit"));
            *draft = draft.as_ref().and_then(|draft| edited(draft).ok());
        });
        self.client().expect_updates_of(experiment.lane_flops());
        self.experiment.set(experiment);
        self.ask(false, |id| Command::Edit { link, run, id }, answer);
    }
}
