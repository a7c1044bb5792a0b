//! What the page knows, and all it can be asked to do. Components show this and call it; none talks to the worker itself.

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;

use super::address;
use super::charts::history::LossHistory;
use super::charts::reach::ReachHistory;
use super::client::{Answer, BenchAnswer, Client, Lost, Told, now};
use super::inside::frames::Frame;
use super::narration::Choice;
use super::shelf::{How, Shelf};
use super::signals::{Memo, RwSignal};
use crate::lab::bench::BenchSpec;
use crate::lab::kept::{self, KeptLane, KeptRun};
use crate::lab::protocol::{Activity, Command, Event, Report};
use crate::lab::{
    Allowed, Edit, Experiment, Findings, GradientScale, Place, Problem, Reason, Why, edit, held_out, link, number,
};

/// Milliseconds between two changes of texts while training plays: charts move every frame, words must be readable.
const CALM_MS: f64 = 300.0;
/// The same, as a multiple of the time that drawing takes.
const CALM_SHARE: f64 = 40.0;
/// Milliseconds that drawing a report may take, so that every frame can draw one.
const BUSY_MS: f64 = 5.0;
/// Stretches of a kept curve.
const CURVE_COLUMNS: usize = 50;
/// Milliseconds before a hidden page asks for the next report.
const HIDDEN_MS: u64 = 500;

/// Something to tell that is not part of the run.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Keys of a link or call that were not taken.
    Problems(Vec<Problem>),
    /// A value that was set here and not taken; the one before stands.
    Refused(Problem),
    /// The link was made by this other build.
    OtherBuild(String),
    /// A replay was cancelled at this update.
    ReplayCancelled(u64),
    /// The worker died with this message and was restarted; the run was rebuilt up to this update.
    WorkerRestarted(String, u64),
    /// The worker cannot be started.
    WorkerFailed(String),
    /// The link could not be copied; here it is.
    CopyFailed(String),
    /// So many edits were of networks, sizes or a task that are others now.
    EditsDropped(usize),
    /// The browser did not store a run that was to be kept.
    NotStored,
}

/// Changes a list of edits, told the update that the run stands at.
pub type ChangeEdits = Box<dyn FnOnce(u64, &mut Vec<Edit>)>;

/// A replay under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replay {
    /// Where it began.
    pub from: u64,
    /// Where it is.
    pub update: u64,
    /// Where it will end.
    pub until: u64,
}

