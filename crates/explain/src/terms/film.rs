//! The terms of the sums of a film that go over a batch or a sequence: the gradient of the weight that it follows, and the
//! losses.

use super::forward::symbols;
use super::{Term, Weight};
use crate::cells::names::delta;
use crate::film::losses::losses;
use crate::readout::{all_lengths, length_of, loss_of_sequence, one_over};
use crate::step::At;
use crate::tree::{Expr, Label, Symbol};
use lab::run::film::followed_gate;
use nn::Gate;

impl At<'_> {
    /// The gradient of the followed weight: a term for each step of this sequence, and what the others of the batch add.
    pub(super) fn followed_gradient_terms(&self) -> Vec<Term> {
        let (Some(of), Some(followed)) = (self.film, self.followed()) else { return Vec::new() };
        let gate = self.lane.cell.gates().get(followed_gate(self.lane.cell)).copied().unwrap_or(Gate::PreActivation);
        let label = self.unit_of(gate, self.u);
        let seen_name = |t: usize| {
            if self.lane.cell.is_recurrent() {
                return t.checked_sub(1).map(|before| self.state_of(Symbol::hidden(), before, self.u));
            }
            self.seen_by_followed(t).map(|(step, d)| self.state_of(Symbol::new("x"), step, d))
        };
        let term = |t: usize| {
            let (part, seen) = self.part_of_followed(t);
            let name = symbols([delta().at(t + 1).of(label), seen_name(t)?]);
            Some(Term::product(name, Weight::unnamed(part), seen, Some((t, self.u))))
        };
        let mut terms: Vec<Term> = (0..self.lane.trace.len).filter_map(term).collect();
        let others = followed.gradient - terms.iter().map(|term| term.value).sum::<f64>();
        let name = Symbol::new("Σ").of(Label::OtherThan(of.inside.member + 1));
        terms.push(Term::bare(name.into(), Weight::unnamed(others)));
        terms
    }

    /// The batch's loss: each sequence's own with what it counts for.
    pub(super) fn batch_loss_terms(&self) -> Vec<Term> {
        let Some(of) = self.film else { return Vec::new() };
        let members = &of.inside.members;
        let ragged = members.iter().any(|member| member.target_steps != members[0].target_steps);
        let term = |(b, (member, &loss)): (usize, (&lab::Member, &f64))| {
            let sequence = Label::Number(b + 1);
            let share = if ragged { Expr::from(length_of(sequence)).over(all_lengths()) } else { one_over("B") };
            let name = Expr::Product(vec![share, loss_of_sequence(sequence)]);
            Term::product(name, Weight::unnamed(member.target_steps / of.film.target_steps), loss, None)
        };
        members.iter().zip(&of.film.losses).enumerate().map(term).collect()
    }

    /// The sequence's loss, where each step has one.
    pub(super) fn sequence_loss_terms(&self) -> Vec<Term> {
        let Some(of) = self.film else { return Vec::new() };
        let trace = &self.lane.trace;
        let share = 1.0 / trace.len as f64;
        let term = |(t, &loss): (usize, &f64)| {
            let name = Expr::Product(vec![one_over("T"), Symbol::new("l").at(t + 1).into()]);
            Term::product(name, Weight::unnamed(share), loss, Some((t, self.u)))
        };
        losses(of.sequence, trace).iter().enumerate().map(term).collect()
    }
}
