//! Every equation that the page shows holds: what stands on its right, computed from the numbers in it, is its value.

use explain::inspector_text::{Labels, Side};
use explain::quantity::{Number, Quantity};
use explain::readout::Readout;
use explain::step::At;
use explain::sum::{State, Sum};
use explain::tree::digits::Digits;
use explain::tree::equation::Line;
use explain::tree::mathml;
use lab::LaneSnapshot;
use lab::SequenceOnShow;
use lab::Snapshot;
use nn::{Gate, Truncation};

use test_utils::runs::{snapshot, trained};

pub const LINKS: [&str; 5] = [
    "task=order&len=12&hidden=5&batch=6",
    "task=adding&len=10&hidden=13&batch=3&lr=0.1",
    "task=recall&len=9&hidden=7&batch=5&tbptt=4",
    "task=sine&len=11&hidden=5&batch=4&tbptt=3",
    "task=sine&len=2&batch=1&hidden=1",
];
pub const LANES: [&str; 4] = [
    "rnn-sigmoid,rnn-tanh,rnn-relu,lstm",
    "gru,lstm-nfg,lstm-nig,lstm-nog",
    "lstm-niaf,lstm-noaf,lstm-cifg,window:hidden=3",
    "lstm-peephole,lstm-fgr",
];
pub const SIDES: [Side; 3] = [Side::Forward, Side::Backward, Side::Jacobian];

fn at<'a>(
    lane: &'a LaneSnapshot,
    sequence: &'a SequenceOnShow,
    place: (usize, usize),
    window: usize,
    digits: Digits,
) -> At<'a> {
    At::new(lane, sequence, place, Truncation::new(window), digits)
}

/// Every step and unit of every lane of every link, trained a little.
fn everywhere(mut check: impl FnMut(&str, &Snapshot, usize, (usize, usize), usize)) {
    for (link, lanes) in LINKS.iter().flat_map(|link| LANES.map(|lanes| (*link, lanes))) {
        let mut trainer = trained(&format!("lanes={lanes}&{link}"), 25);
        let window = trainer.experiment().truncation;
        let snapshot = snapshot(&mut trainer);
        for (index, lane) in snapshot.lanes.iter().enumerate() {
            for t in 0..lane.trace.len {
                for u in 0..lane.trace.hidden {
                    check(link, &snapshot, index, (t, u), window);
                }
            }
        }
    }
}

/// Reads what is written between the last two =, or before the only one.
struct Reader<'a> {
    rest: &'a str,
    /// The largest product in it.
    largest: f64,
    /// How many numbers are in it.
    numbers: usize,
}

impl Reader<'_> {
    fn take(&mut self, text: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> f64 {
        let mut sum = self.product();
        loop {
            if self.take("+") {
                sum += self.product();
            } else if self.take("−") {
                sum -= self.product();
            } else {
                return sum;
            }
        }
    }

    fn product(&mut self) -> f64 {
        let mut product = self.factor();
        loop {
            if self.take("·") {
                product *= self.factor();
            } else if self.take("/") {
                product /= self.factor();
            } else {
                break;
            }
        }
        self.largest = self.largest.max(product.abs());
        product
    }

    fn factor(&mut self) -> f64 {
        let value = if self.take("−ln(") {
            -self.rest_of_brackets().ln()
        } else if self.take("tanh²(") {
            self.rest_of_brackets().tanh().powi(2)
        } else if self.take("tanh(") {
            self.rest_of_brackets().tanh()
        } else if self.take("σ(") {
            1.0 / (1.0 + (-self.rest_of_brackets()).exp())
        } else if self.take("√(") {
            self.rest_of_brackets().sqrt()
        } else if self.take("ReLU(") {
            self.rest_of_brackets().max(0.0)
        } else if self.take("1(") {
            let z = self.sum();
            assert!(self.take("> 0)"), "{}", self.rest);
            f64::from(z > 0.0)
        } else if self.take("(") {
            self.rest_of_brackets()
        } else if self.take("−") {
            -self.factor()
        } else {
            self.number()
        };
        let end = self.rest.find(|c| raised(c).is_none()).unwrap_or(self.rest.len());
        let (power, rest) = self.rest.split_at(end);
        self.rest = rest;
        if power.is_empty() { value } else { value.powi(whole(power)) }
    }

    fn rest_of_brackets(&mut self) -> f64 {
        let value = self.sum();
        assert!(self.take(")"), "{}", self.rest);
        value
    }

    fn number(&mut self) -> f64 {
        self.rest = self.rest.trim_start();
        let mut end = 0;
        let bytes = self.rest.as_bytes();
        while end < bytes.len()
            && (bytes[end].is_ascii_digit()
                || matches!(bytes[end], b'.' | b'e')
                || (bytes[end] == b'-' && (end == 0 || bytes[end - 1] == b'e')))
        {
            end += 1;
        }
        self.numbers += 1;
        let number: f64 = self.rest[..end].parse().unwrap_or_else(|_| panic!("a number: {}", self.rest));
        self.rest = &self.rest[end..];
        let Some(rest) = self.rest.strip_prefix("×10") else { return number };
        let end = rest.find(|c| c != '⁻' && raised(c).is_none()).unwrap_or(rest.len());
        self.rest = &rest[end..];
        format!("{number}e{}", whole(&rest[..end])).parse().unwrap()
    }
}

