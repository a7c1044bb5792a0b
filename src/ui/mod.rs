//! What people see: charts that draw on any plotters backend, and (feature `ui`) the Leptos page around them.

pub mod cell_diagram;
pub mod cells;
pub mod charts;
pub mod equations;
pub mod inside;
pub mod inspector_text;
pub mod math;
pub mod pictures;
pub mod sums;
pub mod template;
pub mod why;

#[cfg(feature = "ui")]
mod address;
#[cfg(feature = "ui")]
pub mod app;
#[cfg(feature = "ui")]
pub mod canvas_view;
#[cfg(feature = "ui")]
mod client;
#[cfg(feature = "ui")]
mod clipboard;
#[cfg(feature = "ui")]
mod edits;
#[cfg(feature = "ui")]
mod field;
#[cfg(feature = "ui")]
mod header;
#[cfg(feature = "ui")]
mod hero;
#[cfg(feature = "ui")]
mod hints;
#[cfg(feature = "ui")]
pub mod html;
#[cfg(feature = "ui")]
pub mod i18n;
#[cfg(feature = "ui")]
mod inspector;
#[cfg(feature = "ui")]
mod journey;
#[cfg(feature = "ui")]
mod keymap;
#[cfg(feature = "ui")]
mod lane;
#[cfg(feature = "ui")]
mod lane_settings;
#[cfg(feature = "ui")]
pub mod live;
#[cfg(feature = "ui")]
mod markup;
#[cfg(feature = "ui")]
mod narration;
#[cfg(feature = "ui")]
mod notices;
#[cfg(feature = "ui")]
mod pointing;
#[cfg(feature = "ui")]
mod question;
#[cfg(feature = "ui")]
mod reach;
pub mod readout;
#[cfg(feature = "ui")]
mod remedies;
#[cfg(feature = "ui")]
mod row;
#[cfg(feature = "ui")]
mod row_picture;
#[cfg(feature = "ui")]
mod row_text;
#[cfg(feature = "ui")]
mod runs;
#[cfg(feature = "ui")]
mod script;
#[cfg(feature = "ui")]
mod sentences;
#[cfg(feature = "ui")]
mod settings;
#[cfg(feature = "ui")]
mod shelf;
#[cfg(feature = "ui")]
pub mod signals;
#[cfg(feature = "ui")]
pub mod state;
#[cfg(feature = "ui")]
mod steady;
#[cfg(feature = "ui")]
pub mod table;
#[cfg(feature = "ui")]
mod timeline;
#[cfg(feature = "ui")]
mod transport;
#[cfg(feature = "ui")]
pub mod words;

/// Moves the focus to the element with this test id: where what had it goes away.
#[cfg(feature = "ui")]
fn focus(test_id: &str) {
    use wasm_bindgen::JsCast;
    let found = leptos::prelude::document().query_selector(&format!("[data-testid={test_id}]")).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Focus on an element that cannot have it changes nothing.
        let _ = element.focus();
    }
}
