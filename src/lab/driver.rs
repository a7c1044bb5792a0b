//! Runs a trainer in small slices, so that whoever hosts it (the browser's worker) hears every command at once.
//!
//! A pure state machine: commands and the time go in, events and the wish to be woken come out. A slice lasts about
//! [`SLICE_MS`], or one lane of one update where that is longer. At most one snapshot is on its way: the next one waits
//! for [`Command::Drawn`].

use std::collections::VecDeque;

use super::bench::{BenchRun, BenchSpec};
use super::experiment::{Experiment, GradientScale, Speed};
use super::keys::MAX_UPDATE;
use super::link;
use super::protocol::{Activity, Command, Event, Report};
use super::trainer::Trainer;

/// Milliseconds of training between two looks into the inbox.
pub const SLICE_MS: f64 = 8.0;
/// Milliseconds between two progress events of a replay.
const PROGRESS_MS: f64 = 50.0;
/// Milliseconds over which updates a second are counted.
const RATE_MS: f64 = 500.0;

/// When the host should call [`Driver::slice`] again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wake {
    /// As soon as the inbox has been heard.
    Now,
    /// After so many milliseconds, or at the next command.
    In(f64),
    /// At the next command.
    OnCommand,
}

/// What the driver is at.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Idle,
    /// Play: the next update is due at this time.
    Playing {
        due: f64,
    },
    /// Updates asked for one by one, up to this one.
    Stepping {
        until: u64,
    },
    /// Replay, from the update at which it began.
    Seeking {
        from: u64,
        until: u64,
        told: f64,
    },
}

/// A command that is answered when the run has got to an update and that has been sent.
#[derive(Clone, Copy)]
struct Goal {
    id: u32,
    update: u64,
}

/// A trainer with an inbox.
pub struct Driver {
    trainer: Trainer,
    run: u32,
    mode: Mode,
    speed: Speed,
    probe: u32,
    batch_norms: bool,
    /// The member of the next batch that is looked at, while one looks inside the next update.
    inside: Option<usize>,
    goals: Vec<Goal>,
    answered: Vec<u32>,
    cancelled: bool,
    /// The last snapshot sent has been drawn.
    drawn: bool,
    /// Something changed since the last snapshot was sent.
    changed: bool,
    /// Updates whose losses have been sent.
    told_losses: u64,
    mid_update: bool,
    rate: Rate,
    bench: Option<(u32, BenchRun)>,
    /// Measurements that wait for that one: two at a time would time each other.
    waiting_benches: VecDeque<(u32, BenchSpec)>,
    events: Vec<Event>,
}

impl Driver {
    /// A driver at update 0 of an experiment.
    pub fn new(experiment: &Experiment) -> Self {
        Self {
            trainer: Trainer::new(experiment),
            run: 0,
            mode: Mode::Idle,
            speed: experiment.speed,
            probe: experiment.probe,
            batch_norms: experiment.scale == GradientScale::Batch,
            inside: None,
            goals: Vec::new(),
            answered: Vec::new(),
            cancelled: false,
            drawn: true,
            changed: false,
            told_losses: 0,
            mid_update: false,
            rate: Rate::default(),
            bench: None,
            waiting_benches: VecDeque::new(),
            events: Vec::new(),
        }
    }

