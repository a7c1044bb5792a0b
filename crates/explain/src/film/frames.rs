//! The frames of the film of one update, and the equations of each with their numbers.

use crate::cells::beside;
use crate::equations::{At, Digits, Line, fill};
use crate::readout::Readout;
use lab::Experiment;
use lab::Film;
use lab::SequenceOnShow;
use lab::run::film::{BLOCKS, Followed, followed_gate};
use nn::{ClipMode, OptimizerKind, OptimizerSettings};

/// One frame. Steps count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The batch is drawn and a member of it looked at.
    Batch,
    /// The states of step t.
    Forward(usize),
    /// The readout's answer, and the loss.
    Readout,
    /// The derivatives of step t.
    Backward(usize),
    /// The sum of all steps' and members' shares: the weights' gradient.
    Gather,
    /// Clipping by the global norm.
    Clip,
    /// What the optimiser makes of the gradient.
    Optimiser,
    /// The new weights: the update is made.
    Weights,
}

/// Whose the numbers of a frame are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The member's own.
    Own,
    /// The member's part of the batch's mean.
    Part,
    /// The whole batch's.
    Batch,
}

impl Frame {
    /// How many frames the film of a sequence of `len` steps has.
    pub const fn count(len: usize) -> usize {
        2 * len + 6
    }

    /// Frame `index` (from 0; the last where there are fewer).
    pub const fn at(index: usize, len: usize) -> Self {
        if index == 0 {
            return Self::Batch;
        }
        if index <= len {
            return Self::Forward(index - 1);
        }
        if index > len + 1 && index <= 2 * len + 1 {
            return Self::Backward(2 * len + 1 - index);
        }
        match index - len {
            1 => Self::Readout,
            rest if rest == len + 2 => Self::Gather,
            rest if rest == len + 3 => Self::Clip,
            rest if rest == len + 4 => Self::Optimiser,
            _ => Self::Weights,
        }
    }

    /// Where it stands in the film.
    pub const fn index(self, len: usize) -> usize {
        match self {
            Self::Batch => 0,
            Self::Forward(t) => t + 1,
            Self::Readout => len + 1,
            Self::Backward(t) => 2 * len + 1 - t,
            Self::Gather => 2 * len + 2,
            Self::Clip => 2 * len + 3,
            Self::Optimiser => 2 * len + 4,
            Self::Weights => 2 * len + 5,
        }
    }

    /// The step that it is at, if it is at one.
    pub const fn step(self, len: usize) -> Option<usize> {
        match self {
            Self::Forward(t) | Self::Backward(t) => Some(t),
            Self::Readout => Some(len - 1),
            _ => None,
        }
    }

    /// The frame of another step in the same direction; the same frame where it has none.
    pub const fn of_step(self, t: usize) -> Self {
        match self {
            Self::Batch | Self::Forward(_) => Self::Forward(t),
            Self::Readout | Self::Backward(_) => Self::Backward(t),
            other => other,
        }
    }

    /// The frame of a step that this one takes numbers from.
    pub const fn source(self, t: usize) -> Self {
        match self {
            Self::Readout => Self::Forward(t),
            Self::Gather => Self::Backward(t),
            other => other.of_step(t),
        }
    }

    /// Whose its numbers are.
    pub const fn whose(self) -> Whose {
        match self {
            Self::Forward(_) | Self::Readout => Whose::Own,
            Self::Backward(_) => Whose::Part,
            _ => Whose::Batch,
        }
    }
}

/// What a frame's equations are made from.
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

// Templates, as in `equations.rs`. K is the unit's number; a digit after g, d, b or a is a block of weights: its gradient,
// step, weights before and after. § is the layer's number, where there are several.

