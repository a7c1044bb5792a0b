//! Equations as MathML, from plain text such as `h₃ = tanh(z₃) = tanh(0.5)`: names, numbers, operators, and the index that
//! a run of Unicode's subscripts is.

use crate::equations::{END, Line, TINTS};

/// Small letters and what they stand for.
const SMALL: [(char, char); 8] =
    [('₋', '−'), ('ₖ', 'k'), ('ₜ', 't'), ('ₒ', 'o'), ('ᵤ', 'u'), ('₊', '+'), ('ₙ', 'n'), ('ₕ', 'h')];

/// Superscript digits.
const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/// Characters after which a line may also break at a dot: about half of a narrow column.
const LONG: usize = 16;

/// A line. Where a long one may break, at = and + outside of brackets or in long ones, an expression of its own begins.
pub fn line(line: &Line) -> String {
    let mut out = String::new();
    if !line.left.is_empty() {
        out += &expression(&line.left);
    }
    if !line.value.is_empty() {
        out += &format!("<strong>{}</strong>", expression(&format!("= {}", line.value)));
    }
    out
}

fn expression(text: &str) -> String {
    let mut out = String::from("<math>");
    let mut last = String::new();
    let mut depth = 0;
    // Characters since the last break.
    let mut since = 0;
    // What a − means depends on what stands before it.
    let mut previous = ' ';
    let mut chars = text.chars().peekable();
    while let Some(first) = chars.next() {
        let mut run = String::from(first);
        let before = std::mem::replace(&mut previous, first);
        let mut take = |of: &dyn Fn(char) -> bool| {
            while let Some(&next) = chars.peek().filter(|&&next| of(next)) {
                run.push(next);
                chars.next();
            }
        };
        let atom = if first == ' ' {
            previous = before;
            continue;
        } else if let Some(gate) = (first as u32).checked_sub(END as u32 + 1).and_then(|at| TINTS.get(at as usize)) {
            previous = before;
            out += &std::mem::take(&mut last);
            out += &format!("<mrow class=\"q-{gate}\">");
            continue;
        } else if first == END {
            previous = before;
            out += &std::mem::take(&mut last);
            out += "</mrow>";
            continue;
        } else if small(first).is_some() {
            take(&|c| small(c).is_some());
            let index: String = run.chars().filter_map(small).collect();
            last = format!("<msub>{last}<mi>{index}</mi></msub>");
            continue;
        } else if first == '⁽' {
            // The number of a layer.
            take(&|c| c == '⁾' || numeric(c));
            let layer: String = run
                .chars()
                .filter_map(|c| RAISED.iter().position(|raised| *raised == c))
                .map(|digit| digit.to_string())
                .collect();
            last = format!("<msup>{last}<mn>({layer})</mn></msup>");
            continue;
        } else if numeric(first) {
            take(&|c| numeric(c) || matches!(c, '.' | ',' | '⁻'));
            format!("<mn>{run}</mn>")
        } else if name(first) {
            take(&name);
            match TINTS.iter().find(|gate| **gate == run) {
                Some(gate) => format!("<mi class=\"q-{gate}\">{run}</mi>"),
                None => format!("<mi>{run}</mi>"),
            }
        } else {
            depth += i32::from(first == '(') - i32::from(first == ')');
            // A sum in brackets that is long breaks too.
            let breaks = match depth {
                0 => matches!(first, '=' | '+') || (first == '·' && since > LONG),
                _ => depth == 1 && first == '+' && since > LONG / 2,
            };
            if breaks && !(out.ends_with("<math>") && last.is_empty()) {
                out += &std::mem::take(&mut last);
                out += "</math><math>";
                since = 0;
            }
            // Never stretched over what it encloses.
            let form = match first {
                '+' => " form=\"infix\"",
                '−' if matches!(before, '(' | '=' | '·' | ' ') => " form=\"prefix\"",
                _ => "",
            };
            let first = if first == '>' { "&gt;".to_owned() } else { first.to_string() };
            format!("<mo stretchy=\"false\"{form}>{first}</mo>")
        };
        since += run.chars().count();
        out += &std::mem::replace(&mut last, atom);
    }
    out + &last + "</math>"
}

/// What a number is written with; the tables of Unicode weigh too much for this.
fn numeric(c: char) -> bool {
    c.is_ascii_digit() || RAISED.contains(&c)
}

fn name(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, 'Α'..='ω' | 'ᵀ')
}

fn small(c: char) -> Option<char> {
    match c {
        '₀'..='₉' => char::from_digit(c as u32 - '₀' as u32, 10),
        _ => SMALL.iter().find(|(small, _)| *small == c).map(|&(_, plain)| plain),
    }
}
