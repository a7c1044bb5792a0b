//! Explanations of the numbers of a run: equations, cell diagrams, and the frames and layout of the film.

pub mod cell_diagram;
pub mod cells;
pub mod film;
pub mod inspector_text;
pub mod quantity;
pub mod readout;
pub mod scale;
pub mod step;
pub mod sum;
pub mod terms;
pub mod tree;
