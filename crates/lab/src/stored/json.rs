//! A kept run as a line of JSON, with the version of its format.

use serde::{Deserialize, Deserializer, Serialize};

use super::{KeptLane, KeptRun};
use crate::experiment::link;

/// The version of this format; the one before ([`tabs`](super::tabs)) is 1.
const VERSION: u32 = 2;

/// The fields of a line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    version: u32,
    id: u64,
    name: String,
    /// The experiment.
    link: String,
    lanes: Vec<Lane>,
}

/// The result of one lane; JSON has `null` for numbers that are not finite, and for missing values.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lane {
    #[serde(deserialize_with = "null_or")]
    loss: Option<f32>,
    #[serde(deserialize_with = "null_or")]
    held_out: Option<f32>,
    #[serde(deserialize_with = "null_or")]
    solved: Option<u64>,
    #[serde(deserialize_with = "null_or")]
    stopped: Option<u64>,
    #[serde(deserialize_with = "null_or")]
    ratio: Option<f64>,
    /// Pairs of update and loss.
    curve: Vec<(f64, f32)>,
}

/// Reads a value or `null`. (Without it a missing field would count as `null`.)
fn null_or<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

/// The start of every line of this format, in any version.
#[derive(Deserialize)]
struct Start {
    version: u32,
    id: u64,
}

/// Writes a run as a line. Points of a curve that are not finite, which no run has, are omitted.
pub(super) fn write(run: &KeptRun) -> String {
    let line = Line {
        version: VERSION,
        id: run.id,
        name: run.name.clone(),
        link: link::format(&run.experiment),
        lanes: run.lanes.iter().map(write_lane).collect(),
    };
    // This cannot fail: keys are strings, and numbers that are not finite are written as `null`.
    serde_json::to_string(&line).unwrap_or_default()
}

fn write_lane(lane: &KeptLane) -> Lane {
    let is_finite = |(update, loss): &&(f64, f32)| update.is_finite() && loss.is_finite();
    Lane {
        loss: Some(lane.loss).filter(|loss| loss.is_finite()),
        held_out: lane.held_out.filter(|loss| loss.is_finite()),
        solved: lane.solved,
        stopped: lane.stopped,
        ratio: lane.ratio.filter(|ratio| ratio.is_finite()),
        curve: lane.curve.iter().filter(is_finite).copied().collect(),
    }
}

/// Reads a line of this format and version.
pub(super) fn read(line: &str) -> Option<KeptRun> {
    let Line { version, id, name, link, lanes } = serde_json::from_str(line).ok()?;
    let (experiment, problems) = link::parse(&link);
    if version != VERSION || !problems.is_empty() {
        return None;
    }
    let lanes = lanes.into_iter().map(read_lane).collect::<Option<_>>()?;
    KeptRun { id, name, experiment, lanes }.checked()
}

fn read_lane(lane: Lane) -> Option<KeptLane> {
    let Lane { loss, held_out, solved, stopped, ratio, curve } = lane;
    // A number too large for f32 reads as infinite.
    let loss = loss.map_or(Some(f32::NAN), |loss| loss.is_finite().then_some(loss))?;
    Some(KeptLane { loss, held_out, solved, stopped, ratio, curve })
}

/// Returns the id of the run in a line of this version, even if the rest of it cannot be read.
pub(super) fn id(line: &str) -> Option<u64> {
    let start: Start = serde_json::from_str(line).ok()?;
    (start.version == VERSION).then_some(start.id)
}
