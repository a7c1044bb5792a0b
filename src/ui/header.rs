//! The page's head: name, share, language, theme.

use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::address;
use super::canvas_view::Look;
use super::charts::Theme;
use super::i18n::{Locale, t_string};
use super::live::{live, tr};
use super::state::{Lab, Notice};
use super::words::Words;

/// The head.
#[component]
pub fn Header() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let look = expect_context::<Look>();
    let words = Words::here();
    let i18n = words.i18n();
    let copied = RwSignal::new(false);
    let share = move |_| {
        address::write(&lab);
        let link = address::full(&lab);
        spawn_local(async move {
            let clipboard = window().navigator().clipboard();
            // Without a secure context there is no clipboard, and asking it is an error in JavaScript.
            let there = !wasm_bindgen::JsValue::from(clipboard.clone()).is_undefined();
            if there && JsFuture::from(clipboard.write_text(&link)).await.is_ok() {
                copied.set(true);
                set_timeout(move || copied.set(false), std::time::Duration::from_secs(3));
            } else {
                lab.tell(Notice::CopyFailed(link));
            }
        });
    };
    let other_language = move || if i18n.get_locale() == Locale::it { "en" } else { "it" };
    let other_theme = move || if look.theme.get() == Theme::Dark { "light" } else { "dark" };
    view! {
        <header class="page-head">
            <h1>"gatescope"</h1>
            <p class="muted tagline">{tr!(i18n, head.tagline)}</p>
            <div class="buttons">
                <span role="status" class="muted">
                    {live(move || if copied.get() { t_string!(i18n, head.copied) } else { "" })}
                </span>
                <button data-testid="share" on:click=share>
                    {tr!(i18n, head.share)}
                </button>
                <button
                    data-testid="lang"
                    lang=live(other_language)
                    aria-label=tr!(i18n, head.language)
                    on:click=move |_| lab.view("lang", other_language())
                >
                    {live(move || if i18n.get_locale() == Locale::it { "English" } else { "Italiano" })}
                </button>
                <button
                    data-testid="theme"
                    aria-label=live(move || {
                        if other_theme() == "dark" { t_string!(i18n, head.to_dark) } else { t_string!(i18n, head.to_light) }
                    })
                    on:click=move |_| lab.view("theme", other_theme())
                >
                    <span aria-hidden="true">{live(move || if other_theme() == "dark" { "☾" } else { "☀" })}</span>
                </button>
            </div>
        </header>
    }
}
