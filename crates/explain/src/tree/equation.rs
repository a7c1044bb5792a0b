//! Equations of several sides, and their lines as they are shown.

use super::digits::{self, Digits, Shown, Value};
use super::{Expr, Tint};
use crate::sum::Sum;

/// The sign between two sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relation {
    /// =
    #[default]
    Equals,
    /// ≈, where the digits on show do not give the result.
    Approximately,
    /// ←, a new value for the old.
    Becomes,
    /// →, from before to after.
    To,
}

impl Relation {
    /// The sign.
    pub const fn sign(self) -> char {
        match self {
            Self::Equals => '=',
            Self::Approximately => '≈',
            Self::Becomes => '←',
            Self::To => '→',
        }
    }
}

/// An equation with numbers of type `N`.
#[derive(Clone, Debug, PartialEq)]
pub struct Equation<N> {
    /// The colour of the line, that of the chart it belongs to.
    pub tint: Option<Tint>,
    /// All sides but the result, each with the sign before it.
    pub sides: Vec<(Relation, Expr<N>)>,
    /// The result; none for an equation without numbers.
    pub result: Option<N>,
    /// The weighted sum in it that can be opened.
    pub sum: Option<Sum>,
}

impl<N> Equation<N> {
    /// An equation that begins with this side.
    pub fn new(tint: Option<Tint>, side: impl Into<Expr<N>>) -> Self {
        Self { tint, sides: vec![(Relation::Equals, side.into())], result: None, sum: None }
    }

    /// The same with one more side.
    pub fn equals(self, side: impl Into<Expr<N>>) -> Self {
        self.then(Relation::Equals, side)
    }

    /// The same with one more side after this sign.
    pub fn then(mut self, relation: Relation, side: impl Into<Expr<N>>) -> Self {
        self.sides.push((relation, side.into()));
        self
    }

    /// The same with its result.
    pub fn gives(self, result: N) -> Self {
        Self { result: Some(result), ..self }
    }

    /// The same with a sum that can be opened.
    pub fn opens(self, sum: Sum) -> Self {
        Self { sum: Some(sum), ..self }
    }

    /// The first side and the result alone, where the result follows from nothing.
    pub fn bare(mut self) -> Self {
        self.sides.truncate(1);
        Self { sum: None, ..self }
    }

    /// The same equation with other numbers.
    pub fn map<M>(&self, number: &mut impl FnMut(&N) -> M) -> Equation<M> {
        Equation {
            tint: self.tint,
            sides: self.sides.iter().map(|(relation, side)| (*relation, side.map(number))).collect(),
            result: self.result.as_ref().map(&mut *number),
            sum: self.sum,
        }
    }

    /// The line that is shown with these values, its digits chosen so that sums give the result.
    pub fn line(&self, digits: Digits, value: &impl Fn(&N) -> Value) -> Line {
        let result = self.result.as_ref().map(|result| value(result).value);
        let mut relation = Relation::Equals;
        let last = self.sides.len().saturating_sub(1);
        let shown = |(k, (sign, side)): (usize, &(Relation, Expr<N>))| {
            let fit = digits::fit(&side.map(&mut |number| value(number)), result.filter(|_| k == last), digits);
            if !fit.gives_result {
                relation = Relation::Approximately;
            }
            (*sign, fit.side)
        };
        let sides = self.sides.iter().enumerate().map(shown).collect();
        let result = result.map(|result| digits::alone(result, digits));
        Line { tint: self.tint, sides, relation, result, sum: self.sum, digits, from: None, weight: String::new() }
    }
}

impl Equation<Value> {
    /// The line with so many digits of each number, as a term of a sum that takes them.
    pub fn line_to(&self, digits: Digits, count: usize) -> Line {
        let number = |value: &Value| digits.show(value, count);
        let sides = self.sides.iter().map(|(sign, side)| (*sign, side.map(&mut |value| number(value)))).collect();
        Line {
            tint: self.tint,
            sides,
            relation: Relation::Equals,
            result: self.result.as_ref().map(number),
            sum: self.sum,
            digits,
            from: None,
            weight: String::new(),
        }
    }
}

/// An equation as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The colour of the line.
    pub tint: Option<Tint>,
    /// All sides but the result, each with the sign before it.
    pub sides: Vec<(Relation, Expr<Shown>)>,
    /// The sign before the result.
    pub relation: Relation,
    /// The result; none for an equation without numbers.
    pub result: Option<Shown>,
    /// The weighted sum in it that can be opened.
    pub sum: Option<Sum>,
    /// The way in which its numbers are written.
    pub digits: Digits,
    /// The step and unit (from 0) that the number comes from, where it is a term of a sum.
    pub from: Option<(usize, usize)>,
    /// The weight in it, as a what-if edit names it, without its lane; empty without one.
    pub weight: String,
}

impl Line {
    /// The name of its colour in the page's style sheet; empty without one.
    pub fn gate(&self) -> &'static str {
        self.tint.map_or("", Tint::name)
    }

    /// The result as it is shown; empty for an equation without numbers.
    pub fn value(&self) -> &str {
        self.result.as_ref().map_or("", |result| &result.text)
    }
}