/// The digit that a raised one is.
fn raised(c: char) -> Option<usize> {
    "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|digit| digit == c)
}

/// The whole number that raised digits are.
fn whole(text: &str) -> i32 {
    let size = text.chars().filter_map(raised).fold(0, |sum, digit| 10 * sum + digit as i32);
    if text.starts_with('⁻') { -size } else { size }
}

/// Returns the value of a line's right side, if it contains numbers, and the value shown for it.
fn sides(line: &Line) -> Option<(f64, f64)> {
    scaled(line).map(|(computed, value, _)| (computed, value))
}

/// The gate of a letter.
fn gate_of(letter: &str) -> Gate {
    let all = [Gate::Input, Gate::Forget, Gate::Candidate, Gate::Output, Gate::Reset, Gate::Update, Gate::New];
    all.into_iter().find(|gate| gate.letter() == letter).unwrap()
}

/// A text on show as programs write it: `−1.5 × 10⁻⁸` is `−1.5e-8`.
pub fn as_programs_do(text: &str) -> String {
    let mut out = String::new();
    for (k, piece) in text.split(" × 10").enumerate() {
        let power = |c: char| {
            if c == '⁻' {
                Some('-')
            } else {
                "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|digit| digit == c).map(|at| char::from(b'0' + at as u8))
            }
        };
        let end = piece.find(|c| power(c).is_none()).unwrap_or(piece.len());
        let (powers, rest) = piece.split_at(if k == 0 { 0 } else { end });
        if k > 0 {
            out.push('e');
        }
        out.extend(powers.chars().filter_map(power));
        out += rest;
    }
    out
}

/// The same with the largest product in it, whose rounding the sum has.
fn scaled(line: &Line) -> Option<(f64, f64, f64)> {
    read(line).map(|(computed, value, reader)| (computed, value, reader.0))
}

/// The same with how many numbers are in it.
pub fn read(line: &Line) -> Option<(f64, f64, (f64, usize))> {
    let plain = as_programs_do(&line.plain()).replace(" ≈ ", " = ");
    let parts: Vec<&str> = plain.split(" = ").collect();
    let [.., right, value] = parts.as_slice() else { return None };
    // One of symbols alone has no number to be checked.
    if right.chars().any(|c| matches!(c, '₀'..='₉' | 'Σ' | 'W' | 'U' | '∂' | '′' | 'δ' | 'b')) {
        return None;
    }
    let mut reader = Reader { rest: right, largest: 0.0, numbers: 0 };
    let computed = reader.sum();
    assert!(reader.rest.trim().is_empty(), "{plain}: {} is left", reader.rest);
    let value = value.replace('−', "-").parse().unwrap_or_else(|_| panic!("a number: {plain}"));
    Some((computed, value, (reader.largest, reader.numbers)))
}

/// Equal to the rounding of f32, of numbers up to `scale`.
fn assert_equal(computed: f64, value: f64, scale: f64, what: &str) {
    assert!((computed - value).abs() <= 4e-6 * scale + 1e-37, "{computed} {value}: {what}");
}

