//! Computations about a run in addition to training: diagnosis, panels, benchmarks.

pub mod bench;
pub mod diagnosis;
pub mod findings;
pub(crate) mod prober;
