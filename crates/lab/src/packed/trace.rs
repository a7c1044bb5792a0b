//! Traces in messages.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::moved_types::{Moved, Put, Taken};
use nn::{CellKind, GateSeries, ProbeTrace};

/// Writes a trace, for `#[serde(with = "crate::packed::trace")]`.
pub(crate) fn serialize<S: Serializer>(trace: &ProbeTrace<f32>, serializer: S) -> Result<S::Ok, S::Error> {
    Fields::serialize(trace, serializer)
}

/// Reads a trace whose arrays have the lengths of its shape.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ProbeTrace<f32>, D::Error> {
    let trace = Fields::deserialize(deserializer)?;
    if has_its_shape(&trace) { Ok(trace) } else { Err(D::Error::custom("a trace of another shape")) }
}

/// The fields of a trace; see [`ProbeTrace`].
#[derive(Serialize, Deserialize)]
#[serde(remote = "ProbeTrace<f32>")]
struct Fields {
    cell: CellKind,
    len: usize,
    layer: usize,
    hidden: usize,
    #[serde(with = "super::moved")]
    layer_norms: Vec<Vec<f64>>,
    #[serde(with = "super::moved")]
    below: Vec<f32>,
    #[serde(with = "super::moved")]
    mask: Vec<f32>,
    outputs: usize,
    #[serde(with = "super::moved")]
    z: Vec<GateSeries<f32>>,
    #[serde(with = "super::moved")]
    gates: Vec<GateSeries<f32>>,
    #[serde(with = "super::moved")]
    h: Vec<f32>,
    #[serde(with = "super::moved")]
    c: Vec<f32>,
    #[serde(with = "super::moved")]
    output: Vec<f32>,
    #[serde(with = "super::moved")]
    answer: Vec<f32>,
    #[serde(with = "super::moved")]
    grad_output: Vec<f32>,
    #[serde(with = "super::moved")]
    grad_h: Vec<f32>,
    #[serde(with = "super::moved")]
    grad_c: Vec<f32>,
    #[serde(with = "super::moved")]
    grad_z: Vec<GateSeries<f32>>,
    #[serde(with = "super::moved")]
    grad_h_norms: Vec<f64>,
    #[serde(with = "super::moved")]
    grad_c_norms: Vec<f64>,
    #[serde(with = "super::moved")]
    grad_x_norms: Vec<f64>,
    loss: f64,
    sigma_max: Option<f64>,
}

/// The gates of a step, each under its name.
impl Moved for Vec<GateSeries<f32>> {
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(|series| (series.name, Put(&series.values))))
    }

    fn take<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Vec::<(String, Taken<Vec<f32>>)>::deserialize(deserializer)?;
        let series =
            |(name, Taken(values)): (String, Taken<Vec<f32>>)| Some(GateSeries { name: known_name(&name)?, values });
        read.into_iter().map(series).collect::<Option<_>>().ok_or_else(|| D::Error::custom("a gate of another build"))
    }
}

/// The name of a gate, or of an RNN's slope, that this build has.
fn known_name(name: &str) -> Option<&'static str> {
    let letters = CellKind::ALL.into_iter().flat_map(|cell| cell.gates().iter().map(|gate| gate.letter()));
    letters.chain(["dphi"]).find(|known| *known == name)
}

/// Whether the arrays of a trace have the lengths that its cell and sizes ask for.
fn has_its_shape(trace: &ProbeTrace<f32>) -> bool {
    let ProbeTrace { cell, len, hidden, outputs, .. } = *trace;
    let (Some(units), Some(answers)) = (len.checked_mul(hidden), len.checked_mul(outputs)) else { return false };
    let (cell_units, cell_steps) = if cell.has_cell_state() { (units, len) } else { (0, 0) };
    let blocks = cell.gates().len();
    let all = |series: &[GateSeries<f32>], count: usize| {
        series.len() == count && series.iter().all(|series| series.values.len() == units)
    };
    [&trace.h, &trace.grad_h].iter().all(|values| values.len() == units)
        && [&trace.c, &trace.grad_c].iter().all(|values| values.len() == cell_units)
        && [&trace.output, &trace.answer, &trace.grad_output].iter().all(|values| values.len() == answers)
        && all(&trace.z, blocks)
        && all(&trace.grad_z, blocks)
        && all(&trace.gates, if cell.has_gates() { blocks } else { 1 })
        && trace.grad_h_norms.len() == len
        && trace.grad_c_norms.len() == cell_steps
        && trace.grad_x_norms.len() == if cell.is_recurrent() { 0 } else { len }
        && trace.layer_norms.iter().all(|norms| norms.len() == len)
}