#[test]
fn every_equation_shown_holds() {
    let (mut checked, mut of_readout) = (0, 0);
    everywhere(|link, snapshot, lane, place, window| {
        let lane = &snapshot.lanes[lane];
        let (experiment, _) = lab::experiment::link::parse(link);
        let readout = Readout::of_probe(&experiment, &snapshot.sequence);
        let at = at(lane, &snapshot.sequence, place, window, Digits::All).answering(readout);
        for line in SIDES.iter().flat_map(|&side| at.side(side)) {
            let Some((computed, value, largest)) = scaled(&line) else { continue };
            checked += 1;
            of_readout += usize::from(["p", "L", "l", "∂L/∂y"].iter().any(|left| line.left().starts_with(left)));
            // A difference such as 1 − tanh² loses what its two sides have in common.
            let scale = value.abs().max(computed.abs()).max(if line.left().contains('−') { 0.05 } else { 0.0 });
            let scale =
                if line.left().starts_with('∂') || line.left().starts_with('δ') { scale.min(1.0) } else { scale };
            let scale = if line.left().contains(" + ") { scale.max(largest) } else { scale };
            assert_equal(computed, value, scale.max(value.abs()), &format!("{link} {place:?} {}", line.plain()));
        }
    });
    assert!(checked > 5_000 && of_readout > 1_000, "{checked} {of_readout}");
}

/// Asserts of every line that what is on show comes to what is on show, as near as numbers of four digits can; how many
/// lines there were.
fn assert_shown(at: &At<'_>, what: &str) -> usize {
    let mut checked = 0;
    for line in SIDES.iter().flat_map(|&side| at.side(side)) {
        let Some((computed, value, (largest, numbers))) = read(&line) else { continue };
        checked += 1;
        // Half a unit in the fourth digit of each number, and what f32 has rounded.
        let error = 6e-4 * (numbers + 1) as f64 * value.abs() + 1e-6 * largest + 1e-15 * f64::from(numbers > 1);
        let error = if value.abs() < 1e-30 { 1e-30 } else { error.min(5e-3 * value.abs() + 1e-6 * largest + 1e-15) };
        assert!((computed - value).abs() <= error, "{what}: {computed} {}", line.plain());
    }
    checked
}

#[test]
fn a_window_networks_equation_and_diagram_say_one_sum() {
    let mut trainer = trained("lanes=window&len=6&hidden=3&batch=3", 2);
    let snapshot = snapshot(&mut trainer);
    let at = at(&snapshot.lanes[0], &snapshot.sequence, (3, 1), 0, Digits::Shown('.'));
    let sum = "Σ W(k)·x₄₋ₖ + b";
    assert_eq!(at.forward()[0].left(), format!("z₄ = {sum}"));
    assert!(at.diagram(None, "held", '.').contains(&format!(">{sum}<")) && at.diagram_words(false, '.').contains(sum));
}

#[test]
fn no_piece_of_an_equation_is_wider_than_its_column() {
    let mut trainer = trained("lanes=lstm-peephole,lstm-fgr,lstm-cifg,gru&len=6&hidden=3&batch=3", 2);
    let snapshot = snapshot(&mut trainer);
    for lane in &snapshot.lanes {
        let at = at(lane, &snapshot.sequence, (3, 1), 0, Digits::Shown('.'));
        for line in SIDES.iter().flat_map(|&side| at.side(side)) {
            for piece in mathml::line(&line).split("</math>") {
                let shown: String =
                    piece.split('<').filter_map(|tag| tag.split_once('>')).map(|(_, text)| text).collect();
                assert!(shown.chars().count() <= 34, "{shown}");
            }
        }
    }
}

#[test]
fn the_digits_on_show_satisfy_their_equations() {
    let mut checked = 0;
    let layers = ["", "&layers=2&layer=1", "&layers=2&layer=2"];
    for (link, lanes) in LINKS.iter().flat_map(|link| LANES.map(|lanes| (*link, lanes))) {
        for (layer, updates) in layers.iter().flat_map(|layer| [(layer, 25), (layer, 300)]) {
            if !layer.is_empty() && updates == 300 && link != LINKS[0] {
                continue;
            }
            let link = format!("lanes={lanes}&{link}{layer}");
            let mut trainer = trained(&link, updates);
            let snapshot = snapshot(&mut trainer);
            let experiment = trainer.experiment();
            for lane in &snapshot.lanes {
                for (t, u) in (0..lane.trace.len).flat_map(|t| (0..lane.trace.hidden).map(move |u| (t, u))) {
                    let readout = Readout::of_probe(experiment, &snapshot.sequence);
                    let at = at(lane, &snapshot.sequence, (t, u), experiment.truncation, Digits::Shown('.'));
                    checked += assert_shown(&at.answering(readout), &format!("{link} {updates} {t} {u}"));
                }
            }
        }
    }
    for (task, lanes) in [("order", LANES[0]), ("sine", LANES[1]), ("order", LANES[3])] {
        let link = format!("lanes={lanes}&task={task}&len=9&hidden=6&batch=4&dropout=0.4&layers=2&layer=1");
        let mut trainer = trained(&link, 40);
        let (shown, inside) = trainer.inside(0, 0, 0, false, (1, 0));
        for (lane, film) in shown.lanes.iter().zip(&inside.films) {
            for (t, u) in (0..lane.trace.len).flat_map(|t| (0..6).map(move |u| (t, u))) {
                let readout = Readout::of_member(trainer.experiment(), &shown.sequence, film.as_ref().unwrap());
                let at = at(lane, &shown.sequence, (t, u), 0, Digits::Shown('.')).answering(readout);
                checked += assert_shown(&at, &format!("{link} {t} {u}"));
            }
        }
    }
    assert!(checked > 20_000, "{checked}");
}

