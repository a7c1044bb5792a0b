//! The run on show: starting, training, going to other updates, and keeping it.

use std::rc::Rc;

use leptos::prelude::*;

use super::Lab;
use super::Notice;
use crate::client::{Answer, BenchAnswer, Client};
use crate::shelf::How;
use lab::Edit;
use lab::Experiment;
use lab::analysis::bench::BenchSpec;
use lab::experiment::link;
use lab::stored::{self, KeptLane, KeptRun};
use lab::worker::event::Command;

/// Number of intervals of a kept curve.
const CURVE_COLUMNS: usize = 50;

impl Lab {
    /// Returns the run on show as it would be kept, without a name: its results so far, and its curves as far as they
    /// are known.
    pub fn run_on_show(&self) -> Option<KeptRun> {
        let report = self.report.get_untracked().filter(|report| report.snapshot.run == self.run.get_value())?;
        let experiment = self.experiment.get_untracked();
        let mut lanes = Vec::new();
        let just_changed = |edit: &Edit, lane: usize| edit.place.lane == lane && edit.update == report.snapshot.update;
        self.losses.with_value(|losses| {
            for (index, (lane, losses)) in report.snapshot.lanes.iter().zip(losses).enumerate() {
                let norms = lane.trace.reach_norms();
                let ratio = norms.first().zip(norms.last()).map(|(first, last)| first / last);
                lanes.push(KeptLane {
                    loss: lane.loss,
                    held_out: untrack(|| self.held_out_loss(index))
                        .map(|loss| loss as f32)
                        .filter(|loss| loss.is_finite()),
                    solved: stored::first_solved(losses.values(), experiment.task.task()),
                    stopped: lane.stopped.map(|stopped| stopped.update),
                    // Inside an update the trace is of another sequence, and a lane edited since the last update has
                    // another network than its losses.
                    ratio: ratio
                        .filter(|ratio| ratio.is_finite() && report.inside.is_none())
                        .filter(|_| !experiment.edits.iter().any(|edit| just_changed(edit, index))),
                    curve: losses.in_few_points(CURVE_COLUMNS),
                });
            }
        });
        let experiment = stored::remembered(&experiment, report.snapshot.update, crate::BUILD);
        Some(KeptRun { id: js_sys::Date::now() as u64, name: String::new(), experiment, lanes })
    }

    /// Keeps the run on show as the one before when a changed run replaces it: its curves stay as ghosts, and it can be
    /// restored. A run that is already kept only shows its curves; one without updates is dropped.
    pub fn leave_behind(&self) {
        let Some(run) = self.run_on_show().filter(|run| run.experiment.update > 0) else { return };
        let mut is_kept = false;
        self.shelf.contents.update(|contents| {
            let kept = contents.runs.iter_mut().find(|kept| {
                let other = &kept.run.experiment;
                kept.how != How::Before && other.same_run(&run.experiment) && other.update >= run.experiment.update
            });
            is_kept = kept.map(|kept| kept.overlaid = true).is_some();
        });
        if !is_kept {
            self.shelf.leave_behind(run);
        }
    }

    /// Returns the last update that the timeline has a curve for.
    pub fn last_drawn(&self) -> u64 {
        let mut last = self.last_known();
        self.shelf.contents.with_untracked(|contents| {
            for ghost in contents.ghosts() {
                last = last.max(ghost.points.last().map_or(0, |point| point.0 as u64));
            }
        });
        last
    }

    /// Starts a run of `experiment` and replays to its update.
    pub fn start(&self, experiment: Experiment, answer: Answer) {
        self.close_inside();
        if !experiment.same_run(&self.experiment.get_untracked()) {
            self.leave_behind();
        }
        let run = self.run.get_value() + 1;
        self.run.set_value(run);
        self.losses.set_value(Vec::new());
        self.ghosts.set_value(Vec::new());
        self.held_out.set_value(Vec::new());
        self.reach.set_value(Vec::new());
        self.findings.set(None);
        self.asked_why.set_value(None);
        self.draft.set(None);
        self.refusals.set(Vec::new());
        self.playing.set(false);
        self.played.set(experiment.update > 0);
        self.waiting_for_run.set(true);
        let client = self.client();
        client.expect_updates_of(experiment.lane_flops());
        let link = link::format(&experiment);
        self.experiment.set(experiment);
        self.look();
        client.request(|id| Command::Configure { link, run, id }, answer);
    }

    /// Starts the run again from update 0 with one key changed: New weights, New data.
    pub fn start_with(&self, key: &str, value: &str) {
        match self.base().with(key, value).and_then(|experiment| experiment.with("update", "0")) {
            Ok(experiment) => {
                let edits = self.experiment.with_untracked(|experiment| experiment.edits.len());
                let dropped = edits.saturating_sub(experiment.edits.len());
                self.start(experiment, Box::new(|_| ()));
                if dropped > 0 {
                    self.tell(Notice::EditsDropped(dropped));
                }
            }
            Err(problem) => self.tell(Notice::Refused(problem)),
        }
    }

    /// Restarts with the same weights from update 0, and applies waiting changes.
    pub fn reset(&self) {
        self.start_with("update", "0");
    }

    /// Returns the experiment with the waiting changes.
    pub fn base(&self) -> Experiment {
        self.draft.get_untracked().unwrap_or_else(|| self.experiment.get_untracked())
    }

    /// Trains until paused.
    pub fn play(&self, answer: Answer) {
        self.close_inside();
        self.played.set(true);
        self.ask(true, |id| Command::Play { id }, answer);
    }

    /// Stops after the current update; cancels a replay.
    pub fn pause(&self, answer: Answer) {
        self.close_inside();
        self.ask(false, |id| Command::Pause { id }, answer);
    }

    /// Makes so many updates.
    pub fn make_updates(&self, updates: u64, answer: Answer) {
        self.close_inside();
        self.played.set(true);
        self.ask(false, |id| Command::Step { updates, id }, answer);
    }

    /// Goes to an update.
    pub fn seek(&self, update: u64, answer: Answer) {
        self.close_inside();
        self.ask(false, |id| Command::Seek { update, id }, answer);
    }

    /// Calls `answer` when the chosen view is on show.
    pub fn when_shown(&self, answer: Answer) {
        self.client().request(|id| Command::Show { id }, answer);
    }

    /// Runs a benchmark of the engine.
    pub fn bench(&self, spec: BenchSpec, answer: BenchAnswer) {
        self.client().bench(|id| Command::Bench { spec, id }, answer);
    }

    /// Starts a worker again after giving up.
    pub fn try_again(&self) {
        self.notices.update(|notices| {
            notices.retain(|notice| !matches!(notice, Notice::WorkerFailed(_) | Notice::WorkerKeepsFailing(_)))
        });
        self.client().try_again();
        self.rebuild(String::new(), untrack(|| self.update()), false);
    }

    pub(super) fn ask(&self, playing: bool, command: impl FnOnce(u32) -> Command, answer: Answer) {
        self.playing.set(playing);
        self.asked.update_value(|asked| *asked += 1);
        let lab = *self;
        let answered = Box::new(move |outcome| {
            lab.asked.update_value(|asked| *asked -= 1);
            answer(outcome);
        });
        self.client().request(command, answered);
    }

    pub(super) fn client(&self) -> Rc<Client> {
        match self.client.get_value() {
            Some(client) => client,
            None => unreachable!("the client is set before the page is shown"),
        }
    }
}
