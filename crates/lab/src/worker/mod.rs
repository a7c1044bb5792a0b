//! The worker: commands, events, and the state machine between them.

pub mod command;
pub mod driver;
pub mod event;
mod rate;
mod requests;