#[test]
fn a_gate_that_is_held_follows_from_nothing_and_all_else_holds() {
    let edits = "edit=0.f[*]=0.9@0;0.i[2]=0.25@3;0.x[3,1]=0.5@2";
    let mut trainer = trained(&format!("lanes=lstm&task=order&len=8&hidden=4&batch=6&{edits}"), 12);
    let snapshot = snapshot(&mut trainer);
    let held = |gate: &str, unit: usize| gate == "f" || (gate == "i" && unit == 1);
    let mut checked = 0;
    for (t, u) in (0..8).flat_map(|t| (0..4).map(move |u| (t, u))) {
        let at = at(&snapshot.lanes[0], &snapshot.sequence, (t, u), 0, Digits::All).holding(held);
        let forward = at.forward();
        assert!(forward[1].plain().ends_with(" = 0.8999999761581421") && forward[1].sum.is_none(), "{forward:?}");
        assert_eq!(at.value(Quantity::Delta(Gate::Forget)), 0.0, "the gradient does not pass");
        assert_eq!(at.diagram(None, "held", '.').matches(" held<").count(), if u == 1 { 2 } else { 1 }, "marked");
        for line in SIDES.iter().flat_map(|&side| at.side(side)) {
            let Some((computed, value)) = sides(&line) else { continue };
            assert_equal(computed, value, value.abs().max(0.05), &line.plain());
            checked += 1;
        }
        for (sum, value) in [
            (Sum::PreActivation(Gate::Output), Quantity::PreActivation(Gate::Output)),
            (Sum::HiddenGradient, Quantity::HiddenGradient),
        ] {
            let terms = at.terms(sum, false);
            let rest = terms.rest.map_or(0.0, |(_, line)| line.value().parse::<f64>().unwrap());
            let total = terms.lines.iter().map(|line| line.value().parse::<f64>().unwrap()).sum::<f64>() + rest;
            assert_equal(total, at.value(value), 1.0, &sum.code());
        }
    }
    assert!(checked > 100, "{checked}");
}