/// The page's state.
#[derive(Clone, Copy)]
pub struct Lab {
    /// The run and the view of it. Its `update` is where the run was asked to go, not where it is.
    pub experiment: RwSignal<Experiment>,
    /// Changes that wait for a restart.
    pub draft: RwSignal<Option<Experiment>>,
    /// What is on show, new at most once a frame.
    pub report: RwSignal<Option<Arc<Report>>>,
    /// The same for the charts of the lanes, a frame later while training plays and drawing is slow: half the work a frame.
    pub lanes_report: RwSignal<Option<Arc<Report>>>,
    /// The same for texts: new a few times a second while training plays, at once when it does not.
    pub calm: RwSignal<Option<Arc<Report>>>,
    /// The same for the inspector, which is long: while training plays, a frame in which little else is drawn.
    pub inspected: RwSignal<Option<Arc<Report>>>,
    /// Losses of each lane since update 1, also those beyond the update on show after a journey back.
    pub losses: StoredValue<Vec<LossHistory>>,
    /// Losses that each edited lane would have without its edits; empty for the others.
    pub ghosts: StoredValue<Vec<LossHistory>>,
    /// Losses of what is held out, each [`held_out::every`] updates after the one before.
    pub held_out: StoredValue<Vec<LossHistory>>,
    /// What the form of "What if?" is about to change: the text of a [`Place`].
    pub what_if: RwSignal<String>,
    /// Where the run goes with changed edits, until it is there.
    editing: StoredValue<Option<usize>>,
    /// How far back each lane's gradient reached, of the sequence on show.
    pub reach: StoredValue<Vec<ReachHistory>>,
    /// Of which sequence and layer that is.
    reach_of: StoredValue<Option<(u32, usize)>>,
    /// Whether training plays, as last asked.
    pub playing: RwSignal<bool>,
    /// The replay under way.
    pub replay: RwSignal<Option<Replay>>,
    /// What there is to tell.
    pub notices: RwSignal<Vec<Notice>>,
    /// Values typed into fields and not taken, one a field, which the problem's key names.
    refusals: RwSignal<Vec<Problem>>,
    /// The step under the pointer, from 0.
    pub hover: RwSignal<Option<usize>>,
    /// The experiment is on its way and the report on show is still of another run.
    pub waiting_for_run: RwSignal<bool>,
    /// What was chosen last, in words to be read out.
    pub narration: RwSignal<String>,
    /// What was found last beside training.
    pub findings: RwSignal<Option<Arc<Findings>>>,
    /// The step (from 0) whose credit is looked at in the triangle; beyond the last one that is meant.
    pub path_end: RwSignal<usize>,
    /// What the worker was last asked to find out.
    asked_why: StoredValue<Option<Option<Why>>>,
    /// What that was, or will be in a moment.
    pub narrated: StoredValue<Option<Choice>>,
    /// The runs that are kept.
    pub shelf: Shelf,
    /// Whether Play was pressed, ever, on this run.
    pub played: RwSignal<bool>,
    /// The lane picked for the inspector and the film.
    pub lane: RwSignal<Option<usize>>,
    /// The update looked into: a report with the films of its lanes. Stays on show when that update has been made.
    pub inside: RwSignal<Option<Arc<Report>>>,
    /// The frame of the film on show.
    pub inside_frame: RwSignal<usize>,
    /// The film has reached its end and the update has been made.
    pub inside_made: RwSignal<bool>,
    /// The member of the batch asked for, while reports show one.
    member: StoredValue<Option<usize>>,
    /// The member that was asked for last, for the next film.
    followed: StoredValue<usize>,
    /// The first step that matters of the sequence on show, from 0.
    first: Memo<usize>,
    /// Steps of the sequence on show.
    len: Memo<usize>,
    /// Counts the runs of this page.
    run: StoredValue<u32>,
    /// Play and Pause requests without an answer yet: until then reports do not say whether training plays.
    asked: StoredValue<u32>,
    calm_at: StoredValue<f64>,
    /// Milliseconds that drawing the last report took.
    drawing_ms: StoredValue<f64>,
    /// A report that waits for the frame.
    waiting: StoredValue<Option<Arc<Report>>>,
    client: StoredValue<Option<Rc<Client>>, LocalStorage>,
    /// Called once, when the first report is on show.
    on_ready: StoredValue<Option<Box<dyn FnOnce()>>, LocalStorage>,
}

