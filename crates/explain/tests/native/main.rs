//! Equations and the film, evaluated as they are shown.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod equations;
mod inside;
mod sums;
mod tree;
