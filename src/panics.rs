//! Panics in the page or its worker: each reports its message and place, in the console and on the page.
//!
//! A panic is a bug and ends the program it occurs in. The worker's panic reaches the page as its last message, and the
//! page starts another worker. After the page's own panic, no part of it can be trusted, so the message is shown in an
//! element of its own, made without Leptos.

use std::panic::PanicHookInfo;

use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;
use web_sys::Element;

use crate::protocol;
use lab::worker::event::Event;

/// The id of the element with the message of a panic.
pub const BOX_ID: &str = "page-failure";
/// A sentence per language with its code: what happened, and what to do.
const ADVICE: [(&str, &str); 2] = [
    (
        "en",
        "The page has failed and no longer answers. Reload it: the link brings its settings back. If it fails again, please report the line below.",
    ),
    (
        "it",
        "La pagina ha avuto un guasto e non risponde più. Ricaricala: il link riporta le sue impostazioni. Se succede ancora, segnala la riga qui sotto.",
    ),
];
const RELOAD: &str = "Reload · Ricarica";

/// Installs a hook that reports every panic.
pub fn install_hook() {
    std::panic::set_hook(Box::new(report));
}

fn report(info: &PanicHookInfo<'_>) {
    console_error_panic_hook::hook(info);
    let message = info.to_string();
    match protocol::scope() {
        Some(scope) => post_fatal(&scope, message),
        None => show(&message),
    }
}

/// Posts the worker's last message.
pub(crate) fn post_fatal(scope: &web_sys::DedicatedWorkerGlobalScope, reason: String) {
    // If this fails too, the page notices by the worker's `error` event or its silence.
    if let Ok(packed) = Event::Fatal(reason).pack() {
        let _ = scope.post_message(&protocol::to_js(&packed).message);
    }
}

/// Shows the message of a panic of the page. Only the first one, as others are mostly its consequences.
pub fn show(message: &str) {
    if document().get_element_by_id(BOX_ID).is_none() {
        // If even this fails, the message is still in the console.
        let _ = show_box(message);
    }
}

fn show_box(message: &str) -> Result<(), JsValue> {
    let frame = element("div", "notices")?;
    frame.set_id(BOX_ID);
    frame.set_attribute("role", "alert")?;
    let (notice, text) = (element("div", "notice")?, element("div", "")?);
    for (lang, sentence) in ADVICE {
        let paragraph = element("p", "")?;
        paragraph.set_attribute("lang", lang)?;
        paragraph.set_text_content(Some(sentence));
        text.append_child(&paragraph)?;
    }
    let code = element("code", "")?;
    code.set_text_content(Some(message));
    text.append_child(&code)?;
    let button = element("button", "")?;
    button.set_text_content(Some(RELOAD));
    let reload = Closure::<dyn FnMut()>::new(|| {
        let _ = window().location().reload();
    });
    button.add_event_listener_with_callback("click", reload.as_ref().unchecked_ref())?;
    reload.forget();
    notice.append_child(&text)?;
    notice.append_child(&button)?;
    frame.append_child(&notice)?;
    document().body().ok_or("the page has no body")?.append_child(&frame)?;
    Ok(())
}

fn element(name: &str, class: &str) -> Result<Element, JsValue> {
    let element = document().create_element(name)?;
    element.set_class_name(class);
    Ok(element)
}
