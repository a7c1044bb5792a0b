//! The readout's equations at a step: the answer, its loss, and the derivative that goes back.

use crate::cells::names::{Weights, loss, loss_by, output};
use crate::sum::Sum;
use crate::tree::equation::{Equation, Line};
use crate::tree::{Expr, Function, Index, Label, Symbol};
use lab::Experiment;
use lab::Film;
use lab::SequenceOnShow;
use nn::LossAt;

/// A number in the readout's equations, of an output from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadoutNumber {
    /// y.
    Output(usize),
    /// p, the softmax of y, as the pass has it.
    Probability(usize),
    /// p as f64 has it.
    ExactProbability(usize),
    /// 1 − p as f64 has it.
    OtherProbability(usize),
    /// ∂L/∂y.
    OutputGradient(usize),
    /// exp(y).
    Exponential(usize),
    /// The sum of all exp(y).
    ExponentialSum,
    /// The number of answers with a target that L is the mean of.
    LossCount,
    /// The factor of dropout on h.
    Mask,
    /// The target.
    Target,
    /// The loss of the step.
    StepLoss,
    /// The loss of the sequence.
    Loss,
}

type ReadoutExpr = Expr<ReadoutNumber>;

/// The names in the equations of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReadoutNames {
    /// The step, from 1.
    pub step: usize,
    /// The unit, from 1.
    pub unit: usize,
    /// Whether it is the last step.
    pub is_last: bool,
    /// The layer that is read, from 1, where another is on show.
    pub last_layer: Option<usize>,
    /// Whether dropout multiplies h before it is read.
    pub is_masked: bool,
    /// Whether p of the right class is so close to 1 that its loss is written of 1 − p.
    pub is_sure: bool,
}

/// The task's part in the equations, beside the pass on show.
#[derive(Clone, Copy)]
pub struct Readout<'a> {
    sequence: &'a SequenceOnShow,
    classes: &'static [&'static str],
    at: LossAt,
    /// Answers with a target that L is the mean of.
    loss_count: f64,
    /// The batch that the sequence is one of; none where L is its own loss.
    batch: Option<usize>,
}

impl<'a> Readout<'a> {
    /// The readout of a probe, a sequence alone.
    pub fn of_probe(experiment: &Experiment, sequence: &'a SequenceOnShow) -> Self {
        let task = experiment.task.task();
        let at = task.loss().at;
        let loss_count = if at == LossAt::Every { sequence.len as f64 } else { 1.0 };
        Self { sequence, classes: task.classes(), at, loss_count, batch: None }
    }

    /// The readout of a member of an update's batch.
    pub fn of_member(experiment: &Experiment, sequence: &'a SequenceOnShow, film: &Film) -> Self {
        Self { loss_count: film.target_steps, batch: Some(experiment.batch), ..Self::of_probe(experiment, sequence) }
    }

