//! gatescope: recurrent networks that train live, with every number they work with open to view.
//!
//! Arrows point one way: `ui → lab → tasks → nn`. See ARCHITECTURE.md.

pub mod lab;
pub mod nn;
pub mod tasks;
pub mod ui;

/// The build that page and worker belong to; the same sources give the same id everywhere.
#[cfg(feature = "browser")]
pub const BUILD: &str = env!("GATESCOPE_BUILD");
