//! What the page knows, and all it can be asked to do. Components show this and call it; none talks to the worker itself.

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
    /// The worker has failed several times in a row, last with this message.
    WorkerKeepsFailing(String),
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

/// What can be chosen: step, unit, sequence, and the lane of the inspector.
pub type Choice = (Option<usize>, usize, u32, usize);

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
    /// What the form of "What if?" is about to change: the text of a [`Place`](lab::Place).
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

    /// The loss of what is held out, as it was last taken by the update on show.
    pub fn held_out_loss(&self, lane: usize) -> Option<f64> {
        let every = self.experiment.with(held_out::every)?;
        let looks = (self.update() / every) as usize;
        let loss = self.held_out.with_value(|held| held.get(lane)?.values().get(looks.checked_sub(1)?).copied());
        loss.map(f64::from)
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

    /// The experiment as a link would say it now: with the update on show, and the build if the link is to be kept.
    pub fn link(&self, build: bool) -> String {
        let experiment = self.experiment.get_untracked();
        let update = untrack(|| self.update()).to_string();
        let linked = experiment.with("update", &update).unwrap_or(experiment);
        let linked = if build { linked.with("build", crate::BUILD).unwrap_or(linked) } else { linked };
        link::format(&linked)
    }
}
