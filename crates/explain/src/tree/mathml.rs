//! Equations as MathML.

use super::digits::Shown;
use super::equation::Line;
use super::tokens::{self, Operator, Token};
use super::{Expr, Tint};

/// Characters after which a line may also break at a dot: about half of a narrow column.
const LONG: usize = 16;

/// A line, its words in English.
pub fn line(line: &Line) -> String {
    line_with(line, &str::to_owned)
}

/// A line with each word of the page's language as `word` has it. Where a long one may break, at = and + outside of
/// brackets or in long ones, an expression of its own begins.
pub fn line_with(line: &Line, word: &dyn Fn(&str) -> String) -> String {
    let mut out = String::new();
    if !line.sides.is_empty() {
        let mut writer = Writer::new(word);
        for (k, (relation, side)) in line.sides.iter().enumerate() {
            if k > 0 {
                writer.relation(relation.sign());
            }
            writer.expr(side, line.digits.list());
        }
        out += &writer.finish();
    }
    if let Some(result) = &line.result {
        let mut writer = Writer::new(word);
        writer.relation(line.relation.sign());
        writer.expr(&Expr::Number(result.clone()), line.digits.list());
        out += &format!("<strong>{}</strong>", writer.finish());
    }
    out
}

struct Writer<'a> {
    out: String,
    /// The atom that an index or a layer is of.
    last: String,
    /// The number of open brackets.
    depth: usize,
    /// Characters since the last break.
    since: usize,
    word: &'a dyn Fn(&str) -> String,
}

impl<'a> Writer<'a> {
    fn new(word: &'a dyn Fn(&str) -> String) -> Self {
        Self { out: "<math>".to_owned(), last: String::new(), depth: 0, since: 0, word }
    }

    fn finish(self) -> String {
        self.out + &self.last + "</math>"
    }

    fn atom(&mut self, atom: String, characters: usize) {
        self.out += &std::mem::replace(&mut self.last, atom);
        self.since += characters;
    }

    /// Begins an expression of its own, unless this is the beginning of one.
    fn break_here(&mut self) {
        if self.out.ends_with("<math>") && self.last.is_empty() {
            return;
        }
        self.out += &std::mem::take(&mut self.last);
        self.out += "</math><math>";
        self.since = 0;
    }

    fn relation(&mut self, sign: char) {
        if matches!(sign, '=' | '≈') {
            self.break_here();
        }
        self.sign(sign, "");
    }

    /// A sign that is never stretched over what it encloses.
    fn sign(&mut self, sign: char, form: &str) {
        let text = if sign == '>' { "&gt;".to_owned() } else { sign.to_string() };
        self.atom(format!("<mo stretchy=\"false\"{form}>{text}</mo>"), 1);
    }

    fn expr(&mut self, expr: &Expr<Shown>, list: char) {
        let mut tokens = tokens::of(expr, list).into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                Token::Name { text, tint, is_word } => {
                    let mut text = if is_word { (self.word)(&text) } else { text };
                    if tokens.next_if_eq(&Token::Transposed).is_some() {
                        text.push('ᵀ');
                    }
                    let characters = text.chars().count();
                    self.atom(format!("<mi{}>{text}</mi>", class(tint)), characters);
                }
                Token::Number { mut text, tint } => {
                    if let Some(Token::Exponent(exponent)) = tokens.next_if(|token| matches!(token, Token::Exponent(_)))
                    {
                        text += &numbers::superscript(exponent);
                    }
                    self.number(&text, tint);
                }
                Token::Index(text) => self.last = format!("<msub>{}<mi>{text}</mi></msub>", self.last),
                Token::Layer(layer) => self.last = format!("<msup>{}<mn>({layer})</mn></msup>", self.last),
                Token::Exponent(exponent) => {
                    let text = numbers::superscript(exponent);
                    let characters = text.chars().count();
                    self.atom(format!("<mn>{text}</mn>"), characters);
                }
                Token::Transposed => self.atom("<mi>ᵀ</mi>".to_owned(), 1),
                Token::Operator(operator) => self.operator(operator),
            }
        }
    }

    fn operator(&mut self, operator: Operator) {
        match operator {
            Operator::Plus => {
                // A sum in brackets that is long breaks too.
                if self.depth == 0 || (self.depth == 1 && self.since > LONG / 2) {
                    self.break_here();
                }
                self.sign('+', " form=\"infix\"");
            }
            Operator::Minus => self.sign('−', ""),
            Operator::Sign => self.sign('−', " form=\"prefix\""),
            Operator::Separator(sign) => self.sign(sign, ""),
            Operator::Greater => self.sign('>', ""),
            Operator::Differs => self.sign('≠', ""),
            Operator::Tight(sign) => {
                match sign {
                    '(' => self.depth += 1,
                    ')' => self.depth = self.depth.saturating_sub(1),
                    '·' if self.depth == 0 && self.since > LONG => self.break_here(),
                    _ => {}
                }
                self.sign(sign, "");
            }
        }
    }

    /// A number, its sign an operator and its power of ten a number of its own.
    fn number(&mut self, text: &str, tint: Option<Tint>) {
        if let Some(tint) = tint {
            self.out += &std::mem::take(&mut self.last);
            self.out += &format!("<mrow class=\"q-{}\">", tint.name());
        }
        let digits = match text.strip_prefix('−') {
            Some(digits) => {
                self.sign('−', " form=\"prefix\"");
                digits
            }
            None => text,
        };
        let mut numbers = digits.split('×').map(str::trim);
        let write = |writer: &mut Self, number: &str| {
            writer.atom(format!("<mn>{number}</mn>"), number.chars().count());
        };
        write(self, numbers.next().unwrap_or_default());
        for power in numbers {
            self.sign('×', "");
            write(self, power);
        }
        if tint.is_some() {
            self.out += &std::mem::take(&mut self.last);
            self.out += "</mrow>";
        }
    }
}

fn class(tint: Option<Tint>) -> String {
    tint.map_or_else(String::new, |tint| format!(" class=\"q-{}\"", tint.name()))
}
