//! The numbers of a chart as a table in a dialog: built when it is opened, not updated while training plays.

use std::rc::Rc;
use std::sync::Arc;

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::html::{self, El, Node, button, div, dynamic, h2, table, tbody, td, th, thead, tr};
use crate::i18n::{t_string, use_i18n};
use crate::live::{Said, effect, live, said, tr};

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableData {
    /// The table's title.
    pub title: String,
    /// Heads of the columns; the first names the rows.
    pub heads: Vec<String>,
    /// Rows; the first cell of each is its head.
    pub rows: Vec<Vec<String>>,
}

/// The table that is open.
#[derive(Clone, Copy)]
pub struct OpenTable(RwSignal<Option<TableData>>);

impl OpenTable {
    /// Opens this table.
    pub fn set(self, table: TableData) {
        self.0.set(Some(table));
    }
}

impl Default for OpenTable {
    fn default() -> Self {
        Self(RwSignal::new(None))
    }
}

/// Opens the table of a chart.
#[component]
pub fn TableButton(
    /// The chart's name.
    name: Said,
    /// Builds the table of the report on show.
    data: Rc<dyn Fn() -> Option<TableData>>,
) -> AnyView {
    let i18n = use_i18n();
    let open = expect_context::<OpenTable>();
    let title = said(move || t_string!(i18n, table.open, name = name()));
    let tooltip = Arc::clone(&title);
    let icon = view! {
        <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <path d="M1 1.5h10v9H1zM1 4.5h10M1 7.5h10M4.5 1.5v9" fill="none" stroke="currentColor" />
        </svg>
    };
    button()
        .class("table-button")
        .attr("aria-haspopup", "dialog")
        .attr("aria-label", live(move || title()))
        .attr("title", live(move || tooltip()))
        .on_click(move || open.0.set(data()))
        .child(icon.into_any())
        .node()
}

/// The dialog with the open table.
#[component]
pub fn TableDialog() -> AnyView {
    let i18n = use_i18n();
    let open = expect_context::<OpenTable>();
    let dialog = NodeRef::<Dialog>::new();
    effect(move || {
        let (Some(dialog), true) = (dialog.get(), open.0.with(Option::is_some)) else { return };
        if !dialog.open() {
            // Fails only for a dialog that is not in the page.
            let _ = dialog.show_modal();
        }
    });
    let body = move || open.0.get().map(content);
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    html::dialog()
        .node_ref(dialog)
        .class("table-dialog")
        .attr("aria-labelledby", "table-title")
        .on("close", move |_: web_sys::Event| open.0.set(None))
        .child(dynamic(body))
        .child(button().on_click(close).child(tr!(i18n, table.close)))
        .node()
}

fn content(data: TableData) -> Vec<El> {
    let row = |row: Vec<String>| {
        let mut cells = row.into_iter();
        let head = cells.next();
        tr().child(th().attr("scope", "row").child(head)).children(cells.map(|cell| td().child(cell)))
    };
    let heads = data.heads.into_iter().map(|head| th().attr("scope", "col").child(head));
    let scroll = div()
        .class("table-scroll")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-labelledby", "table-title")
        .child(
            table().child(thead().child(tr().children(heads))).child(tbody().children(data.rows.into_iter().map(row))),
        );
    vec![h2().attr("id", "table-title").child(data.title), scroll]
}
