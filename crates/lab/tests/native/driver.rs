//! The driver under a clock of our own: pacing, and every request answered.

use std::cell::Cell;

use lab::Experiment;
use lab::Findings;
use lab::Snapshot;
use lab::Speed;
use lab::Why;
use lab::analysis::bench::BenchSpec;
use lab::analysis::findings::{Check, Found};
use lab::experiment::limits::MAX_UPDATE;
use lab::run::reach::updates_per_column;
use lab::worker::driver::{Driver, SLICE_MS, Wake};
use lab::worker::event::{Activity, Command, Event, Report};

use test_utils::bits::bits;
use test_utils::runs::{experiment, snapshot, trained};

/// A host whose clock moves a little with every reading, as if the work between readings took that long.
struct Host {
    driver: Driver,
    clock: Cell<f64>,
    work_ms: f64,
    /// Reports are drawn as soon as they are there.
    draws: bool,
    reports: Vec<Report>,
    others: Vec<Event>,
    /// The reach of the gradient at each update with such an event or a report: update, and norms of each lane.
    reach: Vec<(u64, Vec<Vec<f64>>)>,
    wake: Wake,
}

const SMALL: &str = "len=4&hidden=2&batch=2";

impl Host {
    fn new(hash: &str) -> Self {
        Self::with_work(hash, 0.25)
    }

    fn with_work(hash: &str, work_ms: f64) -> Self {
        let mut host = Self {
            driver: Driver::new(&Experiment::default()),
            clock: Cell::new(1000.0),
            work_ms,
            draws: true,
            reports: vec![],
            others: vec![],
            reach: vec![],
            wake: Wake::OnCommand,
        };
        host.configure(hash, 1, 1);
        host.settle();
        assert_eq!(host.take_answers(), [1]);
        host
    }

    fn configure(&mut self, hash: &str, run: u32, id: u32) {
        experiment(hash);
        self.send(Command::Configure { link: hash.to_owned(), run, id });
    }

    fn send(&mut self, command: Command) {
        self.driver.handle(command, self.clock.get());
        self.wake = Wake::Now;
    }

    fn slice(&mut self) {
        let now = || {
            self.clock.set(self.clock.get() + self.work_ms);
            self.clock.get()
        };
        let (events, wake) = self.driver.slice(&now);
        self.wake = wake;
        for event in events {
            match event {
                Event::Report(report) => {
                    let Snapshot { update, lanes, .. } = &report.snapshot;
                    let norms = || lanes.iter().map(|lane| lane.trace.reach_norms().to_vec()).collect();
                    // What is shown need not be told, and may be shown more than once.
                    if update % updates_per_column(*update) == 0
                        && self.reach.last().is_none_or(|last| last.0 != *update)
                    {
                        self.reach.push((*update, norms()));
                    }
                    self.reports.push(*report);
                    if self.draws {
                        self.send(Command::Drawn);
                    }
                }
                Event::Reach { update, norms, .. } => self.reach.push((update, norms)),
                other => self.others.push(other),
            }
        }
    }

    /// Lets the driver work until it waits for a command.
    fn settle(&mut self) {
        for _ in 0..3_000_000 {
            match self.wake {
                Wake::OnCommand => return,
                Wake::In(ms) => self.clock.set(self.clock.get() + ms),
                Wake::Now => {}
            }
            self.slice();
        }
        panic!("the driver never comes to rest");
    }

    /// Lets so much time pass.
    fn run_for(&mut self, ms: f64) {
        let end = self.clock.get() + ms;
        while self.clock.get() < end {
            match self.wake {
                Wake::OnCommand => self.clock.set(end),
                Wake::In(ms) => self.clock.set((self.clock.get() + ms).min(end)),
                Wake::Now => {}
            }
            if self.clock.get() < end {
                self.slice();
            }
        }
    }

    /// Time passes without the driver being called.
    fn stall(&mut self, ms: f64) {
        self.clock.set(self.clock.get() + ms);
    }

    fn take_answers(&mut self) -> Vec<u32> {
        self.reports.iter_mut().flat_map(|report| std::mem::take(&mut report.answered)).collect()
    }

    fn last(&self) -> &Report {
        self.reports.last().unwrap()
    }

    fn update(&self) -> u64 {
        self.last().snapshot.update
    }

    fn speed(&mut self, speed: Speed) {
        self.send(Command::Look { probe: 0, batch_norms: false, speed });
    }
}

