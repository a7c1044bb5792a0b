//! The driver, which runs a trainer in small slices, so that its host (the browser's worker) can handle commands in between.
//!
//! It is a state machine without side effects: commands and the time go in, events and the time of the next call come out. A slice
//! lasts about [`SLICE_MS`], or one lane of one update where that is longer. At most one snapshot is in transit: the next one waits
//! for [`Command::Drawn`].

use crate::analysis::bench::{BenchOutcome, BenchQueue};
use crate::analysis::prober::{Prober, Subject};
use crate::experiment::Experiment;
use crate::experiment::limits::MAX_UPDATE;
use crate::experiment::link;
use crate::experiment::settings::{GradientScale, Speed};
use crate::run::reach;
use crate::run::trainer::Trainer;
use crate::worker::event::{Activity, Command, Event, Report};
use crate::worker::rate::Rate;
use crate::worker::requests::Requests;

/// Milliseconds of training between two checks for commands.
pub const SLICE_MS: f64 = 8.0;
/// Milliseconds between two progress events of a replay.
const PROGRESS_MS: f64 = 50.0;

/// The time at which the host should call [`Driver::slice`] again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wake {
    /// Now, after handling commands that have arrived.
    Now,
    /// After so many milliseconds, or at the next command.
    In(f64),
    /// At the next command.
    OnCommand,
}

/// The current activity of the driver.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Idle,
    /// Play: the next update is due at this time.
    Playing {
        due: f64,
    },
    /// Single updates, up to this one.
    Stepping {
        until: u64,
    },
    /// A replay, from the update at which it began.
    Seeking {
        from: u64,
        until: u64,
        sent_at: f64,
    },
}

/// A trainer that handles commands.
pub struct Driver {
    trainer: Trainer,
    run: u32,
    mode: Mode,
    speed: Speed,
    probe: u32,
    batch_norms: bool,
    requests: Requests,
    /// The chosen member of the next batch, and the window of truncation, while the film of the next update is shown.
    inside: Option<(usize, usize)>,
    cancelled: bool,
    /// The last snapshot sent has been drawn.
    drawn: bool,
    /// Something changed since the last snapshot was sent.
    changed: bool,
    /// Number of updates whose losses have been sent and are still valid.
    sent_losses: u64,
    mid_update: bool,
    rate: Rate,
    /// The computation for the open panel.
    prober: Prober,
    benches: BenchQueue,
    events: Vec<Event>,
}

impl Driver {
    /// Makes a driver at update 0 of an experiment.
    pub fn new(experiment: &Experiment) -> Self {
        Self {
            trainer: Trainer::new(experiment),
            run: 0,
            mode: Mode::Idle,
            speed: experiment.speed,
            probe: experiment.probe,
            batch_norms: experiment.scale == GradientScale::Batch,
            requests: Requests::default(),
            inside: None,
            cancelled: false,
            drawn: true,
            changed: false,
            sent_losses: 0,
            mid_update: false,
            rate: Rate::default(),
            prober: Prober::default(),
            benches: BenchQueue::default(),
            events: Vec::new(),
        }
    }

    /// Handles one command. Its effect is in the next slice.
    pub fn handle(&mut self, command: Command, now: f64) {
        if matches!(command, Command::Play { .. } | Command::Pause { .. } | Command::Step { .. } | Command::Seek { .. })
        {
            self.inside = None;
        }
        match command {
            Command::Configure { link, run, id } => self.configure(&link, run, id, now),
            Command::Edit { link, run, id } => self.edit(&link, run, id, now),
            Command::Play { id } => {
                if self.trainer.update() < MAX_UPDATE && !self.trainer.all_stopped() {
                    self.cancel_replay();
                    self.requests.answer_all();
                    self.mode = Mode::Playing { due: now };
                    self.rate = Rate::default();
                }
                self.answer_when_sent(id);
            }
            Command::Pause { id } => {
                self.cancel_replay();
                self.mode = Mode::Idle;
                self.requests.answer_all();
                self.answer_when_sent(id);
            }
            Command::Step { updates, id } => {
                self.cancel_replay();
                self.rate = Rate::default();
                let from = match self.mode {
                    Mode::Stepping { until } => until,
                    _ => self.trainer.update() + u64::from(self.mid_update),
                };
                if !matches!(self.mode, Mode::Stepping { .. }) {
                    self.requests.answer_all();
                }
                self.go_to(from.saturating_add(updates), id, |until| Mode::Stepping { until });
            }
            Command::Seek { update, id } => self.seek(update, id, now),
            Command::Look { probe, batch_norms, speed } => {
                if let (Mode::Playing { due }, true) = (&mut self.mode, speed != self.speed) {
                    // The next update follows the new speed, and is never caused by the change alone.
                    *due = due.clamp(now, now + speed.interval_ms());
                    self.rate = Rate::default();
                }
                self.changed |= probe != self.probe || batch_norms != self.batch_norms;
                (self.probe, self.batch_norms, self.speed) = (probe, batch_norms, speed);
            }
            Command::Inside { member, window, id } => {
                self.cancel_replay();
                self.mode = Mode::Idle;
                self.requests.answer_all();
                self.inside = member.map(|member| (member, window));
                self.answer_when_sent(id);
            }
            Command::Why { why } => self.prober.look(why),
            Command::Layer { layer } => {
                self.trainer.show_layer(layer);
                self.changed = true;
            }
            Command::Show { id } => self.answer_when_sent(id),
            Command::Drawn => self.drawn = true,
            Command::Bench { spec, id } => self.benches.push(id, spec),
            Command::Ping => self.events.push(Event::Pong),
        }
    }

