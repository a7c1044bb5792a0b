//! The page's state and all its actions. Components show the state and call the actions; none of them sends messages to
//! the worker itself.

mod edits;
mod looking;
mod reports;
mod run;
mod settings;

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;

use crate::client::Client;
use crate::shelf::Shelf;
use charts::history::LossHistory;
use charts::reach::ReachHistory;
use explain::film::frames::Frame;
use lab::Edit;
use lab::Experiment;
use lab::Findings;
use lab::Problem;
use lab::Why;
use lab::experiment::link;
use lab::run::held_out;
use lab::worker::event::Report;

/// A notice that is not part of the run.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Keys of a link or call that were refused.
    Problems(Vec<Problem>),
    /// A value that was set on the page and refused; the previous one stays.
    Refused(Problem),
    /// The link was made by this other build.
    OtherBuild(String),
    /// A replay was cancelled at this update.
    ReplayCancelled(u64),
    /// The worker died with this message and was restarted; the run was rebuilt up to this update.
    WorkerRestarted(String, u64),
    /// The worker cannot be started.
    WorkerFailed(String),
    /// The worker has failed several times in a row, last with this message.
    WorkerKeepsFailing(String),
    /// The link could not be copied and is shown instead.
    CopyFailed(String),
    /// So many edits were dropped, as they belonged to other networks, sizes or another task.
    EditsDropped(usize),
    /// The browser could not store a run.
    NotStored,
}

/// Changes a list of edits; called with the update of the run.
pub type ChangeEdits = Box<dyn FnOnce(u64, &mut Vec<Edit>)>;

/// A replay under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Replay {
    /// The update at which it began.
    pub from: u64,
    /// The update that it has reached.
    pub update: u64,
    /// The update at which it will end.
    pub until: u64,
}

/// A choice of step, unit, sequence, and lane of the inspector.
pub type Choice = (Option<usize>, usize, u32, usize);

/// The page's state.
#[derive(Clone, Copy)]
pub struct Lab {
    /// The run and the view of it. Its `update` is the one that was requested, not the current one.
    pub experiment: RwSignal<Experiment>,
    /// Changes that wait for a restart.
    pub draft: RwSignal<Option<Experiment>>,
    /// The report on show, replaced at most once per frame.
    pub report: RwSignal<Option<Arc<Report>>>,
    /// The same for the charts of the lanes, a frame later while training plays and drawing is slow: half the work per
    /// frame.
    pub lanes_report: RwSignal<Option<Arc<Report>>>,
    /// The same for texts: replaced a few times per second while training plays, at once when it does not.
    pub calm: RwSignal<Option<Arc<Report>>>,
    /// The same for the inspector, which takes long: while training plays, in a frame in which little else is drawn.
    pub inspected: RwSignal<Option<Arc<Report>>>,
    /// Losses of each lane since update 1, after going back also those beyond the update on show.
    pub losses: StoredValue<Vec<LossHistory>>,
    /// Losses that each edited lane would have without its edits; empty for the others.
    pub ghosts: StoredValue<Vec<LossHistory>>,
    /// Losses on held-out sequences, one every [`held_out::every`] updates.
    pub held_out: StoredValue<Vec<LossHistory>>,
    /// The place that the "What if?" form changes: the text of a [`Place`](lab::Place).
    pub what_if: RwSignal<String>,
    /// The update at which the run continues with changed edits, until it has reached it.
    editing: StoredValue<Option<usize>>,
    /// How far back each lane's gradient reached, for the sequence on show.
    pub reach: StoredValue<Vec<ReachHistory>>,
    /// The sequence and the layer of `reach`.
    reach_of: StoredValue<Option<(u32, usize)>>,
    /// Whether training plays, as last requested.
    pub playing: RwSignal<bool>,
    /// The replay under way.
    pub replay: RwSignal<Option<Replay>>,
    /// The notices on show.
    pub notices: RwSignal<Vec<Notice>>,
    /// Values that were typed into fields and refused, at most one per field, named by the problem's key.
    refusals: RwSignal<Vec<Problem>>,
    /// The step under the pointer, from 0.
    pub hover: RwSignal<Option<usize>>,
    /// Whether the report on show is still of another run than the experiment.
    pub waiting_for_run: RwSignal<bool>,
    /// The sentence about the last choice, to be read out.
    pub narration: RwSignal<String>,
    /// The last findings of the open panel.
    pub findings: RwSignal<Option<Arc<Findings>>>,
    /// The step (from 0) that the triangle traces the credit of; a later one than the last counts as the last.
    pub path_end: RwSignal<usize>,
    /// The panel that the worker was last asked to compute.
    asked_why: StoredValue<Option<Option<Why>>>,
    /// The choice that `narration` describes, or will soon.
    pub narrated: StoredValue<Option<Choice>>,
    /// The kept runs.
    pub shelf: Shelf,
    /// Whether this run was ever played.
    pub played: RwSignal<bool>,
    /// The lane picked for the inspector and the film.
    pub lane: RwSignal<Option<usize>>,
    /// The update looked into: a report with the films of its lanes. It is kept after that update has been made.
    pub inside: RwSignal<Option<Arc<Report>>>,
    /// The frame of the film on show.
    pub inside_frame: RwSignal<usize>,
    /// Whether the film has reached its end and the update has been made.
    pub inside_made: RwSignal<bool>,
    /// The requested member of the batch, while reports show one.
    member: StoredValue<Option<usize>>,
    /// The last requested member, for the next film.
    followed: StoredValue<usize>,
    /// The first relevant step of the sequence on show, from 0.
    first: Memo<usize>,
    /// Number of steps of the sequence on show.
    len: Memo<usize>,
    /// Counts the runs of this page.
    run: StoredValue<u32>,
    /// Number of Play and Pause requests without an answer: until then, reports do not determine whether training
    /// plays.
    asked: StoredValue<u32>,
    calm_at: StoredValue<f64>,
    /// Milliseconds that drawing the last report took.
    drawing_ms: StoredValue<f64>,
    /// A report that waits for the next frame.
    waiting: StoredValue<Option<Arc<Report>>>,
    client: StoredValue<Option<Rc<Client>>, LocalStorage>,
    /// Called once, when the first report is on show.
    on_ready: StoredValue<Option<Box<dyn FnOnce()>>, LocalStorage>,
}

