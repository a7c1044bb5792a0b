//! The sums of a film that go over a batch or a sequence: the gradient of the weight that it follows, and the losses.

use crate::equations::At;
use crate::sums::{Term, bare, product};
use lab::Film;
use lab::Inside;
use lab::SequenceOnShow;
use lab::run::film::{Followed, followed_gate};
use nn::ProbeTrace;

/// What they are made from, beside the member's pass.
#[derive(Clone, Copy)]
pub struct Gathering<'a> {
    /// The batch.
    pub inside: &'a Inside,
    /// The lane's update.
    pub film: &'a Film,
    /// The member's sequence.
    pub sequence: &'a SequenceOnShow,
}

impl At<'_> {
    /// The weight that a film follows, of this unit.
    fn followed(&self) -> Option<Followed> {
        self.film.and_then(|of| of.film.followed.get(self.u).copied())
    }

    /// Of that weight, at step t: `∂L/∂z` and what the weight is multiplied with, which is 0 before the first step.
    pub(in super::super) fn part_of_followed(&self, t: usize) -> (f64, f64) {
        let delta = self.delta(followed_gate(self.lane.cell), t, self.u);
        let seen = if self.lane.cell.is_recurrent() {
            t.checked_sub(1).map(|before| self.lane.trace.h[before * self.lane.trace.hidden + self.u])
        } else {
            self.seen_of_window(t).map(|(step, d)| self.inputs[step * self.inputs_a_step() + d])
        };
        (delta, seen.map_or(0.0, f64::from))
    }

    /// The step and the input that the followed weight of a window network reads at step t; none before the first step.
    fn seen_of_window(&self, t: usize) -> Option<(usize, usize)> {
        let (column, inputs) = (self.followed()?.column, self.inputs_a_step());
        Some((t.checked_sub(column / inputs)?, column % inputs))
    }

    /// The gradient of that weight: a term for each step of this sequence, and what the others of the batch add.
    pub(in super::super) fn gathered(&self) -> Vec<Term> {
        let (Some(of), Some(followed)) = (self.film, self.followed()) else { return Vec::new() };
        let gate = followed_gate(self.lane.cell);
        let name = self.name_of(self.lane.trace.z.get(gate).map_or("", |series| series.name), self.u);
        let seen_name = |t: usize| {
            if self.lane.cell.is_recurrent() {
                return t.checked_sub(1).map(|_| format!("h{}({})", numbers::subscript(t), self.u + 1));
            }
            self.seen_of_window(t).map(|(step, d)| format!("x{}({})", numbers::subscript(step + 1), d + 1))
        };
        let term = |t: usize| {
            let (delta, seen) = self.part_of_followed(t);
            let left = format!("δ{}({name})·{}", numbers::subscript(t + 1), seen_name(t)?);
            Some(product(left, (delta, String::new()), seen, Some((t, self.u))))
        };
        let mut terms: Vec<Term> = (0..self.lane.trace.len).filter_map(term).collect();
        let value = followed.gradient - terms.iter().map(|term| term.value).sum::<f64>();
        terms.push(bare(format!("Σ(b ≠ {})", of.inside.member + 1), (value, String::new())));
        terms
    }

    /// The batch's loss: each sequence's own with what it counts for.
    pub(in super::super) fn losses_of_batch(&self) -> Vec<Term> {
        let Some(of) = self.film else { return Vec::new() };
        let members = &of.inside.members;
        let ragged = members.iter().any(|member| member.moments != members[0].moments);
        let term = |(b, (member, &loss)): (usize, (&lab::Member, &f64))| {
            let b = b + 1;
            let left = if ragged { format!("T({b})/Σ T(b)·L({b})") } else { format!("1/B·L({b})") };
            product(left, (member.moments / of.film.moments, String::new()), loss, None)
        };
        members.iter().zip(&of.film.losses).enumerate().map(term).collect()
    }

    /// The sequence's loss, where each step has one.
    pub(in super::super) fn losses_of_steps(&self) -> Vec<Term> {
        let Some(of) = self.film else { return Vec::new() };
        let trace = &self.lane.trace;
        let part = 1.0 / trace.len as f64;
        let term = |(t, &loss): (usize, &f64)| {
            product(format!("1/T·l{}", numbers::subscript(t + 1)), (part, String::new()), loss, Some((t, self.u)))
        };
        losses(of.sequence, trace).iter().enumerate().map(term).collect()
    }
}

/// The loss of each step: NaN where it has no target.
pub fn losses(sequence: &SequenceOnShow, trace: &ProbeTrace<f32>) -> Vec<f64> {
    let last = |t: usize| if t + 1 == trace.len { trace.loss } else { f64::NAN };
    if sequence.class.is_some() {
        return (0..trace.len).map(last).collect();
    }
    let squared = |(answer, target): (&[f32], &[f32])| {
        let all = answer.iter().zip(target).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
        all.sum::<f64>() / target.len() as f64
    };
    trace.answer.chunks_exact(trace.outputs).zip(sequence.values.chunks_exact(trace.outputs)).map(squared).collect()
}
