//! "Step inside": one update as a film over the unrolled network.
//!
//! The worker has made the update beforehand on a copy ([`lab::run::film`]); this shows it frame by frame. When the last
//! frame is reached the page asks for an ordinary update, whose numbers are those of the film.

mod batch;
mod cut;
mod fields;
mod panel;
mod shown;
mod story;
mod view;

pub use panel::InsidePanel;
