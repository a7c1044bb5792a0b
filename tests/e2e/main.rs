//! The built page in a real browser: `make build`, then this against `dist/` (`GATESCOPE_DIST`), nested in a folder
//! of a plain static server.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]

mod accessible;
mod charts;
mod edits;
mod faults;
mod first_visit;
mod harness;
mod inside;
mod inspector;
mod keyboard;
mod language_and_theme;
mod layout;
mod links;
mod narration;
mod networks;
mod opening;
mod playing;
mod remedies;
mod runs;
mod script;
mod touch;
mod travel;
mod why;