#[test]
fn gates_of_a_gru_or_a_variant_that_are_held_or_switched_off_follow_from_nothing_either() {
    for (lane, held) in [
        ("gru", "r"),
        ("gru", "z"),
        ("gru", "n"),
        ("lstm-nig", "f"),
        ("lstm-cifg", "i"),
        ("lstm-peephole", "i"),
        ("lstm-fgr", "o"),
    ] {
        let edit = format!("edit=0.{held}[*]=0.75@2;0.{held}[2]=0.5@0");
        let mut trainer = trained(&format!("lanes={lane}&task=order&len=7&hidden=4&batch=6&{edit}"), 12);
        let snapshot = snapshot(&mut trainer);
        for (t, u) in (0..7).flat_map(|t| (0..4).map(move |u| (t, u))) {
            let at = at(&snapshot.lanes[0], &snapshot.sequence, (t, u), 0, Digits::All).holding(|gate, _| gate == held);
            assert_eq!(at.value(Quantity::Activation(gate_of(held))), 0.75, "{lane}");
            assert_eq!(at.value(Quantity::Delta(gate_of(held))), 0.0, "{lane}: no gradient passes");
            for line in SIDES.iter().flat_map(|&side| at.side(side)) {
                let Some((computed, value, largest)) = scaled(&line) else { continue };
                assert_equal(computed, value, value.abs().max(0.05).max(largest), &format!("{lane} {}", line.plain()));
            }
        }
    }
    let mut trainer = trained("lanes=lstm-nig,lstm-nfg,lstm-nog,lstm-cifg&len=6&hidden=4&batch=6", 5);
    let snapshot = snapshot(&mut trainer);
    for (lane, gate) in ["i", "f", "o", "f"].into_iter().enumerate() {
        let at = at(&snapshot.lanes[lane], &snapshot.sequence, (3, 1), 0, Digits::All);
        let of_gate = |side: Side| at.side(side).into_iter().find(|line| line.gate() == gate).unwrap().plain();
        let value = at.value(Quantity::Activation(gate_of(gate)));
        if lane == 3 {
            assert_eq!(value as f32, 1.0 - at.value(Quantity::Activation(Gate::Input)) as f32);
            assert!(of_gate(Side::Forward).starts_with("f₄ = 1 − i₄ = 1 − 0."), "{}", of_gate(Side::Forward));
        } else {
            assert_eq!((value, of_gate(Side::Forward)), (1.0, format!("{gate}₄ = 1.0")));
        }
        assert_eq!(of_gate(Side::Backward), format!("δ({gate}) = 0.0"));
        let jacobian: String = at.jacobian().iter().map(Line::plain).collect();
        assert!(!jacobian.contains(&format!("U({gate})")), "{jacobian}");
        let labels = Labels {
            sum: "",
            held: "held",
            off: "off",
            coupled: "coupled to i",
            target: "atteso",
            what_if: "",
            go: &|_, _| String::new(),
            more: &|_| String::new(),
        };
        let markup = at.markup(Side::Forward, "", &labels);
        let said = if lane == 3 { ">coupled to i<" } else { ">off<" };
        assert!(markup.contains(said) && !markup.contains(">held<"), "{lane} {markup}");
        assert_eq!(markup.contains(">off<"), lane != 3, "{lane}: what is coupled is not off");
    }
}

#[test]
fn what_goes_back_along_an_edge_is_what_the_step_before_is_told() {
    for lane in ["gru", "lstm-peephole", "lstm", "rnn-tanh"] {
        let mut trainer = trained(&format!("lanes={lane}&task=order&len=7&hidden=4&batch=6"), 12);
        let snapshot = snapshot(&mut trainer);
        let trace = &snapshot.lanes[0].trace;
        for t in 0..6 {
            // The loss is at the last step alone, so that all of ∂L/∂h comes along the edge.
            let at = at(&snapshot.lanes[0], &snapshot.sequence, (t, 1), 0, Digits::All);
            let (h, c) = at.back_along(t);
            assert_equal(h, trace.grad_h_norms[t], trace.grad_h_norms[t], lane);
            assert_eq!(c > 0.0, trace.cell.has_cell_state());
        }
    }
}

#[test]
fn the_terms_of_a_sum_add_up_to_it() {
    let mut checked = 0;
    everywhere(|link, snapshot, lane, place, window| {
        let lane = &snapshot.lanes[lane];
        let (experiment, _) = lab::experiment::link::parse(link);
        let readout = Readout::of_probe(&experiment, &snapshot.sequence);
        let at = at(lane, &snapshot.sequence, place, window, Digits::All).answering(readout);
        for line in SIDES.iter().flat_map(|&side| at.side(side)).filter(|line| line.sum.is_some()) {
            let opened = line.sum.unwrap();
            let value = match opened {
                Sum::PreActivation(gate) => at.value(Quantity::PreActivation(gate)),
                Sum::ResetInput => at.value(Quantity::ResetInput),
                Sum::HiddenGradient => at.value(Quantity::HiddenGradient),
                Sum::Output(k) => f64::from(lane.trace.output[place.0 * lane.trace.outputs + k]),
                _ => continue,
            };
            let terms = at.terms(opened, false);
            let (mut sum, mut scale, mut before) = (0.0, 0.0_f64, f64::INFINITY);
            for term in &terms.lines {
                let number: f64 = term.value().parse().unwrap();
                assert!(number.abs() <= before, "{link} {place:?}: the largest first");
                before = number.abs();
                if let Some((computed, value)) = sides(term) {
                    assert_equal(computed, value, value.abs(), &term.plain());
                }
                sum += number;
                scale = scale.max(number.abs());
            }
            sum += terms.rest.map_or(0.0, |(_, line)| line.value().parse::<f64>().unwrap());
            assert_equal(sum, value, scale.max(value.abs()), &format!("{link} {place:?} {}", opened.code()));
            checked += 1;
        }
    });
    assert!(checked > 1_000, "{checked}");
}

