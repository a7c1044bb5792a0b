//! The cell of a step as a diagram with the chosen unit's numbers on its wires, as SVG text: forward the values, backward the
//! gradients by what runs along each wire.
//!
//! A wire is as thick as its number is large, on a logarithmic scale. [`crate::cells::diagram`] has the diagram of each cell.

use crate::cells::diagram::diagram;
use crate::cells::diagram::parts::{Node, Shape, Wire, WireName};
use crate::scale::place;
use crate::step::At;
use crate::tree::digits::DIGITS;
use crate::tree::{Tint, plain};

/// Powers of ten between which values are drawn.
const VALUES: (f64, f64) = (-3.0, 0.0);
const WIDTH: f64 = 304.0;
/// Half an arrow's length and width.
const HEAD: (f64, f64) = (6.0, 3.5);

impl At<'_> {
    /// The diagram; backward with the powers of ten between which gradients are drawn. `held` says that a gate is held.
    pub fn diagram(&self, backward: Option<(f64, f64)>, held: &str, mark: char) -> String {
        let diagram = diagram(&self.names());
        let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {}\" width=\"100%\">", diagram.height);
        for wire in &diagram.wires {
            self.wire(&mut out, wire, backward, held, mark);
        }
        for node in &diagram.nodes {
            out += &of_node(node);
        }
        out + "</svg>"
    }

    /// The same in words: what runs along each wire.
    pub fn diagram_words(&self, backward: bool, mark: char) -> String {
        let mut out = String::new();
        for wire in diagram(&self.names()).wires {
            let run = if backward { &wire.backward } else { &wire.forward };
            let (Some(number), Some(name)) = (run.number, written(&run.name)) else { continue };
            let text = numbers::significant(self.value(number), DIGITS, mark);
            let gate = wire.tint.map_or("", Tint::name);
            // A letter that every gate has.
            let of = if name.chars().count() == 1 && !name.contains(gate) { gate } else { "" };
            out += &format!("{name} {of} = {text}; ");
        }
        out
    }

    fn wire(&self, out: &mut String, wire: &Wire, backward: Option<(f64, f64)>, held: &str, mark: char) {
        let run = if backward.is_some() { &wire.backward } else { &wire.forward };
        let value = run.number.map(|number| self.value(number));
        let strength = value.and_then(|value| place(value.abs(), backward.unwrap_or(VALUES)));
        let width = strength.map_or(1.0, |strength| 1.5 + 4.0 * strength);
        let points: Vec<String> = wire.path.iter().map(|(x, y)| format!("{x},{y}")).collect();
        // A number that is exactly zero, or is not there, does not flow.
        let idle = if strength.is_none() { " k-idle" } else { "" };
        *out += &format!(
            "<g class=\"k-wire{idle}\" data-gate=\"{}\"><polyline points=\"{}\" stroke-width=\"{}\"/>",
            wire.tint.map_or("", Tint::name),
            points.join(" "),
            numbers::fixed(width, 1, '.')
        );
        *out += &head(&wire.path, backward.is_some());
        if run.name != WireName::Silent {
            self.label(out, wire, (&written(&run.name).unwrap_or_default(), value), held, mark);
        }
        *out += "</g>";
    }

    fn label(&self, out: &mut String, wire: &Wire, (name, value): (&str, Option<f64>), held: &str, mark: char) {
        let (x, y) = wire.label;
        // Of a gate that is held the value is, and what depends on z ends at its box.
        let is_held = matches!(wire.tint, Some(Tint::Gate(gate)) if self.is_held(gate) && !self.is_off(gate));
        let held = if wire.is_activation() && is_held { [" ", held].concat() } else { String::new() };
        let anchor = if x < 0 { "end" } else { "start" };
        let x = x.abs();
        *out += &format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{name}{held}</text>");
        if let Some(value) = value {
            let text = in_short(value, mark);
            *out +=
                &format!("<text class=\"k-number\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>", y + 13);
        }
    }
}

/// The name of a wire as plain text; none for one that is not written.
fn written(name: &WireName) -> Option<String> {
    match name {
        WireName::None | WireName::Silent => None,
        WireName::Is(expr) => Some(plain::name(expr)),
        WireName::IsWithMore(expr) => Some(plain::name(expr) + " + …"),
        WireName::All(all) => Some(all.iter().map(plain::name).collect::<Vec<_>>().join(", ")),
    }
}

fn of_node(node: &Node) -> String {
    let outline = match node.shape {
        Shape::Circle((x, y), r) => {
            format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/><text x=\"{x}\" y=\"{}\">{}</text>", y + 4, node.text)
        }
        Shape::Box((x, y), (width, height)) => format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\"/><text x=\"{}\" y=\"{}\">{}</text>",
            x + width / 2,
            y + height / 2 + 4,
            node.text
        ),
    };
    match node.tint {
        Some(tint) => format!("<g data-gate=\"{}\">{outline}</g>", tint.name()),
        None => outline,
    }
}

/// Three digits, or two with a power of ten, which take as much room.
fn in_short(value: f64, mark: char) -> String {
    let text = numbers::significant(value, 3, mark);
    if text.contains('×') { numbers::significant(value, 2, mark).replace(" × ", "×") } else { text }
}

/// The arrow's head: at the wire's end forward, at its beginning backward.
fn head(path: &[(i16, i16)], backward: bool) -> String {
    let ends = if backward { path.first().zip(path.get(1)) } else { path.last().zip(path.iter().nth_back(1)) };
    let Some((&tip, &from)) = ends else { return String::new() };
    let (x, y) = (f64::from(tip.0), f64::from(tip.1));
    let (dx, dy) = (f64::from((tip.0 - from.0).signum()), f64::from((tip.1 - from.1).signum()));
    let (long, wide) = HEAD;
    let (back_x, back_y) = (x - dx * long, y - dy * long);
    let (side_x, side_y) = (dy * wide, dx * wide);
    let point = |x: f64, y: f64| format!("{x},{y} ");
    let corners = point(x, y) + &point(back_x + side_x, back_y + side_y) + &point(back_x - side_x, back_y - side_y);
    format!("<polygon points=\"{corners}\"/>")
}