#[test]
fn play_makes_as_many_updates_a_second_as_the_speed_says() {
    for (rate, work_ms) in [(1, 0.25), (7, 2.0), (40, 0.25), (40, 3.0), (40, 4.5), (100, 1.0), (1000, 0.05)] {
        let mut host = Host::with_work(SMALL, work_ms);
        host.speed(Speed::PerSecond(rate));
        host.send(Command::Play { id: 2 });
        for second in 1..=3 {
            host.run_for(1000.0);
            let (made, due) = (host.update(), second * u64::from(rate));
            assert!(made.abs_diff(due) <= 1 + due / 100, "{made} updates in {second} s at {rate}/s, {work_ms} ms each");
        }
        if rate >= 40 {
            let said = host.last().rate;
            assert!((said / f64::from(rate) - 1.0).abs() < 0.1, "says {said} a second at {rate}");
        }
        assert_eq!((host.last().activity, host.take_answers()), (Activity::Playing, vec![2]));
    }
}

#[test]
fn a_stall_is_not_made_good_by_a_burst() {
    for rate in [1, 10, 40] {
        let mut host = Host::new(SMALL);
        host.speed(Speed::PerSecond(rate));
        host.send(Command::Play { id: 2 });
        host.run_for(2000.0);
        let before = host.update();
        host.stall(60_000.0);
        host.run_for(5000.0 / f64::from(rate));
        let made = host.update() - before;
        assert!((5..=6).contains(&made), "{made} updates in the time of five, at {rate}/s");
    }
}

#[test]
fn changing_the_speed_makes_no_update_by_itself() {
    let mut host = Host::new(SMALL);
    host.speed(Speed::PerSecond(1));
    host.send(Command::Play { id: 2 });
    host.run_for(500.0);
    assert_eq!(host.update(), 1);
    for rate in 2..=20 {
        // Dragging the control within half a second, faster than any of these speeds.
        host.speed(Speed::PerSecond(1 + rate % 2));
        host.run_for(20.0);
    }
    assert_eq!(host.update(), 1);
    host.speed(Speed::PerSecond(100));
    host.run_for(1000.0);
    assert!((99..=102).contains(&(host.update() - 1)), "{}", host.update());
    host.speed(Speed::Max);
    host.run_for(500.0);
    host.speed(Speed::PerSecond(1));
    let before = host.update();
    host.run_for(3000.0);
    assert!((3..=4).contains(&(host.update() - before)), "{} updates in 3 s at 1/s", host.update() - before);
}

#[test]
fn the_highest_speed_trains_all_the_time_and_reports_once_a_frame() {
    let mut host = Host::new(SMALL);
    host.draws = false;
    host.send(Command::Drawn);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    let before = host.reports.len();
    for frame in 1..=60 {
        host.run_for(16.0);
        assert!(host.reports.len() - before <= frame, "at most one report until it is drawn");
        host.send(Command::Drawn);
    }
    assert!(host.reports.len() - before >= 55);
    // Two lanes an update, 0.25 ms each; a few slices have readings around them.
    assert!(host.update() > 60 * 16 * 2 * 8 / 10, "{} updates", host.update());
}

#[test]
fn without_drawn_there_is_one_report_and_training_goes_on() {
    let mut host = Host::new(SMALL);
    host.draws = false;
    host.send(Command::Play { id: 2 });
    let before = host.reports.len();
    host.run_for(2000.0);
    assert_eq!(host.reports.len(), before + 1);
    let seen = host.update();
    host.send(Command::Drawn);
    host.run_for(1.0);
    assert_eq!(host.reports.len(), before + 2);
    assert!(host.update() >= seen + 75, "trained on: {seen} and then {}", host.update());
    // And the losses in between are not lost.
    let (from, losses) = &host.last().snapshot.lanes[0].new_losses;
    assert_eq!((*from, *from + losses.len() as u64), (seen + 1, host.update() + 1));
}

#[test]
fn every_loss_is_told_once_and_in_order() {
    let mut host = Host::new(SMALL);
    let before = host.reports.len();
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    host.run_for(300.0);
    host.send(Command::Pause { id: 3 });
    host.settle();
    let expected = trained(SMALL, host.update());
    for lane in 0..2 {
        let mut told: Vec<f32> = Vec::new();
        for report in &host.reports[before..] {
            let (from, losses) = &report.snapshot.lanes[lane].new_losses;
            assert_eq!(*from as usize, told.len() + 1);
            told.extend(losses);
        }
        assert_eq!(told, expected.losses(lane));
    }
}

#[test]
fn pause_stops_after_the_update_in_hand() {
    // A lane takes longer than a slice, so that a slice ends in the middle of an update.
    let mut host = Host::with_work(SMALL, SLICE_MS + 1.0);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    host.settle_mid_update();
    let before = host.update();
    host.send(Command::Pause { id: 3 });
    host.settle();
    assert_eq!((host.update(), host.last().activity), (before + 1, Activity::Idle));
    assert_eq!(host.take_answers(), [2, 3]);
    assert_eq!(bits(&host.last().snapshot).0, bits(&of_run(SMALL, host.last())).0);
    host.run_for(10_000.0);
    assert_eq!(host.update(), before + 1);
}

