//! An experiment: its settings and link, the trainer that runs it, and the trainer's reports.
//!
//! This crate depends on tasks and networks, and on no browser, clock or thread: the browser's worker and the headless program
//! both call it.
//!
//! Imports go one way: `experiment` ← `run` ← `analysis` ← `worker`; `stored` uses `experiment` and `analysis`, and nothing uses
//! `case`.

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
