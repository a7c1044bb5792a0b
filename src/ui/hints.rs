//! Four hints for whoever is here for the first time. Each has a number, which also stands at what it speaks of; nothing
//! makes room for them, and what lies under them can be used. One click closes them for good.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::html::{Node, button, div, li, ol, p, section, when};
use super::i18n::use_i18n;
use super::live::tr;
use super::shelf::storage;
use super::state::Lab;

/// Where in the browser's storage it says that they were closed.
const PLACE: &str = "gatescope.hints";
/// What they speak of, in their order.
const OF: [&str; 4] =
    ["[data-testid=play]", "[data-testid=chart-gradient]", "[data-testid^=chart-gates]", "[data-testid=step-inside]"];

/// The hints. A page on a projector or in another one has none, nor has a browser that could not remember that they were
/// closed.
#[component]
pub fn Hints() -> AnyView {
    let lab = expect_context::<Lab>();
    let i18n = use_i18n();
    let alone = lab.experiment.with_untracked(|experiment| !experiment.present && experiment.hide.is_empty());
    let unread = storage().and_then(|storage| storage.get_item(PLACE).ok()).is_some_and(|closed| closed.is_none());
    let open = RwSignal::new(alone && unread);
    // The parts they speak of stand when there is something on show, and are made anew with another run.
    Effect::new(move |_| {
        let shown = open.get();
        let _ = lab.waiting_for_run.get();
        mark(shown);
    });
    let close = move || {
        open.set(false);
        if let Some(storage) = storage() {
            // Else they are there again the next time.
            let _ = storage.set_item(PLACE, "closed");
        }
    };
    let keys = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        // What else Escape closes comes first.
        let other = lab.inside.with_untracked(Option::is_some)
            || document().query_selector("dialog[open], .drawer-open").ok().flatten().is_some();
        if event.key() == "Escape" && open.get_untracked() && !other {
            close();
        }
    });
    on_cleanup(move || keys.remove());
    when(
        move || open.get(),
        move || {
            let hint = |index: usize, text| li().attr("id", format!("hint-{index}")).child(text);
            section()
                .class("hints")
                .test_id("hints")
                .attr("aria-label", tr!(i18n, hints.title))
                .child(
                    div().child(p().child(tr!(i18n, hints.title))).child(
                        ol().child(hint(1, tr!(i18n, hints.play)))
                            .child(hint(2, tr!(i18n, hints.gradient)))
                            .child(hint(3, tr!(i18n, hints.gates)))
                            .child(hint(4, tr!(i18n, hints.inside))),
                    ),
                )
                .child(
                    button().test_id("hints-close").attr("title", "Esc").on_click(move || {
                        close();
                        super::focus("play");
                    }).child(tr!(i18n, hints.close)),
                )
        },
    )
    .node()
}

/// Puts each hint's number at what it speaks of, or takes it away.
fn mark(shown: bool) {
    for (index, selector) in OF.into_iter().enumerate() {
        let Ok(all) = document().query_selector_all(selector) else { continue };
        // Of several gate maps the last: an LSTM's, where there is one.
        let Some(of) = all.get(all.length().saturating_sub(1)) else { continue };
        let Ok(of) = wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(of) else { continue };
        let _ = if shown {
            of.set_attribute("data-hint", &(index + 1).to_string())
                .and_then(|()| of.set_attribute("aria-describedby", &format!("hint-{}", index + 1)))
        } else {
            of.remove_attribute("data-hint").and_then(|()| of.remove_attribute("aria-describedby"))
        };
    }
}
