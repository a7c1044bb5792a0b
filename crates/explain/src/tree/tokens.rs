//! An expression as a line of tokens, with the brackets that it needs: what both renderings are written from.

use super::digits::Shown;
use super::{Expr, Function, Index, Label, Symbol, Tint};

/// A piece of a rendered expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name.
    Name {
        /// The letters.
        text: String,
        /// The colour.
        tint: Option<Tint>,
        /// Whether it is a word of the page's language.
        is_word: bool,
    },
    /// A number.
    Number {
        /// The digits as they are shown, with the power of ten.
        text: String,
        /// The colour.
        tint: Option<Tint>,
    },
    /// An index of the name before.
    Index(String),
    /// The layer of the name before, from 1.
    Layer(usize),
    /// An exponent of the number, name or brackets before.
    Exponent(i32),
    /// The mark of a transposed matrix.
    Transposed,
    /// An operator.
    Operator(Operator),
}

/// An operator or a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// A plus between terms.
    Plus,
    /// A minus between terms.
    Minus,
    /// A minus before an expression.
    Sign,
    /// Between arguments.
    Separator(char),
    /// Greater than.
    Greater,
    /// Not equal.
    Differs,
    /// Any other, without room around it.
    Tight(char),
}

/// The surroundings of an expression, which decide about brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A side of an equation, an argument in brackets, or the first term of a sum.
    Free,
    /// A later term of a sum.
    Term,
    /// A dividend, or what has a sign or is summed over.
    Factor,
    /// A factor of a product.
    OneOfMany,
    /// A divisor.
    Divisor,
    /// A base of a power.
    Base,
}

/// The tokens of an expression, numbers in a list with `list` between them.
pub(super) fn of(expr: &Expr<Shown>, list: char) -> Vec<Token> {
    let mut writer = Writer { out: Vec::new(), list };
    writer.expr(expr, Place::Free);
    writer.out
}

struct Writer {
    out: Vec<Token>,
    list: char,
}

impl Writer {
    fn tight(&mut self, sign: char) {
        self.out.push(Token::Operator(Operator::Tight(sign)));
    }

    fn operator(&mut self, operator: Operator) {
        self.out.push(Token::Operator(operator));
    }

    fn name(&mut self, text: &str, tint: Option<Tint>) {
        self.out.push(Token::Name { text: text.to_owned(), tint, is_word: false });
    }

    fn plain_number(&mut self, text: String) {
        self.out.push(Token::Number { text, tint: None });
    }

    fn bracketed(&mut self, write: impl FnOnce(&mut Self)) {
        self.tight('(');
        write(self);
        self.tight(')');
    }

    fn expr(&mut self, expr: &Expr<Shown>, place: Place) {
        if needs_brackets(expr, place) {
            return self.bracketed(|writer| writer.expr(expr, Place::Free));
        }
        match expr {
            Expr::Symbol(symbol) => self.symbol(symbol),
            Expr::Number(number) => self.out.push(Token::Number { text: number.text.clone(), tint: number.tint }),
            Expr::Integer(value) => self.plain_number(value.to_string()),
            Expr::PowerOfTen(exponent) => self.plain_number(format!("10{}", numbers::superscript(*exponent))),
            Expr::Sum(terms) => self.sum(terms),
            Expr::Product(factors) => {
                for (k, factor) in factors.iter().enumerate() {
                    if k > 0 {
                        self.tight('·');
                    }
                    self.expr(factor, Place::OneOfMany);
                }
            }
            Expr::Quotient(dividend, divisor) => {
                self.expr(dividend, Place::Factor);
                self.tight('/');
                self.expr(divisor, Place::Divisor);
            }
            Expr::Negative(inner) => {
                self.operator(Operator::Sign);
                self.expr(inner, Place::Factor);
            }
            Expr::Power(base, exponent) => self.power(base, *exponent),
            Expr::Apply(function, arguments) => self.apply(*function, None, arguments),
            Expr::Norm(inner) => {
                self.tight('‖');
                self.expr(inner, Place::Free);
                self.tight('‖');
            }
            Expr::Derivative(of, by) => {
                self.tight('∂');
                self.expr(of, Place::Factor);
                self.tight('/');
                self.tight('∂');
                self.expr(by, Place::Divisor);
            }
            Expr::Entry(of, label) => {
                self.bracketed(|writer| writer.expr(of, Place::Free));
                self.bracketed(|writer| writer.label(*label));
            }
            Expr::SumOver(index, body) => {
                self.name("Σ", None);
                self.index(*index);
                self.expr(body, Place::Factor);
            }
        }
    }

