//! The inspector's equations as markup: lines of mathematics, weighted sums that open into their terms, and buttons that
//! lead to where a term comes from.

use crate::equations::{At, Line};
use crate::math;
use crate::readout::Readout;
use crate::sums::{ALL, Terms};
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

/// What is open after the button of a sum, or the one for all its terms, was pressed: pressed again it shuts.
pub fn pressed(open: &str, sum: String) -> String {
    if open.trim_end_matches(ALL) == sum { String::new() } else { sum }
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
    /// What an answer is compared with.
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
            if !line.sum.is_empty() && line.sum == open.trim_end_matches(ALL) {
                for term in self.whole(&line.sum).iter().chain(&self.terms(&format!("{}{ALL}", line.sum)).lines) {
                    out += &format!("  {}\n", term.plain());
                }
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
        let mut out = String::new();
        for line in lines {
            out += &format!("<div class=\"equation\" data-gate=\"{}\">", line.gate);
            out += &math::line(line).replace("target", labels.target);
            let shown = !line.sum.is_empty() && line.sum == open.trim_end_matches(ALL);
            if !line.sum.is_empty() {
                out += &format!(
                    "<button class=\"sum\" data-key=\"{0}\" data-sum=\"{0}\" aria-expanded=\"{shown}\" aria-label=\"{1}: {2}\">Σ</button>",
                    line.sum,
                    labels.sum,
                    line.left.split(" = ").next().unwrap_or_default()
                );
            }
            if says_held && self.is_held(line.gate) {
                let why = match self.lane.cell {
                    _ if !self.is_off(line.gate) => labels.held,
                    CellKind::LstmCifg => labels.coupled,
                    _ => labels.off,
                };
                out += &format!("<span class=\"muted\">{why}</span>");
            }
            out += "</div>";
            if shown {
                out += &self.opened(open, labels);
            }
        }
        out
    }

    fn opened(&self, sum: &str, labels: &Labels<'_>) -> String {
        let Terms { lines, rest } = self.terms(sum);
        let mut out = String::from("<ol class=\"terms\">");
        for line in self.whole(sum.trim_end_matches(ALL)).iter().chain(&lines) {
            // A term keeps its key when others come before it.
            let k = format!("{:?}{}", line.from, line.weight).replace('"', "");
            out += "<li>";
            out += &math::line(line);
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
            out += "</li>";
        }
        if let Some((count, line)) = rest {
            out += &format!(
                "<li><button data-key=\"more\" data-sum=\"{sum}{ALL}\">{}</button> {}</li>",
                (labels.more)(count),
                math::line(&line)
            );
        }
        out + "</ol>"
    }
}
