//! Handling of the worker's messages, and the timing of their display.

use std::sync::Arc;

use leptos::prelude::*;

use super::Lab;
use super::Notice;
use super::Replay;
use crate::address;
use crate::client::{Told, now};
use charts::history::LossHistory;
use charts::reach::ReachHistory;
use lab::worker::event::{Activity, Command, Event, Report};

/// Maximum milliseconds for drawing a report, so that every frame can draw one.
const BUSY_MS: f64 = 5.0;
/// Milliseconds between two changes of texts while training plays: charts move every frame, but words must be readable.
const CALM_MS: f64 = 300.0;
/// The same as a multiple of the drawing time.
const CALM_SHARE: f64 = 40.0;
/// Milliseconds before a hidden page asks for the next report.
const HIDDEN_MS: u64 = 500;

impl Lab {
    pub(super) fn handle_message(&self, told: Told) {
        match told {
            Told::Event(Event::Report(report)) => self.receive(Arc::from(report)),
            Told::Event(Event::Progress { run, from, update, until }) if run == self.run.get_value() => {
                self.replay.set(Some(Replay { from, update, until }));
            }
            Told::Event(Event::Reach { run, probe, layer, update, norms }) if run == self.run.get_value() => {
                self.record_reach((probe, layer), update, norms.iter().map(Vec::as_slice));
            }
            Told::Event(Event::Findings(found)) if found.run == self.run.get_value() => {
                self.findings.set(Some(Arc::from(found)));
            }
            Told::Event(_) => {}
            Told::Died(what) => {
                let update = untrack(|| self.update());
                let until = self.replay.get_untracked().map_or(update, |replay| replay.until);
                let playing = self.playing.get_untracked();
                // The answers of the lost requests must be called before the run is rebuilt.
                let lab = *self;
                set_timeout(move || lab.rebuild(what, until, playing), std::time::Duration::ZERO);
            }
            Told::CannotStart(reason) => self.give_up(Notice::WorkerFailed(reason)),
            Told::KeepsFailing(reason) => self.give_up(Notice::WorkerKeepsFailing(reason)),
        }
    }

    /// Stops waiting for results when there is no worker.
    fn give_up(&self, notice: Notice) {
        self.playing.set(false);
        self.replay.set(None);
        self.tell(notice);
    }

    /// After the worker failed, replays the same run to where it was, and resumes it if it was playing.
    pub(super) fn rebuild(&self, what: String, update: u64, playing: bool) {
        self.asked.set_value(0);
        let lab = *self;
        let told = Box::new(move |outcome: Result<(), _>| {
            if outcome.is_err() {
                return;
            }
            let there = untrack(|| lab.update());
            lab.tell(Notice::WorkerRestarted(what, there));
            // Playing before the replay's end would overtake it, and after a cancelled replay nobody wants it.
            if playing && there == update {
                lab.play(Box::new(|_| ()));
            }
        });
        match self.experiment.get_untracked().with("update", &update.to_string()) {
            Ok(experiment) => {
                let draft = self.draft.get_untracked();
                self.start(experiment, told);
                self.draft.set(draft);
            }
            Err(problem) => self.tell(Notice::Refused(problem)),
        }
    }

    /// Adds a report's losses to the run and schedules it for the next frame; a hidden page shows it when seen again.
    pub(super) fn receive(&self, report: Arc<Report>) {
        if report.snapshot.run != self.run.get_value() {
            // The run has ended: the report is not shown, but its requests are answered.
            self.client().send(Command::Drawn);
            return self.client().answer(&report.answered);
        }
        self.take_losses(&report);
        let scheduled = self.waiting.with_value(Option::is_some);
        let report_is_of_play = report.activity == Activity::Playing;
        self.waiting.set_value(Some(report));
        if scheduled {
            return;
        }
        let lab = *self;
        if document().hidden() {
            set_timeout(move || lab.present(), std::time::Duration::from_millis(HIDDEN_MS));
        } else if self.drawing_ms.get_value() > BUSY_MS && report_is_of_play {
            // Draws in every second frame; the lanes are drawn in the one between.
            request_animation_frame(move || request_animation_frame(move || lab.present()));
        } else {
            request_animation_frame(move || lab.present());
        }
    }