    fn sum(&mut self, terms: &[Expr<Shown>]) {
        for (k, term) in terms.iter().enumerate() {
            match term {
                Expr::Negative(inner) if k > 0 => {
                    self.operator(Operator::Minus);
                    self.expr(inner, Place::Factor);
                }
                _ if k > 0 => {
                    self.operator(Operator::Plus);
                    self.expr(term, Place::Term);
                }
                _ => self.expr(term, Place::Free),
            }
        }
    }

    fn power(&mut self, base: &Expr<Shown>, exponent: i32) {
        match base {
            // tanh²(c)
            Expr::Apply(function, arguments) if !function.name().is_empty() => {
                self.apply(*function, Some(exponent), arguments);
            }
            _ => {
                self.expr(base, Place::Base);
                self.out.push(Token::Exponent(exponent));
            }
        }
    }

    fn apply(&mut self, function: Function, exponent: Option<i32>, arguments: &[Expr<Shown>]) {
        match (function, arguments) {
            (Function::Sqrt, [Expr::Symbol(symbol)]) => {
                self.tight('√');
                return self.symbol(symbol);
            }
            (Function::Sqrt, _) => self.tight('√'),
            (Function::IsPositive, _) => self.plain_number("1".to_owned()),
            _ => self.name(function.name(), None),
        }
        if matches!(function, Function::SlopeOf(_)) {
            self.tight('′');
        }
        self.out.extend(exponent.map(Token::Exponent));
        let list = self.list;
        self.bracketed(|writer| {
            for (k, argument) in arguments.iter().enumerate() {
                if k > 0 {
                    writer.operator(Operator::Separator(list));
                }
                writer.expr(argument, Place::Free);
            }
            if function == Function::IsPositive {
                writer.operator(Operator::Greater);
                writer.plain_number("0".to_owned());
            }
        });
    }

    fn index(&mut self, index: Index) {
        if index != Index::None {
            self.out.push(Token::Index(index.text()));
        }
    }

    fn symbol(&mut self, symbol: &Symbol) {
        let letters = if symbol.change { format!("Δ{}", symbol.letter) } else { symbol.letter.to_owned() };
        if !letters.is_empty() {
            self.out.push(Token::Name { text: letters, tint: symbol.tint, is_word: symbol.is_word });
        }
        let layer = symbol.layer.map(Token::Layer);
        // The index of a bias is part of its name.
        if symbol.index == Index::HiddenNew {
            self.index(symbol.index);
            self.out.extend(layer);
        } else {
            self.out.extend(layer);
            self.index(symbol.index);
        }
        if !symbol.labels.is_empty() {
            self.bracketed(|writer| {
                for (k, label) in symbol.labels.iter().enumerate() {
                    if k > 0 {
                        writer.operator(Operator::Separator(';'));
                    }
                    writer.label(*label);
                }
            });
        }
        if symbol.transposed {
            self.out.push(Token::Transposed);
        }
    }

    fn label(&mut self, label: Label) {
        let gate = |writer: &mut Self, gate: nn::Gate| writer.name(gate.letter(), Some(Tint::Gate(gate)));
        match label {
            Label::Gate(one) => gate(self, one),
            Label::UnitOf(one, unit) => {
                gate(self, one);
                self.plain_number(unit.to_string());
            }
            Label::Number(number) => self.plain_number(number.to_string()),
            Label::Class(name) => self.name(name, None),
            Label::Sequence => self.name("b", None),
            Label::OtherThan(number) => {
                self.name("b", None);
                self.operator(Operator::Differs);
                self.plain_number(number.to_string());
            }
            Label::StepsBack => self.name("k", None),
        }
    }
}

fn needs_brackets(expr: &Expr<Shown>, place: Place) -> bool {
    match expr {
        Expr::Number(number) => match place {
            Place::Free => false,
            // A power of ten before an exponent would be another exponent.
            Place::Base => number.is_negative() || number.text.contains(['×', 'e']),
            _ => number.is_negative(),
        },
        Expr::Sum(_) => !matches!(place, Place::Free),
        Expr::Negative(_) => !matches!(place, Place::Free),
        Expr::Product(_) => matches!(place, Place::OneOfMany | Place::Divisor | Place::Base),
        Expr::Quotient(..) => matches!(place, Place::Divisor | Place::Base),
        _ => false,
    }
}
