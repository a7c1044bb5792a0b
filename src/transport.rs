//! Play, Step, Reset, New weights, New data, speed; the timeline; counters.

use leptos::prelude::*;

use crate::html::{Node, button, div, input, label, p, span, when};
use crate::i18n::t_string;
use crate::live::{live, tr};
use crate::state::Lab;
use crate::timeline::Timeline;
use crate::words::Words;
use lab::Speed;

/// The stops of the speed slider in updates per second; after the last one comes "max".
const SPEEDS: [u32; 12] = [1, 2, 5, 10, 20, 40, 60, 100, 200, 400, 700, 1000];

/// The transport bar.
#[component]
pub fn Transport(
    /// Whether the settings drawer is open, on a narrow screen.
    drawer: RwSignal<bool>,
) -> AnyView {
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
        if rate >= 10.0 { numbers::grouped(rate.round() as u64) } else { numbers::significant(rate, 2, words.mark()) }
    };
    let toggle = move || {
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
    let open = live(move || drawer.get().to_string());
    let rate_value = live(move || rate().to_string());
    div()
        .class("transport")
        .attr("role", "region")
        .attr("aria-label", tr!(i18n, transport.label))
        .child(
            div()
                .class("buttons")
                .child(
                    button()
                        .class("primary play")
                        .test_id("play")
                        .on_click(toggle)
                        .child(
                            span()
                                .attr("aria-hidden", "true")
                                .child(live(move || if lab.playing.get() { "❚❚ " } else { "▶ " })),
                        )
                        .child(live(move || {
                            if lab.playing.get() {
                                t_string!(i18n, transport.pause)
                            } else {
                                t_string!(i18n, transport.play)
                            }
                        })),
                )
                .child(
                    button()
                        .test_id("step")
                        .on_click(move || lab.make_updates(1, Box::new(|_| ())))
                        .child(tr!(i18n, transport.step)),
                )
                .child(
                    button()
                        .class("inside-button")
                        .test_id("step-inside")
                        .attr("title", tr!(i18n, inside.open_title))
                        .attr("aria-expanded", live(move || lab.inside.with(Option::is_some).to_string()))
                        .on_click(move || {
                            lab.open_inside();
                            // A film that is already open does not take the focus by itself.
                            crate::focus("inside");
                        })
                        .child(tr!(i18n, inside.open)),
                )
                .child(
                    button()
                        .test_id("reset")
                        .attr("title", tr!(i18n, transport.reset_title))
                        .on_click(move || lab.reset())
                        .child(span().attr("aria-hidden", "true").child("↺ "))
                        .child(tr!(i18n, transport.reset)),
                )
                .child(
                    button()
                        .test_id("new-weights")
                        .attr("title", tr!(i18n, transport.new_weights_title))
                        .on_click(move || next_seed("seed"))
                        .child(tr!(i18n, transport.new_weights)),
                )
                .child(
                    button()
                        .test_id("new-data")
                        .attr("title", tr!(i18n, transport.new_data_title))
                        .on_click(move || next_seed("data"))
                        .child(tr!(i18n, transport.new_data)),
                )
                .child(
                    button()
                        .class("drawer-button")
                        .test_id("drawer")
                        .attr("aria-expanded", open)
                        .on_click(move || drawer.update(|open| *open = !*open))
                        .child(tr!(i18n, transport.settings)),
                ),
        )
        .child(view! { <SpeedSlider /> })
        .child(when(
            move || lab.experiment.with(|experiment| !experiment.hide.contains(&"timeline")),
            || view! { <Timeline /> },
        ))
        .child(
            div()
                .class("counters")
                .child(
                    p().child(span().class("muted").child(tr!(i18n, transport.update))).child(" ").child(
                        span()
                            .class("number")
                            .test_id("update-count")
                            .attr("data-value", live(move || update().to_string()))
                            .child(live(move || numbers::grouped(update()))),
                    ),
                )
                .child(
                    p().class("muted")
                        .child(
                            span()
                                .class("number")
                                .test_id("updates-per-second")
                                .attr("data-value", rate_value)
                                .child(live(rate_text)),
                        )
                        .child(" ")
                        .child(tr!(i18n, transport.per_second)),
                ),
        )
        .node()
}

/// The speed of Play, on a scale with stops.
#[component]
fn SpeedSlider() -> AnyView {
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
        Speed::PerSecond(rate) => t_string!(i18n, transport.rate, rate = rate),
    };
    let choose = move |event: web_sys::Event| {
        let stop: usize = event_target_value(&event).parse().unwrap_or(0);
        lab.view("speed", &SPEEDS.get(stop).map_or_else(|| "max".to_owned(), ToString::to_string));
    };
    label()
        .class("speed")
        .child(span().class("muted").child(tr!(i18n, transport.speed)))
        .child(
            input()
                .attr("type", "range")
                .test_id("speed")
                .attr("min", "0")
                .attr("max", SPEEDS.len().to_string())
                .attr("step", "1")
                .prop("value", live(move || stop().to_string()))
                .attr("aria-valuetext", live(text))
                .on("input", choose),
        )
        .child(span().class("number speed-text").child(live(text)))
        .node()
}
