//! Native tests, one binary: each further one would link everything again.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod charts;
mod checkpoints;
mod diagnosis;
mod driver;
mod edit;
mod engine;
mod equations;
mod fixtures;
mod gradients;
mod headless;
mod inside;
mod jacobian;
mod kept;
mod learning;
mod link;
mod math;
mod papers;
mod protocol;
mod reasons;
mod remedies;
mod tasks;
mod trainer;
mod vanished;
