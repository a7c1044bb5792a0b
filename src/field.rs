//! A field for a setting, with the reason below it when a value is refused.

use leptos::prelude::*;
use web_sys::{Event, HtmlInputElement};

use crate::html::{El, input, p};
use crate::live::live;
use crate::state::Lab;
use crate::words::Words;

/// A field with this name (as used by [`Lab::refuse`]) and the reason of a refusal below it. The field shows `value`,
/// or, after a refusal, the text that was typed; the reason then names `holds` as the value in force. The field is of
/// type text, as the browser would discard anything that is no number.
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
                // Also when the value is the same, written differently.
                event_target::<HtmlInputElement>(&event).set_value(&untrack(value));
            }
        });
    [field, p().class("refused").attr("id", id).attr("role", "alert").child(live(answer))]
}
