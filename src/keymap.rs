//! The table of keys, opened by `?` or its button.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use crate::hints;
use crate::i18n::t_string;
use crate::table::{OpenTable, TableData};
use crate::words::Words;

/// Makes `?` open the table unless a text is being typed, and Escape close the hints.
pub fn install(open: OpenTable, words: Words) {
    let handle = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let writing = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .is_some_and(|element| ["INPUT", "SELECT", "TEXTAREA"].contains(&element.tag_name().as_str()));
        match event.key().as_str() {
            "?" if !writing => show(open, words),
            "Escape" => hints::escape(),
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

/// Opens the table.
pub fn show(open: OpenTable, words: Words) {
    let i18n = words.i18n();
    let rows = [
        ("Tab, ⇧ Tab", t_string!(i18n, keys.tab)),
        ("←, →", t_string!(i18n, keys.step)),
        ("Home, End", t_string!(i18n, keys.ends)),
        ("↑, ↓", t_string!(i18n, keys.unit)),
        ("←, →", t_string!(i18n, keys.travel)),
        ("Page ↑, Page ↓", t_string!(i18n, keys.leap)),
        ("Home, End", t_string!(i18n, keys.limits)),
        ("i, f, g, o, c, h, s, x, y", t_string!(i18n, keys.letter)),
        ("Space, ⇧ Space", t_string!(i18n, keys.film_play)),
        ("←, →", t_string!(i18n, keys.film_step)),
        ("↑, ↓", t_string!(i18n, keys.film_unit)),
        ("Home, End", t_string!(i18n, keys.film_ends)),
        ("Esc", t_string!(i18n, keys.escape)),
        ("?", t_string!(i18n, keys.this)),
    ];
    open.set(TableData {
        title: t_string!(i18n, keys.title).to_owned(),
        heads: vec![t_string!(i18n, keys.key).to_owned(), t_string!(i18n, keys.does).to_owned()],
        rows: rows.iter().map(|(key, does)| vec![(*key).to_owned(), (*does).to_owned()]).collect(),
    });
}