    pub(super) fn take_losses(&self, report: &Report) {
        self.losses.update_value(|losses| {
            losses.resize_with(report.snapshot.lanes.len(), LossHistory::new);
            for (history, lane) in losses.iter_mut().zip(&report.snapshot.lanes) {
                let (from, new) = &lane.new_losses;
                // The same run has the same losses again, so the overlap is skipped.
                let known = (history.len() + 1).saturating_sub(*from as usize);
                history.extend(new.get(known..).unwrap_or_default());
            }
        });
        self.held_out.update_value(|held| {
            held.resize_with(report.snapshot.lanes.len(), LossHistory::new);
            for (history, lane) in held.iter_mut().zip(&report.snapshot.lanes) {
                let (from, new) = &lane.held_out;
                let known = history.len().saturating_sub(*from as usize);
                history.extend(new.get(known..).unwrap_or_default());
            }
        });
        self.ghosts.update_value(|ghosts| {
            ghosts.resize_with(report.snapshot.lanes.len(), LossHistory::new);
            for (k, (history, lane)) in ghosts.iter_mut().zip(&report.snapshot.lanes).enumerate() {
                let Some((from, new)) = lane.ghost.as_ref().map(|ghost| &ghost.new_losses) else { continue };
                if new.is_empty() {
                    continue;
                }
                // Before the edits separate them, both have the same losses.
                let missing = history.len()..(*from as usize - 1).max(history.len());
                self.losses.with_value(|losses| {
                    let shared = losses.get(k).and_then(|losses| losses.values().get(missing));
                    history.extend(shared.unwrap_or_default());
                });
                let known = (history.len() + 1).saturating_sub(*from as usize);
                history.extend(new.get(known..).unwrap_or_default());
            }
        });
    }

    pub(super) fn take_reach(&self, report: &Report) {
        let snapshot = &report.snapshot;
        let layer = snapshot.lanes.iter().map(|lane| lane.trace.layer).max().unwrap_or(0);
        let norms = snapshot.lanes.iter().map(|lane| lane.trace.reach_norms());
        self.record_reach((snapshot.sequence.probe, layer), snapshot.update, norms);
    }

    /// Records how far back each lane's gradient reached. Another sequence or layer starts a new record.
    pub(super) fn record_reach<'a>(&self, story: (u32, usize), update: u64, norms: impl Iterator<Item = &'a [f64]>) {
        let another = self.reach_of.try_update_value(|of| of.replace(story)).flatten() != Some(story);
        self.reach.update_value(|reach| {
            if another {
                reach.clear();
            }
            for (lane, norms) in norms.enumerate() {
                if reach.len() == lane {
                    reach.push(ReachHistory::new(norms.len(), lab::run::reach::COLUMNS));
                }
                reach[lane].record(update, norms);
            }
        });
    }

    /// Shows the current report in the lanes, too.
    pub fn catch_up(&self) {
        let report = self.report.get_untracked();
        let same = |lanes: &Option<Arc<Report>>| lanes.as_ref().map(Arc::as_ptr) == report.as_ref().map(Arc::as_ptr);
        if !self.lanes_report.with_untracked(same) {
            self.lanes_report.set(report);
        }
    }

    pub(super) fn present(&self) {
        let Some(report) = self.waiting.try_update_value(Option::take).flatten() else { return };
        // The worker can compute the next report while this one is drawn.
        self.client().send(Command::Drawn);
        if report.snapshot.run != self.run.get_value() {
            return self.client().answer(&report.answered);
        }
        self.replay.set(None);
        if self.waiting_for_run.get_untracked() {
            self.waiting_for_run.set(false);
        }
        if report.cancelled {
            self.tell(Notice::ReplayCancelled(report.snapshot.update));
        }
        let idle = report.activity == Activity::Idle;
        let time = now();
        // If drawing is slow, texts change less often, as they would otherwise take the time of the frames.
        let calm = CALM_MS.max(CALM_SHARE * self.drawing_ms.get_value());
        if idle || time - self.calm_at.get_value() >= calm {
            self.calm_at.set_value(time);
            self.calm.set(Some(Arc::clone(&report)));
            let lab = *self;
            // Uses the newest report, as training may have paused meanwhile.
            let inspect = move || lab.inspected.set(lab.calm.get_untracked());
            if idle {
                inspect();
            } else {
                request_animation_frame(move || request_animation_frame(inspect));
            }
        }
        if report.inside.is_none() {
            self.take_reach(&report);
        } else if self.member.get_value().is_some() {
            self.inside.set(Some(Arc::clone(&report)));
        }
        self.report.set(Some(Arc::clone(&report)));
        let lab = *self;
        if report.activity == Activity::Playing && self.drawing_ms.get_value() > BUSY_MS {
            request_animation_frame(move || lab.catch_up());
        } else {
            self.catch_up();
        }
        // Effects draw in a microtask; answers come after it.
        set_timeout(
            move || {
                lab.drawing_ms.set_value(now() - time);
                lab.client().answer(&report.answered);
                // No report comes during a replay, so the first one is the end of the link's own.
                if let Some(ready) = lab.on_ready.try_update_value(Option::take).flatten() {
                    ready();
                }
                if lab.asked.get_value() == 0 && lab.playing.get_untracked() != (report.activity == Activity::Playing) {
                    lab.playing.set(report.activity == Activity::Playing);
                }
                if idle {
                    address::write(&lab);
                }
            },
            std::time::Duration::ZERO,
        );
    }
}
