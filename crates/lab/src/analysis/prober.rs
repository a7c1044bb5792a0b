//! The computation for the open panel, why a gradient shrinks or grows: in small parts, on copies, between updates.
//!
//! While a run trains, every part of d milliseconds is followed by a pause of at least 20·d. Training becomes slower by
//! less than a tenth, though drawing the findings slows it too where cores are shared. Without an open panel nothing is
//! computed.

use crate::analysis::findings::{Check, CheckedBlock, CreditTriangles, Findings, Found};
use crate::experiment::why::Why;
use crate::run::trainer::Trainer;
use nn::{Credit, CreditWalk, Factors, FactorsWalk, GradientCheck, Truncation};

/// Milliseconds of one part; it lasts longer if one step back of one lane does.
const PART_MS: f64 = 4.0;
/// While a run trains: the pause after a part as a multiple of it, and its minimum in milliseconds.
const REST: f64 = 20.0;
const LEAST_REST_MS: f64 = 80.0;
/// Milliseconds between two reports of a check's progress.
const TELL_MS: f64 = 200.0;
/// ε of the gradient check.
const EPSILON: f64 = 1e-5;
/// Maximum floating-point operations of the check of one lane; for a large network, only some weights are compared.
const CHECK_FLOPS: f64 = 2e10;

/// The run, update and sequence that findings are about.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Subject {
    pub(crate) run: u32,
    pub(crate) update: u64,
    pub(crate) probe: u32,
}

/// The work of one panel.
enum Work {
    Factors(Lanes<FactorsWalk, Factors>),
    Credit(Lanes<CreditWalk, CreditTriangles>),
    Check(Lanes<GradientCheck, Vec<CheckedBlock>>),
}

/// The remaining lanes, the next one last, and the findings of those that are done.
struct Lanes<W, F> {
    left: Vec<W>,
    found: Vec<F>,
}

impl<W, F> Lanes<W, F> {
    fn new(lanes: impl DoubleEndedIterator<Item = W>) -> Self {
        Self { left: lanes.rev().collect(), found: Vec::new() }
    }

    /// Does one step of the current lane; returns whether there is more to do.
    fn step(&mut self, step: impl Fn(&mut W) -> bool, finish: impl Fn(W) -> F) -> bool {
        if let Some(walk) = self.left.last_mut()
            && !step(walk)
        {
            self.found.extend(self.left.pop().map(finish));
        }
        !self.left.is_empty()
    }
}

impl Work {
    fn step(&mut self) -> bool {
        match self {
            Self::Factors(lanes) => lanes.step(FactorsWalk::step, FactorsWalk::finish),
            Self::Credit(lanes) => lanes.step(CreditWalk::step, |walk| {
                let Credit { h, c } = walk.finish();
                CreditTriangles { h: h.concat(), c: c.concat() }
            }),
            Self::Check(lanes) => lanes.step(GradientCheck::step, |check| checked(&check)),
        }
    }

    /// Returns the findings, once all lanes are done.
    fn found(self) -> Found {
        match self {
            Self::Factors(lanes) => Found::Factors(lanes.found),
            Self::Credit(lanes) => Found::Credit(lanes.found),
            Self::Check(lanes) => Found::Check(Check { done: 1.0, lanes: lanes.found }),
        }
    }

    /// Returns an unfinished check as far as it is done; `None` for other work.
    fn so_far(&self) -> Option<Check> {
        let Self::Check(Lanes { left, found }) = self else { return None };
        let (all, mut done) = ((left.len() + found.len()).max(1) as f64, found.len() as f64);
        let mut lanes = found.clone();
        if let Some(check) = left.last() {
            lanes.push(checked(check));
            done += check.done();
        }
        Some(Check { done: done / all, lanes })
    }
}

fn checked(check: &GradientCheck) -> Vec<CheckedBlock> {
    let block = |block: &nn::BlockCheck| {
        let nn::BlockCheck { error, unsure, compared, left_out, .. } = *block;
        CheckedBlock { error, unsure, compared, left_out }
    };
    check.blocks().iter().map(block).collect()
}

