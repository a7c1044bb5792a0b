//! Explanations of the numbers of a run: equations, cell diagrams, and the frames and layout of the film.
//!
//! From below upward: [`tree`] has expressions, their digits and renderings, [`sum`] names the sums that can be opened,
//! [`quantity`] the numbers of a cell. [`cells`] builds each cell's equations and diagram of them, [`readout`] those of the
//! answer and its loss. [`step`] fills them with the numbers of one step and unit, [`terms`] opens their sums. On these rest
//! [`cell_diagram`], [`inspector_text`] and [`film`].

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
