//! What is computed about a run beside training it.

pub mod bench;
pub mod diagnosis;
pub mod findings;
pub(crate) mod prober;
