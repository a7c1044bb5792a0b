//! lab

pub mod bench;
pub mod case;
