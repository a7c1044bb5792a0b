//! The readout's equations at a step: the answer, its loss, and the derivative that goes back.

use crate::equations::{At, Line, MASK, fill};
use lab::Experiment;
use lab::Film;
use lab::SequenceOnShow;
use nn::{LossAt, math};

/// What they need to know beside the pass on show.
#[derive(Clone, Copy)]
pub struct Readout<'a> {
    sequence: &'a SequenceOnShow,
    classes: &'static [&'static str],
    at: LossAt,
    /// Moments with a target that L is the mean of.
    moments: f64,
    /// The batch that the sequence is one of; none where L is its own loss.
    batch: Option<usize>,
}

impl<'a> Readout<'a> {
    /// Of a probe, a sequence alone.
    pub fn of_probe(experiment: &Experiment, sequence: &'a SequenceOnShow) -> Self {
        let task = experiment.task.task();
        let at = task.loss().at;
        let moments = if at == LossAt::Every { sequence.len as f64 } else { 1.0 };
        Self { sequence, classes: task.classes(), at, moments, batch: None }
    }

    /// Of a member of an update's batch.
    pub fn of_member(experiment: &Experiment, sequence: &'a SequenceOnShow, film: &Film) -> Self {
        Self { moments: film.moments, batch: Some(experiment.batch), ..Self::of_probe(experiment, sequence) }
    }

    /// The names of the classes; none where the answer is a value.
    pub fn classes(&self) -> &'static [&'static str] {
        self.classes
    }

    /// Whether every step has a target.
    pub fn is_everywhere(&self) -> bool {
        self.at == LossAt::Every
    }

    /// Whether sequences of other lengths count otherwise than this one.
    fn is_ragged(&self) -> bool {
        let batch = self.batch.unwrap_or(1) as f64;
        self.is_everywhere() && self.moments != batch * self.sequence.len as f64
    }

    /// How L comes from the losses of the batch's sequences.
    pub fn mean(&self) -> &'static str {
        if self.is_ragged() { "L = Σ T(b)·L(b)/Σ T(b)" } else { "L = 1/B·Σ L(b)" }
    }

    /// What divides the derivative of a moment's loss, in symbols and as a number; empty where nothing does.
    fn share(&self) -> (&'static str, &'static str) {
        match (self.batch, self.at) {
            _ if self.is_ragged() => ("/Σ T(b)", "/[N]"),
            (None, LossAt::Last) => ("", ""),
            (None, LossAt::Every) => ("/T", "/[N]"),
            (_, LossAt::Last) => ("/B", "/[N]"),
            _ => ("/(B·T)", "/[N]"),
        }
    }
}

impl At<'_> {
    /// From the states to the answer and, where the step has a target, its loss.
    pub fn answer(&self, of: &Readout<'_>) -> Vec<Line> {
        // What the readout reads of another layer is not on show.
        let opens = |k: usize| if self.is_read_out() { format!("|Y{k}") } else { String::new() };
        let loss = if of.batch.is_some() { "L(b)" } else { "L" };
        let target = self.has_target(of);
        let layer = self.of_last();
        let read = if self.is_masked() { format!("(m{layer}@n·h{layer}@n)") } else { format!("h{layer}@n") };
        let mut template = if self.is_masked() && self.is_read_out() { MASK.to_owned() } else { String::new() };
        for (k, name) in of.classes.iter().enumerate() {
            template += &format!("|y@n({name}) = (Wₒᵤₜ·{read} + bₒᵤₜ)({name})|Y{k}{}\n", opens(k));
            template += &format!("|p@n({name}) = exp(y@n({name}))/Σ exp(y@n) = {{E{k}}}/{{S}}|P{k}\n");
        }
        match of.sequence.class {
            Some(class) if target => {
                let name = of.classes.get(class).copied().unwrap_or_default();
                // Of a p close to 1 the logarithm hangs on the digits that are not shown.
                let nearly = self.lane.trace.answer.get(self.t * of.classes.len() + class).is_some_and(|&p| p > 0.9);
                let number = if nearly { format!("1 − {{R{class}}}") } else { format!("{{P{class}}}") };
                template += &format!("|{loss} = −ln(p@n({name})) = −ln({number})|o\n");
            }
            Some(_) => {}
            None => {
                template += &format!("|y@n = Wₒᵤₜ·{read} + bₒᵤₜ|Y0{}\n", opens(0));
                if of.is_everywhere() {
                    template += "|l@n = (y@n − target@n)² = ({Y0} − <T>)²|e\n";
                    template += &format!("|{loss} = 1/T·Σₜ lₜ|o\n");
                } else if target {
                    template += &format!("|{loss} = (y@n − target)² = ({{Y0}} − <T>)²|o\n");
                }
            }
        }
        self.filled(of, &template)
    }

    /// From the loss back to the answer; nothing where the step has no target.
    pub fn answer_back(&self, of: &Readout<'_>) -> Vec<Line> {
        if !self.has_target(of) {
            return Vec::new();
        }
        let (by, number) = of.share();
        let mut template = String::new();
        match of.sequence.class {
            Some(class) => {
                for (k, name) in of.classes.iter().enumerate() {
                    let less = if k == class { " − 1" } else { "" };
                    template +=
                        &format!("|∂L/∂y@n({name}) = (p@n({name}){less}){by} = ({{Q{k}}}{less}){number}|D{k}\n");
                }
            }
            None => template = format!("|∂L/∂y@n = 2·(y@n − target){by} = 2·({{Y0}} − <T>){number}|D0\n"),
        }
        self.filled(of, &template)
    }

    fn has_target(&self, of: &Readout<'_>) -> bool {
        of.is_everywhere() || self.t + 1 == self.lane.trace.len
    }

    fn filled(&self, of: &Readout<'_>, template: &str) -> Vec<Line> {
        let trace = &self.lane.trace;
        let first = self.t * trace.outputs;
        let of_step = |values: &[f32], k: usize| values.get(first + k).map_or(f64::NAN, |&value| f64::from(value));
        let exp = |k: usize| math::exp(of_step(&trace.output, k));
        // p, which f32 rounds to 1 where the loss, in f64, does not.
        let exact = |k: usize| {
            let y = of_step(&trace.output, k);
            1.0 / (0..trace.outputs).map(|j| math::exp(of_step(&trace.output, j) - y)).sum::<f64>()
        };
        let target = || of_step(&of.sequence.values, 0);
        fill(template, self.t, self.digits, &|name| {
            let (kind, k) = name.split_at(1);
            let k = k.parse().unwrap_or(0);
            match kind {
                "Y" => of_step(&trace.output, k),
                "P" => of_step(&trace.answer, k),
                "Q" => exact(k),
                "R" => 1.0 - exact(k),
                "D" => of_step(&trace.grad_output, k),
                "E" => exp(k),
                "S" => (0..trace.outputs).map(exp).sum(),
                "N" => of.moments,
                "K" => (self.u + 1) as f64,
                "$" => self.mask(self.t, self.u),
                "e" => (of_step(&trace.output, 0) - target()).powi(2),
                "o" => trace.loss,
                _ => target(),
            }
        })
    }
}
