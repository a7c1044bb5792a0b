//! What page and worker say to each other.
//!
//! Commands ([`Command`]) are small: a few plain values. A report carries thousands of numbers, so it travels as one array
//! of f32 and one of f64, which cross as typed arrays without being copied. What it says of itself and of each lane goes
//! at the front of the f64: a few numbers whose order [`pack`] and [`unpack`] both write out. A new number joins a report
//! by being named in both lists. (Named fields, through serde, made the page 9 kB heavier.)

use crate::analysis::bench::BenchResult;
use crate::analysis::why::Findings;
use crate::run::film::{Film, Inside, Member};
use crate::run::snapshot::{Ghost, LaneSnapshot, SequenceOnShow, Snapshot, StopReason, Stopped};
use nn::{CellKind, ProbeTrace, Quantity};

pub use crate::worker::command::Command;

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
    /// How far back the gradient reached at an update that no report need show.
    Reach {
        /// Of this run.
        run: u32,
        /// The sequence that it is of.
        probe: u32,
        /// The highest layer that a lane shows, from 0.
        layer: usize,
        /// After this update.
        update: u64,
        /// Each lane's norms `[T]`.
        norms: Vec<Vec<f64>>,
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
    /// What was found beside training.
    Findings(Box<Findings>),
    /// I am.
    Pong,
}

/// What the worker is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    /// Nothing.
    #[default]
    Idle,
    /// Training until told to pause.
    Playing,
    /// On the way to an update.
    Stepping,
}

impl Activity {
    /// All of them, each at the number it travels as.
    const ALL: [Self; 3] = [Self::Idle, Self::Playing, Self::Stepping];
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

/// A message that is not one of ours.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProtocolError {
    /// A cell, an activity or a reason for a lane's end that this build does not know.
    #[error("a number stands for nothing that this build knows")]
    Unknown,
    /// The arrays are shorter or longer than they say.
    #[error("the arrays do not have the lengths that they give")]
    Length,
}