const SHARE: &str = "|‖δ@n·h@pᵀ‖|q
|δ@n([K])·h@p([K]) = <i>·<j>|u";
const GATHER: &str = "|∂L/∂U§ = Σ Σₜ δₜ·hₜ₋₁ᵀ|
|‖∂L/∂W§‖|g0
|‖∂L/∂U§‖|g1
|‖∂L/∂b§‖|g2
|‖∂L/∂Wₒᵤₜ‖|g3
|‖∂L/∂bₒᵤₜ‖|g4
|g = ∂L/∂U§([K]; [K])|G|G";
const NO_CLIP: &str = "|‖∂L/∂θ‖|n";
const CLIP: &str = "|‖∂L/∂θ‖|n
|k = min(1; [l]/(‖∂L/∂θ‖ + 10⁻⁶)) = min(1; [l]/{n})|k
|‖k·∂L/∂θ‖|N
|g ← k·g = {k}·<G>|c";
const CLIP_VALUE: &str = "|‖∂L/∂θ‖|n
|‖clip(∂L/∂θ)‖|N
|g ← min(max(g; −[l]); [l])|c";
const DECAYED: &str = "|g ← g + [7]·U§([K]; [K]) = <c> + [7]·<w>|x
";
const SGD: &str = "|Δ = ΔU§([K]; [K]) = −[r]·g = −[r]·<c>|s";
const MOMENTUM: &str = "|v ← [p]·v + g = [p]·<M> + <c>|m
|Δ = ΔU§([K]; [K]) = −[r]·v = −[r]·<m>|s";
const ADAM: &str = "|m ← [1]·m + [3]·g = [1]·<M> + [3]·<c>|m
|v ← [2]·v + [4]·g² = [2]·{V} + [4]·({c})²|v
|Δ = ΔU§([K]; [K]) = −[r]/(1 − [1]ⁿ)·m/(√v/√(1 − [2]ⁿ) + [e]) = −[r]/(1 − [1]ⁿ)·<m>/(√({v})/√(1 − [2]ⁿ) + [e])|s";
const ADAMW: &str = "|m ← [1]·m + [3]·g = [1]·<M> + [3]·<c>|m
|v ← [2]·v + [4]·g² = [2]·{V} + [4]·({c})²|v
|Δ = ΔU§([K]; [K]) = −[r]·[7]·<w> − [r]/(1 − [1]ⁿ)·m/(√v/√(1 − [2]ⁿ) + [e]) = −[r]·[7]·<w> − [r]/(1 − [1]ⁿ)·<m>/(√({v})/√(1 − [2]ⁿ) + [e])|s";
const RMSPROP: &str = "|v ← [5]·v + [6]·g² = [5]·{M} + [6]·({c})²|m
|Δ = ΔU§([K]; [K]) = −[r]·g/(√v + [e]) = −[r]·<c>/(√({m}) + [e])|s";
const STEPS: &str = "
|‖ΔW§‖|d0
|‖ΔU§‖|d1
|‖Δb§‖|d2
|‖ΔWₒᵤₜ‖|d3
|‖Δbₒᵤₜ‖|d4";
const WEIGHTS: &str = "|U§([K]; [K]) ← U§([K]; [K]) + Δ = {w} + <s>|W
|‖W§‖ = {b0} → ‖W§ + ΔW§‖|a0
|‖U§‖ = {b1} → ‖U§ + ΔU§‖|a1
|‖b§‖ = {b2} → ‖b§ + Δb§‖|a2
|‖Wₒᵤₜ‖ = {b3} → ‖Wₒᵤₜ + ΔWₒᵤₜ‖|a3
|‖bₒᵤₜ‖ = {b4} → ‖bₒᵤₜ + Δbₒᵤₜ‖|a4";

