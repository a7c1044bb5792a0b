//! The protocol as JavaScript values: a message is an array of a code, a text and numbers; a report is two typed arrays
//! whose memory moves.

use js_sys::{Array, Float32Array, Float64Array};
use wasm_bindgen::{JsCast, JsValue};

use lab::analysis::bench::BenchResult;
use lab::analysis::why::Findings;
use lab::worker::command::{Command, Plain};
use lab::worker::event::{self, Event};

/// What arrives from the worker, before its report is put together.
#[derive(Debug)]
pub enum Incoming {
    /// The worker is there.
    Ready,
    /// One of the driver's events.
    Event(Event),
    /// The worker cannot go on.
    Fatal(String),
}

/// A message that cannot be read.
#[derive(Clone, Debug, thiserror::Error)]
#[error("unreadable message: {0}")]
pub struct WireError(&'static str);

/// What kind of message the worker posts, by the number it begins with.
mod kind {
    pub const READY: u32 = 0;
    pub const PROGRESS: u32 = 1;
    pub const BENCH: u32 = 2;
    pub const BENCH_REFUSED: u32 = 3;
    pub const PONG: u32 = 4;
    pub const FATAL: u32 = 5;
    pub const REPORT: u32 = 6;
    pub const FINDINGS: u32 = 7;
    pub const REACH: u32 = 8;
}

/// Plain values as a message: the code, the text, the numbers.
fn to_message(code: u32, text: &str, numbers: &[f64]) -> Array {
    let message = Array::of2(&code.into(), &text.into());
    for &number in numbers {
        message.push(&number.into());
    }
    message
}

/// The plain values of a message; of a report only the code.
fn plain_of(message: &Array) -> Plain {
    Plain {
        code: message.get(0).as_f64().unwrap_or(f64::MAX) as u32,
        text: message.get(1).as_string().unwrap_or_default(),
        numbers: message.iter().skip(2).filter_map(|value| value.as_f64()).collect(),
    }
}

fn array_of(value: &JsValue) -> Result<&Array, WireError> {
    value.dyn_ref().ok_or(WireError("not an array"))
}

/// A command as the page posts it.
#[must_use]
pub fn command_to_js(command: &Command) -> JsValue {
    let Plain { code, numbers, text } = command.to_plain();
    to_message(code, &text, &numbers).into()
}

/// A command as the worker receives it.
///
/// # Errors
/// If it is none.
pub fn command_from_js(value: &JsValue) -> Result<Command, WireError> {
    Command::from_plain(plain_of(array_of(value)?)).ok_or(WireError("no command"))
}

/// An event as the worker posts it, and the buffers to hand over.
pub fn event_to_js(event: &Event) -> (JsValue, Array) {
    let buffers = Array::new();
    let message = match event {
        Event::Report(report) => {
            let (floats, doubles) = event::pack(report);
            let (floats, doubles) = (Float32Array::from(floats.as_slice()), Float64Array::from(doubles.as_slice()));
            buffers.push(&floats.buffer());
            buffers.push(&doubles.buffer());
            let message = to_message(kind::REPORT, "", &[]);
            message.push(&floats);
            message.push(&doubles);
            message
        }
        Event::Findings(findings) => {
            let numbers = Float64Array::from(findings.pack().as_slice());
            buffers.push(&numbers.buffer());
            let message = to_message(kind::FINDINGS, "", &[]);
            message.push(&numbers);
            message
        }
        Event::Progress { run, from, update, until } => {
            to_message(kind::PROGRESS, "", &[f64::from(*run), *from as f64, *update as f64, *until as f64])
        }
        Event::Reach { run, probe, layer, update, norms } => {
            let head = [f64::from(*run), f64::from(*probe), *layer as f64, *update as f64, norms.len() as f64];
            let message = to_message(kind::REACH, "", &head);
            message.push(&Float64Array::from(norms.concat().as_slice()));
            message
        }
        Event::Bench { id, result } => {
            to_message(kind::BENCH, "", &[f64::from(*id), result.updates_per_second, result.gflops])
        }
        Event::BenchRefused { id, problem } => to_message(kind::BENCH_REFUSED, problem, &[f64::from(*id)]),
        Event::Pong => to_message(kind::PONG, "", &[]),
    };
    (message.into(), buffers)
}

/// The worker's first message.
#[must_use]
pub fn ready_to_js() -> JsValue {
    to_message(kind::READY, "", &[]).into()
}

/// The worker's last message.
#[must_use]
pub fn fatal_to_js(what: &str) -> JsValue {
    to_message(kind::FATAL, what, &[]).into()
}

/// What the page receives.
///
/// # Errors
/// If it is no message of this protocol.
pub fn incoming_from_js(value: &JsValue) -> Result<Incoming, WireError> {
    let message = array_of(value)?;
    let Plain { code, text, numbers } = plain_of(message);
    Ok(Incoming::Event(match (code, numbers.as_slice()) {
        (kind::READY, []) => return Ok(Incoming::Ready),
        (kind::FATAL, []) => return Ok(Incoming::Fatal(text)),
        (kind::PROGRESS, &[run, from, update, until]) => {
            Event::Progress { run: run as u32, from: from as u64, update: update as u64, until: until as u64 }
        }
        (kind::REACH, &[run, probe, layer, update, lanes]) => {
            let norms: Float64Array = message.get(7).dyn_into().map_err(|_| WireError("no f64 array"))?;
            let norms = norms.to_vec();
            let len = norms.len() / (lanes as usize).max(1);
            Event::Reach {
                run: run as u32,
                probe: probe as u32,
                layer: layer as usize,
                update: update as u64,
                norms: norms.chunks_exact(len.max(1)).map(<[f64]>::to_vec).collect(),
            }
        }
        (kind::BENCH, &[id, updates_per_second, gflops]) => {
            Event::Bench { id: id as u32, result: BenchResult { updates_per_second, gflops } }
        }
        (kind::BENCH_REFUSED, &[id]) => Event::BenchRefused { id: id as u32, problem: text },
        (kind::PONG, []) => Event::Pong,
        (kind::FINDINGS, []) => {
            let numbers: Float64Array = message.get(2).dyn_into().map_err(|_| WireError("no f64 array"))?;
            let findings = Findings::unpack(&numbers.to_vec()).ok_or(WireError("findings of another build"))?;
            Event::Findings(Box::new(findings))
        }
        (kind::REPORT, []) => {
            let floats: Float32Array = message.get(2).dyn_into().map_err(|_| WireError("no f32 array"))?;
            let doubles: Float64Array = message.get(3).dyn_into().map_err(|_| WireError("no f64 array"))?;
            let report = event::unpack(&floats.to_vec(), &doubles.to_vec());
            Event::Report(Box::new(report.map_err(|_| WireError("a report of another build"))?))
        }
        _ => return Err(WireError("no message of the worker")),
    }))
}
