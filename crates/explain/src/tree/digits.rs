//! How many digits each number of an equation shows.
//!
//! Four, and as many more as a difference with 1 or with another number loses of them: `1 − 0.997865` is 0.002135, and
//! `1 − 0.9979` is not. The terms of a sum show the fewest from 4 to 9 with which they give the shown result. Where none do,
//! a difference shows as many as it loses, and if that does not give the result either the equation says ≈.

use super::{Expr, Function, Tint};

/// Significant digits of a number.
pub const DIGITS: usize = 4;
/// Significant digits of a term of a sum at most.
const MOST: usize = 9;
/// Significant digits of any number at most: all that f64 has.
const ALL: i32 = 17;
/// The distance from the edge between two roundings, relative to the largest term, within which a sum counts as on it.
const EDGE: f64 = 1e-14;

/// The way in which numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// To [`DIGITS`] significant digits, or more where an equation needs them, with this decimal mark.
    Shown(char),
    /// All of them, as programs read them: for copying.
    All,
}

impl Digits {
    /// The sign between numbers in a list: a semicolon where the comma is the decimal mark.
    pub(super) const fn list(self) -> char {
        match self {
            Self::Shown(',') => ';',
            _ => ',',
        }
    }

    /// A number to so many significant digits where not all are asked for.
    fn text(self, value: f64, digits: usize) -> String {
        match self {
            Self::Shown(mark) => numbers::significant(value, digits, mark),
            Self::All => numbers::exact(value),
        }
    }

    /// The same without zeros at its end.
    fn short(self, value: f64, digits: usize) -> String {
        match self {
            Self::Shown(mark) => numbers::compact(value, digits, mark),
            Self::All => numbers::exact(value),
        }
    }

    /// A number as it is shown to so many significant digits.
    pub(super) fn show(self, number: &Value, digits: usize) -> Shown {
        let text = if number.is_setting { self.short(number.value, digits) } else { self.text(number.value, digits) };
        let value = if self == Self::All { number.value } else { numbers::round(number.value, digits) };
        Shown { value, text, tint: number.tint }
    }
}

/// The value of a number in an equation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// The value.
    pub value: f64,
    /// The colour of the gate or state that it is of.
    pub tint: Option<Tint>,
    /// Whether it is a setting such as the learning rate, which is written without zeros at its end.
    pub is_setting: bool,
}

impl Value {
    /// A number of the run.
    pub const fn new(value: f64) -> Self {
        Self { value, tint: None, is_setting: false }
    }

    /// The same in a colour.
    pub const fn tinted(value: f64, tint: Option<Tint>) -> Self {
        Self { tint, ..Self::new(value) }
    }

    /// A setting, or a count.
    pub const fn setting(value: f64) -> Self {
        Self { is_setting: true, ..Self::new(value) }
    }
}

/// A number as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The value that the digits say.
    pub value: f64,
    /// The digits.
    pub text: String,
    /// The colour.
    pub tint: Option<Tint>,
}

impl Shown {
    /// Whether the number has a minus sign.
    pub fn is_negative(&self) -> bool {
        self.value < 0.0
    }
}

/// One side of an equation with the digits that are shown, and whether they give the result.
pub(super) struct Fit {
    pub(super) side: Expr<Shown>,
    pub(super) gives_result: bool,
}

/// A number alone.
pub(super) fn alone(value: f64, digits: Digits) -> Shown {
    digits.show(&Value::new(value), DIGITS)
}

/// A side with the digits that are shown of it; of a sum as many as it takes to give the result.
pub(super) fn fit(side: &Expr<Value>, result: Option<f64>, digits: Digits) -> Fit {
    let alone = || Fit { side: show(side, digits, DIGITS as i32, 0), gives_result: true };
    let (Expr::Sum(terms), Some(result), Digits::Shown(_)) = (side, result, digits) else { return alone() };
    let parts: Vec<f64> = terms.iter().map(|term| term.evaluate(&|value| value.value).abs()).collect();
    if parts.iter().any(|part| part.is_nan()) {
        return alone();
    }
    let scale = parts.into_iter().fold(0.0, f64::max);
    let of_terms = |count: usize| Expr::Sum(terms.iter().map(|term| show(term, digits, count as i32, 0)).collect());
    let of_difference = |count: usize| show(side, digits, count as i32, 0);
    let fewest_of = |shown: &dyn Fn(usize) -> Expr<Shown>| {
        let (count, gives_result) = fewest(result, scale, |count| shown(count).evaluate(&|number| number.value));
        Fit { side: shown(count), gives_result }
    };
    match difference(terms) {
        // Nothing is left, with however many digits.
        Some(0.0) => fewest_of(&of_difference),
        // Where f32 has a number just below 1, nine digits are not enough.
        Some(_) => {
            Some(fewest_of(&of_terms)).filter(|fit| fit.gives_result).unwrap_or_else(|| fewest_of(&of_difference))
        }
        None => fewest_of(&of_terms),
    }
}