impl Host {
    /// Goes on until the driver has made one lane's part of an update, but not the other's.
    fn settle_mid_update(&mut self) {
        while self.update() < 3 {
            self.slice();
        }
        // One lane a slice: the last one, which gave the report, made the second lane's part.
        self.slice();
        assert_eq!(self.wake, Wake::Now);
    }
}

/// The same run, made by the trainer alone, as this report shows it.
fn of_run(hash: &str, report: &Report) -> lab::Snapshot {
    let mut trainer = trained(hash, report.snapshot.update);
    let since = report.snapshot.lanes[0].new_losses.0 - 1;
    trainer.snapshot(report.snapshot.run, report.snapshot.sequence.probe, since, false)
}

#[test]
fn step_answers_when_its_updates_are_done_and_shown() {
    let mut host = Host::new(SMALL);
    for (updates, id, expected) in [(1, 2, 1), (3, 3, 4), (500, 4, 504), (0, 5, 504)] {
        host.send(Command::Step { updates, id });
        host.settle();
        assert_eq!((host.update(), host.last().activity), (expected, Activity::Idle));
        assert_eq!(host.last().answered, [id]);
        host.take_answers();
    }
    assert_eq!(bits(&host.last().snapshot).0, bits(&of_run(SMALL, host.last())).0);
}

#[test]
fn steps_add_up() {
    let mut host = Host::with_work(SMALL, SLICE_MS);
    host.send(Command::Step { updates: 3, id: 2 });
    host.slice();
    host.send(Command::Step { updates: 2, id: 3 });
    host.send(Command::Step { updates: 1, id: 4 });
    host.settle();
    assert_eq!(host.update(), 6);
    for report in &host.reports {
        let done = report.snapshot.update;
        for (id, due) in [(2, 3), (3, 5), (4, 6)] {
            assert!(!report.answered.contains(&id) || done >= due, "{id} answered at {done}");
        }
    }
    assert_eq!(host.take_answers(), [2, 3, 4]);
}

#[test]
fn a_step_in_the_middle_of_an_update_counts_from_its_end() {
    let mut host = Host::with_work(SMALL, SLICE_MS + 1.0);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    host.settle_mid_update();
    let before = host.update();
    host.send(Command::Step { updates: 1, id: 3 });
    host.settle();
    assert_eq!((host.update(), host.take_answers()), (before + 2, vec![2, 3]));
}

#[test]
fn seek_goes_on_and_back_to_the_same_bits() {
    let mut host = Host::new(SMALL);
    let mut shown = vec![];
    for (update, id) in [(30, 2), (100, 3), (30, 4), (0, 5), (100, 6), (100, 7)] {
        host.send(Command::Seek { update, id });
        host.settle();
        assert_eq!((host.update(), host.take_answers()), (update, vec![id]));
        assert!(!host.last().cancelled);
        let mut expected = trained(SMALL, update);
        let (mut found, mut expected) = (host.last().snapshot.clone(), snapshot(&mut expected));
        for lane in found.lanes.iter_mut().chain(&mut expected.lanes) {
            lane.new_losses = (0, vec![]);
        }
        expected.run = found.run;
        assert_eq!(bits(&found), bits(&expected), "update {update}");
        shown.push(bits(&found));
    }
    assert_eq!((&shown[0], &shown[1]), (&shown[2], &shown[4]));
}

#[test]
fn after_a_seek_back_only_losses_that_the_page_has_not_are_told() {
    let mut host = Host::new(SMALL);
    let before = host.reports.len();
    for (update, id) in [(50, 2), (20, 3), (35, 4), (0, 5), (60, 6)] {
        host.send(Command::Seek { update, id });
        host.settle();
    }
    // What a page keeps that goes by where each report's losses begin.
    let expected = trained(SMALL, 60);
    let mut known: Vec<f32> = vec![];
    let mut begins = vec![];
    for report in &host.reports[before..] {
        let (from, losses) = &report.snapshot.lanes[1].new_losses;
        begins.push(*from);
        known.truncate(*from as usize - 1);
        known.extend(losses);
        assert_eq!(known, expected.losses(1)[..report.snapshot.update as usize]);
    }
    assert_eq!(begins, [1, 21, 21, 1, 1]);
}

