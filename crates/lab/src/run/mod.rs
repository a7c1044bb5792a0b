//! A run: its trainer, its lanes, and what is shown of them.

pub mod checkpoints;
pub mod film;
pub mod held_out;
pub(crate) mod lane;
pub mod log;
pub mod reach;
pub mod snapshot;
pub mod trainer;