    /// Takes one command. Its effect shows in the next slice.
    pub fn handle(&mut self, command: Command, now: f64) {
        if matches!(command, Command::Play { .. } | Command::Pause { .. } | Command::Step { .. } | Command::Seek { .. })
        {
            self.inside = None;
        }
        match command {
            Command::Configure { link, run, id } => self.configure(&link, run, id, now),
            Command::Play { id } => {
                if self.trainer.update() < MAX_UPDATE && !self.trainer.all_stopped() {
                    self.cancel_replay();
                    self.abandon_goals();
                    self.mode = Mode::Playing { due: now };
                    self.rate = Rate::default();
                }
                self.answer_when_sent(id);
            }
            Command::Pause { id } => {
                self.cancel_replay();
                self.mode = Mode::Idle;
                self.abandon_goals();
                self.answer_when_sent(id);
            }
            Command::Step { updates, id } => {
                self.cancel_replay();
                let from = match self.mode {
                    Mode::Stepping { until } => until,
                    _ => self.trainer.update() + u64::from(self.mid_update),
                };
                if !matches!(self.mode, Mode::Stepping { .. }) {
                    self.abandon_goals();
                }
                self.go_to(from.saturating_add(updates), id, |until| Mode::Stepping { until });
            }
            Command::Seek { update, id } => self.seek(update, id, now),
            Command::Look { probe, batch_norms, speed } => {
                if let (Mode::Playing { due }, true) = (&mut self.mode, speed != self.speed) {
                    // The next update comes when the new speed says, and never just because the speed was changed.
                    *due = due.clamp(now, now + interval_ms(speed));
                    self.rate = Rate::default();
                }
                self.changed |= probe != self.probe || batch_norms != self.batch_norms;
                (self.probe, self.batch_norms, self.speed) = (probe, batch_norms, speed);
            }
            Command::Inside { member, id } => {
                self.cancel_replay();
                self.mode = Mode::Idle;
                self.abandon_goals();
                self.inside = member;
                self.answer_when_sent(id);
            }
            Command::Show { id } => self.answer_when_sent(id),
            Command::Drawn => self.drawn = true,
            Command::Bench { spec, id } => self.waiting_benches.push_back((id, spec)),
            Command::Ping => self.events.push(Event::Pong),
        }
    }

    /// Works for about [`SLICE_MS`], then gives what is to be told and when to go on. `now` reads a clock in milliseconds.
    pub fn slice(&mut self, now: &dyn Fn() -> f64) -> (Vec<Event>, Wake) {
        let start = now();
        self.measure(now);
        let mut time = start;
        while self.is_due(time) {
            self.forgive(time);
            self.mid_update = !self.trainer.step_lane();
            time = now();
            if !self.mid_update {
                self.changed = true;
                self.rate.count(time);
                self.after_update();
            }
            if time - start >= SLICE_MS {
                break;
            }
        }
        self.tell_progress(time);
        self.send_report();
        (std::mem::take(&mut self.events), self.wake(now()))
    }

    /// A slice of the measurement under way, or of the next one that waits.
    fn measure(&mut self, now: &dyn Fn() -> f64) {
        if self.bench.is_none() {
            let Some((id, spec)) = self.waiting_benches.pop_front() else { return };
            match BenchRun::new(&spec) {
                Ok(run) => self.bench = Some((id, run)),
                Err(problem) => self.events.push(Event::BenchRefused { id, problem }),
            }
        }
        if let Some((id, run)) = &mut self.bench
            && let Some(result) = run.slice(SLICE_MS, now)
        {
            self.events.push(Event::Bench { id: *id, result });
            self.bench = None;
        }
    }

    fn configure(&mut self, link: &str, run: u32, id: u32, now: f64) {
        let (experiment, _) = link::parse(link);
        // What was asked of the run before is answered with the first report of this one.
        self.abandon_goals();
        let (events, answered) = (std::mem::take(&mut self.events), std::mem::take(&mut self.answered));
        let (bench, waiting_benches) = (self.bench.take(), std::mem::take(&mut self.waiting_benches));
        let drawn = self.drawn;
        *self = Self { run, events, answered, drawn, bench, waiting_benches, changed: true, ..Self::new(&experiment) };
        self.seek(experiment.update, id, now);
    }

    fn seek(&mut self, update: u64, id: u32, now: f64) {
        self.abandon_goals();
        self.cancelled = false;
        // An update in hand cannot be taken back.
        if update < self.trainer.update() + u64::from(self.mid_update) {
            self.trainer = Trainer::new(&self.trainer.experiment().clone());
            self.mid_update = false;
            self.told_losses = 0;
            self.changed = true;
        }
        let from = self.trainer.update();
        self.go_to(update, id, |until| Mode::Seeking { from, until, told: now });
    }

    fn go_to(&mut self, update: u64, id: u32, mode: impl Fn(u64) -> Mode) {
        let until = update.min(MAX_UPDATE);
        if until <= self.trainer.update() || self.trainer.all_stopped() {
            self.mode = Mode::Idle;
            self.answer_when_sent(id);
        } else {
            self.mode = mode(until);
            self.goals.push(Goal { id, update: until });
        }
    }

    /// A replay that another command than a new replay overtakes stays where it is and says so.
    fn cancel_replay(&mut self) {
        self.cancelled |= matches!(self.mode, Mode::Seeking { .. });
    }