#[test]
fn play_after_a_seek_back_goes_on_as_it_did_before() {
    let hash = "len=6&hidden=4&batch=2&lanes=rnn-tanh,lstm";
    let mut host = Host::new(hash);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    host.run_for(200.0);
    let furthest = host.update();
    host.send(Command::Seek { update: furthest / 3, id: 3 });
    host.run_for(50.0);
    assert_eq!((host.update(), host.last().activity), (furthest / 3, Activity::Idle));
    host.send(Command::Play { id: 4 });
    while host.update() < furthest + 50 {
        host.run_for(20.0);
        let mut straight = trained(hash, host.update());
        let since = host.last().snapshot.lanes[0].new_losses.0 - 1;
        assert_eq!(bits(&host.last().snapshot), bits(&straight.snapshot(1, 0, since, false)));
    }
}

#[test]
fn of_many_seeks_the_newest_wins_at_once_and_is_a_short_replay_away() {
    let mut host = Host::new(SMALL);
    host.send(Command::Seek { update: 3000, id: 2 });
    host.settle();
    host.take_answers();
    // A drag back and forth, a few places before each slice.
    let places: Vec<u64> = (0..300).map(|k| (k * 737) % 3001).collect();
    for (turn, targets) in places.chunks(3).enumerate() {
        let before = host.reports.len();
        for (k, &update) in targets.iter().enumerate() {
            host.send(Command::Seek { update, id: (turn * 3 + k) as u32 + 10 });
        }
        let start = host.clock.get();
        host.settle();
        // At most 10 updates of two lanes, 0.25 ms each, and the readings around them.
        assert!(host.clock.get() - start <= 10.0, "{} ms to {}", host.clock.get() - start, targets[2]);
        assert_eq!((host.reports.len() - before, host.update()), (1, targets[2]));
        assert_eq!(host.last().answered.len(), 3);
    }
    assert_eq!(bits(&host.last().snapshot).0, bits(&of_run(SMALL, host.last())).0);
}

#[test]
fn the_rate_is_that_of_what_is_done_now() {
    let mut host = Host::new(SMALL);
    host.speed(Speed::PerSecond(100));
    host.send(Command::Play { id: 2 });
    host.run_for(2000.0);
    assert!(host.last().rate > 80.0);
    for command in [Command::Step { updates: 1, id: 3 }, Command::Seek { update: 5, id: 4 }] {
        host.send(Command::Play { id: 5 });
        host.run_for(1000.0);
        host.send(command);
        host.settle();
        assert_eq!(host.last().rate, 0.0);
    }
}

#[test]
fn a_seek_ahead_in_the_middle_of_an_update_goes_on_from_there() {
    let mut host = Host::with_work(SMALL, SLICE_MS + 1.0);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    host.settle_mid_update();
    let before = host.update();
    host.others.clear();
    host.send(Command::Seek { update: before + 20, id: 3 });
    host.settle();
    assert_eq!(host.update(), before + 20);
    let began = |event: &Event| matches!(event, Event::Progress { from, until, .. } if *from == before && *until == before + 20);
    assert!(!host.others.is_empty() && host.others.iter().all(began), "{:?}", host.others);
    // Back to the update that is half gone, the run has to go back.
    host.send(Command::Play { id: 4 });
    host.slice();
    host.send(Command::Seek { update: before + 20, id: 5 });
    host.settle();
    assert_eq!(host.update(), before + 20);
    assert_eq!(bits(&host.last().snapshot).0, bits(&of_run(SMALL, host.last())).0);
    assert_eq!(host.take_answers(), [2, 3, 4, 5]);
}

