//! The numbers behind a chart, as a table in a dialog: made when it is opened, not kept up while training plays.

use std::rc::Rc;

use leptos::html::Dialog;
use leptos::prelude::*;

use super::i18n::{t_string, use_i18n};
use super::live::{live, tr};

/// A table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableData {
    /// What it is of.
    pub title: String,
    /// Heads of the columns; the first names the rows.
    pub heads: Vec<String>,
    /// Rows; the first cell of each is its head.
    pub rows: Vec<Vec<String>>,
}

/// The table that is open.
#[derive(Clone, Copy)]
pub struct OpenTable(RwSignal<Option<TableData>>);

impl Default for OpenTable {
    fn default() -> Self {
        Self(RwSignal::new(None))
    }
}

/// Opens the table of a chart.
#[component]
pub fn TableButton(
    /// The chart's name.
    #[prop(into)]
    name: Signal<String>,
    /// Makes the table of what is on show.
    data: Rc<dyn Fn() -> Option<TableData>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let open = expect_context::<OpenTable>();
    let title = move || t_string!(i18n, table.open, name = name.get()).to_string();
    view! {
        <button class="table-button" aria-haspopup="dialog" aria-label=live(title) title=live(title) on:click=move |_| open.0.set(data())>
            <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
                <path d="M1 1.5h10v9H1zM1 4.5h10M1 7.5h10M4.5 1.5v9" fill="none" stroke="currentColor" />
            </svg>
        </button>
    }
}

/// Where the open table shows.
#[component]
pub fn TableDialog() -> impl IntoView {
    let i18n = use_i18n();
    let open = expect_context::<OpenTable>();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let (Some(dialog), true) = (dialog.get(), open.0.with(Option::is_some)) else { return };
        if !dialog.open() {
            // Fails only for a dialog that is not in the page.
            let _ = dialog.show_modal();
        }
    });
    let body = move || {
        open.0.get().map(|table| {
            let heads = table.heads.into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect_view();
            let rows = table.rows.into_iter().map(|row| {
                let mut cells = row.into_iter();
                let head = cells.next();
                view! {
                    <tr>
                        <th scope="row">{head}</th>
                        {cells.map(|cell| view! { <td>{cell}</td> }).collect_view()}
                    </tr>
                }
            });
            view! {
                <h2 id="table-title">{table.title}</h2>
                <div class="table-scroll" tabindex="0" role="region" aria-labelledby="table-title">
                    <table>
                        <thead>
                            <tr>{heads}</tr>
                        </thead>
                        <tbody>{rows.collect_view()}</tbody>
                    </table>
                </div>
            }
        })
    };
    view! {
        <dialog node_ref=dialog class="table-dialog" aria-labelledby="table-title" on:close=move |_| open.0.set(None)>
            {body}
            <button on:click=move |_| dialog.get_untracked().iter().for_each(|dialog| dialog.close())>
                {tr!(i18n, table.close)}
            </button>
        </dialog>
    }
}
