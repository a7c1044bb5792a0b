//! Why the gradient shrinks or grows: a row of buttons under the gradient chart, and the panel that one of them opens.

pub mod charts;
#[cfg(feature = "ui")]
mod check;
#[cfg(feature = "ui")]
mod panel;
#[cfg(feature = "ui")]
mod picture;
#[cfg(feature = "ui")]
mod say;

#[cfg(feature = "ui")]
pub use panel::{WhyButtons, WhyPanel};