#[test]
fn every_weight_in_an_opened_sum_can_be_set_by_hand_under_its_name() {
    use lab::Edit;
    use lab::Place;
    let mut named = std::collections::BTreeSet::new();
    for (lanes, layer) in LANES.iter().flat_map(|lanes| [(lanes, 1), (lanes, 2)]) {
        let mut trainer = trained(&format!("lanes={lanes}&len=5&hidden=3&batch=3&layers=2&layer={layer}"), 8);
        let snapshot = snapshot(&mut trainer);
        let experiment = trainer.experiment();
        for (k, lane) in snapshot.lanes.iter().enumerate() {
            for (t, u) in (0..5).flat_map(|t| (0..3).map(move |u| (t, u))) {
                let readout = Readout::of_probe(experiment, &snapshot.sequence);
                let at = at(lane, &snapshot.sequence, (t, u), 0, Digits::All).answering(readout);
                let sums = SIDES.iter().flat_map(|&side| at.side(side)).filter_map(|line| line.sum);
                for sum in sums.filter(|sum| !matches!(sum, Sum::JacobianRow(_))) {
                    for term in at.terms(sum, true).lines {
                        let plain = term.plain();
                        if term.weight.is_empty() {
                            // What a gate lets through is no weight, those of the layer above are not on show, and those of
                            // a gate that is switched off add nothing.
                            assert!(
                                term.value().parse() == Ok(0.0)
                                    || ["r", "z", "(W⁽"].iter().any(|left| plain.starts_with(left)),
                                "{plain}"
                            );
                            continue;
                        }
                        let place = Place::read(&format!("{k}.{}", term.weight)).unwrap();
                        assert_eq!((Edit { place, value: 1.0, update: 0 }).check(experiment), Ok(()), "{place}");
                        let parts: Vec<&str> = plain.split(" = ").collect();
                        let number = parts[1].split('·').next().unwrap().trim_matches(['(', ')']);
                        let there = place.present(lane, &snapshot.sequence, t).unwrap();
                        assert_eq!(there, number.parse::<f64>().unwrap(), "{place} {plain}");
                        named.insert(place.name.to_owned() + &(place.layer + 1).to_string());
                    }
                }
            }
        }
    }
    let all = "b1 b2 b_hn1 b_hn2 b_out1 p_f1 p_f2 p_i1 p_i2 p_o1 p_o2 u1 u2 v1 v2 w1 w2 w_out1";
    assert_eq!(named.into_iter().collect::<Vec<_>>().join(" "), all);
}

#[test]
fn a_row_of_the_jacobian_is_what_a_change_of_the_state_before_does() {
    // From the equations' own factors, against a difference of the forward pass written out.
    let sigma = |z: f64| 1.0 / (1.0 + (-z).exp());
    let mut trainer = trained("lanes=lstm&task=order&len=6&hidden=4&batch=6", 25);
    let snapshot = snapshot(&mut trainer);
    let lane = &snapshot.lanes[0];
    for place in [(1, 0), (3, 2), (5, 3)] {
        let at = at(lane, &snapshot.sequence, place, 0, Digits::All);
        for (sum, state) in [(State::Cell, 0), (State::Hidden, 1)] {
            for term in at.terms(Sum::JacobianRow(sum), false).lines {
                let (_, j) = term.from.unwrap();
                let weight = |gate: usize| {
                    let rows = 4 * 4;
                    let inputs = snapshot.sequence.inputs.len() / 6;
                    f64::from(lane.weights[rows * inputs + j * rows + gate * 4 + place.1])
                };
                let run = |change: f64| {
                    let z = |k: usize, gate: Gate| at.value(Quantity::PreActivation(gate)) + change * weight(k);
                    let (i, f) = (sigma(z(0, Gate::Input)), sigma(z(1, Gate::Forget)));
                    let (g, o) = (z(2, Gate::Candidate).tanh(), sigma(z(3, Gate::Output)));
                    let c = f * at.value(Quantity::CellState.before()) + i * g;
                    [c, o * c.tanh()][state]
                };
                let difference = (run(1e-5) - run(-1e-5)) / 2e-5;
                let value: f64 = term.value().parse().unwrap();
                assert!((difference - value).abs() <= 1e-6 * (1.0 + value.abs()), "{sum:?} {value} {difference}");
            }
        }
    }
}

