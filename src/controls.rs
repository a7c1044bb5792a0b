//! Controls for one key of the link each: words, a switch, a whole number and a decimal number. Ranges come from the
//! table of keys.

use leptos::prelude::*;
use web_sys::{Event, KeyboardEvent};

use crate::field::field;
use crate::html::{El, div, input, label, option, p, select, span};
use crate::i18n::Text;
use crate::live::{Live, flag, live};
use crate::state::Lab;
use crate::words::Words;
use lab::Experiment;
use lab::experiment::keys;

/// A choice among the words that the key allows, with the names that `name` returns.
pub fn choice(
    shown: Memo<Experiment>,
    key: &'static str,
    title: El,
    name: impl Fn(&str) -> &'static str + Copy + Send + 'static,
) -> El {
    let lab = expect_context::<Lab>();
    let value = move || shown.with(|experiment| experiment.get(key)).unwrap_or_default();
    let item = |&code: &&'static str| {
        option().attr("value", code).attr("selected", flag(move || value() == code)).child(live(move || name(code)))
    };
    label().class("control").child(title).child(
        select()
            .test_id(key)
            .prop("value", live(value))
            .on("change", move |event: Event| lab.change(key, &event_target_value(&event)))
            .children(keys::words(key).iter().map(item)),
    )
}

/// A switch for a key that is 1 or 0.
pub fn switch(shown: Memo<Experiment>, key: &'static str, title: Text) -> El {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let on = move || shown.with(|experiment| experiment.get(key)).is_some_and(|value| value == "1");
    let set = move |_: Event| lab.change(key, if untrack(on) { "0" } else { "1" });
    // The browser treats an empty text as false and any other as true.
    let checked = live(move || if on() { "1" } else { "" });
    label()
        .class("control")
        .child(span().child(live(move || i18n.text(title))))
        .child(input().attr("type", "checkbox").test_id(key).prop("checked", checked).on("change", set))
}

/// A slider and a field for a whole number, over the key's range.
pub fn whole(shown: Memo<Experiment>, key: &'static str, title: Live) -> El {
    let lab = expect_context::<Lab>();
    let (min, max) = keys::whole_range(key).unwrap_or((1, 1));
    // A truncation window ends with the sequence.
    let max = move || if key == "tbptt" { shown.with(|experiment| experiment.len as u64) } else { max };
    let value = move || shown.with(|experiment| experiment.get(key)).unwrap_or_default();
    let id = format!("setting-{key}");
    // Equal steps of the slider are equal ratios, as small sizes differ most. A range from 0 has equal differences.
    let stops = 100.0;
    let to_value = move |stop: f64| {
        let (min, max, part) = (min as f64, max() as f64, stop / stops);
        (if min > 0.0 { min * (max / min).powf(part) } else { max * part }).round() as u64
    };
    let to_stop = move |value: f64| {
        let (min, max) = (min as f64, max() as f64);
        stops * if min > 0.0 { (value / min).ln() / (max / min).ln() } else { value / max }
    };
    let slide = move |event: Event| {
        let stop = numbers::parse(&event_target_value(&event)).unwrap_or(0.0);
        lab.change(key, &to_value(stop).clamp(min, max()).to_string());
    };
    // The arrow keys change the number, as in a browser's own number field.
    let step = move |event: KeyboardEvent| {
        let up = match event.key().as_str() {
            "ArrowUp" => true,
            "ArrowDown" => false,
            _ => return,
        };
        event.prevent_default();
        let here: u64 = untrack(value).parse().unwrap_or(min);
        let to = if up { here + 1 } else { here.saturating_sub(1) };
        lab.change(key, &to.clamp(min, untrack(max)).to_string());
    };
    let slider = input()
        .attr("type", "range")
        .attr("tabindex", "-1")
        .attr("aria-hidden", "true")
        .attr("min", "0")
        .attr("max", stops.to_string())
        .attr("step", "any")
        .prop("value", live(move || to_stop(numbers::parse(&value()).unwrap_or(1.0)).to_string()))
        .on("input", slide);
    let [field, answer] = field(key.to_owned(), value, value, move |typed| lab.enter(key, typed));
    let field = field
        .attr("id", id.clone())
        .attr("role", "spinbutton")
        .attr("aria-valuemin", min.to_string())
        .attr("aria-valuemax", live(move || max().to_string()))
        .attr("aria-valuenow", live(value))
        .on("keydown", step);
    div().class("control").child(label().attr("for", id).child(title)).child(slider).child(field).child(answer)
}

/// A field for a decimal number.
pub fn real(shown: Memo<Experiment>, key: &'static str, title: Live, slider: Option<El>) -> El {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let value = move || {
        shown.with(|experiment| match (key, experiment.decay) {
            // The optimiser's default where none is set.
            ("decay", None) => numbers::written(experiment.optimizer_settings().decay),
            _ => experiment.get(key).unwrap_or_default(),
        })
    };
    let written = move || value().replace('.', &words.mark().to_string());
    let id = format!("setting-{key}");
    let [field, answer] = field(key.to_owned(), written, written, move |typed| lab.enter(key, typed));
    let field = field.attr("id", id.clone());
    div().class("control").child(label().attr("for", id).child(title)).child(slider).child(field).child(answer)
}

/// A control with a sentence that explains it.
pub fn explained(control: El, why: Text) -> El {
    let i18n = Words::here().i18n();
    div().class("remedy").child(control).child(p().class("muted").child(live(move || i18n.text(why))))
}
