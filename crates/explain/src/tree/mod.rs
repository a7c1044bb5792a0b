//! Equations as trees: expressions of symbols and numbers, how many digits each number shows, and two renderings, MathML
//! and plain text.
//!
//! An [`Expr`] is generic in its numbers. A builder writes one of quantities (`Expr<Number>`, `Expr<FilmNumber>`); with a
//! value for each it is an `Expr<Value>`; [`digits`] decides what is shown of each, `Expr<Shown>`, which is evaluated and
//! rendered.

pub mod digits;
pub mod equation;
pub mod mathml;
pub mod plain;
pub mod symbol;
mod tokens;

pub use symbol::{Index, Label, Symbol, Tint};

/// An expression with numbers of type `N`.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr<N> {
    /// A name.
    Symbol(Symbol),
    /// A number of the run.
    Number(N),
    /// A whole number of the formula itself, such as the 1 in `1 − z`.
    Integer(i32),
    /// Ten to a whole number.
    PowerOfTen(i32),
    /// Terms added up; one that is [`Expr::Negative`] is subtracted.
    Sum(Vec<Expr<N>>),
    /// Factors.
    Product(Vec<Expr<N>>),
    /// The first divided by the second.
    Quotient(Box<Expr<N>>, Box<Expr<N>>),
    /// The expression with its sign changed.
    Negative(Box<Expr<N>>),
    /// The expression to a whole number.
    Power(Box<Expr<N>>, i32),
    /// A function of its arguments.
    Apply(Function, Vec<Expr<N>>),
    /// A norm over all entries.
    Norm(Box<Expr<N>>),
    /// The derivative of the first by the second.
    Derivative(Box<Expr<N>>, Box<Expr<N>>),
    /// An entry of a vector.
    Entry(Box<Expr<N>>, Label),
    /// The sum of an expression over what the index says, or over what its labels say.
    SumOver(Index, Box<Expr<N>>),
}

/// A function in equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `1/(1 + e^{−z})`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `max(0, z)`.
    Relu,
    /// The derivative of one of these.
    SlopeOf(Activation),
    /// 1 for a positive number, else 0.
    IsPositive,
    /// `e` to the number.
    Exp,
    /// The natural logarithm.
    Ln,
    /// The square root.
    Sqrt,
    /// The diagonal matrix of a vector.
    Diagonal,
    /// The smallest of the arguments.
    Min,
    /// The largest of the arguments.
    Max,
    /// Each number cut to a range.
    Clip,
}

/// An activation function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `1/(1 + e^{−z})`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `max(0, z)`.
    Relu,
}

impl Activation {
    /// The function in equations.
    pub const fn function(self) -> Function {
        match self {
            Self::Sigmoid => Function::Sigmoid,
            Self::Tanh => Function::Tanh,
            Self::Relu => Function::Relu,
        }
    }
}

impl Function {
    /// The name in equations; empty for one that is written otherwise.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sigmoid | Self::SlopeOf(Activation::Sigmoid) => "σ",
            Self::Tanh | Self::SlopeOf(Activation::Tanh) => "tanh",
            Self::Relu | Self::SlopeOf(Activation::Relu) => "ReLU",
            Self::Exp => "exp",
            Self::Ln => "ln",
            Self::Diagonal => "diag",
            Self::Min => "min",
            Self::Max => "max",
            Self::Clip => "clip",
            Self::IsPositive | Self::Sqrt => "",
        }
    }

    /// The value at numbers; NaN for a function of vectors.
    fn at(self, arguments: &[f64]) -> f64 {
        let first = arguments.first().copied().unwrap_or(f64::NAN);
        match self {
            Self::Sigmoid => 1.0 / (1.0 + (-first).exp()),
            Self::Tanh => first.tanh(),
            Self::Relu => first.max(0.0),
            Self::IsPositive => f64::from(first > 0.0),
            Self::Exp => first.exp(),
            Self::Ln => first.ln(),
            Self::Sqrt => first.sqrt(),
            Self::Min => arguments.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Max => arguments.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::SlopeOf(_) | Self::Diagonal | Self::Clip => f64::NAN,
        }
    }
}

