//! A lane's rows in words: labels, a sentence for those who cannot see the chart, and the table of its numbers.

use crate::i18n::t_string;
use crate::pictures::{Row, slope_ceiling};
use crate::table::TableData;
use crate::words::Words;
use lab::LaneSnapshot;
use lab::SequenceOnShow;
use nn::{CellKind, Gate};
use tasks::Task;

/// Returns the gate's name in the trace; empty for a row that is no gate.
pub fn gate_name(cell: CellKind, row: Row) -> &'static str {
    match row {
        Row::Gate(_) if !cell.has_gates() => "dphi",
        Row::Gate(index) => cell.gates().get(index).map_or("", |gate| gate.letter()),
        _ => "",
    }
}

/// Returns the constant of a gate that a variant switches off; `None` for one with values of its own. (That of CIFG
/// follows from another gate, and its map shows it.)
pub fn off(cell: CellKind, gate: Gate) -> Option<&'static str> {
    (cell.switches_off(gate) && cell != CellKind::LstmCifg).then_some(match gate {
        Gate::Input => "i = 1",
        Gate::Forget => "f = 1",
        _ => "o = 1",
    })
}

/// Returns the row's CSS class.
pub fn class(row: Row) -> &'static str {
    match row {
        Row::Input => "input",
        Row::Gate(_) => "gate",
        Row::Cell => "cell",
        Row::Hidden => "hidden",
        Row::HiddenLines => "lines",
        Row::Answer => "answer",
    }
}

/// Returns the row's letter in the equations.
pub fn symbol(cell: CellKind, row: Row) -> &'static str {
    match row {
        Row::Input => "x",
        Row::Gate(_) if cell.has_gates() => gate_name(cell, row),
        Row::Gate(_) => "φ′(z)",
        Row::Cell => "c",
        Row::Hidden | Row::HiddenLines => "h",
        Row::Answer => "ŷ",
    }
}

/// Returns the row's name.
pub fn label(words: Words, cell: CellKind, row: Row) -> String {
    let i18n = words.i18n();
    match row {
        Row::Input => t_string!(i18n, rows.input).to_owned(),
        Row::Gate(_) if !cell.has_gates() => {
            let ceiling = numbers::compact(f64::from(slope_ceiling(cell)), 2, words.mark());
            t_string!(i18n, rows.slope_ceiling, ceiling = ceiling)
        }
        Row::Gate(_) => words.gate(gate_name(cell, row)).to_owned(),
        Row::Cell => t_string!(i18n, rows.cell).to_owned(),
        Row::Hidden => t_string!(i18n, rows.hidden).to_owned(),
        Row::HiddenLines => t_string!(i18n, rows.hidden_lines).to_owned(),
        Row::Answer => t_string!(i18n, rows.answer).to_owned(),
    }
}

/// Lists the steps (from 0) at which a lane's inputs were edited by hand.
pub fn edited_steps(sequence: &SequenceOnShow, inputs: &[f32]) -> Vec<usize> {
    let width = inputs.len() / sequence.len.max(1);
    (0..sequence.len).filter(|t| inputs[t * width..][..width] != sequence.inputs[t * width..][..width]).collect()
}

/// Lists the symbol of each step, `*` if an edit replaced it by values; empty if inputs are values.
pub fn symbols(sequence: &SequenceOnShow, inputs: &[f32], task: &dyn Task) -> Vec<&'static str> {
    let names = task.symbols();
    if names.is_empty() {
        return Vec::new();
    }
    let hot = |step: &[f32]| {
        let others = step.iter().filter(|&&value| value != 0.0).count();
        step.iter().position(|&value| value == 1.0).filter(|_| others == 1).and_then(|at| names.get(at).copied())
    };
    let width = task.inputs();
    let symbol = |(step, drawn): (&[f32], &[f32])| {
        // An unedited step has a symbol, whatever scaling its numbers have.
        if step == drawn { names.get(hottest(step)).copied() } else { hot(step) }.unwrap_or("*")
    };
    inputs.chunks_exact(width).zip(sequence.inputs.chunks_exact(width)).map(symbol).collect()
}

/// Returns the index of the largest of a step's inputs.
pub fn hottest(step: &[f32]) -> usize {
    (0..step.len()).fold(0, |most, at| if step[at] > step[most] { at } else { most })
}

/// Returns the numbers of a row, `[T × columns]`, and the number of columns.
pub fn numbers<'a>(
    lane: &'a LaneSnapshot,
    sequence: &'a SequenceOnShow,
    task: &dyn Task,
    row: Row,
) -> (&'a [f32], usize) {
    let trace = &lane.trace;
    match row {
        Row::Input => (lane.inputs(sequence), task.inputs()),
        Row::Gate(index) => (trace.gates.get(index).map_or(&[], |series| &series.values), trace.hidden),
        Row::Cell => (&trace.c, trace.hidden),
        Row::Hidden | Row::HiddenLines => (&trace.h, trace.hidden),
        Row::Answer => (&trace.answer, trace.outputs),
    }
}

