//! Charts on the page.

pub mod canvas;
