//! What a run is made of. Every control is a key of the link; ranges come from its table.

use leptos::prelude::*;

use super::i18n::t_string;
use super::live::{flag, live, tr};
use super::state::Lab;
use super::words::Words;
use crate::lab::{Experiment, keys};
use crate::nn::{CellKind, OptimizerKind};
use crate::tasks::TaskKind;

/// The settings panel.
#[component]
pub fn SettingsPanel() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    // What the controls show: the run, or the changes that wait for a restart.
    let shown = Memo::new(move |_| lab.draft.get().unwrap_or_else(|| lab.experiment.get()));
    let task_text = move || shown.with(|experiment| words.task_text(experiment.task, experiment.len));
    let lanes = move || shown.with(|experiment| experiment.lanes.clone());
    view! {
        <aside class="settings" aria-label=tr!(i18n, settings.label)>
            <Draft />
            <section>
                <h2>{tr!(i18n, settings.sequence)}</h2>
                <Choice
                    shown
                    key="task"
                    label=Signal::derive(move || t_string!(i18n, settings.task).to_owned())
                    options=TaskKind::ALL.map(|task| task.task().code()).to_vec()
                    name=move |code| TaskKind::from_code(code).map_or("", |task| words.task(task))
                    hidden_label=true
                />
                <p class="muted">{live(task_text)}</p>
                <Number shown key="len" label=Signal::derive(move || t_string!(i18n, settings.len).to_owned()) />
                <Number shown key="batch" label=Signal::derive(move || t_string!(i18n, settings.batch).to_owned()) />
            </section>
            <section>
                <h2>{tr!(i18n, settings.networks)}</h2>
                <For each=move || 0..lanes().len() key=|index| *index let:index>
                    <LanePicker index shown />
                </For>
                <Number shown key="hidden" label=Signal::derive(move || t_string!(i18n, settings.hidden).to_owned()) />
                <Show when=move || lanes().iter().any(|cell| cell.has_cell_state())>
                    <Entry shown key="forget" label=Signal::derive(move || t_string!(i18n, settings.forget).to_owned()) />
                </Show>
            </section>
            <section>
                <h2>{tr!(i18n, settings.training)}</h2>
                <Choice
                    shown
                    key="opt"
                    label=Signal::derive(move || t_string!(i18n, settings.optimizer).to_owned())
                    options=OptimizerKind::ALL.map(OptimizerKind::code).to_vec()
                    name=optimizer_name
                    hidden_label=false
                />
                <Entry shown key="lr" label=Signal::derive(move || t_string!(i18n, settings.lr).to_owned()) />
                <Entry shown key="clip" label=Signal::derive(move || t_string!(i18n, settings.clip).to_owned()) />
                <p class="muted">{tr!(i18n, settings.bptt)}</p>
            </section>
        </aside>
    }
}

/// Optimisers go by their own names in every language.
fn optimizer_name(code: &str) -> &'static str {
    match OptimizerKind::from_code(code) {
        Some(OptimizerKind::Sgd) => "SGD",
        Some(OptimizerKind::Momentum) => "Momentum",
        Some(OptimizerKind::Adam) => "Adam",
        None => "",
    }
}

/// The offer to start again with changes that wait.
#[component]
fn Draft() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    view! {
        <Show when=move || lab.draft.with(Option::is_some)>
            <div class="draft" role="status">
                <p>{tr!(i18n, settings.draft)}</p>
                <div class="buttons">
                    <button
                        class="primary"
                        on:click=move |_| {
                            lab.reset();
                            super::focus("play");
                        }
                    >
                        {tr!(i18n, settings.restart)}
                    </button>
                    <button
                        on:click=move |_| {
                            lab.draft.set(None);
                            super::focus("play");
                        }
                    >{tr!(i18n, settings.keep)}</button>
                </div>
            </div>
        </Show>
    }
}

