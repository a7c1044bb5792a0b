//! The cell of a step as a diagram with the chosen unit's numbers on its wires, as SVG text: forward the values, backward the
//! gradients by what runs along each wire.
//!
//! A wire is as thick as its number is large, on a logarithmic scale. What a cell's diagram is stands in [`crate::cells`].

use crate::cells::{self, SILENT, WINDOW_SUM, Wire, phi};
use crate::equations::{At, DIGITS};
use crate::film::unrolled::place;
use nn::CellKind;

/// Powers of ten between which values are drawn.
const VALUES: (f64, f64) = (-3.0, 0.0);
const WIDTH: f64 = 304.0;
/// Half an arrow's length and width.
const HEAD: (f64, f64) = (6.0, 3.5);

impl At<'_> {
    /// The diagram; backward with the powers of ten between which gradients are drawn. `held` says that a gate is held.
    pub fn diagram(&self, backward: Option<(f64, f64)>, held: &str, mark: char) -> String {
        let cell = self.cell();
        let mut out = format!("<svg viewBox=\"0 0 {WIDTH} {}\" width=\"100%\">", cell.height);
        for wire in self.wires() {
            self.wire(&mut out, wire, backward, held, mark);
        }
        out += &cells::template(self.lane.cell, |cell| cell.nodes).replace('φ', phi(self.lane.cell));
        out + "</svg>"
    }

    /// The same in words: what runs along each wire.
    pub fn diagram_words(&self, backward: bool, mark: char) -> String {
        let mut out = String::new();
        for wire in self.wires() {
            let (symbol, name) = pick(wire, backward);
            if !(["", SILENT].contains(&symbol) || name.is_empty()) {
                let text = numbers::significant(self.value(name), DIGITS, mark);
                let of = if symbol.len() < 3 && !wire.gate.is_empty() && !symbol.contains(wire.gate) {
                    wire.gate
                } else {
                    ""
                };
                out += &format!("{} {of} = {text}; ", self.indexed(symbol));
            }
        }
        out
    }

    /// The wires of the cell; a gate that is switched off has no pre-activation.
    fn wires(&self) -> impl Iterator<Item = &'static Wire> {
        self.cell().wires.iter().chain(cells::more_wires(self.lane.cell)).filter(|wire| {
            (wire.symbol.0 != "z" || !self.is_off(wire.gate))
                && (wire.symbol.0 != "h@p" || self.lane.cell.is_recurrent())
        })
    }

    fn wire(&self, out: &mut String, wire: &Wire, backward: Option<(f64, f64)>, held: &str, mark: char) {
        let (symbol, name) = pick(wire, backward.is_some());
        let value = (!name.is_empty()).then(|| self.value(name));
        let strength = value.and_then(|value| place(value.abs(), backward.unwrap_or(VALUES)));
        let width = strength.map_or(1.0, |strength| 1.5 + 4.0 * strength);
        let points: Vec<String> = wire.path.iter().map(|(x, y)| format!("{x},{y}")).collect();
        // What is exactly zero, or is not told, does not flow.
        let idle = if strength.is_none() { " k-idle" } else { "" };
        *out += &format!(
            "<g class=\"k-wire{idle}\" data-gate=\"{}\"><polyline points=\"{}\" stroke-width=\"{}\"/>",
            wire.gate,
            points.join(" "),
            numbers::fixed(width, 1, '.')
        );
        *out += &head(wire.path, backward.is_some());
        if symbol != SILENT {
            self.label(out, wire, (symbol, value), held, mark);
        }
        *out += "</g>";
    }

    fn label(&self, out: &mut String, wire: &Wire, (symbol, value): (&str, Option<f64>), held: &str, mark: char) {
        let (x, y) = wire.label;
        // Of a gate that is held the value is, and what depends on z ends at its box.
        let held = if wire.number.0.starts_with('s') && self.is_held(wire.gate) && !self.is_off(wire.gate) {
            [" ", held].concat()
        } else {
            String::new()
        };
        let anchor = if x < 0 { "end" } else { "start" };
        let x = x.abs();
        *out += &format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{}{held}</text>", self.indexed(symbol));
        if let Some(value) = value {
            let text = in_short(value, mark);
            *out +=
                &format!("<text class=\"k-number\" x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{text}</text>", y + 13);
        }
    }

    fn indexed(&self, symbol: &str) -> String {
        let (now, before) = (numbers::subscript(self.t + 1), numbers::subscript(self.t));
        // What peepholes send to c of the step before goes along with it.
        let peepholes = self.lane.cell == CellKind::LstmPeephole && symbol.starts_with("f@");
        let sum = if self.lane.cell.is_recurrent() { "W·x@n" } else { WINDOW_SUM };
        let symbol = symbol
            .replace("W·x@n", sum)
            .replace("@n", &now)
            .replace("@p", &before)
            .replace("@l", &numbers::subscript(self.t + 2));
        symbol + if peepholes { " + …" } else { "" }
    }
}

/// Three digits, or two with a power of ten, which take as much room.
fn in_short(value: f64, mark: char) -> String {
    let text = numbers::significant(value, 3, mark);
    if text.contains('×') { numbers::significant(value, 2, mark).replace(" × ", "×") } else { text }
}

fn pick(wire: &Wire, backward: bool) -> (&'static str, &'static str) {
    if backward { (wire.symbol.1, wire.number.1) } else { (wire.symbol.0, wire.number.0) }
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
