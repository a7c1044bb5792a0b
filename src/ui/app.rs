//! The whole page.

use leptos::prelude::*;

use crate::ui::i18n::{I18nContextProvider, t, use_i18n};

/// The whole page, with everything it needs around it.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <I18nContextProvider>
            <Lab />
        </I18nContextProvider>
    }
}

#[component]
fn Lab() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <main>
            <h1>{t!(i18n, title)}</h1>
        </main>
    }
}
