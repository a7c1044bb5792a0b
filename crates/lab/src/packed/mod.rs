//! Messages between page and worker: serde structs in one compact buffer, with their large arrays beside it.
//!
//! A field marked `#[serde(with = "crate::packed::moved")]` writes its length into the buffer and its numbers, bit for bit,
//! at the end of one array of f32 or f64 that all such fields share. The page and the worker hand these arrays over as
//! typed arrays, whose memory moves.

mod moved_types;
pub(crate) mod trace;

use std::cell::RefCell;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A message as it travels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packed {
    /// All but the large arrays, in postcard's form.
    pub head: Vec<u8>,
    /// The large arrays of f32, one after the other.
    pub floats: Vec<f32>,
    /// The large arrays of f64, one after the other.
    pub doubles: Vec<f64>,
}

/// A message that cannot be read: one of another build.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ProtocolError {
    /// The buffer holds no message of this type.
    #[error("the message has another form than this build's")]
    Unknown,
    /// The arrays are shorter or longer than the message says.
    #[error("the arrays do not have the lengths that the message gives")]
    Length,
}

/// Packs a message.
///
/// # Errors
/// If the message cannot be written, which no message of ours is.
pub fn pack<T: Serialize>(message: &T) -> Result<Packed, ProtocolError> {
    let outer = ARRAYS.replace(Some(Arrays::default()));
    let head = postcard::to_allocvec(message);
    let arrays = ARRAYS.replace(outer).unwrap_or_default();
    let head = head.map_err(|_| ProtocolError::Unknown)?;
    Ok(Packed { head, floats: arrays.floats.numbers, doubles: arrays.doubles.numbers })
}

/// Reads a message.
///
/// # Errors
/// If the buffer holds no message of this type, or the arrays have other lengths than it says.
pub fn unpack<T: DeserializeOwned>(packed: Packed) -> Result<T, ProtocolError> {
    let Packed { head, floats, doubles } = packed;
    let arrays = Arrays { floats: Numbers::of(floats), doubles: Numbers::of(doubles), too_short: false };
    let outer = ARRAYS.replace(Some(arrays));
    let read = postcard::take_from_bytes(&head);
    let arrays = ARRAYS.replace(outer).unwrap_or_default();
    match read {
        Err(_) if arrays.too_short => Err(ProtocolError::Length),
        Ok((message, [])) if arrays.is_read() => Ok(message),
        Ok((_, [])) => Err(ProtocolError::Length),
        _ => Err(ProtocolError::Unknown),
    }
}

thread_local! {
    /// The arrays of the message that is being packed or unpacked. (serde hands no context of ours to a field.)
    static ARRAYS: RefCell<Option<Arrays>> = const { RefCell::new(None) };
}

/// The large arrays of one message.
#[derive(Default)]
pub(crate) struct Arrays {
    floats: Numbers<f32>,
    doubles: Numbers<f64>,
    /// More numbers were asked for than there are.
    too_short: bool,
}

impl Arrays {
    fn is_read(&self) -> bool {
        self.floats.read == self.floats.numbers.len() && self.doubles.read == self.doubles.numbers.len()
    }
}

/// All numbers of one type, and how many of them have been read.
pub(crate) struct Numbers<N> {
    numbers: Vec<N>,
    read: usize,
}

impl<N> Default for Numbers<N> {
    fn default() -> Self {
        Self::of(Vec::new())
    }
}

impl<N> Numbers<N> {
    fn of(numbers: Vec<N>) -> Self {
        Self { numbers, read: 0 }
    }
}

impl<N: Clone> Numbers<N> {
    /// Reads the next `count` numbers; `None` if there are fewer.
    fn next(&mut self, count: usize) -> Option<Vec<N>> {
        let end = self.read.checked_add(count)?;
        let taken = self.numbers.get(self.read..end)?.to_vec();
        self.read = end;
        Some(taken)
    }
}

/// The functions of a field whose numbers travel in the arrays.
pub(crate) mod moved {
    use serde::{Deserializer, Serializer};

    use super::moved_types::Moved;

    pub(crate) fn serialize<T: Moved, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.put(serializer)
    }

    pub(crate) fn deserialize<'de, T: Moved, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::take(deserializer)
    }
}
