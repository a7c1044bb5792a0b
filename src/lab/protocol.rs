//! What page and worker say to each other.
//!
//! Commands ([`Command`]) are small: a few plain values. A report carries thousands of numbers, so it is split into a small
//! header, one array of f32 and one of f64, which cross as typed arrays without being copied.

use serde::{Deserialize, Serialize};

use super::bench::BenchResult;
use super::inside::{Film, Inside};
use super::snapshot::{Ghost, LaneSnapshot, SequenceOnShow, Snapshot, StopReason, Stopped};
use crate::nn::{CellKind, ProbeTrace};

pub use super::command::Command;

/// From the worker to the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// What is to be shown.
    Report(Box<Report>),
    /// How far a replay has got.
    Progress {
        /// Of this run.
        run: u32,
        /// Where it began.
        from: u64,
        /// Where it is.
        update: u64,
        /// Where it will end.
        until: u64,
    },
    /// A measurement.
    Bench {
        /// Request id.
        id: u32,
        /// What came out.
        result: BenchResult,
    },
    /// A measurement that cannot be made.
    BenchRefused {
        /// Request id.
        id: u32,
        /// Why.
        problem: String,
    },
    /// I am.
    Pong,
}

/// What the worker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activity {
    /// Nothing.
    #[default]
    Idle,
    /// Training until told to pause.
    Playing,
    /// On the way to an update.
    Stepping,
}

/// A snapshot and the state of the worker.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What it is doing.
    pub activity: Activity,
    /// Updates a second.
    pub rate: f64,
    /// Requests that are done with this snapshot.
    pub answered: Vec<u32>,
    /// A replay was cancelled and stays here.
    pub cancelled: bool,
    /// The run as it is.
    pub snapshot: Snapshot,
    /// The update that comes next, while one looks inside it; the snapshot then shows a member of its batch.
    pub inside: Option<Inside>,
}

/// The small part of a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    activity: Activity,
    rate: f64,
    answered: Vec<u32>,
    cancelled: bool,
    run: u32,
    update: u64,
    probe: u32,
    len: usize,
    inputs: usize,
    class: Option<usize>,
    values: usize,
    marks: Vec<usize>,
    member: Option<usize>,
    lanes: Vec<LaneHeader>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct LaneHeader {
    code: String,
    hidden: usize,
    outputs: usize,
    parameters: usize,
    loss: f32,
    recent_loss: Option<f64>,
    stopped: Option<(u64, String)>,
    losses_from: u64,
    losses: usize,
    batch_h: usize,
    batch_c: usize,
    probe_loss: f64,
    sigma_max: Option<f64>,
    film: bool,
    edited: usize,
    /// Of a ghost: the update of its first loss, how many there are, loss and σ_max of its trace.
    ghost: Option<(u64, usize, f64, Option<f64>)>,
}

/// A message that is not one of ours.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProtocolError {
    /// A lane code that this build does not know.
    #[error("unknown lane code {0}")]
    LaneCode(String),
    /// A reason for a lane's end that this build does not know.
    #[error("unknown reason {0}")]
    Reason(String),
    /// The arrays are shorter or longer than the header says.
    #[error("the arrays do not have the lengths that the header gives")]
    Length,
}

/// Splits a report for the way.
pub fn pack(report: &Report) -> (Header, Vec<f32>, Vec<f64>) {
    let snapshot = &report.snapshot;
    let sequence = &snapshot.sequence;
    let (mut floats, mut doubles) = (Vec::new(), Vec::new());
    floats.extend(&sequence.inputs);
    floats.extend(&sequence.values);
    let lanes = snapshot
        .lanes
        .iter()
        .enumerate()
        .map(|(k, lane)| {
            let film = report.inside.as_ref().and_then(|inside| inside.films.get(k)?.as_ref());
            floats.extend(&lane.new_losses.1);
            for values in trace_floats(&lane.trace) {
                floats.extend(values);
            }
            for values in [&lane.batch_norms.0, &lane.batch_norms.1, &lane.trace.grad_h_norms, &lane.trace.grad_c_norms]
            {
                doubles.extend(values);
            }
            doubles.extend(film.map(Film::numbers).unwrap_or_default());
            floats.extend(&lane.inputs);
            if let Some(ghost) = &lane.ghost {
                floats.extend(&ghost.new_losses.1);
                trace_floats(&ghost.trace).for_each(|values| floats.extend(values));
                doubles.extend(ghost.trace.grad_h_norms.iter().chain(&ghost.trace.grad_c_norms));
            }
            LaneHeader {
                code: lane.cell.code().to_owned(),
                hidden: lane.trace.hidden,
                outputs: lane.trace.outputs,
                parameters: lane.parameters,
                loss: lane.loss,
                recent_loss: lane.recent_loss,
                stopped: lane.stopped.map(|stopped| (stopped.update, stopped.reason.code().to_owned())),
                losses_from: lane.new_losses.0,
                losses: lane.new_losses.1.len(),
                batch_h: lane.batch_norms.0.len(),
                batch_c: lane.batch_norms.1.len(),
                probe_loss: lane.trace.loss,
                sigma_max: lane.trace.sigma_max,
                film: film.is_some(),
                edited: lane.inputs.len(),
                ghost: lane.ghost.as_ref().map(|ghost| {
                    (ghost.new_losses.0, ghost.new_losses.1.len(), ghost.trace.loss, ghost.trace.sigma_max)
                }),
            }
        })
        .collect();
    let header = Header {
        activity: report.activity,
        rate: report.rate,
        answered: report.answered.clone(),
        cancelled: report.cancelled,
        run: snapshot.run,
        update: snapshot.update,
        probe: sequence.probe,
        len: sequence.len,
        inputs: sequence.inputs.len(),
        class: sequence.class,
        values: sequence.values.len(),
        marks: sequence.marks.clone(),
        member: report.inside.as_ref().map(|inside| inside.member),
        lanes,
    };
    (header, floats, doubles)
}

