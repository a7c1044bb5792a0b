//! The whole page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::address;
use super::canvas_view::{Drawn, Look};
use super::charts::{Theme, palette};
use super::header::Header;
use super::hero::Hero;
use super::i18n::{I18nContextProvider, Locale, t_string, use_i18n};
use super::inspector::Inspector;
use super::lane::LaneColumn;
use super::live::{flag, live, tr};
use super::notices::Notices;
use super::question::Question;
use super::script;
use super::settings::SettingsPanel;
use super::state::Lab;
use super::table::{OpenTable, TableDialog};
use super::transport::Transport;
use super::words::Words;
use crate::lab::{Experiment, Lang};

/// The page, with everything it needs around it.
#[component]
pub fn App() -> impl IntoView {
    let lab = Lab::open(&address::read());
    provide_context(lab);
    provide_context(Drawn::default());
    provide_context(OpenTable::default());
    provide_context(Look { theme: theme_of(lab.experiment), ratio: ratio() });
    address::watch(lab);
    script::install(lab);
    view! {
        <I18nContextProvider>
            <Page />
        </I18nContextProvider>
    }
}

#[component]
fn Page() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let look = expect_context::<Look>();
    follow_language(lab);
    follow_theme(look);
    let words = Words::here();
    let i18n = words.i18n();
    let drawer = RwSignal::new(false);
    let shows = move |part: &'static str| lab.experiment.with(|experiment| !experiment.hide.contains(&part));
    let lanes = Memo::new(move |_| {
        lab.experiment.with(|experiment| {
            let shape = (experiment.task, experiment.hidden);
            experiment.lanes.iter().enumerate().map(|(index, cell)| (index, *cell, shape)).collect::<Vec<_>>()
        })
    });
    // Where the marker of the chosen step stands in every lane.
    let band = move || {
        let len = lab.experiment.with(|experiment| experiment.len) as f64;
        (format!("{:.4}%", 100.0 * lab.step() as f64 / len), format!("{:.4}%", 100.0 / len))
    };
    let jump = move |index: usize| {
        let lane = document().query_selector(&format!("[data-testid=lane-{index}]"));
        if let Ok(Some(lane)) = lane {
            lane.scroll_into_view();
        }
    };
    view! {
        <div
            class="page"
            class:drawer-open=flag(move || drawer.get())
            class:waiting=flag(move || lab.waiting_for_run.get())
            on:keydown=move |event| {
                if event.key() == "Escape" && drawer.get_untracked() {
                    drawer.set(false);
                }
            }
            style=("--band-left", live(move || band().0))
            style=("--band-width", live(move || band().1))
        >
            <Show when=move || shows("header")>
                <Header />
            </Show>
            <div class="transport-place">
                <Transport drawer />
            </div>
            <Notices />
            <div class="columns">
                <Show when=move || shows("settings")>
                    <SettingsPanel />
                </Show>
                <main aria-label=tr!(i18n, head.main)>
                    <Question />
                    <Show when=move || shows("gradient")>
                        <Hero />
                    </Show>
                    <Show when=move || shows("lanes")>
                        <nav class="lane-tabs buttons" aria-label=tr!(i18n, lane.tabs)>
                            <For each=move || lanes.get() key=|lane| *lane let:lane>
                                <button on:click=move |_| jump(lane.0)>{live(move || lab.experiment.with(|experiment| words.lane(&experiment.lanes, lane.0)))}</button>
                            </For>
                        </nav>
                        <div class="lanes" data-count=live(move || lanes.get().len().to_string())>
                            <For each=move || lanes.get() key=|lane| *lane let:lane>
                                <LaneColumn index=lane.0 cell=lane.1 />
                            </For>
                        </div>
                    </Show>
                </main>
                <Show when=move || shows("inspector")>
                    <Inspector />
                </Show>
            </div>
            <p class="visually-hidden" aria-live="polite">
                {live(move || {
                    let (step, unit) = lab.moved.get().unwrap_or_default();
                    if step == 0 { String::new() } else { t_string!(i18n, inspector.moved, step = step, unit = unit).to_string() }
                })}
            </p>
            <TableDialog />
        </div>
    }
}

/// The theme of the link, else the system's, as it changes.
fn theme_of(experiment: RwSignal<Experiment>) -> Memo<Theme> {
    let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let system_dark = RwSignal::new(query.as_ref().is_some_and(web_sys::MediaQueryList::matches));
    if let Some(query) = query {
        let listen = wasm_bindgen::closure::Closure::<dyn Fn(web_sys::MediaQueryListEvent)>::new(
            move |event: web_sys::MediaQueryListEvent| system_dark.set(event.matches()),
        );
        query.set_onchange(Some(listen.as_ref().unchecked_ref()));
        listen.forget();
    }
    Memo::new(move |_| match experiment.with(|experiment| experiment.theme) {
        Some(crate::lab::Theme::Dark) => Theme::Dark,
        Some(crate::lab::Theme::Light) => Theme::Light,
        None if system_dark.get() => Theme::Dark,
        None => Theme::Light,
    })
}

/// Device pixels a CSS pixel, as zoom and screen change.
fn ratio() -> RwSignal<f64> {
    let ratio = RwSignal::new(window().device_pixel_ratio());
    window_event_listener(leptos::ev::resize, move |_| {
        let now = window().device_pixel_ratio();
        if ratio.get_untracked() != now {
            ratio.set(now);
        }
    });
    ratio
}

/// One table of colours for canvas and style sheet.
fn follow_theme(look: Look) {
    Effect::new(move |_| {
        let theme = look.theme.get();
        let Some(root) = document().document_element().and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok())
        else {
            return;
        };
        let style = root.style();
        for declaration in palette::css(theme).split(';') {
            if let Some((name, value)) = declaration.split_once(':') {
                // A custom property takes any value.
                let _ = style.set_property(name.trim(), value.trim());
            }
        }
        let _ = style.set_property("color-scheme", if theme == Theme::Dark { "dark" } else { "light" });
        let _ = root.set_attribute("data-theme", if theme == Theme::Dark { "dark" } else { "light" });
    });
}

/// The language of the link, else the browser's; also told to the document.
fn follow_language(lab: Lab) {
    let i18n = use_i18n();
    let browser = window().navigator().language().unwrap_or_default();
    let chosen = Memo::new(move |_| match lab.experiment.with(|experiment| experiment.lang) {
        Some(Lang::It) => Locale::it,
        Some(Lang::En) => Locale::en,
        None if browser.starts_with("it") => Locale::it,
        None => Locale::en,
    });
    Effect::new(move |_| {
        let locale = chosen.get();
        i18n.set_locale(locale);
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", if locale == Locale::it { "it" } else { "en" });
        }
    });
}
