//! Parts of the page that are set as text: equations and drawings, which come as MathML and SVG.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::html::{El, div};
use crate::live::{Live, effect};

/// A `div` whose content is this markup. Where the focus is on something in it that has a `data-key`, it is on the same
/// thing after the text was made anew.
pub fn markup(mut text: Live) -> El {
    let place = NodeRef::<Div>::new();
    effect(move || {
        let text = text();
        let Some(place) = place.get() else { return };
        let focused = document().active_element().filter(|element| place.contains(Some(element)));
        let key = focused.as_ref().and_then(|element| element.get_attribute("data-key"));
        // Where something is being written; nothing else has one.
        let caret = focused.and_then(|field| field.unchecked_ref::<HtmlInputElement>().selection_start().ok()?);
        place.set_inner_html(&text);
        let Some(key) = key else { return };
        // What is not there any more is followed by what stands for it.
        let stands = |what: &str| place.query_selector(what).ok().flatten();
        let again = stands(&format!("[data-key=\"{key}\"]"))
            .or_else(|| stands("[aria-expanded=true]"))
            .or_else(|| stands("[data-key]"))
            // Else its surroundings, so that their keys go on.
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
