//! Four hints for a first visit. Each has a number, which is also shown at the part that it explains. They lie over the
//! page without moving anything, and do not block what is below them. One click closes them for good.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use crate::html::{Node, section};
use crate::i18n::{t_string, use_i18n};
use crate::live::{flag, live, tr};
use crate::shelf::storage;
use crate::state::Lab;

/// The key in the browser's storage that records that they were closed.
const PLACE: &str = "gatescope.hints";
/// Their numbers.
const NUMBERS: [&str; 4] = ["1", "2", "3", "4"];
/// Selectors of the parts that they explain, in order.
const OF: [&str; 4] =
    ["[data-testid=play]", "[data-testid=chart-gradient]", "[data-testid^=chart-gates]", "[data-testid=step-inside]"];

/// The hints. They are not shown on a projector or in an embedded page, for a link that opens a panel or a run under
/// way (they would cover it), or in a browser that could not store that they were closed.
#[component]
pub fn Hints() -> AnyView {
    let lab = expect_context::<Lab>();
    let i18n = use_i18n();
    let alone = lab.experiment.with_untracked(|experiment| {
        !experiment.present && experiment.hide.is_empty() && experiment.why.is_none() && experiment.update == 0
    });
    let unread = storage().and_then(|storage| storage.get_item(PLACE).ok()).is_some_and(|closed| closed.is_none());
    let open = RwSignal::new(alone && unread);
    // The parts that they explain exist once a report is on show, and are rebuilt with another run.
    let hidden = flag(move || {
        let hidden = !open.get();
        if !lab.waiting_for_run.get() {
            mark(!hidden);
        }
        hidden
    });
    let text = move || {
        let of = [
            t_string!(i18n, hints.play),
            t_string!(i18n, hints.gradient),
            t_string!(i18n, hints.gates),
            t_string!(i18n, hints.inside),
        ];
        let item = |(number, text): (&str, &str)| format!("<li id=hint-{number}>{text}");
        let items: String = NUMBERS.into_iter().zip(of).map(item).collect();
        let (title, close) = (t_string!(i18n, hints.title), t_string!(i18n, hints.close));
        format!("<p>{title}</p><ol>{items}</ol><button data-testid=hints-close title=Esc>{close}</button>")
    };
    let click = move |event: Event| {
        if event.target().is_some_and(|target| target.unchecked_ref::<Element>().has_attribute("title")) {
            let within = document().query_selector(".hints :focus").is_ok_and(|focused| focused.is_some());
            open.set(false);
            if let Some(storage) = storage() {
                // If this fails, the hints are shown again the next time.
                let _ = storage.set_item(PLACE, "closed");
            }
            // Focus elsewhere stays where it is.
            if within {
                crate::focus("play");
            }
        }
    };
    section()
        .class("hints")
        .test_id("hints")
        .attr("aria-label", tr!(i18n, hints.title))
        .attr("hidden", hidden)
        .on("click", click)
        .prop("innerHTML", live(text))
        .node()
}

/// Closes the hints on Escape, unless that closes something else first.
pub fn escape() {
    if document().query_selector("dialog[open], .drawer-open, .inside").ok().flatten().is_none()
        && let Ok(Some(button)) = document().query_selector(".hints:not([hidden]) button")
    {
        button.unchecked_into::<HtmlElement>().click();
    }
}

/// Marks each explained part with its hint's number, or removes the marks.
fn mark(shown: bool) {
    let width = document().document_element().map_or(0, |page| page.client_width());
    for (index, selector) in OF.into_iter().enumerate() {
        // Removing looks for the marked elements themselves.
        let numbered = format!("[data-hint=\"{}\"]", NUMBERS[index]);
        let Ok(all) = document().query_selector_all(if shown { selector } else { &numbered }) else { continue };
        let all = (0..all.length()).rev().filter_map(|k| Some(all.get(k)?.unchecked_into::<Element>()));
        // Of several gate maps the last is marked: an LSTM's, if there is one. On a phone only the first lane is in
        // view.
        let mut all = all.filter(|of| !shown || of.get_bounding_client_rect().left() < f64::from(width));
        let Some(of) = all.next() else { continue };
        let _ = if shown {
            of.set_attribute("data-hint", NUMBERS[index])
                .and_then(|()| of.set_attribute("aria-describedby", &format!("hint-{}", NUMBERS[index])))
        } else {
            of.remove_attribute("data-hint").and_then(|()| of.remove_attribute("aria-describedby"))
        };
    }
}
