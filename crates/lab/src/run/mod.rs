//! A run: its trainer, its lanes, and the snapshots of them.

mod batches;
pub mod checkpoints;
pub mod film;
pub mod held_out;
pub(crate) mod lane;
pub mod log;
mod present;
pub mod reach;
pub mod snapshot;
pub mod trainer;
