//! The equations of clipping and of the optimisers, for the one weight that a film follows.
//!
//! g is its gradient, m and v the moments, Δ its change, n the number of the update.

use crate::tree::equation::{Equation, Relation};
use crate::tree::{Expr, Function, Symbol};
use nn::{ClipMode, OptimizerKind, OptimizerSettings};

/// A setting of clipping or of the optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The limit of clipping.
    ClipLimit,
    /// The learning rate.
    LearningRate,
    /// The factor of momentum.
    Momentum,
    /// The decay of the mean of gradients.
    FirstBeta,
    /// 1 less that.
    FirstBetaRest,
    /// The decay of the mean of squared gradients.
    SecondBeta,
    /// 1 less that.
    SecondBetaRest,
    /// RMSProp's decay of the mean of squared gradients.
    Alpha,
    /// 1 less that.
    AlphaRest,
    /// Weight decay.
    Decay,
    /// The small number that no division is by 0 with.
    Epsilon,
}

impl Setting {
    /// The value.
    pub fn value(self, clip: f64, rules: &OptimizerSettings) -> f64 {
        match self {
            Self::ClipLimit => clip,
            Self::LearningRate => rules.lr,
            Self::Momentum => rules.momentum,
            Self::FirstBeta => rules.betas.0,
            Self::FirstBetaRest => 1.0 - rules.betas.0,
            Self::SecondBeta => rules.betas.1,
            Self::SecondBetaRest => 1.0 - rules.betas.1,
            Self::Alpha => rules.alpha,
            Self::AlphaRest => 1.0 - rules.alpha,
            Self::Decay => rules.decay,
            Self::Epsilon => rules.epsilon,
        }
    }
}

/// A number of the followed weight in these equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleNumber {
    /// A setting.
    Setting(Setting),
    /// The norm of the gradient of all weights.
    GradientNorm,
    /// The same after clipping.
    ClippedNorm,
    /// The factor of clipping.
    ClipFactor,
    /// The gradient.
    Gradient,
    /// The gradient after clipping.
    Clipped,
    /// The same with weight decay.
    Decayed,
    /// The weight before the update.
    Before,
    /// The first moment before the update; of momentum and RMSProp the only one.
    FirstMomentBefore,
    /// The same after it.
    FirstMoment,
    /// The second moment before the update.
    SecondMomentBefore,
    /// The same after it.
    SecondMoment,
    /// The change of the weight.
    Change,
}

type RuleExpr = Expr<RuleNumber>;

impl From<Setting> for RuleExpr {
    fn from(setting: Setting) -> Self {
        Self::Number(RuleNumber::Setting(setting))
    }
}

impl From<RuleNumber> for RuleExpr {
    fn from(number: RuleNumber) -> Self {
        Self::Number(number)
    }
}

fn letter(letter: &'static str) -> RuleExpr {
    Symbol::new(letter).into()
}

/// The gradient of all weights.
fn gradient() -> RuleExpr {
    letter("L").by(letter("θ"))
}

/// The equations of clipping; of a limit of 0 there is none.
pub fn clipping(limit: f64, mode: ClipMode) -> Vec<Equation<RuleNumber>> {
    let norm = Equation::new(None, gradient().norm()).gives(RuleNumber::GradientNorm);
    let clipped = |of: RuleExpr| Equation::new(None, of.norm()).gives(RuleNumber::ClippedNorm);
    let limit_value = || RuleExpr::from(Setting::ClipLimit);
    match mode {
        _ if limit <= 0.0 => vec![norm],
        ClipMode::Value => {
            let above = Expr::Apply(Function::Max, vec![letter("g"), limit_value().negative()]);
            let within = Expr::Apply(Function::Min, vec![above, limit_value()]);
            let each = Equation::new(None, letter("g")).then(Relation::Becomes, within).gives(RuleNumber::Clipped);
            vec![norm, clipped(gradient().apply(Function::Clip)), each]
        }
        ClipMode::Norm => {
            let divisor = Expr::Sum(vec![gradient().norm(), Expr::PowerOfTen(-6)]);
            let factor =
                |divisor: RuleExpr| Expr::Apply(Function::Min, vec![Expr::Integer(1), limit_value().over(divisor)]);
            vec![
                norm,
                Equation::new(None, letter("k"))
                    .equals(factor(divisor))
                    .equals(factor(RuleNumber::GradientNorm.into()))
                    .gives(RuleNumber::ClipFactor),
                clipped(Expr::Product(vec![letter("k"), gradient()])),
                Equation::new(None, letter("g"))
                    .then(Relation::Becomes, Expr::Product(vec![letter("k"), letter("g")]))
                    .equals(Expr::Product(vec![RuleNumber::ClipFactor.into(), RuleNumber::Gradient.into()]))
                    .gives(RuleNumber::Clipped),
            ]
        }
    }
}

