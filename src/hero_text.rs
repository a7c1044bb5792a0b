//! The gradient chart in words and as a table.

use crate::i18n::t_string;
use crate::pictures::GradientLines;
use crate::table::TableData;
use crate::words::Words;
use charts::gradient::GradientLine;
use lab::GradientScale;
use lab::worker::event::Report;
use nn::CellKind;

/// Describes the gradients of a step (from 0).
pub fn at_step(words: Words, report: &Report, scale: GradientScale, step: usize) -> String {
    let owned = lines_of(words, report, scale);
    let named = |line: &GradientLine| Some(format!("{} {}", line.label, words.share(*line.y.get(step)?)));
    owned.lines().iter().filter_map(named).collect::<Vec<_>>().join(", ")
}

/// Returns the lines with a label at their end: the network, and for one with a cell state also which state.
pub fn lines_of(words: Words, report: &Report, scale: GradientScale) -> GradientLines {
    let cells: Vec<CellKind> = report.snapshot.lanes.iter().map(|lane| lane.cell).collect();
    GradientLines::new(&report.snapshot, scale, |index, cell, name| {
        let lane = words.lane(&cells, index);
        let state = name.strip_prefix("ghost ");
        let name = state.unwrap_or(name);
        let layers = report.snapshot.lanes.get(index).is_some_and(|lane| !lane.trace.layer_norms.is_empty());
        let named = match name.strip_prefix("layer ") {
            Some(number) => format!("{lane} · {} {number}", t_string!(words.i18n(), hero.layer)),
            None if cell.has_cell_state() || layers || name == "x" => format!("{lane} · {name}"),
            None => lane,
        };
        if state.is_some() { format!("{named}, {}", t_string!(words.i18n(), edits.untouched)) } else { named }
    })
}

/// Names the lines that are not drawn because their divisor is zero; empty if there are none.
pub fn left_out(words: Words, report: &Report, scale: GradientScale) -> String {
    if scale != GradientScale::Relative {
        return String::new();
    }
    let owned = lines_of(words, report, scale);
    let lines = owned.lines();
    // Numbers that are not finite are described by the sentences.
    let is_finite = |lane: usize| {
        let lane = report.snapshot.lanes.get(lane);
        lane.and_then(|lane| lane.trace.grad_h_norms.last()).is_some_and(|norm| norm.is_finite())
    };
    let is_empty = |line: &&GradientLine| line.y.is_empty() && is_finite(line.lane);
    let empty: Vec<&str> = lines.iter().filter(is_empty).map(|line| line.label).collect();
    if empty.is_empty() {
        return String::new();
    }
    t_string!(words.i18n(), hero.left_out, names = empty.join(", "), step = report.snapshot.sequence.len)
}

/// States the first and the last norm of each line.
pub fn summary(words: Words, report: &Report, scale: GradientScale) -> String {
    let i18n = words.i18n();
    let owned = lines_of(words, report, scale);
    let text = |value: f64| numbers::significant(value, 2, words.mark());
    let parts = owned.lines().into_iter().map(|line| match (line.y.first(), line.y.last()) {
        (Some(first), Some(last)) => {
            t_string!(i18n, hero.summary_line, name = line.label, first = text(*first), last = text(*last))
        }
        _ => t_string!(i18n, hero.summary_empty, name = line.label),
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// Lists the norms of each line at each step.
pub fn table(words: Words, report: &Report, scale: GradientScale, title: String) -> TableData {
    let i18n = words.i18n();
    let owned = lines_of(words, report, scale);
    let lines = owned.lines();
    let value = |y: Option<&f64>| y.map_or_else(String::new, |&norm| numbers::significant(norm, 4, words.mark()));
    TableData {
        title,
        heads: std::iter::once(t_string!(i18n, chart.step).to_owned())
            .chain(lines.iter().map(|line| line.label.to_owned()))
            .collect(),
        rows: (0..owned.steps())
            .map(|t| {
                std::iter::once((t + 1).to_string()).chain(lines.iter().map(|line| value(line.y.get(t)))).collect()
            })
            .collect(),
    }
}