#[test]
fn on_the_wires_of_a_diagram_what_comes_to_a_junction_is_what_leaves_it() {
    for lane in ["lstm", "lstm-peephole", "lstm-noaf", "lstm-fgr", "gru"] {
        let mut trainer = trained(&format!("lanes={lane}&task=sine&len=9&hidden=4&batch=3&tbptt=3"), 12);
        let snapshot = snapshot(&mut trainer);
        for (t, u) in (0..9).flat_map(|t| (0..4).map(move |u| (t, u))) {
            let place = |t: usize| at(&snapshot.lanes[0], &snapshot.sequence, (t, u), 3, Digits::All);
            let at = place(t);
            let value = |number: Number| at.value(number);
            let same = |a: f64, b: f64, scale: f64| assert_equal(a, b, scale.max(a.abs()), &format!("{lane} {t} {u}"));
            let cut = t % 3 == 0 && t > 0;
            if lane == "gru" {
                same(
                    value(Quantity::UpdateGradientByKept.now()) - value(Quantity::UpdateGradientByWritten.now()),
                    value(Quantity::ActivationGradient(Gate::Update).now()),
                    value(Quantity::UpdateGradientByKept.now()).abs(),
                );
                assert_eq!(
                    value(Quantity::HiddenGradientKept.now()) == 0.0,
                    cut,
                    "{t}: the update gate's way too ends at a cut"
                );
                continue;
            }
            // Along the cell, by way of h, and by the output gate's peephole.
            let peephole =
                if lane == "lstm-peephole" { value(Quantity::PeepholeGradient(Gate::Output).now()) } else { 0.0 };
            same(
                value(Quantity::CellGradientReceived.now()) + value(Quantity::CellGradientByHidden.now()) + peephole,
                value(Quantity::CellGradient.now()),
                value(Quantity::CellGradientByHidden.now()).abs(),
            );
            assert_eq!(value(Quantity::CellGradientSent.now()) == 0.0, cut, "{t}");
            assert_eq!(value(Quantity::SentBack.now()) == 0.0, cut, "{t}: both wires end there");
            if t > 0 {
                same(
                    place(t - 1).value(Quantity::CellGradientReceived),
                    value(Quantity::CellGradientSent.now()),
                    value(Quantity::CellGradient.now()).abs(),
                );
            }
        }
    }
}

#[test]
fn a_layer_under_another_names_what_tells_it_and_what_is_read_out() {
    let lines = |layer: &str| {
        let mut trainer = trained(&format!("lanes=lstm&task=order&len=6&hidden=4&batch=3&layers=2{layer}"), 5);
        let snapshot = snapshot(&mut trainer);
        let readout = Readout::of_probe(trainer.experiment(), &snapshot.sequence);
        let at = at(&snapshot.lanes[0], &snapshot.sequence, (5, 1), 0, Digits::Shown('.')).answering(readout);
        let terms: String = at
            .terms(Sum::HiddenGradient, true)
            .lines
            .iter()
            .chain(&at.terms(Sum::Output(2), true).lines)
            .map(Line::plain)
            .collect();
        SIDES.iter().flat_map(|&side| at.side(side)).map(|line| line.plain() + "\n").collect::<String>() + &terms
    };
    let under = lines("&layer=1");
    assert!(
        under.contains("∂L/∂h₆ = W⁽²⁾ᵀ·δ⁽²⁾₆ = ") && under.contains("y₆(YX) = (Wₒᵤₜ·h⁽²⁾₆ + bₒᵤₜ)(YX) = "),
        "{under}"
    );
    let last = lines("&layer=2");
    assert!(last.contains("∂L/∂h₆ = Wₒᵤₜᵀ·∂L/∂y₆ = ") && last.contains("Wₒᵤₜ(YX; 2)·∂L/∂y₆(YX) = "), "{last}");
    assert!(last.contains("bₒᵤₜ(YX) = ") && !last.contains('⁽'), "{last}");
}

#[test]
fn what_a_cut_stops_is_not_in_the_sum() {
    let mut trainer = trained("lanes=lstm&task=sine&len=9&hidden=4&batch=3&tbptt=3", 5);
    let snapshot = snapshot(&mut trainer);
    let told = |t: usize| {
        let at = at(&snapshot.lanes[0], &snapshot.sequence, (t, 1), 3, Digits::All);
        let from_later = at.terms(Sum::HiddenGradient, false).lines.iter().filter(|line| line.from.is_some()).count();
        (from_later, at.backward()[1].plain().contains("f₄"))
    };
    assert_eq!(told(2), (0, false), "step 3 stands before a cut");
    assert!(told(1).0 > 0, "step 2 does not");
}

