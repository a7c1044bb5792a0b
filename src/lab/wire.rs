//! The protocol as JavaScript values: commands as a few plain values, headers as plain objects, numbers as typed arrays whose memory moves.

use js_sys::{Array, Float32Array, Float64Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

use super::bench::BenchResult;
use super::command::{Command, Plain};
use super::protocol::{self, Event, Header};

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
pub struct WireError(String);

impl WireError {
    fn new(what: impl std::fmt::Display) -> Self {
        Self(what.to_string())
    }
}

#[derive(Serialize, Deserialize)]
enum Small {
    Ready,
    Progress { run: u32, from: u64, update: u64, until: u64 },
    Bench { id: u32, result: BenchResult },
    BenchRefused { id: u32, problem: String },
    Pong,
    Fatal(String),
    Report(Header),
}

/// A command as the page posts it.
#[must_use]
pub fn command_to_js(command: &Command) -> JsValue {
    let Plain { code, numbers, text } = command.to_plain();
    let message = Array::of2(&code.into(), &text.into());
    for number in numbers {
        message.push(&number.into());
    }
    message.into()
}

/// A command as the worker receives it.
///
/// # Errors
/// If it is none.
pub fn command_from_js(value: &JsValue) -> Result<Command, WireError> {
    let message: &Array = value.dyn_ref().ok_or_else(|| WireError::new("not an array"))?;
    let code = message.get(0).as_f64().unwrap_or(f64::MAX) as u32;
    let text = message.get(1).as_string().unwrap_or_default();
    let numbers = message.iter().skip(2).filter_map(|value| value.as_f64()).collect();
    Command::from_plain(Plain { code, numbers, text }).ok_or_else(|| WireError::new("no command"))
}

/// An event as the worker posts it, and the buffers to hand over.
///
/// # Errors
/// If it cannot be written as a JavaScript value.
pub fn event_to_js(event: &Event) -> Result<(JsValue, Array), WireError> {
    let message = Array::new();
    let buffers = Array::new();
    let small = match event {
        Event::Report(report) => {
            let (header, floats, doubles) = protocol::pack(report);
            let (floats, doubles) = (Float32Array::from(floats.as_slice()), Float64Array::from(doubles.as_slice()));
            buffers.push(&floats.buffer());
            buffers.push(&doubles.buffer());
            message.push(&floats);
            message.push(&doubles);
            Small::Report(header)
        }
        Event::Progress { run, from, update, until } => {
            Small::Progress { run: *run, from: *from, update: *update, until: *until }
        }
        Event::Bench { id, result } => Small::Bench { id: *id, result: *result },
        Event::BenchRefused { id, problem } => Small::BenchRefused { id: *id, problem: problem.clone() },
        Event::Pong => Small::Pong,
    };
    message.unshift(&serde_wasm_bindgen::to_value(&small).map_err(WireError::new)?);
    Ok((message.into(), buffers))
}

/// The worker's first message.
///
/// # Errors
/// If it cannot be written as a JavaScript value.
pub fn ready_to_js() -> Result<JsValue, WireError> {
    Ok(Array::of1(&serde_wasm_bindgen::to_value(&Small::Ready).map_err(WireError::new)?).into())
}

/// The worker's last message.
pub fn fatal_to_js(what: &str) -> JsValue {
    serde_wasm_bindgen::to_value(&Small::Fatal(what.to_owned()))
        .map_or(JsValue::NULL, |small| Array::of1(&small).into())
}

/// What the page receives.
///
/// # Errors
/// If it is no message of this protocol.
pub fn incoming_from_js(value: &JsValue) -> Result<Incoming, WireError> {
    let message: &Array = value.dyn_ref().ok_or_else(|| WireError::new("not an array"))?;
    let small = serde_wasm_bindgen::from_value(message.get(0)).map_err(WireError::new)?;
    Ok(match small {
        Small::Ready => Incoming::Ready,
        Small::Fatal(what) => Incoming::Fatal(what),
        Small::Progress { run, from, update, until } => Incoming::Event(Event::Progress { run, from, update, until }),
        Small::Bench { id, result } => Incoming::Event(Event::Bench { id, result }),
        Small::BenchRefused { id, problem } => Incoming::Event(Event::BenchRefused { id, problem }),
        Small::Pong => Incoming::Event(Event::Pong),
        Small::Report(header) => {
            let floats: Float32Array = message.get(1).dyn_into().map_err(|_| WireError::new("no f32 array"))?;
            let doubles: Float64Array = message.get(2).dyn_into().map_err(|_| WireError::new("no f64 array"))?;
            let report = protocol::unpack(header, &floats.to_vec(), &doubles.to_vec()).map_err(WireError::new)?;
            Incoming::Event(Event::Report(Box::new(report)))
        }
    })
}
