//! Shared parts of the tests of several crates: example networks, trained runs, reference cases.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

pub mod bits;
pub mod fixtures;
pub mod networks;
pub mod runs;
