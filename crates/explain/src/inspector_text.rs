//! The inspector's equations as markup: lines of mathematics, weighted sums that open into their terms, and buttons that
//! lead to where a term comes from.

use crate::readout::Readout;
use crate::step::At;
use crate::sum::{Open, Sum, with_all};
use crate::terms::Terms;
use crate::tree::equation::{Line, Relation};
use crate::tree::{Tint, mathml};
use nn::CellKind;

/// Which equations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// From input to state.
    #[default]
    Forward,
    /// From the loss back.
    Backward,
    /// One step back.
    Jacobian,
}

/// The words between the mathematics, in the page's language.
pub struct Labels<'a> {
    /// Opens or shuts the sum of a line.
    pub sum: &'a str,
    /// Says that a gate is held at its value.
    pub held: &'a str,
    /// Says that a gate is switched off in this cell.
    pub off: &'a str,
    /// Says that a forget gate is what the input gate leaves.
    pub coupled: &'a str,
    /// The word for the value that an answer is compared with.
    pub target: &'a str,
    /// Offers to set a weight to another value.
    pub what_if: &'a str,
    /// Leads to a step and unit, both from 1.
    pub go: &'a dyn Fn(usize, usize) -> String,
    /// So many terms more.
    pub more: &'a dyn Fn(usize) -> String,
}

impl At<'_> {
    /// The equations of a side.
    pub fn side(&self, side: Side) -> Vec<Line> {
        let of_readout = |lines: fn(&Self, &Readout<'_>) -> Vec<Line>| {
            self.readout.as_ref().map(|readout| lines(self, readout)).unwrap_or_default()
        };
        match side {
            Side::Forward => [self.forward(), of_readout(Self::answer)].concat(),
            Side::Backward => [of_readout(Self::answer_back), self.backward()].concat(),
            Side::Jacobian => self.jacobian(),
        }
    }

    /// All lines of a side as plain text, sums opened as on show.
    pub fn plain(&self, side: Side, open: &str) -> String {
        let mut out = String::new();
        for line in self.side(side) {
            out += &line.plain();
            out.push('\n');
            let Some(sum) = line.sum.filter(|_| Open::read(open).is(line.sum)) else { continue };
            for term in self.whole(sum).iter().chain(&self.terms(sum, true).lines) {
                out += &format!("  {}\n", term.plain());
            }
        }
        out
    }

    /// The same as markup. `open` names the sum that is open. What keeps the focus when the text is made anew has a
    /// `data-key`.
    pub fn markup(&self, side: Side, open: &str, labels: &Labels<'_>) -> String {
        self.markup_of(&self.side(side), side != Side::Jacobian, open, labels)
    }

    /// Any lines of this step and unit; `says_held` where a line is of a gate's own value.
    pub fn markup_of(&self, lines: &[Line], says_held: bool, open: &str, labels: &Labels<'_>) -> String {
        let open = Open::read(open);
        let mut out = String::new();
        for line in lines {
            let opened = line.sum.filter(|_| open.is(line.sum)).map(|sum| self.opened(sum, open.all, labels));
            out += &format!("<div class=\"equation\" data-gate=\"{}\">", line.gate());
            out += &match &opened {
                // Its terms are those of the line itself.
                Some(opened) if line.relation == Relation::Equals && !opened.has_whole => {
                    labels.mathml(&Line { relation: opened.relation, ..line.clone() })
                }
                _ => labels.mathml(line),
            };
            if let Some(sum) = line.sum {
                out += &format!(
                    "<button class=\"sum\" data-key=\"{0}\" data-sum=\"{0}\" aria-expanded=\"{1}\" aria-label=\"{2}: {3}\">Σ</button>",
                    sum.code(),
                    opened.is_some(),
                    labels.sum,
                    line.subject()
                );
            }
            if says_held {
                out += &self.says_held(line, labels);
            }
            out += "</div>";
            out += &opened.map_or_else(String::new, |opened| opened.markup);
        }
        out
    }

    /// Why the gate of a line follows from nothing; empty where it follows from its pre-activation.
    fn says_held(&self, line: &Line, labels: &Labels<'_>) -> String {
        let Some(Tint::Gate(gate)) = line.tint.filter(|tint| matches!(tint, Tint::Gate(gate) if self.is_held(*gate)))
        else {
            return String::new();
        };
        let why = match self.lane.cell {
            _ if !self.is_off(gate) => labels.held,
            CellKind::LstmCifg => labels.coupled,
            _ => labels.off,
        };
        format!("<span class=\"muted\">{why}</span>")
    }

    fn opened(&self, sum: Sum, all: bool, labels: &Labels<'_>) -> Opened {
        let Terms { lines, rest, relation } = self.terms(sum, all);
        let whole = self.whole(sum).map(|line| Line { relation, ..line });
        let mut out = String::from("<ol class=\"terms\">");
        for line in whole.iter().chain(&lines) {
            out += &of_term(line, labels);
        }
        if let Some((count, line)) = rest {
            out += &format!(
                "<li><button data-key=\"more\" data-sum=\"{}\">{}</button> {}</li>",
                with_all(sum),
                (labels.more)(count),
                labels.mathml(&line)
            );
        }
        Opened { markup: out + "</ol>", relation, has_whole: whole.is_some() }
    }
}

/// A sum that is open.
struct Opened {
    markup: String,
    /// The sign between the sum and what it is said to be.
    relation: Relation,
    /// Whether the list itself says what the terms are the sum of.
    has_whole: bool,
}

/// A term with the buttons that lead to where it comes from and that set its weight.
fn of_term(line: &Line, labels: &Labels<'_>) -> String {
    // A term keeps its key when others come before it.
    let k = format!("{:?}{}", line.from, line.weight).replace('"', "");
    let mut out = format!("<li>{}", labels.mathml(line));
    if let Some((t, u)) = line.from {
        let name = (labels.go)(t + 1, u + 1);
        out += &format!(
            "<button data-key=\"go{k}\" data-go=\"{t} {u}\" aria-label=\"{name}\">→ {}, {}</button>",
            t + 1,
            u + 1
        );
    }
    if !(line.weight.is_empty() || labels.what_if.is_empty()) {
        out += &format!(
            "<button data-key=\"set{k}\" data-weight=\"{0}\" aria-label=\"{1} {0}\">?</button>",
            line.weight, labels.what_if
        );
    }
    out + "</li>"
}

impl Labels<'_> {
    /// A line with its words in the page's language.
    fn mathml(&self, line: &Line) -> String {
        mathml::line_with(line, &|_| self.target.to_owned())
    }
}
