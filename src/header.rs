//! The page's header: name, share, language, theme.

use leptos::prelude::*;

use crate::address;
use crate::canvas_view::Look;
use crate::clipboard::copy;
use crate::html::{Node, button, div, h1, header, p, span};
use crate::i18n::t_string;
use crate::keymap;
use crate::live::{live, tr};
use crate::runs;
use crate::state::Lab;
use crate::table::OpenTable;
use crate::words::Words;
use charts::Theme;
use lab::Lang;

/// The header.
#[component]
pub fn Header() -> AnyView {
    let lab = expect_context::<Lab>();
    let look = expect_context::<Look>();
    let words = Words::here();
    let i18n = words.i18n();
    let copied = RwSignal::new(false);
    let share = move || {
        address::write(&lab);
        copy(lab, address::full(&lab), copied);
    };
    let other_language = move || if i18n.lang() == Lang::It { "en" } else { "it" };
    let other_theme = move || if look.theme.get() == Theme::Dark { "light" } else { "dark" };
    let tables = expect_context::<OpenTable>();
    let presents = move || lab.experiment.with(|experiment| experiment.present);
    let to_theme =
        live(
            move || {
                if other_theme() == "dark" { t_string!(i18n, head.to_dark) } else { t_string!(i18n, head.to_light) }
            },
        );
    header()
        .class("page-head")
        .child(h1().child("gatescope"))
        .child(p().class("muted tagline").child(tr!(i18n, head.tagline)))
        .child(
            div()
                .class("buttons")
                .child(span().attr("role", "status").class("muted").child(live(move || match copied.get() {
                    true => t_string!(i18n, head.copied).to_owned(),
                    false => lab.shelf.said.get(),
                })))
                .child(
                    button()
                        .test_id("present")
                        .attr("aria-pressed", live(move || presents().to_string()))
                        .on_click(move || lab.view("present", if untrack(presents) { "0" } else { "1" }))
                        .child(tr!(i18n, head.present)),
                )
                .child(
                    button()
                        .attr("aria-label", tr!(i18n, keys.button))
                        .attr("title", tr!(i18n, keys.button))
                        .attr("aria-haspopup", "dialog")
                        .on_click(move || keymap::show(tables, words))
                        .child("?"),
                )
                .child(button().test_id("keep").on_click(move || runs::keep(lab, words)).child(tr!(i18n, runs.keep)))
                .child(button().test_id("open-runs").attr("aria-haspopup", "dialog").on_click(runs::open).child(live(
                    move || {
                        let count = lab.shelf.contents.with(|contents| contents.runs.len());
                        t_string!(i18n, runs.open, count = count)
                    },
                )))
                .child(button().test_id("share").on_click(share).child(tr!(i18n, head.share)))
                .child(
                    button()
                        .test_id("lang")
                        .attr("lang", live(other_language))
                        .attr("aria-label", tr!(i18n, head.language))
                        .on_click(move || lab.view("lang", other_language()))
                        .child(live(move || if i18n.lang() == Lang::It { "English" } else { "Italiano" })),
                )
                .child(
                    button()
                        .test_id("theme")
                        .attr("aria-label", to_theme)
                        .on_click(move || lab.view("theme", other_theme()))
                        .child(
                            span()
                                .attr("aria-hidden", "true")
                                .child(live(move || if other_theme() == "dark" { "☾" } else { "☀" })),
                        ),
                ),
        )
        .node()
}
