//! The equations of a film's frames with their numbers.

use super::frames::Frame;
use super::optimizer::{self, Rule, RuleNumber};
use crate::cells::extra_weights;
use crate::cells::names::{Weights, delta, loss_by};
use crate::readout::{Readout, is_mean_of_steps};
use crate::step::At;
use crate::sum::Sum;
use crate::tree::digits::Value;
use crate::tree::equation::{Equation, Line, Relation};
use crate::tree::{Expr, Index, Label, Symbol};
use lab::Experiment;
use lab::Film;
use lab::SequenceOnShow;
use lab::run::film::{BlockNorms, Followed, followed_gate};
use nn::{Gate, OptimizerKind, OptimizerSettings};

/// The source of a frame's equations.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The run.
    pub experiment: &'a Experiment,
    /// The number of the update in the film, from 1.
    pub update: u64,
    /// The member's sequence.
    pub sequence: &'a SequenceOnShow,
    /// The lane's update.
    pub film: &'a Film,
    /// The member's pass at the frame's step and the chosen unit.
    pub at: &'a At<'a>,
}

/// A block of weights, by its place in [`Film::blocks`].
type BlockIndex = usize;

/// A number in the equations of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FilmNumber {
    /// The loss of the batch.
    BatchLoss,
    /// The norm of the member's share of U's gradient at a step (from 0).
    OwnShare(usize),
    /// δ in a step's part of the followed weight's gradient.
    PartDelta(usize),
    /// The factor that multiplies that δ.
    PartState(usize),
    /// Both multiplied.
    Part(usize),
    /// The norm of a block's gradient.
    GradientNorm(BlockIndex),
    /// The norm of a block's change.
    ChangeNorm(BlockIndex),
    /// The norm of a block before the update.
    NormBefore(BlockIndex),
    /// The norm of a block after the update.
    NormAfter(BlockIndex),
    /// The followed weight after the update.
    After,
    /// A number of clipping or of the optimiser's rule.
    Rule(RuleNumber),
}

type FilmEquation = Equation<FilmNumber>;

