//! gatescope: recurrent networks that train live, with every number they work with open to view.
//!
//! Arrows point one way: `ui → lab → tasks → nn`. See ARCHITECTURE.md.

pub mod lab;
pub mod tasks;
pub mod ui;
#[cfg(feature = "browser")]
pub mod worker;

/// The engine room, a crate of its own.
pub use gatescope_nn as nn;

/// Mounts the page; or, where it runs in a worker, trains.
#[cfg(feature = "ui")]
#[inline(never)] // Inlined into the program it would be compiled as the program is, for speed: see src/app/Cargo.toml.
pub fn start() {
    match worker::scope() {
        Some(scope) => worker::run(&scope),
        None => leptos::mount::mount_to_body(ui::app::App),
    }
}

/// The build that page and worker belong to; the same sources give the same id everywhere.
#[cfg(feature = "browser")]
pub const BUILD: &str = env!("GATESCOPE_BUILD");
