//! What people see: charts that draw on any plotters backend, and (feature `ui`) the Leptos page around them.

pub mod charts;