impl Scene<'_> {
    /// The equations of a frame beside those of the cell.
    pub fn beside(&self, frame: Frame) -> Vec<Line> {
        let equations = match frame {
            Frame::Batch => vec![self.readout().mean()],
            Frame::Forward(_) => return Vec::new(),
            Frame::Readout => return self.of_readout(),
            Frame::Backward(t) => self.shares(t),
            Frame::Gather => self.gathered(),
            Frame::Clip => of_rule(optimizer::clipping(self.experiment.clip, self.experiment.clip_mode)),
            Frame::Optimiser => self.optimised(),
            Frame::Weights => self.updated(),
        };
        self.lines(&equations)
    }

    fn lines(&self, equations: &[FilmEquation]) -> Vec<Line> {
        equations.iter().map(|equation| equation.line(self.at.digits, &|number| self.value(*number))).collect()
    }

    /// The answer, its loss and the derivative that goes back; the batch's loss.
    fn of_readout(&self) -> Vec<Line> {
        let of = self.readout();
        let mut answer = self.at.answer(&of);
        if let Some(mean) = answer.iter_mut().find(|line| is_mean_of_steps(line)) {
            mean.sum = Some(Sum::SequenceLoss);
        }
        let batch = self.lines(&[of.mean().gives(FilmNumber::BatchLoss).opens(Sum::BatchLoss)]);
        [answer, self.at.answer_back(&of), batch].concat()
    }

    /// A step's share of U's gradient, and of the followed weight's. A window network has no U.
    fn shares(&self, t: usize) -> Vec<FilmEquation> {
        if !self.at.lane.cell.is_recurrent() {
            return Vec::new();
        }
        let step = t + 1;
        let outer = Expr::Product(vec![delta().at(step).into(), Symbol::hidden().at(step - 1).transposed().into()]);
        let own = [delta().at(step).of(self.followed_unit()), Symbol::hidden().at(step - 1).of(self.unit())];
        vec![
            Equation::new(None, outer.norm()).gives(FilmNumber::OwnShare(t)),
            Equation::new(None, Expr::Product(own.map(Expr::Symbol).into()))
                .equals(Expr::Product(vec![
                    Expr::Number(FilmNumber::PartDelta(t)),
                    Expr::Number(FilmNumber::PartState(t)),
                ]))
                .gives(FilmNumber::Part(t)),
        ]
    }

    /// The sum of all steps' and members' shares.
    fn gathered(&self) -> Vec<FilmEquation> {
        let mut equations = Vec::new();
        if self.at.lane.cell.is_recurrent() {
            let outer = Expr::Product(vec![
                delta().indexed(Index::Any).into(),
                Symbol::hidden().indexed(Index::BeforeAny).transposed().into(),
            ]);
            let over_steps = Expr::SumOver(Index::Any, Box::new(outer));
            let all = Expr::SumOver(Index::None, Box::new(over_steps));
            equations.push(Equation::new(None, loss_by(self.weights(Weights::Recurrent))).equals(all));
        }
        let norm = |(index, weights): (BlockIndex, Symbol)| {
            Equation::new(None, loss_by(weights).norm()).gives(FilmNumber::GradientNorm(index))
        };
        equations.extend(self.usual_blocks().map(norm));
        equations.push(
            Equation::new(None, Symbol::new("g"))
                .equals(loss_by(self.followed_weight()))
                .gives(FilmNumber::Rule(RuleNumber::Gradient))
                .opens(Sum::FollowedGradient),
        );
        equations.extend(self.extra_block().map(norm));
        equations
    }

    /// The optimiser's rule, and the change of each block.
    fn optimised(&self) -> Vec<FilmEquation> {
        let rule = Rule {
            kind: self.experiment.optimizer,
            update: i32::try_from(self.update).unwrap_or(i32::MAX),
            is_decayed: self.is_decayed(),
            weight: self.followed_weight(),
        };
        let mut equations = of_rule(rule.equations());
        equations.extend(self.usual_blocks().chain(self.extra_block()).map(|(index, weights)| {
            Equation::new(None, Expr::from(weights.change()).norm()).gives(FilmNumber::ChangeNorm(index))
        }));
        equations
    }

    /// The followed weight after the update, and the norms of all blocks.
    fn updated(&self) -> Vec<FilmEquation> {
        let weight = Expr::from(self.followed_weight());
        let numbers = [RuleNumber::Before, RuleNumber::Change].map(|number| Expr::Number(FilmNumber::Rule(number)));
        let mut equations = vec![
            Equation::new(None, weight.clone())
                .then(Relation::Becomes, Expr::Sum(vec![weight, Symbol::new("Δ").into()]))
                .equals(Expr::Sum(numbers.into()))
                .gives(FilmNumber::After),
        ];
        equations.extend(self.usual_blocks().chain(self.extra_block()).map(|(index, weights)| {
            let after = Expr::Sum(vec![weights.clone().into(), weights.clone().change().into()]);
            Equation::new(None, Expr::from(weights).norm())
                .equals(Expr::Number(FilmNumber::NormBefore(index)))
                .then(Relation::To, after.norm())
                .gives(FilmNumber::NormAfter(index))
        }));
        equations
    }

    /// The blocks that every cell has; of a window network no U.
    fn usual_blocks(&self) -> impl Iterator<Item = (BlockIndex, Symbol)> {
        let blocks = [Weights::Input, Weights::Recurrent, Weights::Bias, Weights::Readout, Weights::ReadoutBias];
        let has = move |(_, weights): &(BlockIndex, Weights)| {
            self.at.lane.cell.is_recurrent() || *weights != Weights::Recurrent
        };
        blocks.into_iter().enumerate().filter(has).map(|(index, weights)| (index, self.weights(weights)))
    }

    /// All that a cell has beside them as one.
    fn extra_block(&self) -> Option<(BlockIndex, Symbol)> {
        extra_weights(self.at.lane.cell).map(|weights| (lab::run::film::BLOCKS - 1, self.weights(weights)))
    }

    /// Weights with the number of their layer, where there are several.
    fn weights(&self, weights: Weights) -> Symbol {
        match weights {
            Weights::Readout | Weights::ReadoutBias => weights.symbol(),
            _ => weights.symbol().of_layer(self.at.layer()),
        }
    }

    /// The weight that the film follows: of the unit on itself, of a window network on one input.
    fn followed_weight(&self) -> Symbol {
        if self.at.lane.cell.is_recurrent() {
            return self.weights(Weights::Recurrent).of(self.followed_unit()).of(self.unit());
        }
        let column = self.followed().map_or(0, |followed| followed.column);
        Weights::Input.symbol().of(self.unit()).of(Label::Number(column + 1))
    }

    fn unit(&self) -> Label {
        Label::Number(self.at.u + 1)
    }

    /// The unit of the gate that the followed weight is of.
    fn followed_unit(&self) -> Label {
        let cell = self.at.lane.cell;
        match cell.gates().get(followed_gate(cell)) {
            Some(&gate) if gate != Gate::PreActivation => Label::UnitOf(gate, self.at.u + 1),
            _ => self.unit(),
        }
    }

    fn followed(&self) -> Option<&Followed> {
        self.film.followed.get(self.at.u)
    }

    /// Whether λ times each weight joins its gradient.
    fn is_decayed(&self) -> bool {
        self.experiment.optimizer != OptimizerKind::AdamW && self.experiment.optimizer_settings().decay > 0.0
    }

    /// The readout of the member on show.
    fn readout(&self) -> Readout<'_> {
        Readout::of_member(self.experiment, self.sequence, self.film)
    }

    /// The change of the followed weight by the optimiser's rule. That of the weight itself is rounded to what f32 holds.
    fn change(&self, followed: &Followed, rules: &OptimizerSettings) -> f64 {
        let [first, second] = followed.moments.map(or_nan);
        let penalty = if self.is_decayed() { rules.decay * followed.before } else { 0.0 };
        let (g, lr, n) = (followed.clipped + penalty, rules.lr, i32::try_from(self.update).unwrap_or(i32::MAX));
        let adam = || {
            let corrected = |moment: f64, beta: f64| moment / (1.0 - beta.powi(n));
            lr * corrected(first, rules.betas.0) / (corrected(second, rules.betas.1).sqrt() + rules.epsilon)
        };
        -match self.experiment.optimizer {
            OptimizerKind::Sgd => lr * g,
            OptimizerKind::Momentum => lr * first,
            OptimizerKind::RmsProp => lr * g / (first.sqrt() + rules.epsilon),
            OptimizerKind::Adam => adam(),
            OptimizerKind::AdamW => lr * rules.decay * followed.before + adam(),
        }
    }

    fn value(&self, number: FilmNumber) -> Value {
        let film = self.film;
        let block = |index: BlockIndex, of: fn(&BlockNorms) -> f64| film.blocks.get(index).map_or(f64::NAN, of);
        Value::new(match number {
            FilmNumber::BatchLoss => film.loss,
            FilmNumber::OwnShare(t) => film.own_shares.get(t).copied().unwrap_or(f64::NAN),
            FilmNumber::PartDelta(t) => self.at.part_of_followed(t).0,
            FilmNumber::PartState(t) => self.at.part_of_followed(t).1,
            FilmNumber::Part(t) => {
                let (delta, state) = self.at.part_of_followed(t);
                delta * state
            }
            FilmNumber::GradientNorm(index) => block(index, |block| block.gradient),
            FilmNumber::ChangeNorm(index) => block(index, |block| block.step),
            FilmNumber::NormBefore(index) => block(index, |block| block.before),
            FilmNumber::NormAfter(index) => block(index, |block| block.after),
            FilmNumber::After => self.followed().map_or(f64::NAN, |followed| followed.after),
            FilmNumber::Rule(number) => return self.rule_value(number),
        })
    }

    fn rule_value(&self, number: RuleNumber) -> Value {
        let film = self.film;
        let rules = self.experiment.optimizer_settings();
        let Some(followed) = self.followed() else { return Value::new(f64::NAN) };
        Value::new(match number {
            RuleNumber::Setting(setting) => return Value::setting(setting.value(self.experiment.clip, &rules)),
            RuleNumber::GradientNorm => film.norm,
            RuleNumber::ClippedNorm => film.clipped_norm,
            RuleNumber::ClipFactor => film.factor,
            RuleNumber::Gradient => followed.gradient,
            RuleNumber::Clipped => followed.clipped,
            RuleNumber::Decayed => followed.clipped + rules.decay * followed.before,
            RuleNumber::Before => followed.before,
            RuleNumber::FirstMomentBefore => or_nan(followed.moments_before[0]),
            RuleNumber::FirstMoment => or_nan(followed.moments[0]),
            RuleNumber::SecondMomentBefore => or_nan(followed.moments_before[1]),
            RuleNumber::SecondMoment => or_nan(followed.moments[1]),
            RuleNumber::Change => self.change(followed, &rules),
        })
    }
}

/// Equations of clipping or of an optimiser as those of a film.
fn of_rule(equations: Vec<Equation<RuleNumber>>) -> Vec<FilmEquation> {
    equations.iter().map(|equation| equation.map(&mut |number| FilmNumber::Rule(*number))).collect()
}

/// The number of an equation of the optimiser's rule; an optimiser without this moment has no equation that shows it.
fn or_nan(moment: Option<f64>) -> f64 {
    moment.unwrap_or(f64::NAN)
}
