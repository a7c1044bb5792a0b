//! What a run is made of. Every control is a key of the link; ranges come from its table.

use leptos::prelude::*;
use web_sys::{Event, KeyboardEvent};

use crate::field::field;
use crate::html::{El, Node, aside, button, div, h2, input, label, option, p, section, select, span, when};
use crate::i18n::{Text, texts};
use crate::lane_settings::{add_lane, lane_picker};
use crate::live::{Live, flag, live, tr};
use crate::remedies::{Remedies, explained};
use crate::signals::{Memo, RwSignal};
use crate::state::Lab;
use crate::words::Words;
use lab::Experiment;
use lab::experiment::keys;
use lab::experiment::limits;
use tasks::TaskKind;

/// The settings panel.
#[component]
pub fn SettingsPanel(
    /// Whether it is open as a drawer, on a narrow screen.
    drawer: RwSignal<bool>,
) -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    // What the controls show: the run, or the changes that wait for a restart.
    let shown = Memo::new(move |_| lab.draft.get().unwrap_or_else(|| lab.experiment.get()));
    let task_text = move || shown.with(|experiment| words.task_text(experiment.task, experiment.len));
    let lanes = move || shown.with(|experiment| experiment.lanes.clone());
    let title = |text: Live| h2().child(text);
    aside()
        .class("settings")
        .attr("aria-label", tr!(i18n, settings.label))
        .child(view! { <Draft drawer /> })
        .child(
            section()
                .child(title(tr!(i18n, settings.sequence)))
                .child(choice(
                    shown,
                    "task",
                    span().class("visually-hidden").child(tr!(i18n, settings.task)),
                    move |code| TaskKind::from_code(code).map_or("", |task| words.task(task)),
                ))
                .child(p().class("muted").child(live(task_text)))
                .child(whole(shown, "len", tr!(i18n, settings.len)))
                .child(whole(shown, "batch", tr!(i18n, settings.batch))),
        )
        .child(
            section()
                .child(title(tr!(i18n, settings.networks)))
                .children(
                    (0..limits::MOST_LANES)
                        .map(|index| when(move || index < lanes().len(), move || lane_picker(index, shown))),
                )
                .child(add_lane(shown))
                .child(whole(shown, "hidden", tr!(i18n, settings.hidden)))
                .child(when(move || lanes().len() > 1, move || switch(shown, "match", texts::settings::matched)))
                .child(when(
                    move || lanes().iter().any(|cell| !cell.is_recurrent()),
                    move || explained(whole(shown, "window", tr!(i18n, settings.window)), texts::remedies::window_why),
                )),
        )
        .child(
            section()
                .child(title(tr!(i18n, settings.training)))
                .child(explained(
                    choice(shown, "opt", span().child(tr!(i18n, settings.optimizer)), move |code| {
                        words.code("opt", code)
                    }),
                    texts::remedies::opt_why,
                ))
                .child(explained(learning_rate(shown), texts::remedies::lr_why)),
        )
        .child(view! { <Remedies shown /> })
        .node()
}

/// The offer to start again with changes that wait.
#[component]
fn Draft(drawer: RwSignal<bool>) -> AnyView {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let done = move |button: El, what: fn(Lab)| {
        button.on_click(move || {
            what(lab);
            drawer.set(false);
            crate::focus("play");
        })
    };
    let waits = move || lab.draft.with(Option::is_some);
    // There before it says something: else that would not be read out.
    div()
        .class(live(move || if waits() { "draft" } else { "visually-hidden" }))
        .attr("role", "status")
        .child(when(waits, move || {
            vec![
                p().child(tr!(i18n, settings.draft)),
                div()
                    .class("buttons")
                    .child(done(button().class("primary").child(tr!(i18n, settings.restart)), |lab| lab.reset()))
                    .child(done(button().child(tr!(i18n, settings.keep)), |lab| lab.draft.set(None))),
            ]
        }))
        .node()
}

/// One of the words that the key may have, with the names that `name` gives them.
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

/// A key that is 1 or 0.
pub fn switch(shown: Memo<Experiment>, key: &'static str, title: Text) -> El {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let on = move || shown.with(|experiment| experiment.get(key)).is_some_and(|value| value == "1");
    let set = move |_: Event| lab.change(key, if untrack(on) { "0" } else { "1" });
    // An empty text is false to the browser, any other is true.
    let checked = live(move || if on() { "1" } else { "" });
    label()
        .class("control")
        .child(span().child(live(move || i18n.text(title))))
        .child(input().attr("type", "checkbox").test_id(key).prop("checked", checked).on("change", set))
}

/// A whole number: a slider and a field, over the key's range.
pub fn whole(shown: Memo<Experiment>, key: &'static str, title: Live) -> El {
    let lab = expect_context::<Lab>();
    let (min, max) = keys::whole_range(key).unwrap_or((1, 1));
    // Behind a window the sequence ends.
    let max = move || if key == "tbptt" { shown.with(|experiment| experiment.len as u64) } else { max };
    let value = move || shown.with(|experiment| experiment.get(key)).unwrap_or_default();
    let id = format!("setting-{key}");
    // Equal steps of the slider are equal ratios: small sizes differ most. From 0 they are equal numbers.
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
    // As in a field that the browser knows to hold a number.
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

/// The learning rate: a slider of equal ratios beside its field.
fn learning_rate(shown: Memo<Experiment>) -> El {
    let lab = expect_context::<Lab>();
    let (least, most) = keys::real_range("lr").map_or((0.0, 0.0), |(min, max)| (min.log10(), max.log10()));
    let slide = move |event: Event| {
        let power = numbers::parse(&event_target_value(&event)).unwrap_or(least);
        lab.change("lr", &numbers::round(10_f64.powf(power), 2).to_string());
    };
    let slider = input()
        .attr("type", "range")
        .attr("tabindex", "-1")
        .attr("aria-hidden", "true")
        .attr("min", least.to_string())
        .attr("max", most.to_string())
        .attr("step", "any")
        .prop("value", live(move || shown.with(|experiment| experiment.lr.log10()).to_string()))
        .on("input", slide);
    let i18n = Words::here().i18n();
    real(shown, "lr", tr!(i18n, settings.lr), Some(slider))
}

/// A decimal number.
pub fn real(shown: Memo<Experiment>, key: &'static str, title: Live, slider: Option<El>) -> El {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let value = move || {
        shown.with(|experiment| match (key, experiment.decay) {
            // The optimiser's own, where no other was asked for.
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
