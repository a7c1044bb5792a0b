//! Equations as plain text, for copying.

use super::Expr;
use super::digits::Shown;
use super::equation::Line;
use super::tokens::{self, Operator, Token};

impl Line {
    /// The line as plain text.
    pub fn plain(&self) -> String {
        let left = self.left();
        match &self.result {
            Some(result) => format!("{left} {} {}", self.relation.sign(), result.text),
            None => left,
        }
    }

    /// All of it but the result and the sign before that, as plain text.
    pub fn left(&self) -> String {
        let mut out = String::new();
        for (k, (relation, side)) in self.sides.iter().enumerate() {
            if k > 0 {
                out += &format!(" {} ", relation.sign());
            }
            out += &expr(side, self.digits.list());
        }
        out
    }

    /// The first side, which the line is about, as plain text.
    pub fn subject(&self) -> String {
        self.sides.first().map_or_else(String::new, |(_, side)| expr(side, self.digits.list()))
    }
}

/// An expression that is a name, without numbers of a run: where it has one there is nothing.
pub fn name<N>(of: &Expr<N>) -> String {
    let nothing = |_: &N| Shown { value: 0.0, text: String::new(), tint: None };
    expr(&of.map(&mut { nothing }), ';')
}

/// An expression, numbers in a list with `list` between them.
fn expr(of: &Expr<Shown>, list: char) -> String {
    let mut out = String::new();
    let mut sums_over = false;
    for token in tokens::of(of, list) {
        // A space after what a Σ sums over.
        if std::mem::take(&mut sums_over) {
            match &token {
                Token::Index(_) => sums_over = true,
                Token::Operator(Operator::Tight('(')) => {}
                _ => out.push(' '),
            }
        }
        match token {
            Token::Name { text, .. } => {
                sums_over = text == "Σ";
                out += &text;
            }
            Token::Number { text, .. } => out += &text,
            Token::Index(text) => out.extend(text.chars().map(lowered)),
            Token::Layer(layer) => out += &format!("⁽{}⁾", numbers::superscript(layer as i32)),
            Token::Exponent(exponent) => out += &numbers::superscript(exponent),
            Token::Transposed => out.push('ᵀ'),
            Token::Operator(operator) => match operator {
                Operator::Plus => out += " + ",
                Operator::Minus => out += " − ",
                Operator::Sign => out.push('−'),
                Operator::Separator(sign) => {
                    out.push(sign);
                    out.push(' ');
                }
                Operator::Greater => out += " > ",
                Operator::Differs => out += " ≠ ",
                Operator::Tight(sign) => out.push(sign),
            },
        }
    }
    out
}

/// The small form of a character in an index.
fn lowered(c: char) -> char {
    match c {
        '0'..='9' => char::from_u32('₀' as u32 + c as u32 - '0' as u32).unwrap_or(c),
        '−' => '₋',
        '+' => '₊',
        'k' => 'ₖ',
        't' => 'ₜ',
        'o' => 'ₒ',
        'u' => 'ᵤ',
        'n' => 'ₙ',
        'h' => 'ₕ',
        other => other,
    }
}
