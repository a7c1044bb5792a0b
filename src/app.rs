//! The whole page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::address;
use crate::canvas_view::{Drawn, Look};
use crate::edits::WhatIf;
use crate::header::Header;
use crate::hero::Hero;
use crate::hints::Hints;
use crate::html::{Node, button, div, dynamic, main, nav, p, when};
use crate::i18n::I18n;
use crate::inside::InsidePanel;
use crate::inspector::Inspector;
use crate::keymap;
use crate::lane::LaneColumn;
use crate::live::{effect, flag, live, tr};
use crate::notices::Notices;
use crate::question::Question;
use crate::reach::ReachMaps;
use crate::runs::RunsDialog;
use crate::script;
use crate::settings::SettingsPanel;
use crate::state::Lab;
use crate::table::{OpenTable, TableDialog};
use crate::transport::Transport;
use crate::why::WhyPanel;
use crate::words::Words;
use charts::{Theme, palette};
use lab::Experiment;
use lab::Lang;
use lab::experiment::limits;

/// The page, with everything it needs around it.
#[component]
pub fn App() -> AnyView {
    let lab = Lab::open(&address::read());
    provide_context(lab);
    provide_context(Drawn::default());
    provide_context(OpenTable::default());
    provide_context(Look { theme: theme_of(lab.experiment), zoom: zoom_of(lab.experiment), ratio: ratio() });
    address::watch(lab);
    script::install(lab);
    provide_context(I18n::new(language_of(lab.experiment)));
    Page()
}

#[component]
fn Page() -> AnyView {
    let lab = expect_context::<Lab>();
    let look = expect_context::<Look>();
    let words = Words::here();
    let i18n = words.i18n();
    tell_language(i18n);
    follow_theme(look);
    follow_zoom(look);
    keymap::install(expect_context(), words);
    // A sentence read out belongs to its update and language, and is removed when either changes.
    let update = Memo::new(move |_| lab.update());
    effect(move || {
        update.get();
        i18n.lang();
        lab.waiting_for_run.get();
        if lab.narration.with_untracked(|said| !said.is_empty()) {
            lab.narration.set(String::new());
        }
    });
    let drawer = RwSignal::new(false);
    // The lane that is scrolled into view on a narrow screen.
    let in_sight = RwSignal::new(0_usize);
    // Read out when the networks change, for any reason: a setting, an earlier run restored, a lane that diverges.
    let networks = move || {
        let lanes = lab.draft.get().unwrap_or_else(|| lab.experiment.get()).lanes.clone();
        let names: Vec<String> = (0..lanes.len()).map(|lane| words.lane(&lanes, lane)).collect();
        format!("{}: {}", words.key("lanes"), names.join(", "))
    };
    let shows = move |part: &'static str| lab.experiment.with(|experiment| !experiment.hide.contains(&part));
    // A lane is rebuilt when its cell or size changes.
    let lane_at = move |index: usize| {
        Memo::new(move |_| {
            lab.experiment.with(|experiment| {
                experiment.lanes.get(index).map(|cell| (*cell, experiment.task, experiment.hidden_of(index)))
            })
        })
    };
    // The marker of the chosen step in every lane.
    let band = move || {
        let len = lab.steps() as f64;
        (format!("{:.4}%", 100.0 * lab.step() as f64 / len), format!("{:.4}%", 100.0 / len))
    };
    // The path from the chosen credit back to its step.
    let path = move || {
        let len = lab.experiment.with(|experiment| experiment.len) as f64;
        let (from, steps) = lab.path().map_or((0, 0), |(step, end)| (step, end - step + 1));
        (format!("{:.4}%", 100.0 * from as f64 / len), format!("{:.4}%", 100.0 * steps as f64 / len))
    };
    let jump = move |index: usize| {
        let lane = document().query_selector(&format!("[data-testid=lane-{index}]"));
        if let Ok(Some(lane)) = lane {
            lane.scroll_into_view();
        }
    };
    let page_class = move || {
        let also = |holds: bool, class| if holds { class } else { "" };
        format!("page{}{}", also(drawer.get(), " drawer-open"), also(lab.waiting_for_run.get(), " waiting"))
    };
    let close_drawer = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" && drawer.get_untracked() {
            drawer.set(false);
            crate::focus("drawer");
        }
    };
    effect(move || {
        if drawer.get() {
            // Waits until the element is on the page.
            set_timeout(|| crate::focus("task"), std::time::Duration::ZERO);
        }
    });
    let tab = move |index: usize| {
        let name = move || lab.experiment.with(|experiment| words.lane(&experiment.lanes, index));
        let there = move || lab.experiment.with(|experiment| index < experiment.lanes.len());
        let pressed = move || live(move || (in_sight.get() == index).to_string());
        when(there, move || button().attr("aria-pressed", pressed()).on_click(move || jump(index)).child(live(name)))
    };
    let lane = move |index: usize| {
        let lane = lane_at(index);
        dynamic(move || lane.get().map(|(cell, ..)| view! { <LaneColumn index cell /> }))
    };
    let swiped = move |event: web_sys::Event| {
        let Some(lanes) = event.target().map(|target| target.unchecked_into::<web_sys::Element>()) else { return };
        let index = (f64::from(lanes.scroll_left()) / f64::from(lanes.client_width().max(1))).round() as usize;
        if in_sight.get_untracked() != index {
            in_sight.set(index);
        }
    };
    let lanes = move || {
        let count = live(move || lab.experiment.with(|experiment| experiment.lanes.len().to_string()));
        vec![
            nav()
                .class("lane-tabs buttons")
                .attr("aria-label", tr!(i18n, lane.tabs))
                .children((0..limits::MOST_LANES).map(tab)),
            div()
                .class("lanes")
                .attr("data-count", count)
                .on("scroll", swiped)
                .children((0..limits::MOST_LANES).map(lane)),
        ]
    };
    div()
        .class(live(page_class))
        .on("keydown", close_drawer)
        .style("--band-left", live(move || band().0))
        .style("--band-width", live(move || band().1))
        .style("--path-left", live(move || path().0))
        .style("--path-width", live(move || path().1))
        .child(when(move || shows("header"), || view! { <Header /> }))
        .child(div().class("transport-place").child(view! { <Transport drawer /> }))
        .child(view! { <Hints /> })
        .child(view! { <Notices /> })
        .child(
            div()
                .class("columns")
                .attr("data-waiting", flag(move || lab.calm.with(Option::is_none)))
                .child(when(
                    move || shows("settings") && !lab.experiment.with(|experiment| experiment.present),
                    move || view! { <SettingsPanel drawer /> },
                ))
                .child(
                    main()
                        .attr("aria-label", tr!(i18n, head.main))
                        .child(view! { <Question /> })
                        .child(when(move || lab.inside.with(Option::is_some), || view! { <InsidePanel /> }))
                        .child(when(move || shows("gradient"), || view! { <Hero /> }))
                        .child(when(move || shows("gradient"), || view! { <WhyPanel /> }))
                        .child(when(move || shows("lanes"), lanes))
                        // Below the lanes, so that they are visible without scrolling.
                        .child(when(move || shows("gradient"), || view! { <ReachMaps /> })),
                )
                .child(when(
                    move || shows("inspector"),
                    || div().class("side").child(view! { <Inspector /> }).child(view! { <WhatIf /> }),
                )),
        )
        .child(
            p().class("visually-hidden")
                .test_id("narration")
                .attr("aria-live", "polite")
                .child(live(move || lab.narration.get())),
        )
        .child(p().class("visually-hidden").attr("role", "status").child(live(networks)))
        .child(view! { <TableDialog /> })
        .child(view! { <RunsDialog /> })
        .node()
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
        Some(lab::Theme::Dark) => Theme::Dark,
        Some(lab::Theme::Light) => Theme::Light,
        None if system_dark.get() => Theme::Dark,
        None => Theme::Light,
    })
}

