//! Experiments, their trainer and what is computed about a run.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod checkpoints;
mod diagnosis;
mod driver;
mod edit;
mod fixtures;
mod kept;
mod learning;
mod link;
mod protocol;
mod reasons;
mod remedies;
mod trainer;