impl<N> From<Symbol> for Expr<N> {
    fn from(symbol: Symbol) -> Self {
        Self::Symbol(symbol)
    }
}

impl<N> Expr<N> {
    /// The sum of terms: nothing is 0, one is itself.
    pub fn sum(mut terms: Vec<Self>) -> Self {
        match terms.len() {
            0 => Self::Integer(0),
            1 => terms.remove(0),
            _ => Self::Sum(terms),
        }
    }

    /// The product of factors, in which those of a factor that is a product itself are factors: nothing is 1, one is itself.
    pub fn product(factors: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for factor in factors {
            match factor {
                Self::Product(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::Integer(1),
            1 => flat.remove(0),
            _ => Self::Product(flat),
        }
    }

    /// The expression divided by another.
    pub fn over(self, divisor: Self) -> Self {
        Self::Quotient(Box::new(self), Box::new(divisor))
    }

    /// The expression less another.
    pub fn minus(self, other: Self) -> Self {
        Self::Sum(vec![self, other.negative()])
    }

    /// The expression with its sign changed.
    pub fn negative(self) -> Self {
        Self::Negative(Box::new(self))
    }

    /// The square.
    pub fn squared(self) -> Self {
        Self::Power(Box::new(self), 2)
    }

    /// 1 less the expression.
    pub fn complement(self) -> Self {
        Self::Integer(1).minus(self)
    }

    /// A function of the expression.
    pub fn apply(self, function: Function) -> Self {
        Self::Apply(function, vec![self])
    }

    /// The derivative of this by another.
    pub fn by(self, other: Self) -> Self {
        Self::Derivative(Box::new(self), Box::new(other))
    }

    /// The norm.
    pub fn norm(self) -> Self {
        Self::Norm(Box::new(self))
    }

    /// The same expression with other numbers.
    pub fn map<M>(&self, number: &mut impl FnMut(&N) -> M) -> Expr<M> {
        let mut boxed = |inner: &Self| Box::new(inner.map(number));
        match self {
            Self::Symbol(symbol) => Expr::Symbol(symbol.clone()),
            Self::Number(of) => Expr::Number(number(of)),
            Self::Integer(value) => Expr::Integer(*value),
            Self::PowerOfTen(exponent) => Expr::PowerOfTen(*exponent),
            Self::Sum(terms) => Expr::Sum(terms.iter().map(|term| term.map(number)).collect()),
            Self::Product(factors) => Expr::Product(factors.iter().map(|factor| factor.map(number)).collect()),
            Self::Quotient(of, by) => Expr::Quotient(boxed(of), boxed(by)),
            Self::Negative(inner) => Expr::Negative(boxed(inner)),
            Self::Power(base, exponent) => Expr::Power(boxed(base), *exponent),
            Self::Apply(function, of) => Expr::Apply(*function, of.iter().map(|one| one.map(number)).collect()),
            Self::Norm(inner) => Expr::Norm(boxed(inner)),
            Self::Derivative(of, by) => Expr::Derivative(boxed(of), boxed(by)),
            Self::Entry(of, label) => Expr::Entry(boxed(of), *label),
            Self::SumOver(index, body) => Expr::SumOver(*index, boxed(body)),
        }
    }

    /// The value of the expression with these numbers; NaN where it has symbols.
    pub fn evaluate(&self, number: &impl Fn(&N) -> f64) -> f64 {
        let of = |inner: &Self| inner.evaluate(number);
        match self {
            Self::Number(one) => number(one),
            Self::Integer(value) => f64::from(*value),
            Self::PowerOfTen(exponent) => 10_f64.powi(*exponent),
            Self::Sum(terms) => terms.iter().map(of).sum(),
            Self::Product(factors) => factors.iter().map(of).product(),
            Self::Quotient(dividend, divisor) => of(dividend) / of(divisor),
            Self::Negative(inner) => -of(inner),
            Self::Power(base, exponent) => of(base).powi(*exponent),
            Self::Apply(function, arguments) => function.at(&arguments.iter().map(of).collect::<Vec<_>>()),
            Self::Symbol(_) | Self::Norm(_) | Self::Derivative(..) | Self::Entry(..) | Self::SumOver(..) => f64::NAN,
        }
    }
}
