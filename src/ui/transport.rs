//! Play, Step, Reset, New weights, New data, speed; the timeline; counters.

use leptos::prelude::*;

use super::i18n::t_string;
use super::live::{live, tr};
use super::state::Lab;
use super::timeline::Timeline;
use super::words::Words;
use crate::lab::{Speed, number};

/// The stops of the speed slider, in updates a second; beyond the last one lies "max".
const SPEEDS: [u32; 12] = [1, 2, 5, 10, 20, 40, 60, 100, 200, 400, 700, 1000];

/// The transport bar.
#[component]
pub fn Transport(
    /// Whether the settings drawer is open, on a narrow screen.
    drawer: RwSignal<bool>,
) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let update = move || lab.update();
    let rate = move || {
        let measured = lab.report.with(|report| report.as_ref().map_or(0.0, |report| report.rate));
        if lab.playing.get() { measured } else { 0.0 }
    };
    let rate_text = move || {
        let rate = rate();
        if rate >= 10.0 { number::grouped(rate.round() as u64) } else { number::significant(rate, 2, words.mark()) }
    };
    let toggle = move |_| {
        if lab.playing.get_untracked() {
            lab.pause(Box::new(|_| ()));
        } else {
            lab.play(Box::new(|_| ()));
        }
    };
    let next_seed = move |key: &'static str| {
        let seed = lab.base().get(key).and_then(|seed| seed.parse::<u32>().ok()).unwrap_or(0);
        lab.start_with(key, &seed.wrapping_add(1).to_string());
    };
    view! {
        <div class="transport" role="region" aria-label=tr!(i18n, transport.label)>
            <div class="buttons">
                <button class="primary play" data-testid="play" on:click=toggle>
                    <span aria-hidden="true">{live(move || if lab.playing.get() { "❚❚ " } else { "▶ " })}</span>
                    {live(move || {
                        if lab.playing.get() { t_string!(i18n, transport.pause) } else { t_string!(i18n, transport.play) }
                    })}
                </button>
                <button data-testid="step" on:click=move |_| lab.make_updates(1, Box::new(|_| ()))>
                    {tr!(i18n, transport.step)}
                </button>
                <button
                    data-testid="reset"
                    title=tr!(i18n, transport.reset_title)
                    on:click=move |_| lab.reset()
                >
                    <span aria-hidden="true">"↺ "</span>
                    {tr!(i18n, transport.reset)}
                </button>
                <button
                    data-testid="new-weights"
                    title=tr!(i18n, transport.new_weights_title)
                    on:click=move |_| next_seed("seed")
                >
                    {tr!(i18n, transport.new_weights)}
                </button>
                <button
                    data-testid="new-data"
                    title=tr!(i18n, transport.new_data_title)
                    on:click=move |_| next_seed("data")
                >
                    {tr!(i18n, transport.new_data)}
                </button>
                <button class="drawer-button" aria-expanded=live(move || drawer.get().to_string()) on:click=move |_| drawer.update(|open| *open = !*open)>
                    {tr!(i18n, transport.settings)}
                </button>
            </div>
            <SpeedSlider />
            <Show when=move || lab.experiment.with(|experiment| !experiment.hide.contains(&"timeline"))>
                <Timeline />
            </Show>
            <div class="counters">
                <p>
                    <span class="muted">{tr!(i18n, transport.update)}</span>
                    " "
                    <span class="number" data-testid="update-count" data-value=live(move || update().to_string())>
                        {live(move || number::grouped(update()))}
                    </span>
                </p>
                <p class="muted">
                    <span class="number" data-testid="updates-per-second" data-value=live(move || rate().to_string())>
                        {live(rate_text)}
                    </span>
                    " "
                    {tr!(i18n, transport.per_second)}
                </p>
            </div>
        </div>
    }
}

/// Speed of Play, on a scale of its own stops.
#[component]
fn SpeedSlider() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let speed = Memo::new(move |_| lab.experiment.with(|experiment| experiment.speed));
    let stop = move || match speed.get() {
        Speed::Max => SPEEDS.len(),
        Speed::PerSecond(rate) => SPEEDS.iter().rposition(|&stop| stop <= rate).unwrap_or(0),
    };
    let text = move || match speed.get() {
        Speed::Max => t_string!(i18n, transport.fastest).to_owned(),
        Speed::PerSecond(rate) => t_string!(i18n, transport.rate, rate = rate).to_string(),
    };
    let choose = move |event| {
        let stop: usize = event_target_value(&event).parse().unwrap_or(0);
        lab.view("speed", &SPEEDS.get(stop).map_or_else(|| "max".to_owned(), ToString::to_string));
    };
    view! {
        <label class="speed">
            <span class="muted">{tr!(i18n, transport.speed)}</span>
            <input
                type="range"
                data-testid="speed"
                min="0"
                max=SPEEDS.len().to_string()
                step="1"
                prop:value=live(move || stop().to_string())
                aria-valuetext=live(text)
                on:input=choose
            />
            <span class="number speed-text">{live(text)}</span>
        </label>
    }
}