    /// The names of the classes; none where the answer is a value.
    pub fn classes(&self) -> &'static [&'static str] {
        self.classes
    }

    /// The right class, for a task that has classes.
    pub fn class(&self) -> Option<usize> {
        self.sequence.class
    }

    /// The right values `[T × outputs]`.
    pub fn targets(&self) -> &'a [f32] {
        &self.sequence.values
    }

    /// The number of answers with a target that L is the mean of.
    pub fn loss_count(&self) -> f64 {
        self.loss_count
    }

    /// Whether every step has a target.
    pub fn is_everywhere(&self) -> bool {
        self.at == LossAt::Every
    }

    /// Whether sequences of other lengths count otherwise than this one.
    fn is_ragged(&self) -> bool {
        let batch = self.batch.unwrap_or(1) as f64;
        self.is_everywhere() && self.loss_count != batch * self.sequence.len as f64
    }

    /// L as the mean of the losses of the batch's sequences.
    pub fn mean<N>(&self) -> Equation<N> {
        let losses = loss_of_sequence(Label::Sequence);
        let mean = if self.is_ragged() {
            let weighted = Expr::Product(vec![length_of(Label::Sequence).into(), losses]);
            Expr::SumOver(Index::None, Box::new(weighted)).over(all_lengths())
        } else {
            Expr::Product(vec![one_over("B"), Expr::SumOver(Index::None, Box::new(losses))])
        };
        Equation::new(None, loss()).equals(mean)
    }

    /// A derivative of an answer's loss divided by the number of those that L is the mean of, in symbols and as a number.
    fn shared(&self, symbols: ReadoutExpr, numbers: ReadoutExpr) -> [ReadoutExpr; 2] {
        let letter = |letter: &'static str| Expr::from(Symbol::new(letter));
        let divisor = match (self.batch, self.at) {
            _ if self.is_ragged() => all_lengths(),
            (None, LossAt::Last) => return [symbols, numbers],
            (None, LossAt::Every) => letter("T"),
            (_, LossAt::Last) => letter("B"),
            _ => Expr::Product(vec![letter("B"), letter("T")]),
        };
        [symbols.over(divisor), numbers.over(Expr::Number(ReadoutNumber::LossCount))]
    }

    /// From the states to the answer and, where the step has a target, its loss.
    pub fn answer(&self, names: &ReadoutNames) -> Vec<Equation<ReadoutNumber>> {
        let mut equations = Vec::new();
        if names.is_masked && names.last_layer.is_none() {
            let mask = Symbol::new("m").at(names.step).of(Label::Number(names.unit));
            equations.push(Equation::new(None, mask).gives(ReadoutNumber::Mask));
        }
        for (k, name) in self.classes.iter().enumerate() {
            equations.extend(self.class_answer(names, k, Label::Class(name)));
        }
        match self.sequence.class {
            Some(class) if self.has_target(names) => equations.push(self.cross_entropy(names, class)),
            Some(_) => {}
            None => equations.extend(self.value_answer(names)),
        }
        equations
    }

    /// y and p of a class.
    fn class_answer(&self, names: &ReadoutNames, k: usize, class: Label) -> [Equation<ReadoutNumber>; 2] {
        let of = |symbol: Symbol| symbol.at(names.step).of(class);
        let product = Expr::Entry(Box::new(names.read()), class);
        let y = Equation::new(None, of(output())).equals(product).gives(ReadoutNumber::Output(k));
        let all = Expr::from(output().at(names.step)).apply(Function::Exp);
        let share = Expr::from(of(output())).apply(Function::Exp).over(Expr::SumOver(Index::None, Box::new(all)));
        let p = Equation::new(None, of(Symbol::new("p")))
            .equals(share)
            .equals(Expr::Number(ReadoutNumber::Exponential(k)).over(Expr::Number(ReadoutNumber::ExponentialSum)))
            .gives(ReadoutNumber::Probability(k));
        [names.opening(y, k), p]
    }

    /// The loss of a sequence by the p of its class.
    fn cross_entropy(&self, names: &ReadoutNames, class: usize) -> Equation<ReadoutNumber> {
        let label = Label::Class(self.classes.get(class).copied().unwrap_or_default());
        let number = if names.is_sure {
            Expr::Number(ReadoutNumber::OtherProbability(class)).complement()
        } else {
            Expr::Number(ReadoutNumber::Probability(class))
        };
        let ln = |of: ReadoutExpr| of.apply(Function::Ln).negative();
        Equation::new(None, self.loss())
            .equals(ln(Symbol::new("p").at(names.step).of(label).into()))
            .equals(ln(number))
            .gives(ReadoutNumber::Loss)
    }

    /// y where it is a value, and its loss.
    fn value_answer(&self, names: &ReadoutNames) -> Vec<Equation<ReadoutNumber>> {
        let y = output().at(names.step);
        let answer = Equation::new(None, y.clone()).equals(names.read()).gives(ReadoutNumber::Output(0));
        let mut equations = vec![names.opening(answer, 0)];
        let error = || Expr::Number(ReadoutNumber::Output(0)).minus(Expr::Number(ReadoutNumber::Target)).squared();
        let of_target = |target: Symbol| Expr::from(y.clone()).minus(target.into()).squared();
        if self.is_everywhere() {
            let of_step = Equation::new(None, Symbol::new("l").at(names.step))
                .equals(of_target(target().at(names.step)))
                .equals(error())
                .gives(ReadoutNumber::StepLoss);
            let steps = Expr::SumOver(Index::Any, Box::new(Symbol::new("l").indexed(Index::Any).into()));
            let of_sequence = Equation::new(None, self.loss())
                .equals(Expr::Product(vec![one_over("T"), steps]))
                .gives(ReadoutNumber::Loss);
            equations.extend([of_step, of_sequence]);
        } else if self.has_target(names) {
            let of_sequence =
                Equation::new(None, self.loss()).equals(of_target(target())).equals(error()).gives(ReadoutNumber::Loss);
            equations.push(of_sequence);
        }
        equations
    }

    /// From the loss back to the answer; nothing where the step has no target.
    pub fn answer_back(&self, names: &ReadoutNames) -> Vec<Equation<ReadoutNumber>> {
        if !self.has_target(names) {
            return Vec::new();
        }
        let equation = |y: Symbol, [symbols, numbers]: [ReadoutExpr; 2], k: usize| {
            Equation::new(None, loss_by(y)).equals(symbols).equals(numbers).gives(ReadoutNumber::OutputGradient(k))
        };
        let Some(class) = self.sequence.class else {
            let twice = |difference: ReadoutExpr| Expr::Product(vec![Expr::Integer(2), difference]);
            let symbols = twice(Expr::from(output().at(names.step)).minus(target().into()));
            let numbers = Expr::Number(ReadoutNumber::Output(0)).minus(Expr::Number(ReadoutNumber::Target));
            return vec![equation(output().at(names.step), self.shared(symbols, twice(numbers)), 0)];
        };
        let of_class = |(k, name): (usize, &&'static str)| {
            let of = |symbol: Symbol| symbol.at(names.step).of(Label::Class(name));
            let less = |p: ReadoutExpr| if k == class { p.minus(Expr::Integer(1)) } else { p };
            let sides = [of(Symbol::new("p")).into(), Expr::Number(ReadoutNumber::ExactProbability(k))].map(less);
            let [symbols, numbers] = sides;
            equation(of(output()), self.shared(symbols, numbers), k)
        };
        self.classes.iter().enumerate().map(of_class).collect()
    }

    /// The loss of the sequence: L, or of one of a batch L(b).
    fn loss(&self) -> ReadoutExpr {
        if self.batch.is_some() { loss_of_sequence(Label::Sequence) } else { loss() }
    }

    fn has_target(&self, names: &ReadoutNames) -> bool {
        self.is_everywhere() || names.is_last
    }
}

