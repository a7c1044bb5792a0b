//! The table of kept runs: in what they differ, what came out, and what can be done with each. Made as text, like the
//! drawings: a table of elements, each with its handlers, would weigh three times as much.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement};

use super::html::{self, Node, div, span};
use super::i18n::t_string;
use super::live::live;
use super::shelf::{Contents, How, Kept, letter};
use super::state::{Lab, Notice};
use super::words::Words;
use crate::lab::kept::{self, KeptRun};
use crate::lab::{Experiment, number};

/// Keeps the run on show.
pub fn keep(lab: Lab, words: Words) {
    if let Some(run) = lab.run_on_show() {
        put(lab, words, run);
    }
}

/// Keeps a run, one without a name under the next number, and says so.
fn put(lab: Lab, words: Words, mut run: KeptRun) {
    let i18n = words.i18n();
    let mut number = 1;
    while run.name.is_empty() {
        let name = t_string!(i18n, runs.name, number = number);
        let free = |contents: &Contents| contents.runs.iter().all(|kept| kept.run.name != name);
        if lab.shelf.contents.with_untracked(free) {
            run.name = name;
        }
        number += 1;
    }
    let said = t_string!(i18n, runs.kept, name = run.name);
    if !lab.shelf.keep(run) {
        lab.tell(Notice::NotStored);
    }
    lab.shelf.say(said);
}

/// Goes to a run's update, with its settings, seen as the page is now.
fn restore(lab: Lab, kept: &Experiment) {
    let experiment = kept::seen_as(kept, &lab.experiment.get_untracked());
    close();
    if let Some(build) = experiment.build.clone().filter(|build| *build != crate::BUILD) {
        lab.tell(Notice::OtherBuild(build));
    }
    lab.start(experiment.without_build(), Box::new(|_| ()));
}

/// What a button of the dialog does, with the run of this id where it is of one.
fn act(lab: Lab, words: Words, action: &str, id: u64) {
    let shelf = lab.shelf;
    match action {
        "restore" => {
            let experiment = |contents: &Contents| Some(contents.runs[contents.place(id)?].run.experiment.clone());
            if let Some(experiment) = shelf.contents.with_untracked(experiment) {
                restore(lab, &experiment);
            }
        }
        "overlay" => shelf.overlay(id),
        "delete" => shelf.delete(id),
        "clear" => shelf.clear_others(),
        "close" => close(),
        "undo" => match shelf.take_deleted() {
            Some(kept) if kept.how == How::Before => shelf.leave_behind(kept.run),
            Some(kept) => put(lab, words, kept.run),
            None => {}
        },
        "keep-before" => {
            shelf.delete(id);
            if let Some(kept) = shelf.take_deleted() {
                put(lab, words, kept.run);
            }
        }
        _ => keep(lab, words),
    }
}

/// Shows the table.
pub fn open() {
    if let Some(dialog) = dialog() {
        // Fails only for a dialog that is not in the page.
        let _ = dialog.show_modal();
    }
}

fn close() {
    if let Some(dialog) = dialog() {
        dialog.close();
    }
}

fn dialog() -> Option<HtmlDialogElement> {
    Some(document().get_element_by_id("runs")?.unchecked_into())
}

/// Where the table shows. It is kept up while it is closed too: it is short, and changes seldom.
#[component]
pub fn RunsDialog() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let shelf = lab.shelf;
    let click = move |event: Event| {
        let Some(button) = event.target().map(|target| target.unchecked_into::<Element>()) else { return };
        let Some(action) = button.get_attribute("data-action") else { return };
        act(lab, words, &action, id_of(&button));
        // The button is made anew, if it is still there; a dialog that was closed has given the focus back.
        let refocus = move || {
            for id in [button.id().as_str(), "runs-undo", "runs-keep"] {
                if let Some(again) = document().get_element_by_id(id) {
                    let _ = again.unchecked_into::<HtmlElement>().focus();
                    break;
                }
            }
        };
        set_timeout(refocus, std::time::Duration::ZERO);
    };
    let rename = move |event: Event| {
        let Some(field) = event.target().map(|target| target.unchecked_into::<HtmlInputElement>()) else { return };
        if let Some(name) = kept::name(&field.value()) {
            shelf.rename(id_of(&field), name);
        }
    };
    html::dialog()
        .attr("id", "runs")
        .class("table-dialog")
        .test_id("runs-dialog")
        .attr("aria-labelledby", "runs-title")
        .on("click", click)
        .on("change", rename)
        .child(div().prop("innerHTML", live(move || shelf.contents.with(|contents| body(words, contents)))))
        .child(span().attr("role", "status").child(live(move || shelf.contents.with(|contents| contents.said.clone()))))
        .node()
}

fn id_of(element: &Element) -> u64 {
    element.get_attribute("data-id").and_then(|id| id.parse().ok()).unwrap_or(0)
}

