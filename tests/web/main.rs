//! Components, mounted in a real browser by wasm-bindgen-test: those that need no worker.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

mod pictures;

use std::rc::Rc;

use gatescope::i18n::I18n;
use gatescope::live::said;
use gatescope::table::{OpenTable, TableButton, TableData, TableDialog};
use gatescope::words::Words;
use lab::Lang;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::HtmlElement;

wasm_bindgen_test_configure!(run_in_browser);

/// Mounts a view in a place of its own, in a language; it goes when the handle is dropped.
fn mount<V: IntoView + 'static>(
    lang: RwSignal<Lang>,
    view: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> (HtmlElement, impl Drop) {
    let place: HtmlElement = document().create_element("div").unwrap().unchecked_into();
    document().body().unwrap().append_child(&place).unwrap();
    let handle = leptos::mount::mount_to(place.clone(), move || {
        provide_context(I18n::new(Memo::new(move |_| lang.get())));
        view()
    });
    (place, handle)
}

fn find(place: &HtmlElement, selector: &str) -> Option<HtmlElement> {
    place.query_selector(selector).unwrap().map(JsCast::unchecked_into)
}

fn texts(place: &HtmlElement, selector: &str) -> Vec<String> {
    let found = place.query_selector_all(selector).unwrap();
    (0..found.length()).map(|at| found.item(at).unwrap().text_content().unwrap_or_default()).collect()
}

/// A button with a table of squares behind it.
#[component]
fn Squares() -> impl IntoView {
    provide_context(OpenTable::default());
    let data = || {
        Some(TableData {
            title: "Squares".to_owned(),
            heads: vec!["n".to_owned(), "n²".to_owned()],
            rows: (1..=3).map(|n| vec![n.to_string(), (n * n).to_string()]).collect(),
        })
    };
    view! {
        <TableButton name=said(|| "Squares".to_owned()) data=Rc::new(data) />
        <TableDialog />
    }
}

#[wasm_bindgen_test]
async fn a_table_is_made_when_it_is_opened_and_gone_when_it_is_closed() {
    let (place, _mounted) = mount(RwSignal::new(Lang::En), || view! { <Squares /> });
    assert!(find(&place, "table").is_none());
    find(&place, ".table-button").unwrap().click();
    leptos::task::tick().await;
    let dialog: web_sys::HtmlDialogElement = find(&place, "dialog").unwrap().unchecked_into();
    assert!(dialog.open());
    assert_eq!(texts(&place, "h2"), ["Squares"]);
    assert_eq!(texts(&place, "thead th"), ["n", "n²"]);
    assert_eq!(texts(&place, "tbody th"), ["1", "2", "3"]);
    assert_eq!(texts(&place, "tbody td"), ["1", "4", "9"]);
    find(&place, "dialog > button").unwrap().click();
    assert!(!dialog.open());
    // The dialog's close event comes in a task of its own.
    for _ in 0..100 {
        next_turn().await;
        if find(&place, "table").is_none() {
            return;
        }
    }
    panic!("the table is still there");
}

/// One turn of the event loop.
async fn next_turn() {
    let turn = js_sys::Promise::new(&mut |resolve, _| {
        window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 1).unwrap();
    });
    wasm_bindgen_futures::JsFuture::from(turn).await.unwrap();
}

#[wasm_bindgen_test]
async fn words_and_the_decimal_mark_follow_the_language() {
    let lang = RwSignal::new(Lang::En);
    let (place, _mounted) = mount(lang, || {
        let words = Words::here();
        view! {
            <p>{move || words.gate("f")}</p>
            <p>{move || words.mark().to_string()}</p>
            <p>{move || words.share(0.0271)}</p>
        }
    });
    leptos::task::tick().await;
    assert_eq!(texts(&place, "p"), ["forget gate", ".", "0.027"]);
    lang.set(Lang::It);
    leptos::task::tick().await;
    assert_eq!(texts(&place, "p"), ["porta di oblio", ",", "0,027"]);
}

#[wasm_bindgen_test]
fn a_panic_of_the_page_is_shown_once_in_both_languages_with_its_message() {
    gatescope::panics::show("panicked at src/state.rs:1:2:\nfirst");
    gatescope::panics::show("panicked at src/state.rs:3:4:\nsecond");
    let frame: HtmlElement = document().get_element_by_id(gatescope::panics::BOX_ID).unwrap().unchecked_into();
    assert_eq!(frame.get_attribute("role").as_deref(), Some("alert"));
    assert_eq!(texts(&frame, "code"), ["panicked at src/state.rs:1:2:\nfirst"]);
    assert!(texts(&frame, "p[lang=en]")[0].contains("Reload"), "what the person can do");
    assert!(texts(&frame, "p[lang=it]")[0].contains("Ricarica"));
    assert_eq!(texts(&frame, "button").len(), 1);
    frame.remove();
}