#[test]
fn a_replay_tells_how_far_it_is_and_shows_nothing_in_between() {
    let mut host = Host::new(SMALL);
    let before = host.reports.len();
    host.configure(&format!("{SMALL}&update=2000"), 2, 2);
    host.settle();
    assert_eq!((host.reports.len() - before, host.update(), host.last().snapshot.run), (1, 2000, 2));
    let progress: Vec<u64> = host
        .others
        .iter()
        .map(|event| match event {
            Event::Progress { run: 2, from: 0, update, until: 2000 } => *update,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(progress.len() >= 5 && progress.is_sorted(), "{progress:?}");
    assert_eq!(host.take_answers(), [2]);
}

#[test]
fn how_far_back_the_gradient_reached_is_told_of_every_column_also_where_nothing_is_shown() {
    for (hash, how) in [(format!("{SMALL}&update=600"), "a replay"), (SMALL.to_owned(), "full speed")] {
        let mut host = Host::new(SMALL);
        host.reach.clear();
        host.speed(Speed::Max);
        host.configure(&hash, 2, 2);
        host.settle();
        if how == "full speed" {
            host.send(Command::Step { updates: 600, id: 3 });
            host.settle();
        }
        let expected: Vec<u64> = (0..=600).filter(|update| update % updates_per_column(*update) == 0).collect();
        assert_eq!(host.reach.iter().map(|told| told.0).collect::<Vec<_>>(), expected, "{how}");
        // Update 300 is in a column; its norms are those that a snapshot there has.
        let there = snapshot(&mut trained(SMALL, 300));
        let norms: Vec<&[f64]> = there.lanes.iter().map(|lane| lane.trace.reach_norms()).collect();
        let told = host.reach.iter().find(|told| told.0 == 300).expect("told");
        assert_eq!(told.1, norms, "{how}");
    }
}

#[test]
fn a_cancelled_replay_stays_and_says_so() {
    let commands: [fn(u32) -> Command; 3] =
        [|id| Command::Pause { id }, |id| Command::Play { id }, |id| Command::Step { updates: 1, id }];
    for command in commands {
        let mut host = Host::new(SMALL);
        let before = host.reports.len();
        host.send(Command::Seek { update: 100_000, id: 2 });
        host.run_for(100.0);
        host.send(command(3));
        host.run_for(100.0);
        let told: Vec<bool> = host.reports[before..].iter().map(|report| report.cancelled).collect();
        assert!(told[0] && !told[1..].contains(&true), "{:?}: {told:?}", command(3));
        let update = host.reports[before].snapshot.update;
        assert!((50..5000).contains(&update), "{update}");
        assert_eq!(host.take_answers(), [2, 3]);
    }
    // A replay to somewhere else is none that stays.
    let mut host = Host::new(SMALL);
    host.send(Command::Seek { update: 100_000, id: 2 });
    host.run_for(50.0);
    host.send(Command::Seek { update: 3, id: 3 });
    host.settle();
    assert_eq!((host.update(), host.last().cancelled, host.take_answers()), (3, false, vec![2, 3]));
}

#[test]
fn a_new_run_while_playing_starts_over_and_answers_all_that_was_asked() {
    let mut host = Host::new(SMALL);
    host.draws = false;
    host.send(Command::Drawn);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    host.run_for(100.0);
    host.send(Command::Step { updates: 1_000_000, id: 3 });
    host.run_for(20.0);
    let before = host.reports.len();
    host.configure("len=5&hidden=3&batch=1&update=7", 2, 4);
    host.draws = true;
    host.send(Command::Drawn);
    host.settle();
    let report = host.last().clone();
    assert_eq!((report.snapshot.run, report.snapshot.update, report.activity), (2, 7, Activity::Idle));
    assert_eq!(report.snapshot.sequence.len, 5);
    assert!(host.reports[before..].iter().all(|report| report.snapshot.run == 2));
    let mut answers = host.take_answers();
    answers.sort_unstable();
    assert_eq!(answers, [2, 3, 4]);
    let (from, losses) = &report.snapshot.lanes[0].new_losses;
    assert_eq!((*from, losses.len()), (1, 7));
}

#[test]
fn every_request_is_answered_exactly_once_whatever_comes_between() {
    // Commands at random, with a host that draws late, or in the middle of an update.
    let mut random = nn::KeyedRng::new(1, *b"test", "driver", [0; 8]);
    for round in 0..40 {
        let mut host = Host::with_work(SMALL, if round % 2 == 0 { 0.5 } else { SLICE_MS + 1.0 });
        let mut asked = vec![];
        for id in 10..40 {
            host.draws = random.below(3) > 0;
            let update = random.below(60);
            match random.below(8) {
                0 => host.configure(&format!("{SMALL}&update={}", random.below(40)), id, id),
                1 | 2 => host.send(Command::Play { id }),
                3 => host.send(Command::Pause { id }),
                4 | 5 => host.send(Command::Step { updates: update, id }),
                _ => host.send(Command::Seek { update, id }),
            }
            asked.push(id);
            for _ in 0..random.below(6) {
                host.slice();
            }
        }
        host.send(Command::Pause { id: 99 });
        asked.push(99);
        host.draws = true;
        host.send(Command::Drawn);
        host.settle();
        let mut answers = host.take_answers();
        answers.sort_unstable();
        assert_eq!(answers, asked, "round {round}");
        assert_eq!(bits(&host.last().snapshot).0, bits(&of_run(SMALL, host.last())).0, "round {round}");
    }
}

#[test]
fn what_is_looked_at_changes_at_once_and_only_then() {
    let mut host = Host::new(SMALL);
    host.send(Command::Step { updates: 3, id: 2 });
    host.settle();
    let before = host.reports.len();
    let look = |probe, batch_norms| Command::Look { probe, batch_norms, speed: Speed::PerSecond(40) };
    host.send(look(0, false));
    host.settle();
    assert_eq!(host.reports.len(), before, "nothing changed");
    host.send(look(5, false));
    host.settle();
    assert_eq!((host.reports.len(), host.last().snapshot.sequence.probe), (before + 1, 5));
    assert!(host.last().snapshot.lanes[0].batch_norms.0.is_empty());
    host.send(look(5, true));
    host.settle();
    assert_eq!((host.reports.len(), host.last().snapshot.lanes[0].batch_norms.0.len()), (before + 2, 4));
    // Who waits for it is told once it is on show.
    host.take_answers();
    host.send(look(6, true));
    host.send(Command::Show { id: 8 });
    host.settle();
    assert_eq!((host.take_answers(), host.last().snapshot.sequence.probe), (vec![8], 6));
    host.send(Command::Show { id: 9 });
    host.settle();
    assert_eq!((host.take_answers(), host.last().snapshot.sequence.probe), (vec![9], 6), "and where it is already");
    // A link brings its view along.
    host.configure(&format!("{SMALL}&probe=9&scale=batch&update=1"), 2, 3);
    host.settle();
    let shown = &host.last().snapshot;
    assert_eq!((shown.sequence.probe, shown.lanes[0].batch_norms.0.len()), (9, 4));
}

#[test]
fn play_ends_at_the_last_allowed_update() {
    let hash = "task=sine&len=2&hidden=1&batch=1&lanes=rnn-relu&lr=1e-6";
    let mut host = Host::with_work(hash, 0.001);
    host.send(Command::Seek { update: MAX_UPDATE - 3, id: 2 });
    host.settle();
    assert_eq!(host.update(), MAX_UPDATE - 3);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 3 });
    host.settle();
    assert_eq!((host.update(), host.last().activity), (MAX_UPDATE, Activity::Idle));
    for (command, id) in [
        (Command::Play { id: 4 }, 4),
        (Command::Step { updates: u64::MAX, id: 5 }, 5),
        (Command::Seek { update: u64::MAX, id: 6 }, 6),
    ] {
        host.take_answers();
        host.send(command);
        host.settle();
        assert_eq!((host.update(), host.last().activity), (MAX_UPDATE, Activity::Idle));
        assert_eq!(host.take_answers(), [id]);
    }
}

