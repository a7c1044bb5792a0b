//! What was found, in words and as tables.

use super::charts::{peak, place, side, spreads};
use crate::i18n::t_string;
use crate::table::TableData;
use crate::words::Words;
use charts::Theme;
use charts::histogram::{BARS, Spread};
use lab::Findings;
use lab::LaneSnapshot;
use lab::Why;
use lab::analysis::why::series;
use nn::CellKind;

/// How the state is called in formulas.
fn state(cell: CellKind) -> &'static str {
    if cell.has_cell_state() { "s" } else { "h" }
}

/// A line of the chart of factors.
pub fn line(words: Words, cell: CellKind, name: &str) -> String {
    let i18n = words.i18n();
    match name {
        "ceiling" => t_string!(i18n, why.ceiling).to_owned(),
        "slope" => "max φ′".to_owned(),
        "sigma" => "σₘₐₓ(U)".to_owned(),
        "bound" => t_string!(i18n, why.bound).to_owned(),
        "carousel" => "∏ f".to_owned(),
        _ => format!("‖∂{0}_T/∂{0}ₜ‖", state(cell)),
    }
}

/// A lane's factors from the last step back to this one (from 0), in a sentence.
pub fn factors(words: Words, found: &Findings, lane: usize, cell: CellKind, step: usize) -> String {
    let i18n = words.i18n();
    let at = |index: usize| found.series(lane, index).get(step).copied();
    let Some(norm) = at(series::EXACT) else { return String::new() };
    let (last, exact, state) = (found.series(lane, series::EXACT).len(), words.share(norm), state(cell));
    let step = step + 1;
    let mut said = t_string!(i18n, why.say_exact, state = state, last = last, step = step, exact = exact);
    if let Some(bound) = at(series::BOUND) {
        said += " ";
        said += &t_string!(i18n, why.say_bound, bound = words.share(bound));
    }
    if let Some(kept) = at(series::CAROUSEL) {
        said += " ";
        said += &match cell {
            CellKind::LstmNfg => t_string!(i18n, inspector.whole, gate = "f") + ".",
            _ => t_string!(i18n, why.say_carousel, kept = words.share(kept)),
        };
        if kept > 0.0 && norm > 0.0 && step < last {
            let ratio = words.share(norm / kept);
            said += " ";
            // What the gates see beside x.
            let by = match cell {
                CellKind::LstmPeephole => "h, p·c",
                CellKind::LstmFgr => "h, V·(i; f; o)",
                _ => "h",
            };
            said += &t_string!(i18n, why.say_difference, ratio = ratio, by = by);
        }
    }
    said
}

/// The credit of step `step` for step `end` (both from 0), in a sentence.
pub fn credit(words: Words, found: &Findings, lane: usize, index: usize, (step, end): (usize, usize)) -> String {
    let triangle = found.series(lane, index);
    let (Some(&here), Some(&own)) = (triangle.get(place(end, step)), triangle.get(place(end, end))) else {
        return String::new();
    };
    let share = if own > 0.0 { words.share(here / own) } else { "–".to_owned() };
    let (end, step, here) = (end + 1, step + 1, words.share(here));
    t_string!(words.i18n(), why.say_credit, end = end, step = step, norm = here, share = share)
}

/// How saturated a lane's gates or slopes are, in a sentence each.
pub fn saturation(words: Words, lane: &LaneSnapshot) -> String {
    let i18n = words.i18n();
    let percent = |share: f64| words.share(100.0 * share) + " %";
    let one = |(spread, _): (Spread, _)| {
        let (first, last) = (percent(spread.share(0..2)), percent(spread.share(18..20)));
        let name = spread.name;
        match lane.cell.gate(name) {
            None => t_string!(i18n, why.say_slopes, first = first),
            Some(gate) if lane.cell.is_linear(gate) => t_string!(i18n, why.say_linear, name = name),
            Some(gate) if gate.is_signed() => {
                let both = percent(spread.share(0..1) + spread.share(19..20));
                t_string!(i18n, why.say_candidate, name = name, both = both)
            }
            _ => t_string!(i18n, why.say_gate, name = name, first = first, last = last),
        }
    };
    spreads(lane, Theme::Light).into_iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Rows τ that a triangle's table has.
const TABLE_ENDS: usize = 6;

/// A panel's numbers of a lane.
pub fn table(
    words: Words,
    why: Why,
    found: &Findings,
    lane: usize,
    cell: CellKind,
    index: usize,
    title: String,
) -> TableData {
    let text =
        |value: Option<&f64>| value.map_or_else(String::new, |&value| numbers::significant(value, 4, words.mark()));
    let step = t_string!(words.i18n(), chart.step).to_owned();
    let numbers = found.series(lane, index);
    let (heads, columns): (Vec<String>, Vec<Vec<String>>) = if why == Why::Credit {
        let side = side(numbers.len());
        let mut ends: Vec<usize> = (1..=TABLE_ENDS).map(|k| (k * side).div_ceil(TABLE_ENDS) - 1).collect();
        ends.dedup();
        let column = |&end: &usize| (0..=end).map(|step| text(numbers.get(place(end, step)))).collect();
        (ends.iter().map(|end| format!("τ = {}", end + 1)).collect(), ends.iter().map(column).collect())
    } else {
        let names = ["exact", "bound", "slope", "sigma", "carousel"];
        let there = || (0..names.len()).filter(|&index| !found.series(lane, index).is_empty());
        let column = |index: usize| found.series(lane, index).iter().map(|value| text(Some(value))).collect();
        (there().map(|index| line(words, cell, names[index])).collect(), there().map(column).collect())
    };
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let cell_of = |column: &Vec<String>, t: usize| column.get(t).cloned().unwrap_or_default();
    TableData {
        title,
        heads: std::iter::once(step).chain(heads).collect(),
        rows: (0..rows)
            .map(|t| std::iter::once((t + 1).to_string()).chain(columns.iter().map(|c| cell_of(c, t))).collect())
            .collect(),
    }
}

/// An end of a triangle's scale: the largest number, or a part of it.
pub fn end(words: Words, found: &Findings, lane: usize, index: usize, part: f64) -> String {
    numbers::compact(part * peak(found.series(lane, index)), 2, words.mark())
}

/// The counts behind the histograms of a lane.
pub fn counts(words: Words, lane: &LaneSnapshot, title: String) -> TableData {
    let spreads = spreads(lane, Theme::Light);
    let (mut heads, mut rows) = (Vec::new(), Vec::new());
    for (spread, _) in &spreads {
        heads.extend([spread.name.to_owned(), t_string!(words.i18n(), why.count).to_owned()]);
    }
    for bar in 0..BARS {
        let two = |(spread, _): &(Spread, _)| {
            let [low, high] = spread.ends(bar).map(|end| numbers::compact(end, 4, words.mark()));
            [format!("{low} … {high}"), spread.counts[bar].to_string()]
        };
        rows.push(spreads.iter().flat_map(two).collect());
    }
    TableData { title, heads, rows }
}
