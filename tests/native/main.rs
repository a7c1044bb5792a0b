//! native

mod charts;
