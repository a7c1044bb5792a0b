//! Why a gradient shrinks or grows, asked of the networks on show: computed in small parts, on copies, beside training.
//!
//! While a run trains, every part of d milliseconds is followed by a rest of at least 20·d: training loses less than a
//! tenth, though drawing what is found slows it too where cores share. What is not looked at is not computed.

use crate::experiment::why::Why;
use crate::run::trainer::Trainer;
use nn::{CreditWalk, Factors, FactorsWalk, GradientCheck, Truncation};

/// Milliseconds of one part, or one step back of one lane where that is longer.
const PART_MS: f64 = 4.0;
/// Of a run that trains: the rest after a part, as a multiple of it, and milliseconds that it lasts at least.
const REST: f64 = 20.0;
const LEAST_REST_MS: f64 = 80.0;
/// Milliseconds between two tellings of how far a check has got.
const TELL_MS: f64 = 200.0;
/// ε of the gradient check.
const EPSILON: f64 = 1e-5;
/// Floating-point operations that the check of one lane may take: of a large network, some weights are compared.
const CHECK_FLOPS: f64 = 2e10;

/// What was found, of every lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    /// What was asked.
    pub why: Why,
    /// Of this run,
    pub run: u32,
    /// with the weights after this update,
    pub update: u64,
    /// over this sequence.
    pub probe: u32,
    /// How much of a check is done, 0 to 1.
    pub done: f64,
    /// The numbers of each lane, by the names of [`series`].
    pub lanes: Vec<Vec<Vec<f64>>>,
}

/// Which numbers of a lane stand where.
pub mod series {
    /// [`Factors::exact`](nn::Factors::exact) `[T]`.
    pub const EXACT: usize = 0;
    /// [`Factors::bound`](nn::Factors::bound) `[T]`, or empty.
    pub const BOUND: usize = 1;
    /// [`Factors::slope`](nn::Factors::slope) `[T]`, or empty.
    pub const SLOPE: usize = 2;
    /// [`Factors::sigma`](nn::Factors::sigma), or empty.
    pub const SIGMA: usize = 3;
    /// [`Factors::carousel`](nn::Factors::carousel) `[T]`, or empty.
    pub const CAROUSEL: usize = 4;
    /// Credit of h, `[τ(τ − 1)/2 + t − 1]` for t = 1 … τ, τ = 1 … T.
    pub const CREDIT_H: usize = 0;
    /// The same of c, or empty.
    pub const CREDIT_C: usize = 1;
    /// Of a check, for each block of weights: its error, how unsure the differences are, how many weights were compared, and how
    /// many were left out.
    pub const CHECK: usize = 0;
}

impl Findings {
    /// Numbers of a lane; empty where there are none.
    pub fn series(&self, lane: usize, index: usize) -> &[f64] {
        self.lanes.get(lane).and_then(|lane| lane.get(index)).map_or(&[], Vec::as_slice)
    }

    /// As it travels.
    pub fn pack(&self) -> Vec<f64> {
        let head = [self.why as u8 as f64, f64::from(self.run), self.update as f64, f64::from(self.probe), self.done];
        let mut numbers = head.to_vec();
        for lane in &self.lanes {
            numbers.push(lane.len() as f64);
            for series in lane {
                numbers.push(series.len() as f64);
                numbers.extend(series);
            }
        }
        numbers
    }

    /// Out of what travelled; `None` for numbers that are none.
    pub fn unpack(numbers: &[f64]) -> Option<Self> {
        let (&[why, run, update, probe, done], mut rest) = numbers.split_first_chunk()?;
        let mut lanes = Vec::new();
        let next = |rest: &mut &[f64], count: usize| -> Option<Vec<f64>> {
            let (taken, left) = rest.split_at_checked(count)?;
            *rest = left;
            Some(taken.to_vec())
        };
        while !rest.is_empty() {
            let count = next(&mut rest, 1)?[0] as usize;
            let mut lane = Vec::new();
            for _ in 0..count {
                let len = next(&mut rest, 1)?[0] as usize;
                lane.push(next(&mut rest, len)?);
            }
            lanes.push(lane);
        }
        let why = *Why::ALL.get(why as usize)?;
        Some(Self { why, run: run as u32, update: update as u64, probe: probe as u32, done, lanes })
    }
}

/// Of what something is found.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Subject {
    pub(crate) run: u32,
    pub(crate) update: u64,
    pub(crate) probe: u32,
}

/// One lane's part in the work.
enum Walk {
    Factors(FactorsWalk),
    Credit(CreditWalk),
    Check(GradientCheck),
}

impl Walk {
    fn step(&mut self) -> bool {
        match self {
            Self::Factors(walk) => walk.step(),
            Self::Credit(walk) => walk.step(),
            Self::Check(check) => check.step(),
        }
    }

