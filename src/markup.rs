//! Parts of the page that are set as text: equations and drawings in MathML and SVG.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::html::{El, div};
use crate::live::{Live, effect};

/// A `div` with this markup as its content. Focus on an element inside with a `data-key` is restored when the markup is
/// rebuilt.
pub fn markup(mut text: Live) -> El {
    let place = NodeRef::<Div>::new();
    effect(move || {
        let text = text();
        let Some(place) = place.get() else { return };
        let focused = document().active_element().filter(|element| place.contains(Some(element)));
        let key = focused.as_ref().and_then(|element| element.get_attribute("data-key"));
        // The caret of a text field; other elements have none.
        let caret = focused.and_then(|field| field.unchecked_ref::<HtmlInputElement>().selection_start().ok()?);
        place.set_inner_html(&text);
        let Some(key) = key else { return };
        // If the element no longer exists, its replacement receives the focus.
        let find = |what: &str| place.query_selector(what).ok().flatten();
        let again = find(&format!("[data-key=\"{key}\"]"))
            .or_else(|| find("[aria-expanded=true]"))
            .or_else(|| find("[data-key]"))
            // Otherwise focuses the surroundings, so that their keys keep working.
            .or_else(|| place.closest("[tabindex]").ok().flatten());
        if let Some(again) = again.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = again.focus();
            if let Some(caret) = caret {
                let _ = again.unchecked_ref::<HtmlInputElement>().set_selection_range(caret, caret);
            }
        }
    });
    div().node_ref(place)
}

/// The nearest element around an event's target that has this attribute, and the attribute.
pub fn hit(event: &web_sys::Event, attribute: &str) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(&format!("[{attribute}]")).ok()??.get_attribute(attribute)
}
