//! The page's address: its hash is the state's link.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::state::Lab;

/// The hash the page was opened with.
pub fn read() -> String {
    window().location().hash().unwrap_or_default()
}

/// Puts the state's link into the address bar, without a new entry in the history.
pub fn write(lab: &Lab) {
    let hash = lab.link(false);
    if hash == read() || (hash == "#" && read().is_empty()) {
        return;
    }
    if let Ok(history) = window().history() {
        // A browser may refuse (too many changes a second); the next change tries again.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&hash));
    }
}

/// Follows an address that is edited, or a link that is clicked, while the page is open.
pub fn watch(lab: Lab) {
    let handle = window_event_listener(leptos::ev::hashchange, move |_| lab.follow(&read()));
    on_cleanup(move || handle.remove());
}

/// Returns the whole address of the state, to be kept and shared.
pub fn full(lab: &Lab) -> String {
    let location = window().location();
    let page = location.href().unwrap_or_default();
    let page = page.split('#').next().unwrap_or_default().to_owned();
    page + &lab.link(true)
}
