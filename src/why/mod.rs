//! Why the gradient shrinks or grows: a row of buttons under the gradient chart, and the panel that each opens.

pub mod charts;
mod check;
mod panel;
mod picture;
mod say;

pub use panel::{WhyButtons, WhyPanel};
