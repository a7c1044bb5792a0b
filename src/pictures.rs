//! From a snapshot to charts: the numbers and colours of each chart on the page. Pure functions, which compute nothing
//! that the trace already contains.

use charts::Theme;
use charts::dash::Dash;
use charts::gradient::GradientLine;
use charts::heat_map::{HeatMap, Layout};
use charts::lines::{Scale, UnitLines};
use charts::palette;
use charts::scale::ColourScale;
use lab::GradientScale;
use lab::LaneSnapshot;
use lab::Snapshot;
use nn::{CellKind, ProbeTrace};

/// One chart of a lane's column, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// Input symbols or values, with the relevant steps marked.
    Input,
    /// The gate series of the trace at this index: a gate of an LSTM or GRU, φ′(z) of an RNN.
    Gate(usize),
    /// The cell state, one line per unit.
    Cell,
    /// The hidden state.
    Hidden,
    /// The hidden state again, one line per unit.
    HiddenLines,
    /// The readout's answer at each step.
    Answer,
}

impl Row {
    /// Returns the name in the script interface's `plotted(chart)`; `None` if it is not listed there.
    pub fn plotted_name(self, lane: usize, gate: &str) -> Option<String> {
        match self {
            Self::Input | Self::HiddenLines => None,
            Self::Gate(_) => Some(format!("gates/{lane}/{gate}")),
            Self::Cell => Some(format!("cell/{lane}")),
            Self::Hidden => Some(format!("hidden/{lane}")),
            Self::Answer => Some(format!("output/{lane}")),
        }
    }
}

/// Lists the charts of a cell's lane.
pub fn rows(cell: CellKind) -> Vec<Row> {
    let mut rows = vec![Row::Input];
    rows.extend((0..cell.gates().len()).map(Row::Gate));
    rows.extend(if cell.has_cell_state() { [Row::Cell, Row::Hidden] } else { [Row::Hidden, Row::HiddenLines] });
    rows.push(Row::Answer);
    rows
}

/// Returns the colour scale of a lane's gate series; `top` as in [`hidden_scale`].
pub fn gate_scale(cell: CellKind, gate: &str, top: f32, theme: Theme) -> ColourScale {
    match cell.gate(gate) {
        None => ColourScale::Sequential { hue: palette::lane(cell.code(), theme).line, max: slope_ceiling(cell) },
        Some(of) if of.is_signed() => ColourScale::Diverging { bound: if cell.is_linear(of) { top } else { 1.0 } },
        _ => ColourScale::Sequential { hue: palette::gate(gate, theme).line, max: 1.0 },
    }
}

/// Returns the maximum of φ′.
pub fn slope_ceiling(cell: CellKind) -> f32 {
    if cell == CellKind::RnnSigmoid { 0.25 } else { 1.0 }
}

/// Returns the colour scale of a hidden state: ±1, 0 … 1, or ±`top` if it is unbounded; 0 … `top` for ReLU.
pub fn hidden_scale(cell: CellKind, top: f32, theme: Theme) -> ColourScale {
    let (low, high) = cell.h_range();
    let max = if high.is_finite() { high as f32 } else { top };
    if low == 0.0 {
        ColourScale::Sequential { hue: palette::lane(cell.code(), theme).line, max }
    } else {
        ColourScale::Diverging { bound: max }
    }
}

/// Returns the gate series `index` of a pass, units as rows; `top` as in [`hidden_scale`].
pub fn gate_map(trace: &ProbeTrace<f32>, index: usize, top: f32, theme: Theme) -> HeatMap<'_> {
    let series = &trace.gates[index];
    unit_map(trace, &series.values, gate_scale(trace.cell, series.name, top, theme))
}

/// Returns the hidden state of a pass, units as rows; `top` as in [`hidden_scale`].
pub fn hidden_map(trace: &ProbeTrace<f32>, top: f32, theme: Theme) -> HeatMap<'_> {
    unit_map(trace, &trace.h, hidden_scale(trace.cell, top, theme))
}

/// Returns the class probabilities of a pass, classes as rows.
pub fn answer_map(trace: &ProbeTrace<f32>) -> HeatMap<'_> {
    HeatMap {
        values: &trace.answer,
        rows: trace.outputs,
        cols: trace.len,
        layout: Layout::ColumnMajor,
        scale: ColourScale::Grey,
    }
}

/// Returns a state of a lane as one line per unit.
pub fn unit_lines<'a>(
    lane: usize,
    of: &'a LaneSnapshot,
    state: fn(&ProbeTrace<f32>) -> &Vec<f32>,
    chosen: usize,
    scale: Scale,
) -> UnitLines<'a> {
    UnitLines {
        ghost: of.ghost.as_ref().map_or(&[], |ghost| state(&ghost.trace)),
        lane,
        code: of.cell.code(),
        values: state(&of.trace),
        steps: of.trace.len,
        units: of.trace.hidden,
        chosen: Some(chosen),
        scale,
    }
}