    /// Commands that a newer one overtakes are answered as they stand.
    fn abandon_goals(&mut self) {
        self.answered.extend(self.goals.drain(..).map(|goal| goal.id));
    }

    fn answer_when_sent(&mut self, id: u32) {
        self.answered.push(id);
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

    /// Before an update that is due. What a timer or a slice is late is made good; a machine that cannot keep up, or that
    /// stood still, saves up no updates for later.
    fn forgive(&mut self, now: f64) {
        if let (false, Mode::Playing { due }) = (self.mid_update, &mut self.mode) {
            *due = due.max(now - SLICE_MS);
        }
    }

    fn after_update(&mut self) {
        let update = self.trainer.update();
        let reached = |goal: &Goal| goal.update <= update;
        self.answered.extend(self.goals.iter().filter(|goal| reached(goal)).map(|goal| goal.id));
        self.goals.retain(|goal| !reached(goal));
        match &mut self.mode {
            Mode::Playing { due } => {
                *due += interval_ms(self.speed);
                if update >= MAX_UPDATE {
                    self.mode = Mode::Idle;
                }
            }
            Mode::Stepping { until } | Mode::Seeking { until, .. } if update >= *until => self.mode = Mode::Idle,
            _ => {}
        }
        if self.trainer.all_stopped() {
            self.mode = Mode::Idle;
            self.abandon_goals();
        }
    }

    fn tell_progress(&mut self, now: f64) {
        if let Mode::Seeking { from, until, told } = &mut self.mode
            && now - *told >= PROGRESS_MS
        {
            *told = now;
            let (from, until, update) = (*from, *until, self.trainer.update());
            self.events.push(Event::Progress { run: self.run, from, update, until });
        }
    }

    /// Sends what is shown, if it changed, the last one has been drawn and no replay is under way.
    fn send_report(&mut self) {
        let replaying = matches!(self.mode, Mode::Seeking { .. });
        if !self.changed || !self.drawn || self.mid_update || replaying {
            return;
        }
        let (run, probe, since, batch_norms) = (self.run, self.probe, self.told_losses, self.batch_norms);
        let (snapshot, inside) = match self.inside {
            Some(member) => {
                let (snapshot, inside) = self.trainer.inside(run, probe, since, batch_norms, member);
                (snapshot, Some(inside))
            }
            None => (self.trainer.snapshot(run, probe, since, batch_norms), None),
        };
        self.told_losses = self.trainer.update();
        self.changed = false;
        self.drawn = false;
        self.events.push(Event::Report(Box::new(Report {
            activity: match self.mode {
                Mode::Idle => Activity::Idle,
                Mode::Playing { .. } => Activity::Playing,
                Mode::Stepping { .. } | Mode::Seeking { .. } => Activity::Stepping,
            },
            rate: self.rate.per_second(),
            answered: std::mem::take(&mut self.answered),
            cancelled: std::mem::take(&mut self.cancelled),
            snapshot,
            inside,
        })));
    }

    fn wake(&self, now: f64) -> Wake {
        if self.bench.is_some() || !self.waiting_benches.is_empty() || self.is_due(now) {
            return Wake::Now;
        }
        match self.mode {
            Mode::Playing { due } => Wake::In((due - now).max(0.0)),
            _ => Wake::OnCommand,
        }
    }
}

/// Milliseconds from one update to the next.
fn interval_ms(speed: Speed) -> f64 {
    match speed {
        Speed::PerSecond(rate) => 1000.0 / f64::from(rate),
        Speed::Max => 0.0,
    }
}

/// Counts updates over the last half second or so.
#[derive(Default)]
struct Rate {
    since: Option<f64>,
    count: u32,
    per_second: f64,
}

impl Rate {
    fn count(&mut self, now: f64) {
        let Some(since) = self.since else {
            self.since = Some(now);
            return;
        };
        self.count += 1;
        let elapsed = now - since;
        if elapsed >= RATE_MS {
            self.per_second = f64::from(self.count) * 1000.0 / elapsed;
            (self.since, self.count) = (Some(now), 0);
        } else if self.per_second == 0.0 && elapsed > 0.0 && self.count >= 3 {
            self.per_second = f64::from(self.count) * 1000.0 / elapsed;
        }
    }

    fn per_second(&self) -> f64 {
        self.per_second
    }
}