    fn finish(self) -> Vec<Vec<f64>> {
        match self {
            Self::Factors(walk) => {
                let Factors { exact, bound, slope, sigma, carousel } = walk.finish();
                vec![exact, bound, slope, sigma.into_iter().collect(), carousel]
            }
            Self::Credit(walk) => {
                let credit = walk.finish();
                vec![credit.h.concat(), credit.c.concat()]
            }
            Self::Check(check) => checked(&check),
        }
    }
}

fn checked(check: &GradientCheck) -> Vec<Vec<f64>> {
    let blocks = check.blocks();
    let numbers = |block: &nn::BlockCheck| [block.error, block.unsure, block.compared as f64, block.left_out as f64];
    vec![blocks.iter().flat_map(numbers).collect()]
}

/// Work in hand.
struct Job {
    why: Why,
    subject: Subject,
    lanes: usize,
    /// The lanes still to come, the next one last.
    walks: Vec<Walk>,
    found: Vec<Vec<Vec<f64>>>,
}

/// Finds out what is asked, beside training.
#[derive(Default)]
pub(crate) struct Prober {
    why: Option<Why>,
    job: Option<Job>,
    /// What was found last.
    known: Option<(Why, Subject)>,
    rested: f64,
    told: f64,
}

impl Prober {
    /// What is looked at from now on. A check is made anew each time it is asked for.
    pub(crate) fn look(&mut self, why: Option<Why>) {
        self.why = why.filter(|why| *why != Why::Saturation);
        if self.job.as_ref().is_some_and(|job| Some(job.why) != self.why) || why == Some(Why::Check) {
            self.job = None;
            self.known = None;
        }
    }

    /// What is looked at, without what was found.
    pub(crate) fn afresh(&mut self) -> Self {
        Self { why: self.why.filter(|why| *why != Why::Check), ..Self::default() }
    }

    /// Milliseconds until it wants to work, if it does.
    pub(crate) fn wants(&self, subject: Subject, training: bool, now: f64) -> Option<f64> {
        let why = self.why?;
        let stale = match self.known {
            // A check is of the update at which it was asked for.
            Some((known, of)) => known != why || of != subject && why != Why::Check,
            None => true,
        };
        (self.job.is_some() || stale).then(|| if training { (self.rested - now).max(0.0) } else { 0.0 })
    }

    /// Does a part of the work, if it is time; what was found, if that was the last part.
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
        let mut time = now();
        while let Some(walk) = job.walks.last_mut() {
            if !walk.step() {
                job.found.extend(job.walks.pop().map(Walk::finish));
            }
            time = now();
            if time - start >= PART_MS {
                break;
            }
        }
        self.rested = time + LEAST_REST_MS.max(REST * (time - start));
        if job.walks.is_empty() {
            self.known = Some((job.why, job.subject));
            return self.job.take().map(Job::findings);
        }
        if job.why == Why::Check && time - self.told >= TELL_MS {
            self.told = time;
            return Some(job.so_far());
        }
        None
    }
}

impl Job {
    fn new(why: Why, trainer: &mut Trainer, subject: Subject) -> Self {
        let (loss, window) = (trainer.experiment().task.task().loss(), trainer.experiment().truncation);
        let walk = |(network, batch): (nn::Network<f32>, nn::Batch<f32>)| match why {
            Why::Check => {
                let weights = network.parameter_count();
                let most = CHECK_FLOPS / (4 * weights * batch.len()) as f64;
                let (network, batch) = (network.cast(), batch.cast());
                let check = GradientCheck::new(network, batch, loss, Truncation::new(window), EPSILON);
                Walk::Check(check.at_most(most as usize))
            }
            Why::Credit => Walk::Credit(CreditWalk::new(&network, &batch, loss)),
            _ => Walk::Factors(FactorsWalk::new(&network, &batch, loss)),
        };
        let walks: Vec<Walk> = trainer.on_show(subject.probe).into_iter().rev().map(walk).collect();
        Self { why, subject, lanes: walks.len(), walks, found: Vec::new() }
    }

    fn findings(self) -> Findings {
        let Subject { run, update, probe } = self.subject;
        Findings { why: self.why, run, update, probe, done: 1.0, lanes: self.found }
    }

    /// A check that is not yet done.
    fn so_far(&self) -> Findings {
        let Subject { run, update, probe } = self.subject;
        let (mut lanes, mut done) = (self.found.clone(), self.found.len() as f64);
        if let Some(Walk::Check(check)) = self.walks.last() {
            lanes.push(checked(check));
            done += check.done();
        }
        Findings { why: self.why, run, update, probe, done: done / self.lanes.max(1) as f64, lanes }
    }
}