    /// Works for about [`SLICE_MS`]; returns the events to send and the time of the next slice. `now` reads a clock in milliseconds.
    pub fn slice(&mut self, now: &dyn Fn() -> f64) -> (Vec<Event>, Wake) {
        let start = now();
        match self.benches.slice(SLICE_MS, now) {
            Some((id, BenchOutcome::Done(result))) => self.events.push(Event::Bench { id, result }),
            Some((id, BenchOutcome::Refused(problem))) => self.events.push(Event::BenchRefused { id, problem }),
            None => {}
        }
        let mut time = start;
        while self.is_due(time) {
            self.limit_lateness(time);
            if self.changed && !self.mid_update {
                self.send_reach();
            }
            self.mid_update = !self.trainer.step_lane();
            time = now();
            if !self.mid_update {
                self.changed = true;
                // The speed of a replay is not the speed of training.
                if !matches!(self.mode, Mode::Seeking { .. }) {
                    self.rate.count(time);
                }
                self.after_update();
            }
            if time - start >= SLICE_MS {
                break;
            }
        }
        self.send_progress(time);
        self.send_report();
        if self.may_probe() {
            let (subject, training) = (self.subject(), self.mode != Mode::Idle);
            let found = self.prober.slice(&mut self.trainer, subject, training, now);
            self.events.extend(found.map(|found| Event::Findings(Box::new(found))));
        }
        (std::mem::take(&mut self.events), self.wake(now()))
    }

    fn configure(&mut self, link: &str, run: u32, id: u32, now: f64) {
        let (experiment, _) = link::parse(link);
        // Requests to the run before are answered with the first report of this one.
        self.requests.answer_all();
        let (events, requests) = (std::mem::take(&mut self.events), std::mem::take(&mut self.requests));
        let (benches, drawn, prober) = (std::mem::take(&mut self.benches), self.drawn, self.prober.afresh());
        *self = Self { run, events, requests, drawn, benches, prober, changed: true, ..Self::new(&experiment) };
        self.seek(experiment.update, id, now);
    }

    /// Continues the run with other edits. Losses sent for updates after the first difference are no longer valid.
    fn edit(&mut self, link: &str, run: u32, id: u32, now: f64) {
        let (experiment, _) = link::parse(link);
        if !experiment.same_run(self.trainer.experiment()) {
            return self.configure(link, run, id, now);
        }
        let at = self.trainer.update();
        if let Some(difference) = self.trainer.edit(&experiment) {
            self.sent_losses = self.sent_losses.min(difference);
            self.mid_update &= difference > at;
        }
        self.run = run;
        self.inside = None;
        self.changed = true;
        self.seek(experiment.update, id, now);
    }

    fn seek(&mut self, update: u64, id: u32, now: f64) {
        self.requests.answer_all();
        self.cancelled = false;
        self.rate = Rate::default();
        if self.trainer.approach(update.min(MAX_UPDATE)) {
            self.mid_update = false;
            self.changed = true;
        }
        let from = self.trainer.update();
        self.go_to(update, id, |until| Mode::Seeking { from, until, sent_at: now });
    }

    fn go_to(&mut self, update: u64, id: u32, mode: impl Fn(u64) -> Mode) {
        let until = update.min(MAX_UPDATE);
        if until <= self.trainer.update() || self.trainer.all_stopped() {
            self.mode = Mode::Idle;
            self.answer_when_sent(id);
        } else {
            self.mode = mode(until);
            self.requests.answer_at(until, id);
        }
    }