impl Lab {
    /// Opens the page at the experiment of a link.
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
        lab.client.set_value(Some(Client::start(move |told| lab.handle_message(told))));
        // The next frame of a page that is hidden would come only when it is seen again.
        let hiding = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden() {
                lab.present();
            }
        });
        on_cleanup(move || hiding.remove());
        lab.tell_link_problems(&experiment, problems);
        lab
    }

    /// Calls `ready` when the replay of the page's link is done or cancelled, and drawn.
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

    /// Adds a notice, unless it is already shown. For each key only the last refusal is kept.
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

    /// Returns the last update with known losses.
    pub fn last_known(&self) -> u64 {
        let known = self.losses.with_value(|losses| losses.iter().map(LossHistory::len).max().unwrap_or(0));
        self.update().max(known as u64)
    }

    /// Passes to `then` the losses of each lane, and those that the edited ones would have without their edits.
    pub fn with_losses<T>(&self, then: impl FnOnce(&[LossHistory], &[LossHistory]) -> T) -> T {
        self.ghosts.with_value(|ghosts| self.losses.with_value(|losses| then(losses, ghosts)))
    }

    /// Returns the last held-out loss at or before the update on show.
    pub fn held_out_loss(&self, lane: usize) -> Option<f64> {
        let every = self.experiment.with(held_out::every)?;
        let looks = (self.update() / every) as usize;
        let loss = self.held_out.with_value(|held| held.get(lane)?.values().get(looks.checked_sub(1)?).copied());
        loss.map(f64::from)
    }

    /// Returns the number of updates of the run on show.
    pub fn update(&self) -> u64 {
        self.report.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update))
    }

    /// Returns the number of steps of the sequence on show, which may be shorter than the longest.
    pub fn steps(&self) -> usize {
        self.len.get()
    }

    /// Returns the step on show, from 0: under the pointer, else chosen, else the first relevant one.
    pub fn step(&self) -> usize {
        match self.hover.get() {
            Some(step) => step.min(self.steps() - 1),
            None => self.chosen_step(),
        }
    }

    /// Returns the step that is chosen, or that the film shows, regardless of the pointer.
    pub fn chosen_step(&self) -> usize {
        let (chosen, len) = (self.experiment.with(|experiment| experiment.step), self.steps());
        let first = || self.first.get();
        self.film_step().or(chosen.map(|step| step - 1)).unwrap_or_else(first).min(len - 1)
    }

    /// Returns the number of steps of the film's sequence, if there is a film.
    pub fn film_len(&self) -> Option<usize> {
        self.inside.with(|report| report.as_ref().map(|report| report.snapshot.sequence.len))
    }

    /// Returns the step of the film, while charts show its sequence.
    fn film_step(&self) -> Option<usize> {
        let len = self.film_len()?;
        if self.inside_made.get() { None } else { Frame::at(self.inside_frame.get(), len).step(len) }
    }

    /// Returns the lane of inspector and film: the chosen one, by default the first with a cell state.
    pub fn lane(&self) -> usize {
        self.experiment.with(|experiment| {
            self.lane.get().filter(|&lane| lane < experiment.lanes.len()).unwrap_or_else(|| experiment.usual_lane())
        })
    }

    /// Returns the unit on show, from 0.
    pub fn unit(&self) -> usize {
        self.experiment.with(|experiment| experiment.unit - 1)
    }

    /// Returns the link of the current state, with the update on show, and with the build if the link is to be kept.
    pub fn link(&self, build: bool) -> String {
        let experiment = self.experiment.get_untracked();
        let update = untrack(|| self.update()).to_string();
        let linked = experiment.with("update", &update).unwrap_or(experiment);
        let linked = if build { linked.with("build", crate::BUILD).unwrap_or(linked) } else { linked };
        link::format(&linked)
    }
}
