//! The film of one update: its frames, their equations, and how the unrolled network is laid out and drawn.

pub mod frames;
pub mod layout;
pub mod losses;
mod optimizer;
pub mod scene;
mod svg;
pub mod unrolled;