#[test]
fn a_run_in_which_every_lane_diverged_comes_to_rest() {
    let hash = "seed=7&data=4&task=adding&lanes=rnn-relu&lr=10&opt=sgd&clip=0&len=50";
    let mut host = Host::new(hash);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    host.settle();
    let stopped = host.last().snapshot.lanes[0].stopped.unwrap();
    assert_eq!((host.update(), host.last().activity), (stopped.update, Activity::Idle));
    host.take_answers();
    for command in [Command::Play { id: 3 }, Command::Step { updates: 5, id: 3 }, Command::Seek { update: 900, id: 3 }]
    {
        host.send(command);
        host.settle();
        assert_eq!((host.update(), host.take_answers()), (stopped.update, vec![3]));
    }
    host.send(Command::Seek { update: 1, id: 4 });
    host.settle();
    assert_eq!((host.update(), host.last().snapshot.lanes[0].stopped), (1, None), "before it diverged");
    // A replay that ends early is answered too.
    host.configure(&format!("{hash}&update=5000"), 2, 5);
    host.settle();
    assert_eq!((host.update(), host.take_answers()), (stopped.update, vec![4, 5]));
}

#[test]
fn measurements_run_one_after_another_while_the_inbox_is_heard() {
    let mut host = Host::new(SMALL);
    let spec = |cell: &str, updates| BenchSpec { cell: cell.to_owned(), hidden: 2, batch: 1, len: 3, updates };
    host.send(Command::Bench { spec: spec("lstm", 50), id: 2 });
    host.send(Command::Bench { spec: spec("mlp", 50), id: 3 });
    host.send(Command::Bench { spec: spec("rnn-tanh", 0), id: 4 });
    host.send(Command::Bench { spec: spec("rnn-tanh", 20), id: 5 });
    let start = host.clock.get();
    host.slice();
    assert!(host.clock.get() - start < 3.0 * SLICE_MS, "a slice of a measurement is a slice");
    host.send(Command::Ping);
    host.send(Command::Step { updates: 2, id: 6 });
    // While it lasts, training goes on a lane a slice.
    (0..4).for_each(|_| host.slice());
    assert!(host.others.contains(&Event::Pong));
    assert_eq!((host.update(), host.take_answers()), (2, vec![6]));
    // A new run does not lose them.
    host.configure(SMALL, 2, 7);
    host.settle();
    let told: Vec<(u32, bool)> = host
        .others
        .iter()
        .filter_map(|event| match event {
            Event::Bench { id, result } => {
                assert!(result.updates_per_second > 0.0 && result.gflops > 0.0);
                Some((*id, true))
            }
            Event::BenchRefused { id, problem } => {
                assert!(problem.len() < 100, "{problem}");
                Some((*id, false))
            }
            _ => None,
        })
        .collect();
    assert_eq!(told, [(2, true), (3, false), (4, false), (5, true)]);
}