#[test]
fn markup_is_whole_and_says_where_a_term_comes_from() {
    let labels = Labels {
        sum: "sum",
        held: "held",
        off: "off",
        coupled: "coupled to i",
        target: "atteso",
        what_if: "what if",
        go: &|step, unit| format!("go {step} {unit}"),
        more: &|count| format!("{count} more"),
    };
    everywhere(|link, snapshot, lane, place, window| {
        let lane = &snapshot.lanes[lane];
        let at = at(lane, &snapshot.sequence, place, window, Digits::Shown(','));
        for side in SIDES {
            for open in ["", "Zf", "Zz", "Zn", "Q", "H", "Rh", "Rc"] {
                let markup = at.markup(side, open, &labels);
                crate::inside::assert_markup(&markup);
                assert!(!markup.contains("NaN") && !markup.contains('–'), "{link} {place:?} {markup}");
                assert!(!markup.contains("target"), "a word of one language: {markup}");
            }
        }
        for backward in [None, Some((-8.0, 0.0))] {
            let drawing = at.diagram(backward, "held", '.');
            crate::inside::assert_markup(&drawing);
            assert!(!drawing.contains("NaN") && !drawing.contains('–'), "{link} {place:?} {drawing}");
        }
    });
    let mut trainer = trained("lanes=lstm&len=6&hidden=4&batch=3", 3);
    let snapshot = snapshot(&mut trainer);
    let at = at(&snapshot.lanes[0], &snapshot.sequence, (3, 1), 0, Digits::Shown('.'));
    let markup = at.markup(Side::Forward, "Zf", &labels);
    assert!(markup.contains("data-go=\"2 0\" aria-label=\"go 3 1\""), "{markup}");
}

#[test]
fn rows_of_the_jacobian_are_those_of_the_engine_for_every_cell() {
    use nn::{CellKind, Network, Parameters, Unroll};
    for cell in CellKind::ALL {
        let mut trainer = trained(&format!("lanes={}&task=order&len=3&hidden=4&batch=6", cell.code()), 25);
        let snapshot = snapshot(&mut trainer);
        let (lane, experiment) = (&snapshot.lanes[0], trainer.experiment());
        let config = experiment.network(cell);
        let mut parameters = Parameters::<f32>::zeros(&config);
        parameters.values_mut().copy_from_slice(&lane.weights);
        let network = Network::with_parameters(&config, parameters).unwrap().cast::<f64>();
        let sequence = experiment.task.probe_sequence(experiment.data, 0, 3);
        let batch = experiment.task.batch::<f32>(&[sequence]).unwrap().cast::<f64>();
        let mut unroll = Unroll::new(&config, 3, 1);
        unroll.forward(&network, &batch);
        // ∂s₃/∂s₂, s = h, [h; c] or [h; c; i; f; o].
        let jacobian = &unroll.state_jacobians(&network, 0)[1];
        let mut compared = 0;
        for u in 0..4 {
            let at = at(lane, &snapshot.sequence, (2, u), 0, Digits::All);
            let mut compare = |value: f64, row: usize, column: usize, what: &str| {
                let expected = jacobian[(row, column)];
                assert!((value - expected).abs() <= 1e-5 * (1.0 + expected.abs()), "{what}: {value} {expected}");
                compared += 1;
            };
            for (sum, part) in [(State::Hidden, 0), (State::Cell, 1)].into_iter().filter(|_| cell.is_recurrent()) {
                for term in at.terms(Sum::JacobianRow(sum), false).lines {
                    let (_, j) = term.from.unwrap();
                    compare(
                        term.value().parse().unwrap(),
                        part * 4 + u,
                        j,
                        &format!("{} {}", cell.code(), term.plain()),
                    );
                }
            }
            let parts = ["h", "c", "i", "f", "o"];
            for line in at.jacobian().into_iter().filter(|line| !line.value().is_empty()) {
                let left = line.left();
                let left = left.split(" = ").next().unwrap();
                let Some((of, by)) = left.split_once("/∂") else { continue };
                let place = |text: &str| parts.iter().position(|part| text.trim_start_matches('∂').starts_with(part));
                let (Some(row), Some(column)) = (place(of), place(by)) else { continue };
                let what = format!("{} {}", cell.code(), line.plain());
                compare(line.value().parse().unwrap(), row * 4 + u, column * 4 + u, &what);
            }
        }
        assert!(compared > 16 || !cell.is_recurrent(), "{}", cell.code());
        assert!(cell.is_recurrent() || jacobian.iter().all(|&entry| entry == 0.0), "no state");
    }
}
