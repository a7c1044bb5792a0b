//! An experiment: its settings and link, the trainer that runs it, and what the trainer tells of itself.
//!
//! Knows tasks and networks; knows no DOM, no clock of its own and no thread: the browser's worker and the headless
//! program both drive it from outside.

mod allowed;
pub mod bench;
pub mod case;
pub mod checkpoints;
pub mod command;
pub mod diagnosis;
pub mod driver;
pub mod edit;
pub mod experiment;
pub mod held_out;
pub mod inside;
pub mod kept;
pub mod keys;
mod lane;
mod lanes;
pub mod link;
pub mod number;
pub mod place;
pub mod protocol;
mod rate;
pub mod reach;
pub mod reasons;
mod requests;
pub mod run;
pub mod snapshot;
pub mod trainer;
#[cfg(feature = "browser")]
pub mod wire;

pub use edit::Edit;
pub use experiment::{Experiment, GradientScale, Lang, Own, Settings, Speed, Theme};
pub use inside::{Film, Inside, Member};
pub use keys::{Allowed, KEYS, Key, Problem, Reason, Role};
pub use lane::recent_mean;
pub use place::Place;
pub use reasons::{Findings, Why};
pub use snapshot::{Ghost, LaneSnapshot, SequenceOnShow, Snapshot, StopReason, Stopped};
pub use trainer::Trainer;
