//! "Step inside": one update as a film over the unrolled network.
//!
//! The worker has computed the update in advance on a copy ([`lab::run::film`]); this shows it frame by frame. At the
//! last frame the page requests an ordinary update with the same numbers.

mod batch;
mod cut;
mod fields;
mod panel;
mod shown;
mod story;
mod view;

pub use panel::InsidePanel;