/// Puts a report together again.
///
/// # Errors
/// If the arrays do not fit the header.
pub fn unpack(header: Header, floats: &[f32], doubles: &[f64]) -> Result<Report, ProtocolError> {
    let mut floats = Reader { rest: floats };
    let mut doubles = Reader { rest: doubles };
    let sequence = SequenceOnShow {
        probe: header.probe,
        len: header.len,
        inputs: floats.take(header.inputs)?,
        class: header.class,
        values: floats.take(header.values)?,
        marks: header.marks,
    };
    let lanes = header
        .lanes
        .into_iter()
        .map(|lane| unpack_lane(lane, header.len, &mut floats, &mut doubles))
        .collect::<Result<Vec<_>, _>>()?;
    let (lanes, films) = lanes.into_iter().unzip();
    if !floats.rest.is_empty() || !doubles.rest.is_empty() {
        return Err(ProtocolError::Length);
    }
    Ok(Report {
        activity: header.activity,
        rate: header.rate,
        answered: header.answered,
        cancelled: header.cancelled,
        snapshot: Snapshot { run: header.run, update: header.update, sequence, lanes },
        inside: header.member.map(|member| Inside { member, films }),
    })
}

fn unpack_lane(
    lane: LaneHeader,
    len: usize,
    floats: &mut Reader<f32>,
    doubles: &mut Reader<f64>,
) -> Result<(LaneSnapshot, Option<Film>), ProtocolError> {
    let cell = CellKind::from_code(&lane.code).ok_or_else(|| ProtocolError::LaneCode(lane.code.clone()))?;
    let new_losses = (lane.losses_from, floats.take(lane.losses)?);
    // A trace of any cell has more numbers than this: nothing is allocated for one that cannot have arrived.
    let least = len.checked_mul(lane.hidden.max(lane.outputs).max(1)).ok_or(ProtocolError::Length)?;
    if least > floats.rest.len() {
        return Err(ProtocolError::Length);
    }
    let mut trace = ProbeTrace::zeros(cell, len, lane.hidden, lane.outputs);
    for values in trace_floats_mut(&mut trace) {
        *values = floats.take(values.len())?;
    }
    let batch_norms = (doubles.take(lane.batch_h)?, doubles.take(lane.batch_c)?);
    trace.grad_h_norms = doubles.take(trace.grad_h_norms.len())?;
    trace.grad_c_norms = doubles.take(trace.grad_c_norms.len())?;
    (trace.loss, trace.sigma_max) = (lane.probe_loss, lane.sigma_max);
    let film = if lane.film { Film::from_numbers(&doubles.take(Film::count(len, lane.hidden))?, len) } else { None };
    let stopped = |(update, code): (u64, String)| match StopReason::ALL.into_iter().find(|reason| reason.code() == code)
    {
        Some(reason) => Ok(Stopped { update, reason }),
        None => Err(ProtocolError::Reason(code)),
    };
    let inputs = floats.take(lane.edited)?;
    let ghost = match lane.ghost {
        Some((from, count, loss, sigma_max)) => {
            let new_losses = (from, floats.take(count)?);
            let mut of = ProbeTrace { loss, sigma_max, ..trace.clone() };
            for values in trace_floats_mut(&mut of) {
                *values = floats.take(values.len())?;
            }
            of.grad_h_norms = doubles.take(of.grad_h_norms.len())?;
            of.grad_c_norms = doubles.take(of.grad_c_norms.len())?;
            Some(Box::new(Ghost { new_losses, trace: of }))
        }
        None => None,
    };
    let lane = LaneSnapshot {
        cell,
        parameters: lane.parameters,
        loss: lane.loss,
        recent_loss: lane.recent_loss,
        stopped: lane.stopped.map(stopped).transpose()?,
        new_losses,
        batch_norms,
        trace,
        inputs,
        ghost,
    };
    Ok((lane, film))
}

/// The f32 series of a trace, in the order they travel.
fn trace_floats(trace: &ProbeTrace<f32>) -> impl Iterator<Item = &[f32]> {
    let states = [&trace.h, &trace.c, &trace.output, &trace.answer, &trace.grad_h, &trace.grad_c];
    let series = trace.z.iter().chain(&trace.gates).chain(&trace.grad_z).map(|series| series.values.as_slice());
    states.into_iter().map(Vec::as_slice).chain(series)
}

fn trace_floats_mut(trace: &mut ProbeTrace<f32>) -> impl Iterator<Item = &mut Vec<f32>> {
    let states =
        [&mut trace.h, &mut trace.c, &mut trace.output, &mut trace.answer, &mut trace.grad_h, &mut trace.grad_c];
    let series = trace.z.iter_mut().chain(&mut trace.gates).chain(&mut trace.grad_z).map(|series| &mut series.values);
    states.into_iter().chain(series)
}

struct Reader<'a, N> {
    rest: &'a [N],
}

impl<N: Copy> Reader<'_, N> {
    fn take(&mut self, count: usize) -> Result<Vec<N>, ProtocolError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(ProtocolError::Length)?;
        self.rest = rest;
        Ok(taken.to_vec())
    }
}