/// What the dialog shows, as HTML.
fn body(words: Words, contents: &Contents) -> String {
    let i18n = words.i18n();
    let mut html = String::new();
    // Each piece of text between the pieces of HTML is escaped.
    let mut add = |parts: &[&str]| {
        for (index, part) in parts.iter().enumerate() {
            if index % 2 == 0 { html.push_str(part) } else { escape(part, &mut html) }
        }
    };
    let experiments: Vec<&Experiment> = contents.runs.iter().map(|kept| &kept.run.experiment).collect();
    let keys = kept::differing(&experiments);
    let stands = match experiments.len() {
        0 => t_string!(i18n, runs.none),
        1 => "",
        _ if keys.is_empty() => t_string!(i18n, runs.alike),
        _ => t_string!(i18n, runs.differ),
    };
    let (title, text) = (t_string!(i18n, runs.title), t_string!(i18n, runs.text));
    add(&["<h2 id=runs-title>", title, "</h2><p class=muted>", text, "</p><p>", stands, "</p>"]);
    if contents.others > 0 {
        let (text, clear) = (t_string!(i18n, runs.unread, count = contents.others), t_string!(i18n, runs.clear));
        add(&[
            "<p data-testid=runs-unread>",
            &text,
            " <button id=runs-clear data-action=clear>",
            clear,
            "</button></p>",
        ]);
    }
    if contents.runs.iter().any(|kept| kept.how == How::Here) {
        add(&["<p>", t_string!(i18n, runs.not_stored), "</p>"]);
    }
    if !contents.runs.is_empty() {
        add(&[
            "<div class=table-scroll tabindex=0 role=region aria-labelledby=runs-title><table data-testid=runs><thead><tr>",
        ]);
        let mut head = |text: &str| add(&["<th scope=col>", text, "</th>"]);
        head(t_string!(i18n, runs.run));
        for key in &keys {
            head(words.key(key.name));
        }
        head(t_string!(i18n, runs.network));
        head(t_string!(i18n, timeline.loss));
        head(t_string!(i18n, runs.solved));
        head("‖∂L/∂h₁‖ / ‖∂L/∂h_T‖");
        head(t_string!(i18n, runs.actions));
    }
    for (index, kept) in contents.runs.iter().enumerate() {
        add(&["<tbody>"]);
        let run = &kept.run;
        let high = run.lanes.len().to_string();
        for (lane, out) in run.lanes.iter().enumerate() {
            add(&["<tr>"]);
            if lane == 0 {
                add(&["<th scope=rowgroup rowspan=", &high, "><b>", letter(index), "</b> "]);
                let (id, label) = (run.id.to_string(), t_string!(i18n, runs.rename, letter = letter(index)));
                if kept.how == How::Before {
                    add(&["", t_string!(i18n, runs.before)]);
                } else {
                    let most = kept::LONGEST_NAME.to_string();
                    add(&["<input type=text maxlength=", &most, " data-id=", &id, " aria-label=\"", &label]);
                    add(&["\" value=\"", &run.name, "\">"]);
                }
                if let Some(build) = run.experiment.build.as_ref().filter(|build| *build != crate::BUILD) {
                    add(&["<span class=muted>", &t_string!(i18n, runs.other_build, build = build), "</span>"]);
                }
                for key in &keys {
                    add(&["<td rowspan=", &high, ">", &words.value(key, &run.experiment)]);
                }
            }
            let solved = match (out.solved, out.stopped) {
                (_, Some(update)) => t_string!(i18n, runs.stopped, update = number::grouped(update)),
                (Some(update), None) => number::grouped(update),
                (None, None) => t_string!(i18n, runs.not_solved).to_owned(),
            };
            let loss = number::significant(f64::from(out.loss), 3, words.mark());
            let ratio = words.share(out.ratio.unwrap_or(f64::NAN));
            let name = words.lane(&run.experiment.lanes, lane);
            add(&["<td>", &name, "<td>", &loss, "<td>", &solved, "<td>", &ratio]);
            if lane == 0 {
                add(&["<td rowspan=", &high, "><div class=buttons>"]);
                add(&[&actions(words, kept, index)]);
            }
        }
    }
    add(&["</table></div><div class=buttons>"]);
    add(&["<button id=runs-keep data-testid=runs-keep data-action=keep>", t_string!(i18n, runs.keep), "</button>"]);
    if let Some(kept) = &contents.deleted {
        let text = t_string!(i18n, runs.undo, name = words.kept(kept));
        add(&["<button id=runs-undo data-testid=runs-undo data-action=undo>", &text, "</button>"]);
    }
    add(&["<button id=runs-close data-action=close>", t_string!(i18n, table.close), "</button></div>"]);
    html
}

/// The buttons of a run, as HTML.
fn actions(words: Words, kept: &Kept, index: usize) -> String {
    let i18n = words.i18n();
    let id = kept.run.id.to_string();
    let before = kept.how == How::Before;
    let mut html = String::new();
    for (action, text, there) in [
        ("restore", t_string!(i18n, runs.restore), true),
        ("overlay", t_string!(i18n, runs.overlay), true),
        ("keep-before", t_string!(i18n, runs.keep_this), before),
        ("delete", t_string!(i18n, runs.delete), true),
    ] {
        let pressed = match (action, kept.overlaid) {
            ("overlay", true) => " aria-pressed=true",
            ("overlay", false) => " aria-pressed=false",
            _ => "",
        };
        if there {
            let label = [" aria-label=\"", text, " ", letter(index), "\">", text, "</button>"].concat();
            html += &["<button id=", action, &id, " data-id=", &id, " data-action=", action, pressed, &label].concat();
        }
    }
    html
}

/// Adds a text to HTML, where none of its characters is taken for a sign.
fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '<' => html.push_str("&lt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
}
