//! Copies text where the browser allows it.

use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::state::{Lab, Notice};

/// How long the confirmation of a copy is shown.
const SAID: std::time::Duration = std::time::Duration::from_secs(3);

/// Copies a text and sets `copied` for a moment. If copying fails, a notice shows the text.
pub fn copy(lab: Lab, text: String, copied: RwSignal<bool>) {
    spawn_local(async move {
        let clipboard = window().navigator().clipboard();
        // Without a secure context there is no clipboard, and calling it is a JavaScript error.
        let there = !wasm_bindgen::JsValue::from(clipboard.clone()).is_undefined();
        if there && JsFuture::from(clipboard.write_text(&text)).await.is_ok() {
            copied.set(true);
            set_timeout(move || copied.set(false), SAID);
        } else {
            lab.tell(Notice::CopyFailed(text));
        }
    });
}