/// One of several words.
#[component]
fn Choice(
    shown: Memo<Experiment>,
    key: &'static str,
    label: Signal<String>,
    options: Vec<&'static str>,
    name: impl Fn(&str) -> &'static str + Copy + Send + Sync + 'static,
    /// Whether the label is for screen readers alone.
    hidden_label: bool,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let value = move || shown.with(|experiment| experiment.get(key)).unwrap_or_default();
    let items = options
        .into_iter()
        .map(|code| view! { <option value=code selected=flag(move || value() == code)>{live(move || name(code))}</option> })
        .collect_view();
    view! {
        <label class="control">
            <span class:visually-hidden=hidden_label>{label}</span>
            <select
                data-testid=key
                prop:value=live(value)
                on:change=move |event| lab.change(key, &event_target_value(&event))
            >
                {items}
            </select>
        </label>
    }
}

/// A whole number: a slider and a field, over the key's range.
#[component]
fn Number(shown: Memo<Experiment>, key: &'static str, label: Signal<String>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let (min, max) = keys::whole_range(key).unwrap_or((1, 1));
    let value = move || shown.with(|experiment| experiment.get(key)).unwrap_or_default();
    let id = format!("setting-{key}");
    // Equal steps of the slider are equal ratios: small sizes differ most.
    let stops = 100.0;
    let to_value = move |stop: f64| (min as f64 * (max as f64 / min as f64).powf(stop / stops)).round() as u64;
    let to_stop = move |value: f64| stops * (value / min as f64).ln() / (max as f64 / min as f64).ln();
    view! {
        <div class="control">
            <label for=id.clone()>{label}</label>
            <input
                type="range"
                tabindex="-1"
                aria-hidden="true"
                min="0"
                max=stops.to_string()
                step="any"
                prop:value=live(move || to_stop(value().parse().unwrap_or(1.0)).to_string())
                on:input=move |event| {
                    let stop = event_target_value(&event).parse().unwrap_or(0.0);
                    lab.change(key, &to_value(stop).clamp(min, max).to_string());
                }
            />
            <input
                type="number"
                class="number"
                id=id
                min=min.to_string()
                max=max.to_string()
                prop:value=live(value)
                on:change=move |event| {
                    lab.change(key, event_target_value(&event).trim());
                    restore(&event, &value());
                }
            />
        </div>
    }
}

/// A decimal number.
#[component]
fn Entry(shown: Memo<Experiment>, key: &'static str, label: Signal<String>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let value = move || shown.with(|experiment| experiment.get(key)).unwrap_or_default();
    let written = move || value().replace('.', &words.mark().to_string());
    view! {
        <label class="control">
            <span>{label}</span>
            <input
                type="text"
                inputmode="decimal"
                class="number"
                prop:value=live(written)
                on:change=move |event| {
                    lab.change(key, &event_target_value(&event).trim().replace(',', "."));
                    restore(&event, &written());
                }
            />
        </label>
    }
}

/// Puts back what holds into a field whose value was not taken.
fn restore(event: &leptos::ev::Event, value: &str) {
    event_target::<web_sys::HtmlInputElement>(event).set_value(value);
}

/// Which network a lane trains.
#[component]
fn LanePicker(index: usize, shown: Memo<Experiment>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let code = move || shown.with(|experiment| experiment.lanes.get(index).map_or("", |cell| cell.code()));
    let swap = move |event| {
        let code = event_target_value(&event);
        let mut lanes: Vec<String> =
            shown.with_untracked(|experiment| experiment.lanes.iter().map(|cell| cell.code().to_owned()).collect());
        if let Some(lane) = lanes.get_mut(index) {
            *lane = code;
        }
        lab.change("lanes", &lanes.join(","));
    };
    view! {
        <label class="control lane-picker" data-lane=live(code)>
            <span class="dot" aria-hidden="true"></span>
            <span class="visually-hidden">{tr!(i18n, settings.lane, number = index + 1)}</span>
            <select prop:value=live(code) on:change=swap>
                {CellKind::ALL
                    .map(|kind| {
                        view! {
                            <option value=kind.code() selected=flag(move || code() == kind.code())>
                                {live(move || words.cell(kind))}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
    }
}
