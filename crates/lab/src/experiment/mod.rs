//! An experiment: its settings, the table of keys that validates them, and the link that writes and reads them.

pub mod allowed;
pub mod check;
pub mod edit;
#[expect(clippy::module_inception, reason = "the folder is about this type and has its name")]
mod experiment;
pub mod keys;
mod lanes;
pub mod limits;
pub mod link;
pub mod names;
pub mod offered;
pub mod place;
mod read;
pub mod settings;
pub mod why;

pub use experiment::Experiment;