#[test]
fn a_slice_lasts_no_longer_than_a_slice_and_one_lane() {
    let mut host = Host::with_work(SMALL, 3.0);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    for _ in 0..100 {
        let start = host.clock.get();
        host.slice();
        // Readings of the clock around the training cost their 3 ms too.
        assert!(host.clock.get() - start <= SLICE_MS + 4.0 * 3.0, "{}", host.clock.get() - start);
    }
}

/// The lane's edits in a link of the small run.
fn with_edits(edits: &str) -> String {
    format!("{SMALL}&edit={edits}")
}

fn edit(host: &mut Host, edits: &str, update: u64, run: u32, id: u32) {
    let link = format!("{}&update={update}", if edits.is_empty() { SMALL.to_owned() } else { with_edits(edits) });
    experiment(&link);
    host.send(Command::Edit { link, run, id });
    host.settle();
}

#[test]
fn an_edit_goes_on_with_the_run_and_tells_only_the_losses_that_differ() {
    let mut host = Host::new(SMALL);
    host.send(Command::Step { updates: 30, id: 2 });
    host.settle();
    let untouched: Vec<f32> =
        host.reports.iter().flat_map(|report| report.snapshot.lanes[1].new_losses.1.clone()).collect();
    assert_eq!((host.update(), untouched.len()), (30, 30));
    let edits = "1.f[*]=1@30;1.u[2,1]=0.5@12";
    edit(&mut host, edits, 30, 7, 3);
    let shown = host.last().snapshot.clone();
    assert_eq!((shown.run, shown.update, host.take_answers()), (7, 30, vec![2, 3]));
    let lane = &shown.lanes[1];
    assert_eq!((lane.new_losses.0, lane.new_losses.1.len()), (13, 18), "from where they part");
    assert_eq!(lane.ghost.as_ref().unwrap().new_losses, (13, untouched[12..].to_vec()));
    let mut expected = trained(&with_edits(edits), 30);
    assert_eq!(bits(&shown), bits(&expected.snapshot(7, 0, 12, false)));
    host.send(Command::Step { updates: 5, id: 4 });
    host.settle();
    edit(&mut host, "", 35, 8, 5);
    let shown = host.last().snapshot.clone();
    assert_eq!((shown.run, shown.update, shown.lanes[1].new_losses.0), (8, 35, 13));
    assert_eq!(bits(&shown), bits(&trained(SMALL, 35).snapshot(8, 0, 12, false)));
}

#[test]
fn an_edit_while_training_plays_stops_it_where_the_page_says() {
    let mut host = Host::new(SMALL);
    host.speed(Speed::Max);
    host.send(Command::Play { id: 2 });
    host.run_for(200.0);
    assert!(host.update() > 20);
    // The page saw update 20; the worker is further, and goes back to it.
    edit(&mut host, "1.o[*]=0.5@20", 20, 2, 3);
    assert_eq!((host.last().activity, host.update()), (Activity::Idle, 20));
    let mut expected = trained(&with_edits("1.o[*]=0.5@20"), 20);
    let found = host.last().snapshot.clone();
    assert_eq!(bits(&found).0.len(), bits(&expected.snapshot(2, 0, 20, false)).0.len());
    assert_eq!(found.lanes[1].trace, expected.snapshot(2, 0, 20, false).lanes[1].trace);
    // Another run's edit starts that run.
    edit(&mut host, "", 0, 3, 4);
    host.send(Command::Edit { link: "len=5&hidden=3&edit=1.f[3]=0@4&update=9".to_owned(), run: 4, id: 5 });
    host.settle();
    assert_eq!((host.update(), host.last().snapshot.sequence.len), (9, 5));
}

/// Returns the findings since the last call.
fn findings(host: &mut Host) -> Vec<Findings> {
    let others = std::mem::take(&mut host.others);
    others
        .into_iter()
        .filter_map(|event| if let Event::Findings(found) = event { Some(*found) } else { None })
        .collect()
}

