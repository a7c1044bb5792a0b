//! Explanations of the numbers of a run: equations, cell diagrams, and the frames and layout of the film.

pub mod cell_diagram;
pub mod cells;
pub mod equations;
pub mod film;
pub mod inspector_text;
pub mod math;
pub mod readout;
pub mod sums;
pub mod template;