fn unit_map<'a>(trace: &ProbeTrace<f32>, values: &'a [f32], scale: ColourScale) -> HeatMap<'a> {
    HeatMap { values, rows: trace.hidden, cols: trace.len, layout: Layout::ColumnMajor, scale }
}

/// The lines of the hero chart, with their data.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientLines {
    lines: Vec<OwnedLine>,
    x: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq)]
struct OwnedLine {
    lane: usize,
    code: &'static str,
    name: &'static str,
    dash: Dash,
    label: String,
    y: Vec<f64>,
}

impl GradientLines {
    /// Returns the lines on a scale: `‖∂L/∂h_t‖` of every lane (`‖∂L/∂x_t‖` for a window network), `‖∂L/∂c_t‖` of those
    /// with a cell state, and for an edited lane also the same without the edits. A relative line is empty if its last
    /// step is zero. `label` names lane k's h or c.
    pub fn new(snapshot: &Snapshot, scale: GradientScale, label: impl Fn(usize, CellKind, &str) -> String) -> Self {
        let codes: Vec<&str> = snapshot.lanes.iter().map(|lane| lane.cell.code()).collect();
        let mut lines = Vec::new();
        for (k, lane) in snapshot.lanes.iter().enumerate() {
            let norms = match scale {
                GradientScale::Batch => (&*lane.batch_norms.0, &*lane.batch_norms.1),
                _ => (lane.trace.reach_norms(), &*lane.trace.grad_c_norms),
            };
            // With several layers, all are relative to the last one, so that the effect of depth is visible, like that
            // of time.
            let top = |trace: &ProbeTrace<f32>| trace.layer_norms.last().and_then(|norms| norms.last().copied());
            let rank = palette::rank(&codes, k);
            let mut line = |name: &'static str, dash: Dash, norms: &[f64], top: Option<f64>| {
                if !norms.is_empty() {
                    lines.push(OwnedLine {
                        lane: k,
                        code: lane.cell.code(),
                        name,
                        dash,
                        label: label(k, lane.cell, name),
                        y: if scale == GradientScale::Relative { relative(norms, top) } else { norms.to_vec() },
                    });
                }
            };
            // Drawn below the lane's own line; not available for the batch.
            if let (Some(ghost), false) = (&lane.ghost, scale == GradientScale::Batch) {
                line("ghost h", Dash::Ghost, ghost.trace.reach_norms(), top(&ghost.trace));
                line("ghost c", Dash::GhostMemory, &ghost.trace.grad_c_norms, None);
            }
            // The other layers as thin lines; not available for the batch.
            const LAYERS: [&str; 3] = ["layer 1", "layer 2", "layer 3"];
            let others = LAYERS.into_iter().zip(&lane.trace.layer_norms).enumerate();
            let others = others.filter(|(layer, _)| *layer != lane.trace.layer && scale != GradientScale::Batch);
            for (other, (_, (name, norms))) in others.enumerate() {
                line(name, Dash::Layer(rank, other), norms, top(&lane.trace));
            }
            // A window network has no state; it shows the gradient of its inputs.
            let by_input = !lane.cell.is_recurrent() && scale != GradientScale::Batch;
            line(if by_input { "x" } else { "h" }, Dash::of(rank, false), norms.0, top(&lane.trace));
            line("c", Dash::of(rank, true), norms.1, None);
        }
        let len = lines.iter().map(|line| line.y.len()).max().unwrap_or(0).max(snapshot.sequence.len);
        Self { lines, x: (1..=len).map(|t| t as f64).collect() }
    }

    /// Returns the number of steps of the longest line; for a batch, that of its longest sequence.
    pub fn steps(&self) -> usize {
        self.x.len()
    }

    /// Returns the lines in the form that the chart takes.
    pub fn lines(&self) -> Vec<GradientLine<'_>> {
        self.lines
            .iter()
            .map(|line| GradientLine {
                lane: line.lane,
                code: line.code,
                name: line.name,
                dash: line.dash,
                label: &line.label,
                x: &self.x[..line.y.len().min(self.x.len())],
                y: &line.y,
            })
            .collect()
    }
}

/// Returns the scale's name in the script interface.
pub fn scale_name(scale: GradientScale) -> &'static str {
    if scale == GradientScale::Relative { "relative" } else { "absolute" }
}

/// Divides norms by `top`, the last norm of the last layer, or else by their own last one; empty if that is zero.
fn relative(norms: &[f64], top: Option<f64>) -> Vec<f64> {
    match top.or(norms.last().copied()) {
        Some(last) if last > 0.0 => norms.iter().map(|norm| norm / last).collect(),
        _ => Vec::new(),
    }
}