/// The current work.
struct Job {
    why: Why,
    subject: Subject,
    work: Work,
}

/// Computes the findings of the open panel in addition to training.
#[derive(Default)]
pub(crate) struct Prober {
    why: Option<Why>,
    job: Option<Job>,
    /// The panel and subject of the last findings.
    known: Option<(Why, Subject)>,
    rested: f64,
    told: f64,
}

impl Prober {
    /// Selects the panel. A check is made again for each request.
    pub(crate) fn look(&mut self, why: Option<Why>) {
        self.why = why.filter(|why| *why != Why::Saturation);
        if self.job.as_ref().is_some_and(|job| Some(job.why) != self.why) || why == Some(Why::Check) {
            self.job = None;
            self.known = None;
        }
    }

    /// Returns a prober with the same panel and no findings.
    pub(crate) fn afresh(&mut self) -> Self {
        Self { why: self.why.filter(|why| *why != Why::Check), ..Self::default() }
    }

    /// Returns the milliseconds until the next part of the work; `None` if there is none.
    pub(crate) fn wants(&self, subject: Subject, training: bool, now: f64) -> Option<f64> {
        let why = self.why?;
        let stale = match self.known {
            // A check remains valid for the update at which it was requested.
            Some((known, of)) => known != why || of != subject && why != Why::Check,
            None => true,
        };
        (self.job.is_some() || stale).then(|| if training { (self.rested - now).max(0.0) } else { 0.0 })
    }

    /// Does a part of the work, if it is due; returns the findings, if this was the last part, or the progress of a
    /// check.
    pub(crate) fn slice(
        &mut self,
        trainer: &mut Trainer,
        subject: Subject,
        training: bool,
        now: &dyn Fn() -> f64,
    ) -> Option<Findings> {
        self.why?;
        let start = now();
        if self.wants(subject, training, start) != Some(0.0) {
            return None;
        }
        let (run, probe) = (subject.run, subject.probe);
        if self.job.as_ref().is_none_or(|job| (job.subject.run, job.subject.probe) != (run, probe)) {
            let why = self.why?;
            self.job = Some(Job::new(why, trainer, subject));
            self.told = start;
        }
        let job = self.job.as_mut()?;
        let (mut more, mut time) = (true, start);
        while more && time - start < PART_MS {
            more = job.work.step();
            time = now();
        }
        self.rested = time + LEAST_REST_MS.max(REST * (time - start));
        if !more {
            self.known = Some((job.why, job.subject));
            return self.job.take().map(|job| job.subject.findings(job.work.found()));
        }
        if time - self.told < TELL_MS {
            return None;
        }
        let check = job.work.so_far()?;
        self.told = time;
        Some(job.subject.findings(Found::Check(check)))
    }
}

impl Subject {
    fn findings(self, found: Found) -> Findings {
        let Self { run, update, probe } = self;
        Findings { run, update, probe, found }
    }
}

impl Job {
    fn new(why: Why, trainer: &mut Trainer, subject: Subject) -> Self {
        let (loss, window) = (trainer.experiment().task.task().loss(), trainer.experiment().truncation);
        let lanes = trainer.on_show(subject.probe).into_iter();
        let work = match why {
            Why::Check => Work::Check(Lanes::new(lanes.map(|(network, batch)| {
                let most = CHECK_FLOPS / (4 * network.parameter_count() * batch.len()) as f64;
                let (network, batch) = (network.cast(), batch.cast());
                let check = GradientCheck::new(network, batch, loss, Truncation::new(window), EPSILON);
                check.at_most(most as usize)
            }))),
            Why::Credit => {
                Work::Credit(Lanes::new(lanes.map(|(network, batch)| CreditWalk::new(&network, &batch, loss))))
            }
            Why::Factors | Why::Saturation => {
                Work::Factors(Lanes::new(lanes.map(|(network, batch)| FactorsWalk::new(&network, &batch, loss))))
            }
        };
        Self { why, subject, work }
    }
}
