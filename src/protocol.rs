//! Messages of the protocol as JavaScript values: an array of three typed arrays, whose memory is transferred to the
//! receiver.

use js_sys::{Array, Float32Array, Float64Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DedicatedWorkerGlobalScope;

use lab::packed::{Packed, ProtocolError};

/// The error of a value that is no message of this program.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MessageError {
    /// Not an array of the three typed arrays.
    #[error("unreadable message: not an array of bytes, f32 and f64")]
    Form,
    /// Typed arrays that do not decode.
    #[error("unreadable message: {0}")]
    Content(#[from] ProtocolError),
}

/// A message ready to be posted, with the buffers to transfer.
pub struct Posted {
    /// The message.
    pub message: JsValue,
    /// The buffers to transfer.
    pub buffers: Array,
}

/// Converts a message to a JavaScript value.
pub fn to_js(packed: &Packed) -> Posted {
    let head = Uint8Array::from(packed.head.as_slice());
    let floats = Float32Array::from(packed.floats.as_slice());
    let doubles = Float64Array::from(packed.doubles.as_slice());
    let buffers = Array::of3(&head.buffer(), &floats.buffer(), &doubles.buffer());
    Posted { message: Array::of3(&head, &floats, &doubles).into(), buffers }
}

/// Converts a JavaScript value to a message, with the `unpack` of its type.
///
/// # Errors
/// If the value is no such message.
pub fn from_js<T>(value: &JsValue, unpack: fn(Packed) -> Result<T, ProtocolError>) -> Result<T, MessageError> {
    let message: &Array = value.dyn_ref().ok_or(MessageError::Form)?;
    let (head, floats, doubles) = (message.get(0), message.get(1), message.get(2));
    let head: &Uint8Array = head.dyn_ref().ok_or(MessageError::Form)?;
    let floats: &Float32Array = floats.dyn_ref().ok_or(MessageError::Form)?;
    let doubles: &Float64Array = doubles.dyn_ref().ok_or(MessageError::Form)?;
    Ok(unpack(Packed { head: head.to_vec(), floats: floats.to_vec(), doubles: doubles.to_vec() })?)
}

/// Returns the scope of the worker that the program runs in; `None` on the page.
#[must_use]
pub fn scope() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}