/// Factor by which texts and strokes are larger than usual.
fn zoom_of(experiment: RwSignal<Experiment>) -> Memo<f64> {
    Memo::new(move |_| if experiment.with(|experiment| experiment.present) { 1.5 } else { 1.0 })
}

/// All sizes on the page are multiples of the root's font size.
fn follow_zoom(look: Look) {
    effect(move || {
        let Some(root) = root() else { return };
        let zoom = look.zoom.get();
        let _ = root.style().set_property("font-size", &format!("{}%", 100.0 * zoom));
        let _ = root.toggle_attribute_with_force("data-present", zoom > 1.0);
    });
}

/// Device pixels per CSS pixel; follows zoom and screen.
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

/// The document's own element, which carries theme, size of type and language.
fn root() -> Option<web_sys::HtmlElement> {
    document().document_element()?.dyn_into().ok()
}

/// Sets the colours of the style sheet from the table that the canvases use.
fn follow_theme(look: Look) {
    effect(move || {
        let theme = look.theme.get();
        let Some(root) = root() else { return };
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

/// The language of the link, else the browser's.
fn language_of(experiment: RwSignal<Experiment>) -> Memo<Lang> {
    let browser = window().navigator().language().unwrap_or_default();
    let default = if browser.starts_with("it") { Lang::It } else { Lang::En };
    Memo::new(move |_| experiment.with(|experiment| experiment.lang).unwrap_or(default))
}

/// Sets the document's language to that of the page.
fn tell_language(i18n: I18n) {
    effect(move || {
        if let Some(root) = root() {
            let _ = root.set_attribute("lang", if i18n.lang() == Lang::It { "it" } else { "en" });
        }
    });
}