/// The fewest digits of numbers, up to `scale` each, with which their `sum` gives `result` as it is shown, and whether any
/// do. Where none do, the fewest with which the sum is off by no more than one in the last digit.
pub(crate) fn fewest(result: f64, scale: f64, sum: impl Fn(usize) -> f64) -> (usize, bool) {
    let said = numbers::round(result, DIGITS);
    // On the edge between two roundings a reader might come to the other.
    let edge = scale * EDGE;
    let gives = |sum: f64| match (sum == 0.0, said == 0.0) {
        (false, false) => [sum - edge, sum + edge].iter().all(|sum| numbers::round(*sum, DIGITS) == said),
        (sum_is_nothing, nothing_is_said) => sum_is_nothing && nothing_is_said,
    };
    if let Some(digits) = (DIGITS..=MOST).find(|&digits| gives(sum(digits))) {
        return (digits, true);
    }
    let unit = 10_f64.powi(numbers::exponent(result, DIGITS) + 1 - DIGITS as i32);
    ((DIGITS..=MOST).find(|&digits| (sum(digits) - said).abs() <= unit).unwrap_or(MOST), false)
}

/// An expression with at least so many digits of each number, and `more` of a number that it is itself.
fn show(expr: &Expr<Value>, digits: Digits, least: i32, more: i32) -> Expr<Shown> {
    let of = |inner: &Expr<Value>| show(inner, digits, least, 0);
    let boxed = |inner: &Expr<Value>, more: i32| Box::new(show(inner, digits, least, more));
    match expr {
        Expr::Number(number) => {
            let more = if number.is_setting { 0 } else { more.max(0) };
            Expr::Number(digits.show(number, (least + more).min(ALL) as usize))
        }
        Expr::Sum(terms) => match difference(terms) {
            Some(difference) => Expr::Sum(terms.iter().map(|side| lost(side, difference, digits, least)).collect()),
            None => Expr::Sum(terms.iter().map(of).collect()),
        },
        Expr::Negative(inner) => Expr::Negative(boxed(inner, more)),
        Expr::Power(base, exponent) => Expr::Power(boxed(base, more), *exponent),
        Expr::Apply(Function::Sigmoid, arguments) => {
            // Of a far negative z, σ(z) is e^z, whose digits are the decimals of z.
            let argument = |inner: &Expr<Value>| match inner {
                Expr::Number(number) => show(inner, digits, least, numbers::exponent(number.value, DIGITS)),
                _ => of(inner),
            };
            Expr::Apply(Function::Sigmoid, arguments.iter().map(argument).collect())
        }
        Expr::Apply(function, arguments) => Expr::Apply(*function, arguments.iter().map(of).collect()),
        Expr::Product(factors) => Expr::Product(factors.iter().map(of).collect()),
        Expr::Quotient(dividend, divisor) => Expr::Quotient(boxed(dividend, 0), boxed(divisor, 0)),
        other => other.map(&mut |number| digits.show(number, least as usize)),
    }
}

/// The difference of two numbers, or of one and 1, where the terms are that; either may be squared.
fn difference(terms: &[Expr<Value>]) -> Option<f64> {
    let [minuend, Expr::Negative(subtrahend)] = terms else { return None };
    let sides = [minuend, subtrahend.as_ref()].map(|side| match side {
        Expr::Integer(1) => Some(1.0),
        _ => number_of(side).map(|_| side.evaluate(&|number| number.value)),
    });
    let [Some(minuend), Some(subtrahend)] = sides else { return None };
    Some((minuend - subtrahend).abs())
}

/// The number that a side of a difference is, perhaps squared or subtracted; none for a setting.
fn number_of(side: &Expr<Value>) -> Option<&Value> {
    match side {
        Expr::Number(number) if !number.is_setting => Some(number),
        Expr::Power(base, 2) => number_of(base),
        Expr::Negative(inner) => number_of(inner),
        _ => None,
    }
}

/// A side of a difference with as many more digits as the difference loses.
fn lost(side: &Expr<Value>, difference: f64, digits: Digits, least: i32) -> Expr<Shown> {
    match number_of(side) {
        None => show(side, digits, least, 0),
        // Nothing is left, with however many digits.
        Some(_) if difference == 0.0 => side.map(&mut |number| {
            let number = Value { is_setting: true, ..*number };
            digits.show(&number, DIGITS)
        }),
        Some(number) => {
            let more = numbers::exponent(number.value, DIGITS) - numbers::exponent(difference, DIGITS);
            show(side, digits, least, more)
        }
    }
}