    /// Ends a replay where it is, and marks the next report as that of a cancelled one.
    fn cancel_replay(&mut self) {
        self.cancelled |= matches!(self.mode, Mode::Seeking { .. });
    }

    fn answer_when_sent(&mut self, id: u32) {
        self.requests.answer(id);
        self.changed = true;
    }

    fn is_due(&self, now: f64) -> bool {
        self.mid_update
            || match self.mode {
                Mode::Idle => false,
                Mode::Playing { due } => self.speed == Speed::Max || now >= due,
                Mode::Stepping { .. } | Mode::Seeking { .. } => true,
            }
    }

    /// Limits the updates that are made up for when late to those of one slice, so that a machine that is too slow, or was suspended,
    /// does not accumulate them.
    fn limit_lateness(&mut self, now: f64) {
        if let (false, Mode::Playing { due }) = (self.mid_update, &mut self.mode) {
            *due = due.max(now - SLICE_MS);
        }
    }

    fn after_update(&mut self) {
        let update = self.trainer.update();
        self.requests.reached(update);
        match &mut self.mode {
            Mode::Playing { due } => {
                *due += self.speed.interval_ms();
                if update >= MAX_UPDATE {
                    self.mode = Mode::Idle;
                }
            }
            Mode::Stepping { until } | Mode::Seeking { until, .. } if update >= *until => self.mode = Mode::Idle,
            _ => {}
        }
        if self.trainer.all_stopped() {
            self.mode = Mode::Idle;
            self.requests.answer_all();
        }
    }

    /// Sends the gradient's reach at an update that no report has shown, as most are in a replay and at full speed.
    fn send_reach(&mut self) {
        let update = self.trainer.update();
        if update.is_multiple_of(reach::updates_per_column(update)) {
            let (run, probe, (layer, norms)) = (self.run, self.probe, self.trainer.reach(self.probe));
            self.events.push(Event::Reach { run, probe, layer, update, norms });
        }
    }

    fn send_progress(&mut self, now: f64) {
        if let Mode::Seeking { from, until, sent_at } = &mut self.mode
            && now - *sent_at >= PROGRESS_MS
        {
            *sent_at = now;
            let (from, until, update) = (*from, *until, self.trainer.update());
            self.events.push(Event::Progress { run: self.run, from, update, until });
        }
    }

    /// Sends a report, if anything changed, the last one has been drawn and there is no replay.
    fn send_report(&mut self) {
        let replaying = matches!(self.mode, Mode::Seeking { .. });
        if !self.changed || !self.drawn || self.mid_update || replaying {
            return;
        }
        // After going back, the page still has the losses up to here.
        let since = self.sent_losses.min(self.trainer.update());
        let (run, probe, batch_norms) = (self.run, self.probe, self.batch_norms);
        let (snapshot, inside) = match self.inside {
            Some(choice) => {
                let (snapshot, inside) = self.trainer.inside(run, probe, since, batch_norms, choice);
                (snapshot, Some(inside))
            }
            None => (self.trainer.snapshot(run, probe, since, batch_norms), None),
        };
        self.sent_losses = self.trainer.update();
        self.changed = false;
        self.drawn = false;
        self.events.push(Event::Report(Box::new(Report {
            activity: match self.mode {
                Mode::Idle => Activity::Idle,
                Mode::Playing { .. } => Activity::Playing,
                Mode::Stepping { .. } | Mode::Seeking { .. } => Activity::Stepping,
            },
            rate: self.rate.per_second(),
            answered: self.requests.take_due(),
            cancelled: std::mem::take(&mut self.cancelled),
            snapshot,
            inside,
        })));
    }

    fn wake(&self, now: f64) -> Wake {
        if self.benches.is_busy() || self.is_due(now) {
            return Wake::Now;
        }
        let wants = self.prober.wants(self.subject(), self.mode != Mode::Idle, now).filter(|_| self.may_probe());
        match (self.mode, wants) {
            (_, Some(0.0)) => Wake::Now,
            (Mode::Playing { due }, wants) => Wake::In((due - now).max(0.0).min(wants.unwrap_or(f64::INFINITY))),
            (_, Some(rest)) => Wake::In(rest),
            _ => Wake::OnCommand,
        }
    }

    /// Whether the networks are those on show: not within an update, in a replay, or in the film of an update.
    fn may_probe(&self) -> bool {
        !self.mid_update && self.inside.is_none() && !matches!(self.mode, Mode::Seeking { .. })
    }

    fn subject(&self) -> Subject {
        Subject { run: self.run, update: self.trainer.update(), probe: self.probe }
    }
}