#[test]
fn what_is_asked_beside_training_is_found_of_the_update_on_show_and_of_no_other() {
    let mut host = Host::new("len=6&hidden=3&batch=2&update=5");
    assert!(findings(&mut host).is_empty(), "nothing is computed that nobody looks at");
    host.send(Command::Why { why: Some(Why::Factors) });
    host.settle();
    let [found] = findings(&mut host).try_into().unwrap();
    assert_eq!((found.why(), found.run, found.update, found.probe), (Why::Factors, 1, 5, 0));
    let Found::Factors(lanes) = &found.found else { panic!("factors") };
    assert_eq!(lanes.len(), 2);
    assert_eq!(lanes[0].exact.len(), 6);
    assert_eq!((lanes[0].bound.len(), lanes[1].bound.len()), (6, 0));
    assert_eq!((lanes[0].carousel.len(), lanes[1].carousel.len()), (0, 6));
    let sigma = host.last().snapshot.lanes[0].trace.sigma_max.unwrap();
    assert!((lanes[0].sigma.unwrap() - sigma).abs() <= 1e-6 * sigma);
    assert_eq!(found.factors(1), Some(&lanes[1]));
    assert_eq!((found.factors(2), found.credit(0), found.check()), (None, None, None));
    let event = Event::Findings(Box::new(found));
    assert_eq!(Event::unpack(event.pack().unwrap()), Ok(event));
    // The same again is not computed again; another update is.
    host.send(Command::Why { why: Some(Why::Factors) });
    host.settle();
    assert!(findings(&mut host).is_empty());
    host.send(Command::Step { updates: 1, id: 9 });
    host.settle();
    assert_eq!(findings(&mut host).last().map(|found| found.update), Some(6));
    host.send(Command::Why { why: Some(Why::Credit) });
    host.settle();
    let [found] = findings(&mut host).try_into().unwrap();
    assert_eq!(
        (found.why(), found.credit(0).unwrap().h.len(), found.credit(1).unwrap().c.len()),
        (Why::Credit, 21, 21)
    );
    // Another sequence is another pass, and a new run another network.
    host.send(Command::Look { probe: 4, batch_norms: false, speed: Speed::Max });
    host.settle();
    assert_eq!(findings(&mut host).last().map(|found| found.probe), Some(4));
    host.configure("len=4&hidden=2&batch=2&lanes=lstm&update=3", 2, 10);
    host.settle();
    let found = findings(&mut host).pop().unwrap();
    let Found::Credit(lanes) = &found.found else { panic!("credit") };
    assert_eq!((found.run, found.update, lanes.len(), lanes[0].h.len()), (2, 3, 1, 10));
    host.send(Command::Why { why: None });
    host.send(Command::Step { updates: 3, id: 11 });
    host.settle();
    assert!(findings(&mut host).is_empty());
}

#[test]
fn a_gradient_check_is_made_once_when_asked_for_and_says_how_far_it_is() {
    let mut host = Host::with_work("len=6&hidden=4&batch=2&lanes=lstm,rnn-relu&update=2", 2.0);
    host.send(Command::Why { why: Some(Why::Check) });
    let mut longest = 0.0_f64;
    while host.wake != Wake::OnCommand {
        let before = host.clock.get();
        host.slice();
        longest = longest.max(host.clock.get() - before);
    }
    assert!(longest <= 2.0 * SLICE_MS, "the inbox waited {longest} ms");
    let found = findings(&mut host);
    let done = |found: &Findings| found.check().unwrap().done;
    assert!(found.len() > 2 && found.windows(2).all(|pair| done(&pair[0]) < done(&pair[1])), "progress is told");
    let last = found.last().unwrap();
    let Check { done, lanes } = last.check().unwrap();
    assert_eq!((*done, last.update, lanes.len()), (1.0, 2, 2));
    for blocks in lanes {
        assert_eq!(blocks.len(), 5, "w_ih, w_hh, b, w_out, b_out");
        let is_right = |error: f64, tried: usize| error <= 1e-6 && tried > 0;
        assert!(blocks.iter().all(|block| is_right(block.error, block.compared + block.left_out)), "{blocks:?}");
    }
    host.send(Command::Step { updates: 2, id: 9 });
    host.settle();
    assert!(findings(&mut host).is_empty(), "it is of the update at which it was asked for");
    host.send(Command::Why { why: Some(Why::Check) });
    host.settle();
    assert_eq!(findings(&mut host).last().map(|found| found.update), Some(4));
}

#[test]
fn what_is_found_beside_training_costs_it_a_tenth_at_most() {
    let updates = |why: Option<Why>| {
        let mut host = Host::new("len=20&hidden=4&batch=2");
        host.speed(Speed::Max);
        host.send(Command::Why { why });
        host.send(Command::Play { id: 2 });
        host.run_for(5000.0);
        (host.update(), findings(&mut host))
    };
    let (alone, _) = updates(None);
    for why in [Why::Factors, Why::Credit] {
        let (beside, found) = updates(Some(why));
        assert!(beside as f64 >= 0.9 * alone as f64, "{beside} updates, {alone} alone");
        assert!(found.len() > 10 && found.windows(2).all(|pair| pair[0].update < pair[1].update), "{}", found.len());
    }
}
