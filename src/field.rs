//! A field into which a setting is typed, and what is answered under it to a value that was not taken.

use leptos::prelude::*;
use web_sys::{Event, HtmlInputElement};

use crate::html::{El, input, p};
use crate::live::live;
use crate::state::Lab;
use crate::words::Words;

/// The field of this name, by which [`Lab::refuse`] knows it, and under it the answer. It shows `value`, but of a value
/// that was not taken what was typed; `holds` is said to hold then. The browser reads no number out of it: what is not one
/// would be lost.
pub fn field(
    name: String,
    value: impl Fn() -> String + Copy + Send + Sync + 'static,
    holds: impl Fn() -> String + Send + 'static,
    enter: impl Fn(&str) + 'static,
) -> [El; 2] {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let name = StoredValue::new(name);
    let refused = move || name.with_value(|name| lab.refused(name));
    let shown = move || refused().map_or_else(value, |problem| problem.found);
    let answer = move || refused().map_or_else(String::new, |problem| words.refused(&problem, &holds()));
    let id = name.get_value() + "-refused";
    let field = input()
        .attr("type", "text")
        .attr("inputmode", "decimal")
        .class("number")
        .attr("aria-invalid", live(move || refused().is_some().to_string()))
        .attr("aria-describedby", id.clone())
        .prop("value", live(shown))
        .on("change", move |event: Event| {
            enter(&event_target_value(&event));
            if untrack(refused).is_none() {
                // Also where it says the same as before, written otherwise.
                event_target::<HtmlInputElement>(&event).set_value(&untrack(value));
            }
        });
    [field, p().class("refused").attr("id", id).attr("role", "alert").child(live(answer))]
}