impl Scene<'_> {
    /// The equations of a frame beside those of the cell.
    pub fn beside(&self, frame: Frame) -> Vec<Line> {
        let (template, t) = match frame {
            Frame::Batch => (format!("|{}|", self.readout().mean()), 0),
            Frame::Forward(_) => return Vec::new(),
            Frame::Readout => {
                let of = self.readout();
                let batch = fill(&format!("|{}|L|L", of.mean()), 0, self.at.digits, &|_| self.film.loss);
                let mut answer = self.at.answer(&of);
                if let Some(mean) = answer.iter_mut().find(|line| is_mean_of_steps(line)) {
                    mean.sum = "l".to_owned();
                }
                return [answer, self.at.answer_back(&of), batch].concat();
            }
            Frame::Backward(t) => (SHARE.to_owned(), t),
            Frame::Gather => (GATHER.to_owned(), 0),
            Frame::Clip if self.experiment.clip <= 0.0 => (NO_CLIP.to_owned(), 0),
            Frame::Clip if self.experiment.clip_mode == ClipMode::Value => (CLIP_VALUE.to_owned(), 0),
            Frame::Clip => (CLIP.to_owned(), 0),
            Frame::Optimiser => {
                let rule = match self.experiment.optimizer {
                    OptimizerKind::Sgd => SGD,
                    OptimizerKind::Momentum => MOMENTUM,
                    OptimizerKind::RmsProp => RMSPROP,
                    OptimizerKind::Adam => ADAM,
                    OptimizerKind::AdamW => ADAMW,
                };
                let update = numbers::superscript(i32::try_from(self.update).unwrap_or(i32::MAX));
                // Weight decay joins the gradient, but of AdamW.
                let rule = if self.penalised() {
                    DECAYED.to_owned() + &rule.replace("<c>", "<x>").replace("({c})", "({x})")
                } else {
                    rule.to_owned()
                };
                (rule.replace('ⁿ', &update) + STEPS, 0)
            }
            Frame::Weights => (WEIGHTS.to_owned(), 0),
        };
        let cell = self.at.lane.cell;
        let gate = if cell.has_gates() { cell.gates()[followed_gate(cell)].letter() } else { "" };
        let template = if cell.is_recurrent() {
            template
        } else {
            // No U, and no weight of a unit on itself.
            let own = template.replace("U§([K]; [K])", "W([K]; [C])");
            let without = |line: &&str| !(line.contains('U') || line.contains("h@p"));
            own.lines().filter(without).collect::<Vec<_>>().join("\n")
        };
        // What a cell has beside the usual blocks.
        let beside = beside(cell);
        let template = match (beside, frame) {
            ("", _) => template,
            (_, Frame::Gather) => [&template, "\n|‖∂L/∂", beside, "§‖|g5"].concat(),
            (_, Frame::Optimiser) => [&template, "\n|‖Δ", beside, "§‖|d5"].concat(),
            (_, Frame::Weights) => {
                [&template, "\n|‖", beside, "§‖ = {b5} → ‖", beside, "§ + Δ", beside, "§‖|a5"].concat()
            }
            _ => template,
        };
        let trace = &self.at.lane.trace;
        let layer = if trace.layer_norms.is_empty() { String::new() } else { of_layer(trace.layer) };
        let template = template
            .replace('§', &layer)
            .replace("([K]; [K])", &format!("({gate}[K]; [K])"))
            .replace("δ@n([K])", &format!("δ@n({gate}[K])"));
        // Where a comma is no decimal mark it stands between numbers.
        let template = if self.at.digits == Digits::Shown('.') {
            template.replace("1; [l]", "1, [l]").replace("; [l])", ", [l])").replace("; −[l])", ", −[l])")
        } else {
            template
        };
        fill(&template, t, self.at.digits, &|name| self.value(name, t))
    }

    /// Whether λ times each weight joins its gradient.
    fn penalised(&self) -> bool {
        self.experiment.optimizer != OptimizerKind::AdamW && self.experiment.optimizer_settings().decay > 0.0
    }

    /// The readout of the member on show.
    fn readout(&self) -> Readout<'_> {
        Readout::of_member(self.experiment, self.sequence, self.film)
    }

    /// The change of the followed weight by the optimiser's rule. That of the weight itself is rounded to what f32 holds.
    fn rule(&self, followed: &Followed, rules: &OptimizerSettings) -> f64 {
        let [first, second] = followed.moments.map(|moment| moment.unwrap_or(f64::NAN));
        let penalty = if self.penalised() { rules.decay * followed.before } else { 0.0 };
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

    fn value(&self, name: &str, t: usize) -> f64 {
        let film = self.film;
        let rules = self.experiment.optimizer_settings();
        let Some(followed) = film.followed.get(self.at.u) else { return f64::NAN };
        let (kind, index) = name.split_at(1);
        let index = index.parse::<usize>().unwrap_or(0);
        let Some(block) = film.blocks.get(index.min(BLOCKS - 1)) else { return f64::NAN };
        match kind {
            "K" => (self.at.u + 1) as f64,
            "C" => (followed.column + 1) as f64,
            "q" => film.own_shares.get(t).copied().unwrap_or(f64::NAN),
            "g" => block.gradient,
            "d" => block.step,
            "b" => block.before,
            "a" => block.after,
            "n" => film.norm,
            "N" => film.clipped_norm,
            "k" => film.factor,
            "l" => self.experiment.clip,
            "x" => followed.clipped + rules.decay * followed.before,
            "w" => followed.before,
            "G" => followed.gradient,
            "c" => followed.clipped,
            "m" => followed.moments[0].unwrap_or(f64::NAN),
            "v" => followed.moments[1].unwrap_or(f64::NAN),
            "s" => self.rule(followed, &rules),
            "M" => followed.moments_before[0].unwrap_or(f64::NAN),
            "V" => followed.moments_before[1].unwrap_or(f64::NAN),
            "i" => self.at.part_of_followed(t).0,
            "j" => self.at.part_of_followed(t).1,
            "u" => {
                let (delta, h) = self.at.part_of_followed(t);
                delta * h
            }
            "W" => followed.after,
            "r" => rules.lr,
            "p" => rules.momentum,
            "1" => rules.betas.0,
            "2" => rules.betas.1,
            "3" => 1.0 - rules.betas.0,
            "4" => 1.0 - rules.betas.1,
            "5" => rules.alpha,
            "6" => 1.0 - rules.alpha,
            "7" => rules.decay,
            "e" => rules.epsilon,
            _ => f64::NAN,
        }
    }
}

/// Whether a line is a sequence's loss as the mean of its steps', which is there once all steps are.
pub fn is_mean_of_steps(line: &Line) -> bool {
    line.left.starts_with("L(b) = 1/T")
}

/// What stands at the letter of a layer's weights (from 0).
fn of_layer(layer: usize) -> String {
    format!("⁽{}⁾", numbers::superscript(i32::try_from(layer + 1).unwrap_or_default()))
}
