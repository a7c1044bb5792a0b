//! "Step inside": one update as a film over the unrolled network.
//!
//! The worker has made the update beforehand on a copy ([`crate::lab::inside`]); this shows it frame by frame. When the last
//! frame is reached the page asks for an ordinary update, whose numbers are those of the film.

pub mod frames;
pub mod layout;
pub mod sums;
pub mod unrolled;

#[cfg(feature = "ui")]
mod batch;
#[cfg(feature = "ui")]
mod cut;
#[cfg(feature = "ui")]
mod fields;
#[cfg(feature = "ui")]
mod panel;
#[cfg(feature = "ui")]
mod shown;
#[cfg(feature = "ui")]
mod story;
#[cfg(feature = "ui")]
mod view;

#[cfg(feature = "ui")]
pub use panel::InsidePanel;
