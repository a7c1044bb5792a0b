//! The networks.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod engine;
mod gradients;
mod jacobian;
mod math;
mod vanished;
