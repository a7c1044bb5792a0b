//! An experiment: its settings and link, the trainer that runs it, and what the trainer reports.
//!
//! Knows tasks and networks; knows no DOM, no clock of its own and no thread: the browser's worker and the headless
//! program both drive it from outside.

pub mod analysis;
pub mod case;
pub mod experiment;
pub mod packed;
pub mod run;
pub mod stored;
pub mod worker;

pub use analysis::findings::Findings;
pub use experiment::Experiment;
pub use experiment::edit::Edit;
pub use experiment::keys::{Allowed, KEYS, Key, Problem, Reason, Role};
pub use experiment::place::Place;
pub use experiment::settings::{GradientScale, Lang, Own, Settings, Speed, Theme};
pub use experiment::why::Why;
pub use run::film::{Film, Inside, Member};
pub use run::lane::recent_mean;
pub use run::snapshot::{Ghost, LaneSnapshot, SequenceOnShow, Snapshot, StopReason, Stopped};
pub use run::trainer::Trainer;
