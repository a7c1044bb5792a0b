//! The findings of a panel in words and as tables.

use super::charts::{peak, place, side, spreads};
use crate::i18n::t_string;
use crate::table::TableData;
use crate::words::Words;
use charts::Theme;
use charts::histogram::{BARS, Spread};
use lab::LaneSnapshot;
use nn::{CellKind, Factors};

/// Returns the symbol of the state in formulas.
fn state(cell: CellKind) -> &'static str {
    if cell.has_cell_state() { "s" } else { "h" }
}

/// Names a line of the chart of factors.
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

/// Describes a lane's factors from the last step back to this one (from 0).
pub fn factors(words: Words, factors: &Factors, cell: CellKind, step: usize) -> String {
    let i18n = words.i18n();
    let Some(&norm) = factors.exact.get(step) else { return String::new() };
    let (bound, carousel) = (factors.bound.get(step), factors.carousel.get(step));
    let (last, exact, state) = (factors.exact.len(), words.share(norm), state(cell));
    let step = step + 1;
    let mut said = t_string!(i18n, why.say_exact, state = state, last = last, step = step, exact = exact);
    if let Some(&bound) = bound {
        said += " ";
        said += &t_string!(i18n, why.say_bound, bound = words.share(bound));
    }
    if let Some(&kept) = carousel {
        said += " ";
        said += &match cell {
            CellKind::LstmNfg => t_string!(i18n, inspector.whole, gate = "f") + ".",
            _ => t_string!(i18n, why.say_carousel, kept = words.share(kept)),
        };
        if kept > 0.0 && norm > 0.0 && step < last {
            let ratio = words.share(norm / kept);
            said += " ";
            // The input of the gates beside x.
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

/// Describes the credit of step `step` for step `end` (both from 0) in a triangle.
pub fn credit(words: Words, triangle: &[f64], (step, end): (usize, usize)) -> String {
    let (Some(&here), Some(&own)) = (triangle.get(place(end, step)), triangle.get(place(end, end))) else {
        return String::new();
    };
    let share = if own > 0.0 { words.share(here / own) } else { "–".to_owned() };
    let (end, step, here) = (end + 1, step + 1, words.share(here));
    t_string!(words.i18n(), why.say_credit, end = end, step = step, norm = here, share = share)
}

/// Describes how saturated a lane's gates or slopes are, in a sentence each.
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

/// Number of rows τ in a triangle's table.
const TABLE_ENDS: usize = 6;

/// Lists a lane's factors as a table with a column for each line of its chart.
pub fn factors_table(words: Words, factors: &Factors, cell: CellKind, title: String) -> TableData {
    let sigma: Vec<f64> = factors.sigma.into_iter().collect();
    let all = [
        ("exact", &factors.exact),
        ("bound", &factors.bound),
        ("slope", &factors.slope),
        ("sigma", &sigma),
        ("carousel", &factors.carousel),
    ];
    let columns = all.into_iter().filter(|(_, numbers)| !numbers.is_empty());
    table(words, title, columns.map(|(name, numbers)| (line(words, cell, name), numbers.clone())).collect())
}

/// Lists a few rows τ of a credit triangle as the columns of a table.
pub fn credit_table(words: Words, triangle: &[f64], title: String) -> TableData {
    let side = side(triangle.len());
    let mut ends: Vec<usize> =
        (1..=TABLE_ENDS).filter_map(|k| (k * side).div_ceil(TABLE_ENDS).checked_sub(1)).collect();
    ends.dedup();
    let column = |end: usize| {
        let row = triangle.get(place(end, 0)..=place(end, end));
        (format!("τ = {}", end + 1), row.unwrap_or_default().to_vec())
    };
    table(words, title, ends.into_iter().map(column).collect())
}

/// Builds a table with one row per step; columns may end before the last.
fn table(words: Words, title: String, columns: Vec<(String, Vec<f64>)>) -> TableData {
    let text =
        |value: Option<&f64>| value.map_or_else(String::new, |&value| numbers::significant(value, 4, words.mark()));
    let step = t_string!(words.i18n(), chart.step).to_owned();
    let rows = columns.iter().map(|(_, numbers)| numbers.len()).max().unwrap_or(0);
    let row = |t: usize| {
        let numbers = columns.iter().map(|(_, numbers)| text(numbers.get(t)));
        std::iter::once((t + 1).to_string()).chain(numbers).collect()
    };
    TableData {
        title,
        heads: std::iter::once(step).chain(columns.iter().map(|(head, _)| head.clone())).collect(),
        rows: (0..rows).map(row).collect(),
    }
}

/// Writes a limit of a triangle's scale: the largest number, or a fraction of it.
pub fn end(words: Words, triangle: &[f64], part: f64) -> String {
    numbers::compact(part * peak(triangle), 2, words.mark())
}

/// Lists the counts of a lane's histograms.
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
