//! The film of one update: its frames, their equations, and how the unrolled network is laid out.

pub mod frames;
pub mod layout;
pub mod sums;
pub mod unrolled;