/// Describes the input or the answer at a step (from 0): its symbol, its likeliest class, or its values.
pub fn at_step(
    words: Words,
    lane: &LaneSnapshot,
    sequence: &SequenceOnShow,
    task: &dyn Task,
    row: Row,
    step: usize,
) -> Option<String> {
    if row == Row::Input && !task.symbols().is_empty() {
        return symbols(sequence, lane.inputs(sequence), task).get(step).map(|symbol| (*symbol).to_owned());
    }
    let (values, columns) = numbers(lane, sequence, task, row);
    let values = values.chunks_exact(columns.max(1)).nth(step)?;
    if row == Row::Answer && !task.classes().is_empty() {
        let (answer, share) = likeliest(task, values);
        return Some(format!("{answer}, {}", words.share(share)));
    }
    Some(values.iter().map(|&value| words.share(f64::from(value))).collect::<Vec<_>>().join(", "))
}

/// Returns the likeliest class and its probability.
fn likeliest(task: &dyn Task, shares: &[f32]) -> (&'static str, f64) {
    let best = shares.iter().enumerate().fold((0, 0.0_f32), |best, (k, &p)| if p > best.1 { (k, p) } else { best });
    (task.classes().get(best.0).copied().unwrap_or_default(), f64::from(best.1))
}

/// Describes a chart in one sentence: number of units and steps, range and mean; for symbols the symbols, for classes
/// the last answer.
pub fn summary(words: Words, lane: &LaneSnapshot, sequence: &SequenceOnShow, task: &dyn Task, row: Row) -> String {
    let i18n = words.i18n();
    let name = format!("{} – {}", words.cell(lane.cell), label(words, lane.cell, row));
    let text = |value: f64| numbers::significant(value, 2, words.mark());
    if row == Row::Input && !task.symbols().is_empty() {
        return format!("{name}: {}", symbols(sequence, lane.inputs(sequence), task).join(" "));
    }
    let (values, columns) = numbers(lane, sequence, task, row);
    if row == Row::Answer && !task.classes().is_empty() {
        let last = &values[values.len().saturating_sub(columns)..];
        let (answer, share) = likeliest(task, last);
        let share = text(share);
        return t_string!(i18n, chart.summary_answer, name = name, answer = answer, share = share);
    }
    let least = values.iter().copied().fold(f32::INFINITY, f32::min);
    let greatest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len().max(1) as f64;
    let (low, high, mean) = (text(f64::from(least)), text(f64::from(greatest)), text(mean));
    let len = sequence.len;
    t_string!(i18n, chart.summary, name = name, columns = columns, len = len, low = low, high = high, mean = mean)
}

/// Lists every number of a chart: one row per step, one column per unit, class or value.
pub fn table(words: Words, lane: &LaneSnapshot, sequence: &SequenceOnShow, task: &dyn Task, row: Row) -> TableData {
    let i18n = words.i18n();
    let name = label(words, lane.cell, row);
    let title = format!("{} – {name}", words.cell(lane.cell));
    let step = t_string!(i18n, chart.step).to_owned();
    let symbols = symbols(sequence, lane.inputs(sequence), task);
    // An edited input is no symbol, so its numbers are listed.
    if row == Row::Input && !symbols.is_empty() && lane.inputs.is_empty() {
        let line = |(t, symbol): (usize, &&str)| vec![(t + 1).to_string(), (*symbol).to_owned()];
        return TableData { title, heads: vec![step, name], rows: symbols.iter().enumerate().map(line).collect() };
    }
    let (values, columns) = numbers(lane, sequence, task, row);
    let head = |u: usize| match (row, task.classes().get(u)) {
        (Row::Answer, Some(class)) => (*class).to_owned(),
        (Row::Answer, None) => name.clone(),
        (Row::Input, _) => format!("x{}", numbers::subscript(u + 1)),
        _ => t_string!(i18n, chart.unit_number, unit = u + 1),
    };
    let line = |(t, values): (usize, &[f32])| {
        let cells = values.iter().map(|&value| numbers::significant(f64::from(value), 4, words.mark()));
        std::iter::once((t + 1).to_string()).chain(cells).collect()
    };
    TableData {
        title,
        heads: std::iter::once(step).chain((0..columns).map(head)).collect(),
        rows: values.chunks_exact(columns.max(1)).enumerate().map(line).collect(),
    }
}
