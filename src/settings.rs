//! The settings of a run. Every control is a key of the link; ranges come from its table.

use leptos::prelude::*;
use web_sys::Event;

use crate::controls::{choice, explained, real, switch, whole};
use crate::html::{El, Node, aside, button, div, h2, input, p, section, span, when};
use crate::i18n::text;
use crate::lane_settings::{add_lane, lane_picker};
use crate::live::{Live, live, tr};
use crate::remedies::Remedies;
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
    // The values in the controls: the run, or the changes that wait for a restart.
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
                .child(when(move || lanes().len() > 1, move || switch(shown, "match", text!(settings.matched))))
                .child(when(
                    move || lanes().iter().any(|cell| !cell.is_recurrent()),
                    move || explained(whole(shown, "window", tr!(i18n, settings.window)), text!(remedies.window_why)),
                )),
        )
        .child(
            section()
                .child(title(tr!(i18n, settings.training)))
                .child(explained(
                    choice(shown, "opt", span().child(tr!(i18n, settings.optimizer)), move |code| {
                        words.code("opt", code)
                    }),
                    text!(remedies.opt_why),
                ))
                .child(explained(learning_rate(shown), text!(remedies.lr_why))),
        )
        .child(view! { <Remedies shown /> })
        .node()
}

/// The offer to restart with the waiting changes.
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
    // The element exists before it has a text, as it would not be read out otherwise.
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

/// The learning rate: a slider with equal ratios, and its field.
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