/// What may be absent, as it travels: NaN then.
fn optional(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

/// A count that may be absent: −1 then.
fn optional_count(count: Option<usize>) -> f64 {
    count.map_or(-1.0, |count| count as f64)
}

fn count_if_any(number: f64) -> Option<usize> {
    (number >= 0.0).then_some(number as usize)
}

/// The one of `all` at this number.
fn one_of<T: Copy>(all: &[T], number: f64) -> Result<T, ProtocolError> {
    all.get(number as usize).copied().ok_or(ProtocolError::Unknown)
}

/// A report as it travels: its f32 and its f64 numbers. Counts beyond 2⁵³, which no run reaches, would be rounded.
pub fn pack(report: &Report) -> (Vec<f32>, Vec<f64>) {
    let snapshot = &report.snapshot;
    let sequence = &snapshot.sequence;
    let members = report.inside.as_ref().map_or(&[][..], |inside| &inside.members);
    let mut floats = [sequence.inputs.as_slice(), &sequence.values].concat();
    let mut doubles = vec![
        f64::from(report.activity as u8),
        report.rate,
        f64::from(u8::from(report.cancelled)),
        f64::from(snapshot.run),
        snapshot.update as f64,
        f64::from(sequence.probe),
        sequence.len as f64,
        sequence.inputs.len() as f64,
        optional_count(sequence.class),
        sequence.values.len() as f64,
        optional_count(report.inside.as_ref().map(|inside| inside.member)),
        report.inside.as_ref().map_or(0, |inside| inside.window) as f64,
        members.len() as f64,
        report.answered.len() as f64,
        sequence.marks.len() as f64,
        snapshot.lanes.len() as f64,
    ];
    doubles.extend(report.answered.iter().map(|&id| f64::from(id)));
    doubles.extend(sequence.marks.iter().map(|&mark| mark as f64));
    doubles.extend(members.iter().flat_map(|member| [member.moments, member.target]));
    for (k, lane) in snapshot.lanes.iter().enumerate() {
        let film = report.inside.as_ref().and_then(|inside| inside.films.get(k)?.as_ref());
        doubles.extend([
            f64::from(lane.cell as u8),
            lane.trace.hidden as f64,
            lane.trace.outputs as f64,
            lane.parameters as f64,
            lane.weights.len() as f64,
            f64::from(lane.loss),
            optional(lane.recent_loss),
            lane.stopped.map_or(-1.0, |stopped| stopped.update as f64),
            lane.stopped.map_or(-1.0, |stopped| f64::from(stopped.reason as u8)),
            lane.stopped.and_then(|stopped| stopped.first).map_or(-1.0, |first| f64::from(first.0 as u8)),
            optional_count(lane.stopped.and_then(|stopped| Some(stopped.first?.1))),
            lane.new_losses.0 as f64,
            lane.new_losses.1.len() as f64,
            lane.held_out.0 as f64,
            lane.held_out.1.len() as f64,
            lane.trace.layer as f64,
            lane.trace.below.len() as f64,
            lane.trace.mask.len() as f64,
            lane.trace.layer_norms.len() as f64,
            lane.batch_norms.0.len() as f64,
            lane.batch_norms.1.len() as f64,
            lane.trace.loss,
            optional(lane.trace.sigma_max),
            f64::from(u8::from(film.is_some())),
            lane.inputs.len() as f64,
            optional_count(lane.ghost.as_ref().map(|ghost| ghost.new_losses.1.len())),
            lane.window as f64,
        ]);
        floats.extend(&lane.new_losses.1);
        floats.extend(&lane.held_out.1);
        floats.extend(&lane.weights);
        doubles.extend(lane.batch_norms.0.iter().chain(&lane.batch_norms.1));
        pack_trace(&lane.trace, &mut floats, &mut doubles);
        doubles.extend(film.map(Film::numbers).unwrap_or_default());
        floats.extend(&lane.inputs);
        if let Some(ghost) = &lane.ghost {
            doubles.extend([ghost.new_losses.0 as f64, ghost.trace.loss, optional(ghost.trace.sigma_max)]);
            floats.extend(&ghost.new_losses.1);
            pack_trace(&ghost.trace, &mut floats, &mut doubles);
        }
    }
    (floats, doubles)
}

/// Puts a report together again.
///
/// # Errors
/// If the arrays are not those of a report of this build.
pub fn unpack(floats: &[f32], doubles: &[f64]) -> Result<Report, ProtocolError> {
    let mut floats = Reader { rest: floats };
    let mut doubles = Reader { rest: doubles };
    let [
        activity,
        rate,
        cancelled,
        run,
        update,
        probe,
        len,
        inputs,
        class,
        values,
        member,
        window,
        batch,
        answered,
        marks,
        lane_count,
    ] = doubles.some()?;
    let answered = doubles.take(answered as usize)?.iter().map(|&id| id as u32).collect();
    let marks = doubles.take(marks as usize)?.iter().map(|&mark| mark as usize).collect();
    let members = doubles.take((2.0 * batch) as usize)?.chunks_exact(2);
    let members: Vec<Member> = members.map(|n| Member { moments: n[0], target: n[1] }).collect();
    let sequence = SequenceOnShow {
        probe: probe as u32,
        len: len as usize,
        inputs: floats.take(inputs as usize)?.to_vec(),
        class: count_if_any(class),
        values: floats.take(values as usize)?.to_vec(),
        marks,
    };
    let (mut lanes, mut films) = (Vec::new(), Vec::new());
    for _ in 0..lane_count as usize {
        let (lane, film) = unpack_lane((sequence.len, members.len()), &mut floats, &mut doubles)?;
        lanes.push(lane);
        films.push(film);
    }
    if !floats.rest.is_empty() || !doubles.rest.is_empty() {
        return Err(ProtocolError::Length);
    }
    Ok(Report {
        activity: one_of(&Activity::ALL, activity)?,
        rate,
        answered,
        cancelled: cancelled > 0.0,
        snapshot: Snapshot { run: run as u32, update: update as u64, sequence, lanes },
        inside: count_if_any(member).map(|member| Inside { member, window: window as usize, members, films }),
    })
}

fn unpack_lane(
    (len, batch): (usize, usize),
    floats: &mut Reader<f32>,
    doubles: &mut Reader<f64>,
) -> Result<(LaneSnapshot, Option<Film>), ProtocolError> {
    let [
        cell,
        hidden,
        outputs,
        parameters,
        weights,
        loss,
        recent_loss,
        stopped_at,
        reason,
        quantity,
        overflow,
        losses_from,
        losses,
        held_from,
        held,
        layer,
        below,
        mask,
        layers,
        batch_h,
        batch_c,
        probe_loss,
        sigma_max,
        film,
        edited,
        ghost,
        window,
    ] = doubles.some()?;
    let cell = one_of(&CellKind::ALL, cell)?;
    let (hidden, outputs) = (hidden as usize, outputs as usize);
    let new_losses = (losses_from as u64, floats.take(losses as usize)?.to_vec());
    let held_out = (held_from as u64, floats.take(held as usize)?.to_vec());
    let weights = floats.take(weights as usize)?.to_vec();
    // A trace of any cell has more numbers than this: nothing is allocated for one that cannot have arrived.
    let least = len.checked_mul(hidden.max(outputs).max(1)).ok_or(ProtocolError::Length)?;
    if least > floats.rest.len() {
        return Err(ProtocolError::Length);
    }
    let mut trace = ProbeTrace::zeros(cell, len, hidden, outputs);
    trace.layer = layer as usize;
    trace.layer_norms = vec![vec![0.0; len]; (layers as usize).min(doubles.rest.len())];
    trace.below = vec![0.0; (below as usize).min(floats.rest.len() + 1)];
    trace.mask = vec![0.0; (mask as usize).min(floats.rest.len() + 1)];
    let batch_norms = (doubles.take(batch_h as usize)?.to_vec(), doubles.take(batch_c as usize)?.to_vec());
    unpack_trace(&mut trace, floats, doubles)?;
    let if_any = |number: f64| (!number.is_nan()).then_some(number);
    (trace.loss, trace.sigma_max) = (probe_loss, if_any(sigma_max));
    let film =
        if film > 0.0 { Film::from_numbers(doubles.take(Film::count(len, hidden, batch))?, len, batch) } else { None };
    let stopped = match count_if_any(stopped_at) {
        Some(update) => Some(Stopped {
            update: update as u64,
            reason: one_of(&StopReason::ALL, reason)?,
            first: match count_if_any(overflow) {
                Some(step) => Some((one_of(&Quantity::ALL, quantity)?, step)),
                None => None,
            },
        }),
        None => None,
    };
    let inputs = floats.take(edited as usize)?.to_vec();
    let ghost = match count_if_any(ghost) {
        Some(losses) => {
            let [from, loss, sigma_max] = doubles.some()?;
            let new_losses = (from as u64, floats.take(losses)?.to_vec());
            let mut trace = ProbeTrace { loss, sigma_max: if_any(sigma_max), ..trace.clone() };
            unpack_trace(&mut trace, floats, doubles)?;
            Some(Box::new(Ghost { new_losses, trace }))
        }
        None => None,
    };
    let lane = LaneSnapshot {
        cell,
        parameters: parameters as usize,
        loss: loss as f32,
        recent_loss: if_any(recent_loss),
        stopped,
        new_losses,
        held_out,
        batch_norms,
        weights,
        window: window as usize,
        trace,
        inputs,
        ghost,
    };
    Ok((lane, film))
}

/// Adds a trace's series and norms to what travels.
#[inline(never)]
fn pack_trace(trace: &ProbeTrace<f32>, floats: &mut Vec<f32>, doubles: &mut Vec<f64>) {
    trace_floats(trace).for_each(|values| floats.extend(values));
    doubles.extend(trace.grad_h_norms.iter().chain(&trace.grad_c_norms).chain(&trace.grad_x_norms));
    trace.layer_norms.iter().for_each(|norms| doubles.extend(norms));
}

/// Fills the series and norms of a trace of the right shape.
#[inline(never)]
fn unpack_trace(
    trace: &mut ProbeTrace<f32>,
    floats: &mut Reader<f32>,
    doubles: &mut Reader<f64>,
) -> Result<(), ProtocolError> {
    for values in trace_floats_mut(trace) {
        *values = floats.take(values.len())?.to_vec();
    }
    let norms = [&mut trace.grad_h_norms, &mut trace.grad_c_norms, &mut trace.grad_x_norms];
    for norms in norms.into_iter().chain(&mut trace.layer_norms) {
        *norms = doubles.take(norms.len())?.to_vec();
    }
    Ok(())
}

/// The f32 series of a trace, in the order they travel.
fn trace_floats(trace: &ProbeTrace<f32>) -> impl Iterator<Item = &[f32]> {
    let states = [
        &trace.below,
        &trace.mask,
        &trace.h,
        &trace.c,
        &trace.output,
        &trace.answer,
        &trace.grad_output,
        &trace.grad_h,
        &trace.grad_c,
    ];
    let series = trace.z.iter().chain(&trace.gates).chain(&trace.grad_z).map(|series| series.values.as_slice());
    states.into_iter().map(Vec::as_slice).chain(series)
}

fn trace_floats_mut(trace: &mut ProbeTrace<f32>) -> impl Iterator<Item = &mut Vec<f32>> {
    let states = [
        &mut trace.below,
        &mut trace.mask,
        &mut trace.h,
        &mut trace.c,
        &mut trace.output,
        &mut trace.answer,
        &mut trace.grad_output,
        &mut trace.grad_h,
        &mut trace.grad_c,
    ];
    let series = trace.z.iter_mut().chain(&mut trace.gates).chain(&mut trace.grad_z).map(|series| &mut series.values);
    states.into_iter().chain(series)
}

struct Reader<'a, N> {
    rest: &'a [N],
}

impl<'a, N: Copy> Reader<'a, N> {
    fn take(&mut self, count: usize) -> Result<&'a [N], ProtocolError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(ProtocolError::Length)?;
        self.rest = rest;
        Ok(taken)
    }

    /// As many as the caller names.
    fn some<const COUNT: usize>(&mut self) -> Result<[N; COUNT], ProtocolError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(ProtocolError::Length)?;
        self.rest = rest;
        Ok(*taken)
    }
}