impl ReadoutNames {
    /// `W_out h + b_out`, with dropout's mask.
    fn read(&self) -> ReadoutExpr {
        let hidden = Symbol::hidden().of_layer(self.last_layer).at(self.step);
        let read = if self.is_masked {
            let mask = Symbol::new("m").of_layer(self.last_layer).at(self.step);
            Expr::Product(vec![mask.into(), hidden.into()])
        } else {
            hidden.into()
        };
        Expr::Sum(vec![
            Expr::Product(vec![Weights::Readout.symbol().into(), read]),
            Weights::ReadoutBias.symbol().into(),
        ])
    }

    /// The equation of an output, which opens into its terms where the layer that is read is on show.
    fn opening(&self, equation: Equation<ReadoutNumber>, k: usize) -> Equation<ReadoutNumber> {
        if self.last_layer.is_none() { equation.opens(Sum::Output(k)) } else { equation }
    }
}

/// Whether a line is a sequence's loss as the mean of its steps', which is there once all steps are.
pub fn is_mean_of_steps(line: &Line) -> bool {
    line.sides.iter().any(|(_, side)| match side {
        Expr::Product(factors) => factors.iter().any(|factor| matches!(factor, Expr::SumOver(Index::Any, _))),
        _ => false,
    })
}

/// The loss of a sequence of the batch.
pub fn loss_of_sequence<N>(sequence: Label) -> Expr<N> {
    Symbol::new("L").of(sequence).into()
}

/// The number of steps of a sequence of the batch.
pub fn length_of(sequence: Label) -> Symbol {
    Symbol::new("T").of(sequence)
}

/// The number of steps of all sequences of the batch.
pub fn all_lengths<N>() -> Expr<N> {
    Expr::SumOver(Index::None, Box::new(length_of(Label::Sequence).into()))
}

/// 1 divided by a letter.
pub fn one_over<N>(letter: &'static str) -> Expr<N> {
    Expr::Integer(1).over(Symbol::new(letter).into())
}

/// The target of an answer, a word of the page's language.
fn target() -> Symbol {
    Symbol::word("target")
}