impl Lab {
    /// A page at the experiment of a link.
    pub fn open(hash: &str) -> Self {
        let (experiment, problems) = link::parse(hash);
        let report = RwSignal::new(None::<Arc<Report>>);
        let first = move |report: &Option<Arc<Report>>| report.as_ref()?.snapshot.sequence.marks.first().copied();
        let shown = RwSignal::new(experiment.clone().without_build());
        let lab = Self {
            experiment: shown,
            draft: RwSignal::new(None),
            report,
            lanes_report: RwSignal::new(None),
            first: Memo::new(move |_| report.with(first).unwrap_or(0)),
            len: Memo::new(move |_| {
                let most = shown.with(|experiment| experiment.len);
                let len = report.with(|report| Some(report.as_ref()?.snapshot.sequence.len));
                len.filter(|len| *len < most).unwrap_or(most)
            }),
            calm: RwSignal::new(None),
            inspected: RwSignal::new(None),
            losses: StoredValue::new(Vec::new()),
            ghosts: StoredValue::new(Vec::new()),
            held_out: StoredValue::new(Vec::new()),
            editing: StoredValue::new(None),
            what_if: RwSignal::new(experiment.first_place().to_string()),
            reach: StoredValue::new(Vec::new()),
            reach_of: StoredValue::new(None),
            playing: RwSignal::new(false),
            replay: RwSignal::new(None),
            notices: RwSignal::new(Vec::new()),
            refusals: RwSignal::new(Vec::new()),
            hover: RwSignal::new(None),
            waiting_for_run: RwSignal::new(true),
            narration: RwSignal::new(String::new()),
            findings: RwSignal::new(None),
            path_end: RwSignal::new(usize::MAX),
            asked_why: StoredValue::new(None),
            narrated: StoredValue::new(None),
            shelf: Shelf::new(),
            played: RwSignal::new(false),
            inside: RwSignal::new(None),
            inside_frame: RwSignal::new(0),
            lane: RwSignal::new(None),
            inside_made: RwSignal::new(false),
            member: StoredValue::new(None),
            followed: StoredValue::new(0),
            run: StoredValue::new(0),
            asked: StoredValue::new(0),
            calm_at: StoredValue::new(0.0),
            drawing_ms: StoredValue::new(0.0),
            waiting: StoredValue::new(None),
            client: StoredValue::new_local(None),
            on_ready: StoredValue::new_local(None),
        };
        lab.client.set_value(Some(Client::start(move |told| lab.hear(told))));
        // A page that is hidden while a report waits for its frame would wait until it is seen again.
        let hiding = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden() {
                lab.present();
            }
        });
        on_cleanup(move || hiding.remove());
        lab.tell_link_problems(&experiment, problems);
        lab
    }

    /// Has `ready` called when the replay of the page's link is done, or cancelled, and drawn.
    pub fn when_ready(&self, ready: Box<dyn FnOnce()>) {
        self.on_ready.set_value(Some(ready));
    }

    /// Follows another link, as when the address was edited.
    pub fn follow(&self, hash: &str) {
        let (experiment, problems) = link::parse(hash);
        self.notices.set(Vec::new());
        self.tell_link_problems(&experiment, problems);
        self.start(experiment.without_build(), Box::new(|_| ()));
    }

    fn tell_link_problems(&self, experiment: &Experiment, problems: Vec<Problem>) {
        if !problems.is_empty() {
            self.tell(Notice::Problems(problems));
        }
        if let Some(build) = experiment.build.as_ref().filter(|build| *build != crate::BUILD) {
            self.tell(Notice::OtherBuild(build.clone()));
        }
    }

    /// Adds a notice, unless it is already there. Of a key only what was refused last is said.
    pub fn tell(&self, notice: Notice) {
        if let Notice::Refused(problem) = &notice {
            self.settle(&problem.key);
        }
        self.notices.update(|notices| {
            if !notices.contains(&notice) {
                notices.push(notice);
            }
        });
    }

    /// The last update whose losses are known.
    pub fn last_known(&self) -> u64 {
        let known = self.losses.with_value(|losses| losses.iter().map(LossHistory::len).max().unwrap_or(0));
        self.update().max(known as u64)
    }

    /// Has `then` look at the losses of each lane, and at those that the edited ones would have without their edits.
    pub fn with_losses<T>(&self, then: impl FnOnce(&[LossHistory], &[LossHistory]) -> T) -> T {
        self.ghosts.with_value(|ghosts| self.losses.with_value(|losses| then(losses, ghosts)))
    }

    /// Updates made of the run on show.
    pub fn update(&self) -> u64 {
        self.report.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update))
    }

    /// Steps of the sequence on show, which may be shorter than the longest.
    pub fn steps(&self) -> usize {
        self.len.get()
    }

    /// The step on show, from 0: under the pointer, else chosen, else the first that matters.
    pub fn step(&self) -> usize {
        match self.hover.get() {
            Some(step) => step.min(self.steps() - 1),
            None => self.chosen_step(),
        }
    }

    /// The step that is chosen, or that the film is at, wherever the pointer is.
    pub fn chosen_step(&self) -> usize {
        let (chosen, len) = (self.experiment.with(|experiment| experiment.step), self.steps());
        let first = || self.first.get();
        self.film_step().or(chosen.map(|step| step - 1)).unwrap_or_else(first).min(len - 1)
    }

    /// Steps of the sequence in the film, where there is one.
    pub fn film_len(&self) -> Option<usize> {
        self.inside.with(|report| report.as_ref().map(|report| report.snapshot.sequence.len))
    }

    /// The step that the film is at, while charts show what it shows.
    fn film_step(&self) -> Option<usize> {
        let len = self.film_len()?;
        if self.inside_made.get() { None } else { Frame::at(self.inside_frame.get(), len).step(len) }
    }

    /// The lane of inspector and film: the one picked, by default the first with a cell state.
    pub fn lane(&self) -> usize {
        self.experiment.with(|experiment| {
            self.lane.get().filter(|&lane| lane < experiment.lanes.len()).unwrap_or_else(|| experiment.usual_lane())
        })
    }

    /// The unit on show, from 0.
    pub fn unit(&self) -> usize {
        self.experiment.with(|experiment| experiment.unit - 1)
    }

    /// The run on show as it would be kept, without a name: what came out of it by now, and its curves as far as they are
    /// known.
    pub fn run_on_show(&self) -> Option<KeptRun> {
        let report = self.report.get_untracked().filter(|report| report.snapshot.run == self.run.get_value())?;
        let experiment = self.experiment.get_untracked();
        let mut lanes = Vec::new();
        let just_changed = |edit: &Edit, lane: usize| edit.place.lane == lane && edit.update == report.snapshot.update;
        let looks = held_out::every(&experiment).map_or(0, |every| report.snapshot.update / every) as usize;
        let held_out =
            |lane: usize| self.held_out.with_value(|held| held.get(lane)?.values().get(looks.checked_sub(1)?).copied());
        self.losses.with_value(|losses| {
            for (index, (lane, losses)) in report.snapshot.lanes.iter().zip(losses).enumerate() {
                let norms = lane.trace.reach_norms();
                let ratio = norms.first().zip(norms.last()).map(|(first, last)| first / last);
                lanes.push(KeptLane {
                    loss: lane.loss,
                    held_out: held_out(index).filter(|loss| loss.is_finite()),
                    solved: kept::first_solved(losses.values(), experiment.task.task()),
                    stopped: lane.stopped.map(|stopped| stopped.update),
                    // While one looks inside an update the trace is of another sequence; and of a lane changed by hand since
                    // the last update it is of another network than the losses.
                    ratio: ratio
                        .filter(|ratio| ratio.is_finite() && report.inside.is_none())
                        .filter(|_| !experiment.edits.iter().any(|edit| just_changed(edit, index))),
                    curve: losses.in_few_points(CURVE_COLUMNS),
                });
            }
        });
        let experiment = kept::remembered(&experiment, report.snapshot.update, crate::BUILD);
        Some(KeptRun { id: js_sys::Date::now() as u64, name: String::new(), experiment, lanes })
    }

    /// A changed run takes the place of the one on show: that one's curves stay as ghosts, and it can be gone back to. A run
    /// that is kept needs no other place, and one not begun has nothing to show.
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

    /// The last update that the timeline has a curve for.
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

    /// The same weights again, from update 0; changes that wait are taken in.
    pub fn reset(&self) {
        self.start_with("update", "0");
    }

    /// The experiment with the changes that wait.
    pub fn base(&self) -> Experiment {
        self.draft.get_untracked().unwrap_or_else(|| self.experiment.get_untracked())
    }

    /// Changes a key of the experiment: at once before the first update, else as an offer to start again.
    pub fn change(&self, key: &str, value: &str) {
        if let Err(problem) = self.try_change(key, value) {
            self.tell(Notice::Refused(problem));
        }
    }

    /// Changes a key to what was typed into its field, or says under the field why not.
    pub fn enter(&self, key: &str, typed: &str) {
        if let Err(problem) = self.try_change(key, &typed.trim().replace(',', ".")) {
            self.refuse(key, typed, problem.reason);
        }
    }

    /// Says under the field of this name why what was typed into it is not taken.
    pub fn refuse(&self, field: &str, typed: &str, reason: Reason) {
        self.settle(field);
        self.refusals.update(|refusals| refusals.push(Problem::new(field, typed.trim(), reason)));
    }

    /// What is wrong with what was typed into the field of this name.
    pub fn refused(&self, field: &str) -> Option<Problem> {
        self.refusals.with(|refusals| refusals.iter().find(|problem| problem.key == field).cloned())
    }

    fn try_change(&self, key: &str, value: &str) -> Result<(), Problem> {
        let experiment = self.base().with(key, value)?;
        self.settle(key);
        let fresh =
            untrack(|| self.update()) == 0 && !self.playing.get_untracked() && self.replay.get_untracked().is_none();
        if experiment.same_run(&self.experiment.get_untracked()) {
            self.draft.set(None);
        } else if fresh {
            // What was refused in other fields still stands in them.
            let refusals = self.refusals.get_untracked();
            self.start_with(key, value);
            self.refusals.set(refusals);
        } else {
            self.draft.set(Some(experiment));
        }
        Ok(())
    }

    /// Changes a view key, live.
    pub fn view(&self, key: &str, value: &str) {
        self.view_by(key, &|experiment| experiment.with(key, value));
    }

    /// Puts a view key back to its default, live.
    pub fn view_default(&self, key: &str) {
        self.view_by(key, &|experiment| experiment.without(key));
    }

    fn view_by(&self, key: &str, change: &dyn Fn(&Experiment) -> Result<Experiment, Problem>) {
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

    /// Tells the worker what is looked at.
    fn look(&self) {
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
        self.findings.get().filter(|found| found.why == why)
    }

    /// The way that is lit in every chart, both ends from 0: from the step whose credit is looked at back to the step on show.
    pub fn path(&self) -> Option<(usize, usize)> {
        (self.experiment.with(|experiment| experiment.why) == Some(Why::Credit)).then(|| {
            let step = self.step();
            (step, self.path_end.get().min(self.steps() - 1).max(step))
        })
    }

    /// Changes something by hand, at the update on show. False, and a notice, where it cannot be; `value` is as written in
    /// the field of this name.
    pub fn edit(&self, place: Place, value: &str, field: &str) -> bool {
        // As its update is not known before training rests, it is tried with this one.
        let number = number::parse(value).unwrap_or(f64::NAN);
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

    /// What was said of the field of this name is settled.
    pub fn settle(&self, field: &str) {
        let settled = |notice: &Notice| matches!(notice, Notice::Refused(problem) if problem.key == field);
        if self.notices.with_untracked(|notices| notices.iter().any(settled)) {
            self.notices.update(|notices| notices.retain(|notice| !settled(notice)));
        }
        if self.refusals.with_untracked(|refusals| refusals.iter().any(|problem| problem.key == field)) {
            self.refusals.update(|refusals| refusals.retain(|problem| problem.key != field));
        }
    }

    /// Takes back an edit, by its place in the list; none for all.
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

    /// Fills in the form of "What if?" and goes there.
    pub fn offer_edit(&self, place: Place) {
        self.what_if.set(place.to_string());
        super::focus("what-if-value");
    }

    /// Has the edits changed, told the update that the run stands at: training rests first, so that this is known, and
    /// plays on if it played. A replay is not cancelled by it: it goes where it was going.
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
                // The worker has died; the run is rebuilt with this.
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

    /// Goes on with the run with other edits. What is known of it after they part holds no longer, but as what an edited
    /// lane would be without them.
    fn go_on(&self, experiment: Experiment, answer: Answer) {
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

    /// Trains until paused.
    pub fn play(&self, answer: Answer) {
        self.close_inside();
        self.played.set(true);
        self.ask(true, |id| Command::Play { id }, answer);
    }

    /// Stops after the update in hand; cancels a replay.
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
    fn close_inside(&self) {
        self.member.set_value(None);
        self.inside.set(None);
    }

    /// Has `answer` called when what was chosen to be looked at is on show.
    pub fn when_shown(&self, answer: Answer) {
        self.client().request(|id| Command::Show { id }, answer);
    }

    /// Times the engine.
    pub fn bench(&self, spec: BenchSpec, answer: BenchAnswer) {
        self.client().bench(|id| Command::Bench { spec, id }, answer);
    }

    /// Tries to start a worker again after giving up.
    pub fn try_again(&self) {
        self.notices.update(|notices| notices.retain(|notice| !matches!(notice, Notice::WorkerFailed(_))));
        self.client().try_again();
        self.rebuild(String::new(), untrack(|| self.update()), false);
    }

    fn ask(&self, playing: bool, command: impl FnOnce(u32) -> Command, answer: Answer) {
        self.playing.set(playing);
        self.asked.update_value(|asked| *asked += 1);
        let lab = *self;
        let answered = Box::new(move |outcome| {
            lab.asked.update_value(|asked| *asked -= 1);
            answer(outcome);
        });
        self.client().request(command, answered);
    }

    fn client(&self) -> Rc<Client> {
        match self.client.get_value() {
            Some(client) => client,
            None => unreachable!("the client is set before the page is shown"),
        }
    }

    fn hear(&self, told: Told) {
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
            Told::GaveUp(what) => {
                self.playing.set(false);
                self.replay.set(None);
                self.tell(Notice::WorkerFailed(what));
            }
        }
    }

    /// After the worker's death: the same run, replayed to where it was, and then played on if it played.
    fn rebuild(&self, what: String, update: u64, playing: bool) {
        self.asked.set_value(0);
        let lab = *self;
        let told = Box::new(move |outcome: Result<(), _>| {
            if outcome.is_err() {
                return;
            }
            let there = untrack(|| lab.update());
            lab.tell(Notice::WorkerRestarted(what, there));
            // Play before the replay's end would overtake it; after one that was cancelled nobody wants it.
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

    /// Takes in what a report adds to the run, then has it shown in the next frame; a hidden page shows it when seen again.
    fn receive(&self, report: Arc<Report>) {
        if report.snapshot.run != self.run.get_value() {
            // Of a run that has ended: not shown, but whoever asked is answered.
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
            // Every second frame; the lanes are drawn in the one between.
            request_animation_frame(move || request_animation_frame(move || lab.present()));
        } else {
            request_animation_frame(move || lab.present());
        }
    }

    fn take_losses(&self, report: &Report) {
        self.losses.update_value(|losses| {
            losses.resize_with(report.snapshot.lanes.len(), LossHistory::new);
            for (history, lane) in losses.iter_mut().zip(&report.snapshot.lanes) {
                let (from, new) = &lane.new_losses;
                // The same run makes the same losses again: what it goes over a second time is known.
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
                // Up to where the edits set them apart both have the same.
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

    fn take_reach(&self, report: &Report) {
        let snapshot = &report.snapshot;
        let layer = snapshot.lanes.iter().map(|lane| lane.trace.layer).max().unwrap_or(0);
        let norms = snapshot.lanes.iter().map(|lane| lane.trace.reach_norms());
        self.record_reach((snapshot.sequence.probe, layer), snapshot.update, norms);
    }

    /// Notes how far back each lane's gradient reached. Another sequence, or layer, is another story: it begins anew.
    fn record_reach<'a>(&self, story: (u32, usize), update: u64, norms: impl Iterator<Item = &'a [f64]>) {
        let another = self.reach_of.try_update_value(|of| of.replace(story)).flatten() != Some(story);
        self.reach.update_value(|reach| {
            if another {
                reach.clear();
            }
            for (lane, norms) in norms.enumerate() {
                if reach.len() == lane {
                    reach.push(ReachHistory::new(norms.len()));
                }
                reach[lane].record(update, norms);
            }
        });
    }

    /// The lanes show what all else shows.
    pub fn catch_up(&self) {
        let report = self.report.get_untracked();
        let same = |lanes: &Option<Arc<Report>>| lanes.as_ref().map(Arc::as_ptr) == report.as_ref().map(Arc::as_ptr);
        if !self.lanes_report.with_untracked(same) {
            self.lanes_report.set(report);
        }
    }

    fn present(&self) {
        let Some(report) = self.waiting.try_update_value(Option::take).flatten() else { return };
        // The worker computes the next one while this one is drawn.
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
        // Where drawing is slow, texts are new less often: they must not take the frames.
        let calm = CALM_MS.max(CALM_SHARE * self.drawing_ms.get_value());
        if idle || time - self.calm_at.get_value() >= calm {
            self.calm_at.set_value(time);
            self.calm.set(Some(Arc::clone(&report)));
            let lab = *self;
            // Then the newest, not this one: a later one may have come to rest meanwhile.
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

    /// The experiment as a link would say it now: with the update on show, and the build if the link is to be kept.
    pub fn link(&self, build: bool) -> String {
        let experiment = self.experiment.get_untracked();
        let update = untrack(|| self.update()).to_string();
        let linked = experiment.with("update", &update).unwrap_or(experiment);
        let linked = if build { linked.with("build", crate::BUILD).unwrap_or(linked) } else { linked };
        link::format(&linked)
    }
}
