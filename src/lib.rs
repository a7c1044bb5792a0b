//! gatescope: recurrent networks that train live, with all their numbers visible.
//!
//! This crate contains the page and the worker's entry point. Dependencies go in one direction: page → explain, charts,
//! lab → tasks → nn. See ARCHITECTURE.md.

mod address;
pub mod app;
pub mod canvas_view;
mod chart;
mod client;
mod clipboard;
mod controls;
mod edits;
mod field;
mod header;
mod hero;
mod hero_text;
mod hints;
pub mod html;
pub mod i18n;
mod inside;
mod inspector;
mod journey;
mod keymap;
mod lane;
mod lane_settings;
pub mod live;
mod markup;
mod narration;
mod notices;
pub mod panics;
pub mod pictures;
mod pointing;
mod protocol;
mod question;
mod reach;
mod remedies;
mod row;
mod row_picture;
mod row_text;
mod runs;
mod script;
mod sentences;
mod settings;
mod shelf;
pub mod state;
mod steady;
pub mod table;
mod timeline;
mod transport;
pub mod why;
pub mod words;
pub mod worker;

/// Mounts the page; in a worker, runs the trainer.
pub fn start() {
    panics::install_hook();
    match protocol::scope() {
        Some(scope) => worker::run(&scope),
        None => leptos::mount::mount_to_body(app::App),
    }
}

/// The build that page and worker belong to; equal sources have equal ids.
pub const BUILD: &str = env!("GATESCOPE_BUILD");

/// Moves the focus to the element with this test id, when the focused element is removed.
fn focus(test_id: &str) {
    use wasm_bindgen::JsCast;
    let found = leptos::prelude::document().query_selector(&format!("[data-testid={test_id}]")).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Focusing an element that cannot have the focus has no effect.
        let _ = element.focus();
    }
}
