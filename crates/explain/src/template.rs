//! Templates of equations filled with numbers, and how many digits each number needs.
//!
//! Four, and as many more as a difference or a sum loses of them: `1 − 0.997865` is 0.002135, and `1 − 0.9979` is not. So
//! the right side of every line gives its value, to about the digits on show.

use crate::equations::{DIGITS, Digits, END, Line, TINTS, tint};

/// A place for a number.
struct Place<'a> {
    /// The text since the place before.
    before: &'a str,
    /// What opens it.
    open: char,
    name: &'a str,
    number: f64,
}

/// One equation, without its value.
struct Template<'a> {
    places: Vec<Place<'a>>,
    /// The text after the last place.
    tail: &'a str,
}

/// The lines of a template at step t, its numbers from `value`.
///
/// A line is `gate|left|value|sum`. `@n`, `@p`, `@l` are the indices of this step, the one before and the one after; `{x}` is
/// the number x, `<x>` the same in brackets where it is negative, `[x]` without zeros at its end.
pub fn fill(template: &str, t: usize, digits: Digits, value: &dyn Fn(&str) -> f64) -> Vec<Line> {
    let indexed = |text: &str| {
        let index = |text: String, (name, index)| text.replace(name, &numbers::subscript(index));
        [("@n", t + 1), ("@p", t), ("@l", t + 2)].into_iter().fold(text.to_owned(), index)
    };
    let line = |row: &str| {
        let mut parts = row.split('|');
        let mut part = || parts.next().unwrap_or_default();
        let (gate, template, name, sum) = (part(), Template::read(part(), value), part(), part());
        let result = if name.is_empty() { f64::NAN } else { value(name) };
        let more = template.cancelled(result);
        let mut left = String::new();
        for (k, place) in template.places.iter().enumerate() {
            left += &indexed(place.before);
            let text = template.text(k, digits, DIGITS as i32 + more);
            // A power of ten before a ² would be another exponent.
            let powers = template.after(k).starts_with('²') && text.contains(['×', 'e']);
            let bracketed = powers || (place.open == '<' && place.number < 0.0);
            let colour = tint(place.name.trim_start_matches('s').trim_end_matches(['-', '+']));
            left.extend(colour);
            left += &if bracketed { ["(", &text, ")"].concat() } else { text };
            left.extend(colour.map(|_| END));
        }
        left += &indexed(template.tail);
        let gate = TINTS.into_iter().chain(["dphi"]).find(|known| *known == gate).unwrap_or_default();
        let value = if name.is_empty() { String::new() } else { digits.text(result) };
        Line { gate, left, value, sum: sum.to_owned(), ..Line::default() }
    };
    template.lines().map(line).collect()
}

impl<'a> Template<'a> {
    fn read(template: &'a str, value: &dyn Fn(&str) -> f64) -> Self {
        let (mut places, mut tail) = (Vec::new(), template);
        while let Some((before, rest)) = tail.split_once(['{', '<', '[']) {
            let open = char::from(tail.as_bytes()[before.len()]);
            let Some((name, rest)) = rest.split_once(['}', '>', ']']) else { break };
            places.push(Place { before, open, name, number: value(name) });
            tail = rest;
        }
        Self { places, tail }
    }

    fn after(&self, k: usize) -> &'a str {
        self.places.get(k + 1).map_or(self.tail, |place| place.before)
    }

    /// The number at place k, squared where the template says so.
    fn power(&self, k: usize) -> f64 {
        let number = self.places[k].number;
        if self.after(k).starts_with('²') { number * number } else { number }
    }

    /// The difference that place k is a side of: with 1, or with another place.
    fn difference(&self, k: usize) -> Option<f64> {
        let is = |k: usize| self.places.get(k).is_some_and(|place| place.open != '[');
        let (before, after) = (self.places[k].before, self.after(k).trim_start_matches('²'));
        let other = if before.ends_with("1 − ") || after.starts_with(" − 1") {
            1.0
        } else if k > 0 && is(k - 1) && before.trim_start_matches('²') == " − " {
            self.power(k - 1)
        } else if is(k + 1) && after == " − " {
            self.power(k + 1)
        } else {
            return None;
        };
        is(k).then(|| (self.power(k) - other).abs())
    }

    /// How many digits the last side, which comes to `sum`, loses of its largest term because another is of the other sign.
    fn cancelled(&self, sum: f64) -> i32 {
        let first = self.places.iter().rposition(|place| place.before.contains(" = ")).unwrap_or(0);
        let (mut largest, mut term, mut terms) = (0.0_f64, 1.0, 1);
        for k in first..self.places.len() {
            let before = self.places[k].before.rsplit(" = ").next().unwrap_or_default();
            if before.contains('/') {
                return 0;
            }
            if before.contains(" + ") {
                terms += 1;
                largest = largest.max(term);
                term = 1.0;
            }
            let number = self.places[k].number.abs();
            term *= match self.difference(k) {
                // It is of the place before too, and counts once.
                Some(_) if before.ends_with(" − ") && !before.ends_with("1 − ") => 1.0,
                Some(difference) => difference,
                None if self.after(k).trim_start_matches(')').starts_with('²') => number * number,
                None => number,
            };
        }
        let largest = largest.max(term);
        if terms == 1 || sum == 0.0 {
            return 0;
        }
        // One from twice the sum on; beyond five is what f32 has rounded.
        exponent(5.0 * largest / sum).clamp(0, 5)
    }

    /// The number at place k to so many digits or more.
    fn text(&self, k: usize, digits: Digits, least: i32) -> String {
        let Place { before, open, number, .. } = self.places[k];
        let more = match self.difference(k) {
            _ if open == '[' => return digits.short(number),
            Some(0.0) => return digits.short(number),
            Some(difference) => exponent(number) - exponent(difference),
            // Of a far negative z, σ(z) is e^z, whose digits are the decimals of z.
            None if before.ends_with("σ(") => exponent(number),
            None => 0,
        };
        digits.text_to(number, (least + more.max(0)).min(17) as usize)
    }
}

fn exponent(value: f64) -> i32 {
    numbers::exponent(value, DIGITS)
}