/// An optimiser's rule for one weight.
pub struct Rule {
    /// The optimiser.
    pub kind: OptimizerKind,
    /// The number of the update, from 1.
    pub update: i32,
    /// Whether weight decay joins the gradient.
    pub is_decayed: bool,
    /// The weight.
    pub weight: Symbol,
}

impl Rule {
    /// The equations of the rule.
    pub fn equations(&self) -> Vec<Equation<RuleNumber>> {
        let mut equations = Vec::new();
        if self.is_decayed {
            let decay = |weight: RuleExpr| Expr::Product(vec![Setting::Decay.into(), weight]);
            equations.push(
                Equation::new(None, letter("g"))
                    .then(Relation::Becomes, Expr::Sum(vec![letter("g"), decay(self.weight.clone().into())]))
                    .equals(Expr::Sum(vec![RuleNumber::Clipped.into(), decay(RuleNumber::Before.into())]))
                    .gives(RuleNumber::Decayed),
            );
        }
        equations.extend(match self.kind {
            OptimizerKind::Sgd => vec![self.change(|parts| plain_step(parts.gradient))],
            OptimizerKind::Momentum => vec![self.momentum(), self.change(|parts| plain_step(parts.first))],
            OptimizerKind::RmsProp => {
                let mean = self.mean_of_squares(
                    [Setting::Alpha, Setting::AlphaRest],
                    [RuleNumber::FirstMomentBefore, RuleNumber::FirstMoment],
                );
                vec![mean, self.change(|parts| rmsprop_step(parts.gradient, parts.root_of))]
            }
            OptimizerKind::Adam => self.adam(|parts| self.adam_step(parts).negative()),
            OptimizerKind::AdamW => self.adam(|parts| {
                let decay = [Setting::LearningRate, Setting::Decay].map(RuleExpr::from);
                let decay = Expr::product(decay.into_iter().chain([parts.weight.clone()]));
                Expr::Sum(vec![decay.negative(), self.adam_step(parts).negative()])
            }),
        });
        equations
    }

    /// The gradient as the rule takes it.
    fn gradient(&self) -> RuleNumber {
        if self.is_decayed { RuleNumber::Decayed } else { RuleNumber::Clipped }
    }

    /// `Δ = ΔU = …`, of symbols and of numbers.
    fn change(&self, step: impl Fn(Parts) -> RuleExpr) -> Equation<RuleNumber> {
        Equation::new(None, letter("Δ"))
            .equals(self.weight.clone().change())
            .equals(step(self.symbols()))
            .equals(step(self.numbers()))
            .gives(RuleNumber::Change)
    }

    fn symbols(&self) -> Parts {
        Parts {
            gradient: letter("g"),
            // Of RMSProp v is the only moment, which Adam's second is.
            first: if self.kind == OptimizerKind::Momentum { letter("v") } else { letter("m") },
            root_of: letter("v"),
            weight: self.weight.clone().into(),
        }
    }

