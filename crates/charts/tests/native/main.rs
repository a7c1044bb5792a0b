//! Charts draw their data at the right places: drawings are read back from SVG.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod demo;
mod gradient;
mod heat_map;
mod lines;
mod loss;
mod palette;
mod reach;
mod read;
mod ticks;
mod why;
