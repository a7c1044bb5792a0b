//! Reference cases: inputs are read, the requested numbers are computed, and the answer has the form of the references.
//!
//! The form is that of `tests/fixtures/*.json`, whose answers come from PyTorch: nested lists, time first,
//! `[T][B][features]`; `tests/fixtures/generate.py` documents every key. Answers in a case are never read.

mod answer;
mod read;

use serde_json::{Value, json};
use thiserror::Error;

use crate::experiment::limits::MAX_UPDATE;
use nn::{BatchError, NetworkError, Scalar};
use read::{Case, Setup};

/// The number type to compute in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// The page's precision.
    F32,
    /// The references' precision.
    F64,
}

/// An error in a case; each message is one line.
#[derive(Debug, Error)]
pub enum CaseError {
    /// Not a case at all.
    #[error("not a case: {0}")]
    Json(#[from] serde_json::Error),
    /// A value that this build does not support.
    #[error("{what} {found:?} is not built; known: {known}")]
    Unknown {
        /// The key.
        what: &'static str,
        /// Its value.
        found: String,
        /// The values that are supported.
        known: &'static str,
    },
    /// A key that this kind of case needs is not there.
    #[error("key {0:?} is missing")]
    Missing(&'static str),
    /// An array has another shape than the sizes say.
    #[error("{what} has {found} entries where {expected} are expected")]
    Shape {
        /// The array.
        what: String,
        /// The length by the case's sizes.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// A number is out of range, or not finite in the number type asked for.
    #[error("{what} is {found}, expected {expected}")]
    Number {
        /// The name of the number.
        what: String,
        /// The number found.
        found: f64,
        /// The range expected.
        expected: &'static str,
    },
    /// More updates than a link may ask for.
    #[error("updates is {0}, expected 0 to {MAX_UPDATE}")]
    Updates(u64),
    /// The targets are not what the loss needs.
    #[error("target does not suit loss_kind {loss:?}: {source}")]
    Target {
        /// The case's loss.
        loss: &'static str,
        /// The cause.
        source: serde_json::Error,
    },
    /// The weights do not make a network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The sequences do not make a batch, or not one for the network.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

/// Computes the answer of a case: `trace`, `jacobian` or `optimiser`.
///
/// A number that is not finite (a loss that overflows, say) is `null` in the answer: JSON has no such number.
///
/// # Errors
/// If the text is not a case, or needs something that this build does not support.
pub fn evaluate(text: &str, precision: Precision) -> Result<Value, CaseError> {
    let case: Case = serde_json::from_str(text)?;
    match precision {
        Precision::F32 => evaluate_in::<f32>(&case),
        Precision::F64 => evaluate_in::<f64>(&case),
    }
}

fn evaluate_in<S: Scalar>(case: &Case) -> Result<Value, CaseError> {
    let answer = match case.kind.as_str() {
        "trace" => answer::trace::<S>,
        "jacobian" => answer::jacobian::<S>,
        "optimiser" => answer::optimise::<S>,
        _ => return Err(unknown("kind", &case.kind, "trace, jacobian, optimiser")),
    };
    let setup = Setup::<S>::new(case)?;
    let mut result = answer(case, setup)?;
    result.insert("kind".to_owned(), json!(case.kind));
    result.insert("name".to_owned(), case.name.clone());
    Ok(Value::Object(result))
}

fn unknown(what: &'static str, found: &str, known: &'static str) -> CaseError {
    CaseError::Unknown { what, found: found.to_owned(), known }
}