    fn numbers(&self) -> Parts {
        let root_of = match self.kind {
            OptimizerKind::RmsProp => RuleNumber::FirstMoment,
            _ => RuleNumber::SecondMoment,
        };
        Parts {
            gradient: self.gradient().into(),
            first: RuleNumber::FirstMoment.into(),
            root_of: root_of.into(),
            weight: RuleNumber::Before.into(),
        }
    }

    /// `v ← μ·v + g`.
    fn momentum(&self) -> Equation<RuleNumber> {
        let sum = |v: RuleExpr, g: RuleExpr| Expr::Sum(vec![Expr::Product(vec![Setting::Momentum.into(), v]), g]);
        Equation::new(None, letter("v"))
            .then(Relation::Becomes, sum(letter("v"), letter("g")))
            .equals(sum(RuleNumber::FirstMomentBefore.into(), self.gradient().into()))
            .gives(RuleNumber::FirstMoment)
    }

    /// `v ← β·v + (1 − β)·g²`.
    fn mean_of_squares(&self, weights: [Setting; 2], [before, after]: [RuleNumber; 2]) -> Equation<RuleNumber> {
        let sum = |v: RuleExpr, g: RuleExpr| mean(weights, v, g.squared());
        Equation::new(None, letter("v"))
            .then(Relation::Becomes, sum(letter("v"), letter("g")))
            .equals(sum(before.into(), self.gradient().into()))
            .gives(after)
    }

    fn adam(&self, step: impl Fn(Parts) -> RuleExpr) -> Vec<Equation<RuleNumber>> {
        let first = [Setting::FirstBeta, Setting::FirstBetaRest];
        let second = [Setting::SecondBeta, Setting::SecondBetaRest];
        vec![
            Equation::new(None, letter("m"))
                .then(Relation::Becomes, mean(first, letter("m"), letter("g")))
                .equals(mean(first, RuleNumber::FirstMomentBefore.into(), self.gradient().into()))
                .gives(RuleNumber::FirstMoment),
            self.mean_of_squares(second, [RuleNumber::SecondMomentBefore, RuleNumber::SecondMoment]),
            self.change(step),
        ]
    }

    /// `η/(1 − β₁ⁿ)·m/(√v/√(1 − β₂ⁿ) + ε)`.
    fn adam_step(&self, parts: Parts) -> RuleExpr {
        let correction = |beta: Setting| Expr::Power(Box::new(RuleExpr::from(beta)), self.update).complement();
        let root = parts.root_of.apply(Function::Sqrt);
        let corrected = root.over(correction(Setting::SecondBeta).apply(Function::Sqrt));
        Expr::Product(vec![
            RuleExpr::from(Setting::LearningRate).over(correction(Setting::FirstBeta)),
            parts.first.over(Expr::Sum(vec![corrected, Setting::Epsilon.into()])),
        ])
    }
}

/// The parts of a step, as symbols or as numbers.
struct Parts {
    gradient: RuleExpr,
    /// The first moment; of momentum the only one.
    first: RuleExpr,
    /// The mean of squared gradients, whose root a step is divided by.
    root_of: RuleExpr,
    weight: RuleExpr,
}

/// `a·before + b·new`.
fn mean([kept, taken]: [Setting; 2], before: RuleExpr, new: RuleExpr) -> RuleExpr {
    Expr::Sum(vec![Expr::Product(vec![kept.into(), before]), Expr::Product(vec![taken.into(), new])])
}

/// `−η·d`.
fn plain_step(direction: RuleExpr) -> RuleExpr {
    Expr::Product(vec![Setting::LearningRate.into(), direction]).negative()
}

/// `−η·g/(√v + ε)`.
fn rmsprop_step(gradient: RuleExpr, root_of: RuleExpr) -> RuleExpr {
    let divisor = Expr::Sum(vec![root_of.apply(Function::Sqrt), Setting::Epsilon.into()]);
    Expr::Product(vec![Setting::LearningRate.into(), gradient]).over(divisor).negative()
}
