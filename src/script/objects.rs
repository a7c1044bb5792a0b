//! The objects that scripts receive, documented in docs/script.md.

use serde::{Serialize, Serializer};

use charts::plotted::Plotted;
use lab::{LaneSnapshot, Snapshot, Stopped};
use nn::GateSeries;
use tasks::TaskKind;
use wasm_bindgen::JsValue;

/// Makes plain objects and arrays, with `null` for missing values.
pub(super) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}

/// A key's value in `config()`.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Setting {
    /// A number.
    Number(f64),
    /// A code or another text.
    Text(String),
    /// A list of codes, or of single edits.
    List(Vec<String>),
}

/// Entries of an object, in order.
pub(super) struct Entries<T>(pub(super) Vec<(&'static str, T)>);

impl<T: Serialize> Serialize for Entries<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The result of `snapshot()`.
#[derive(Serialize)]
pub(super) struct SnapshotObject<'a> {
    update: u64,
    lanes: Vec<LaneObject<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LaneObject<'a> {
    code: &'static str,
    parameters: usize,
    loss: f32,
    stopped: Option<StoppedObject>,
    gradient_norms: Norms<'a>,
    gates: Entries<Steps<'a>>,
    h: Steps<'a>,
    c: Steps<'a>,
    output: Steps<'a>,
    target: Vec<Option<Target<'a>>>,
}

#[derive(Serialize)]
struct StoppedObject {
    update: u64,
    reason: &'static str,
    quantity: Option<&'static str>,
    /// From 1.
    step: Option<usize>,
}

#[derive(Serialize)]
struct Norms<'a> {
    h: Numbers<'a>,
    c: Numbers<'a>,
}

/// The target of a step that has one.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Target<'a> {
    Class(usize),
    Values(&'a [f32]),
}

/// Numbers; values that are not finite become `null`.
pub(super) struct Numbers<'a>(&'a [f64]);

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|number| (!number.is_nan()).then_some(number)))
    }
}

/// Numbers `[t][unit]`.
struct Steps<'a> {
    values: &'a [f32],
    width: usize,
}

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.values.chunks_exact(self.width.max(1)))
    }
}

impl<'a> SnapshotObject<'a> {
    /// Builds the object of a snapshot of a run on this task.
    pub(super) fn new(snapshot: &'a Snapshot, task: TaskKind) -> Self {
        let target = targets(snapshot, task);
        let lanes = snapshot.lanes.iter().map(|lane| LaneObject::new(lane, target.clone())).collect();
        Self { update: snapshot.update, lanes }
    }
}

impl<'a> LaneObject<'a> {
    fn new(lane: &'a LaneSnapshot, target: Vec<Option<Target<'a>>>) -> Self {
        let trace = &lane.trace;
        let units = |values: &'a [f32]| Steps { values, width: trace.hidden };
        let gate = |series: &'a GateSeries<f32>| (series.name, units(&series.values));
        Self {
            code: lane.cell.code(),
            parameters: lane.parameters,
            loss: lane.loss,
            stopped: lane.stopped.map(StoppedObject::from),
            gradient_norms: Norms { h: Numbers(&trace.grad_h_norms), c: Numbers(&trace.grad_c_norms) },
            gates: Entries(trace.gates.iter().map(gate).collect()),
            h: units(&trace.h),
            c: units(&trace.c),
            output: Steps { values: &trace.output, width: trace.outputs },
            target,
        }
    }
}

impl From<Stopped> for StoppedObject {
    fn from(Stopped { update, reason, first }: Stopped) -> Self {
        let (quantity, step) = first.unzip();
        Self {
            update,
            reason: reason.code(),
            quantity: quantity.map(nn::Quantity::symbol),
            step: step.map(|step| step + 1),
        }
    }
}

/// Returns the target of each step.
fn targets(snapshot: &Snapshot, task: TaskKind) -> Vec<Option<Target<'_>>> {
    let sequence = &snapshot.sequence;
    match sequence.class {
        Some(class) => (1..=sequence.len).map(|step| (step == sequence.len).then_some(Target::Class(class))).collect(),
        None => {
            let target = |values: &'_ [f32]| !values.iter().any(|value| value.is_nan());
            let values = sequence.values.chunks_exact(task.task().outputs());
            values.map(|values| target(values).then_some(Target::Values(values))).collect()
        }
    }
}

/// The result of `plotted(chart)`.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum PlottedObject<'a> {
    /// The lines of a chart.
    Lines(Vec<LineObject<'a>>),
    /// A heat map.
    Map { rows: usize, cols: usize, values: Numbers<'a> },
}

/// A line of a chart.
#[derive(Serialize)]
pub(super) struct LineObject<'a> {
    lane: usize,
    name: &'a str,
    scale: &'a str,
    x: Numbers<'a>,
    y: Numbers<'a>,
}

impl<'a> From<&'a Plotted> for PlottedObject<'a> {
    fn from(plotted: &'a Plotted) -> Self {
        match plotted {
            Plotted::Lines(lines) => Self::Lines(
                lines
                    .iter()
                    .map(|line| LineObject {
                        lane: line.lane,
                        name: &line.name,
                        scale: &line.scale,
                        x: Numbers(&line.x),
                        y: Numbers(&line.y),
                    })
                    .collect(),
            ),
            Plotted::Map { rows, cols, values } => Self::Map { rows: *rows, cols: *cols, values: Numbers(values) },
        }
    }
}
