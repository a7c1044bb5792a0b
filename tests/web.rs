//! Components, mounted in a real browser by wasm-bindgen-test.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used)]

use gatescope::ui::app::App;
use leptos::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_page_has_one_heading_with_its_name() {
    leptos::mount::mount_to_body(App);
    let headings = document().query_selector_all("h1").unwrap();
    assert_eq!(headings.length(), 1);
    assert_eq!(headings.item(0).unwrap().text_content().as_deref(), Some("gatescope"));
}
