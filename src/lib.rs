//! gatescope: recurrent networks that train live, with every number they work with open to view.
//!
//! Arrows point one way: `ui → lab → tasks → nn`. See ARCHITECTURE.md.

pub mod lab;
pub mod nn;
pub mod tasks;
pub mod ui;
