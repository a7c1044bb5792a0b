//! The table of kept runs: their differences, their results, and the actions on each.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement};

use crate::html::{self, Node, span};
use crate::i18n::t_string;
use crate::live::live;
use crate::markup::markup;
use crate::shelf::{Contents, How};
use crate::state::{Lab, Notice};
use crate::words::Words;
use lab::Experiment;
use lab::Key;
use lab::stored::{self, KeptRun};

/// Keeps the run on show.
pub fn keep(lab: Lab, words: Words) {
    if let Some(run) = lab.run_on_show() {
        put(lab, words, run);
    }
}

/// Keeps a run, one without a name under the next number, and confirms it.
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
    let said = t_string!(i18n, runs.kept, name = &run.name);
    if !lab.shelf.keep(run) {
        lab.tell(Notice::NotStored);
    }
    lab.shelf.say(said);
}

/// Goes to a run's update with its settings; the view stays as it is now.
fn restore(lab: Lab, kept: &Experiment) {
    let experiment = stored::seen_as(kept, &lab.experiment.get_untracked());
    close();
    if let Some(build) = experiment.build.clone().filter(|build| *build != crate::BUILD) {
        lab.tell(Notice::OtherBuild(build));
    }
    lab.start(experiment.without_build(), Box::new(|_| ()));
}

/// Handles a button of the dialog, for the run of this id if it belongs to one.
fn act(lab: Lab, words: Words, action: &str, id: u64) {
    let shelf = lab.shelf;
    match action {
        "restore" => {
            let found = |contents: &Contents| {
                let kept = &contents.runs[contents.place(id)?];
                Some((kept.run.experiment.clone(), words.kept(kept)))
            };
            if let Some((experiment, name)) = shelf.contents.with_untracked(found) {
                restore(lab, &experiment);
                shelf.say(format!("{}: {name}", t_string!(words.i18n(), runs.restore)));
            }
        }
        "overlay" => {
            shelf.overlay(id);
            let letters = shelf.contents.with_untracked(|contents| {
                let overlaid = contents.runs.iter().filter(|kept| kept.overlaid);
                overlaid.map(|kept| contents.letter(kept)).collect::<Vec<_>>().join(", ")
            });
            let letters = if letters.is_empty() { "–" } else { &letters };
            shelf.say(format!("{}: {letters}", t_string!(words.i18n(), runs.overlay)));
        }
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

/// The dialog with the table. It is also updated while closed: it is short and changes rarely.
#[component]
pub fn RunsDialog() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let shelf = lab.shelf;
    let click = move |event: Event| {
        let Some(button) = event.target().map(|target| target.unchecked_into::<Element>()) else { return };
        let Some(action) = button.get_attribute("data-action") else { return };
        act(lab, words, &action, id_of(&button));
        // Focuses the same button again after it was rebuilt, or the button of a run that came back. A dialog that was
        // closed has already returned the focus.
        let back = format!("restore{}", id_of(&button));
        let pressed = button.get_attribute("data-key").unwrap_or_default();
        let refocus = move || {
            for key in [pressed.as_str(), &back, "runs-undo", "runs-keep"] {
                if let Some(again) = document().query_selector(&format!("[data-key={key}]")).ok().flatten() {
                    let _ = again.unchecked_into::<HtmlElement>().focus();
                    break;
                }
            }
        };
        set_timeout(refocus, std::time::Duration::ZERO);
    };
    let rename = move |event: Event| {
        let Some(field) = event.target().map(|target| target.unchecked_into::<HtmlInputElement>()) else { return };
        if let Some(name) = stored::name(&field.value()) {
            shelf.rename(id_of(&field), name);
        } else if event.type_() == "change" {
            // An empty name keeps the previous one.
            shelf.contents.with_untracked(|contents| {
                if let Some(at) = contents.place(id_of(&field)) {
                    field.set_value(&contents.runs[at].run.name);
                }
            });
        }
    };
    // Rebuilt only when its content changes, as a name may be typed in it.
    let text = Memo::new(move |_| shelf.contents.with(|contents| body(words, contents)));
    html::dialog()
        .attr("id", "runs")
        .class("table-dialog")
        .test_id("runs-dialog")
        .attr("aria-labelledby", "runs-title")
        .on("click", click)
        .on("input", rename)
        .on("change", rename)
        .child(markup(live(move || text.get())))
        .child(span().attr("role", "status").child(live(move || shelf.said.get())))
        .node()
}

fn id_of(element: &Element) -> u64 {
    element.get_attribute("data-id").and_then(|id| id.parse().ok()).unwrap_or(0)
}

/// HTML under construction.
struct Html(String);

impl Html {
    /// Appends a piece of HTML, then an escaped text.
    fn put(&mut self, html: &str, text: &str) {
        self.0.push_str(html);
        for character in text.chars() {
            match character {
                '<' => self.0.push_str("&lt;"),
                '&' => self.0.push_str("&amp;"),
                '"' => self.0.push_str("&quot;"),
                other => self.0.push(other),
            }
        }
    }

    /// Appends a cell of the table, with the column's head that a phone shows before it.
    fn cell(&mut self, head: &str, high: &str, text: &str) {
        self.put("<td role=cell rowspan=", high);
        self.put(" data-head=\"", head);
        self.put("\">", text);
    }
}

/// Builds the content of the dialog as HTML.
fn body(words: Words, contents: &Contents) -> String {
    let i18n = words.i18n();
    let mut html = Html(String::new());
    let mut experiments = Vec::new();
    let mut unstored = "";
    for kept in &contents.runs {
        experiments.push(&kept.run.experiment);
        if kept.how == How::Here {
            unstored = t_string!(i18n, runs.not_stored);
        }
    }
    let keys = stored::differing(&experiments);
    html.put("<h2 id=runs-title>", t_string!(i18n, runs.title));
    html.put("</h2><p class=muted>", t_string!(i18n, runs.text));
    html.put("<p>", unstored);
    if contents.others > 0 {
        html.put("<p data-testid=runs-unread>", &t_string!(i18n, runs.unread, count = contents.others));
        html.put(" <button data-key=runs-clear data-action=clear>", t_string!(i18n, runs.clear));
        html.put("</button>", "");
    }
    let comparison = match experiments.len() {
        0 => t_string!(i18n, runs.none),
        1 => "",
        _ if keys.is_empty() => t_string!(i18n, runs.alike),
        _ => t_string!(i18n, runs.differ),
    };
    html.put("<p>", comparison);
    html.put("</p>", "");
    if !contents.runs.is_empty() {
        table(words, contents, &keys, &mut html);
    }
    html.put(
        "<div class=buttons><button data-key=runs-keep data-testid=runs-keep data-action=keep>",
        t_string!(i18n, runs.keep),
    );
    if let Some(kept) = &contents.deleted {
        let text = t_string!(i18n, runs.undo, name = words.kept(kept));
        html.put(
            "</button><button data-key=runs-undo data-testid=runs-undo data-action=undo data-id=",
            &kept.run.id.to_string(),
        );
        html.put(">", &text);
    }
    html.put("</button><button data-key=runs-close data-action=close>", t_string!(i18n, table.close));
    html.0 + "</button></div>"
}

/// Builds the table. On a phone its rows are stacked, each number after its head; the roles keep it a table there.
fn table(words: Words, contents: &Contents, keys: &[&'static Key], html: &mut Html) {
    let i18n = words.i18n();
    html.put("<div class=table-scroll tabindex=0 role=region aria-labelledby=runs-title>", "");
    html.put("<table role=table data-testid=runs><thead role=rowgroup><tr role=row>", "");
    let unseen = format!("{}, {}", t_string!(i18n, timeline.loss), t_string!(i18n, timeline.held_out));
    // For a run with a training set, the loss alone says little.
    let unseen = contents.runs.iter().any(|kept| kept.run.experiment.train > 0).then_some(unseen.as_str());
    let mut out = vec![t_string!(i18n, runs.network), t_string!(i18n, timeline.loss)];
    out.extend(unseen);
    out.extend([t_string!(i18n, runs.solved), "‖∂L/∂h₁‖ / ‖∂L/∂h_T‖"]);
    let mut heads = vec![t_string!(i18n, runs.run)];
    heads.extend(keys.iter().map(|key| words.key(key.name)));
    heads.extend(&out);
    heads.push(t_string!(i18n, runs.actions));
    for head in heads {
        html.put("<th role=columnheader scope=col>", head);
    }
    html.put("</thead>", "");
    for kept in &contents.runs {
        let letter = contents.letter(kept);
        let experiment = &kept.run.experiment;
        let high = kept.run.lanes.len().to_string();
        let id = kept.run.id.to_string();
        html.put("<tbody role=rowgroup>", "");
        for (lane, came) in kept.run.lanes.iter().enumerate() {
            html.put("<tr role=row>", "");
            if lane == 0 {
                html.put("<th role=rowheader scope=rowgroup rowspan=", &high);
                html.put("><b>", letter);
                if kept.how == How::Before {
                    html.put("</b> ", t_string!(i18n, runs.before));
                } else {
                    html.put("</b> <input type=text data-id=", &id);
                    html.put(" data-key=name", &id);
                    html.put(" maxlength=", &stored::LONGEST_NAME.to_string());
                    html.put(" aria-label=\"", t_string!(i18n, runs.rename));
                    html.put(" ", letter);
                    html.put("\" value=\"", &kept.run.name);
                    html.put("\">", "");
                }
                if let Some(build) = experiment.build.as_ref().filter(|build| *build != crate::BUILD) {
                    html.put("<span class=muted>", &t_string!(i18n, runs.other_build, build = build));
                    html.put("</span>", "");
                }
                for key in keys {
                    html.cell(words.key(key.name), &high, &words.value(key, experiment));
                }
            }
            let solved = match (came.solved, came.stopped) {
                (_, Some(update)) => t_string!(i18n, runs.stopped, update = numbers::grouped(update)),
                (Some(update), None) => numbers::grouped(update),
                (None, None) => t_string!(i18n, runs.not_solved).to_owned(),
            };
            let loss = |loss: f32| numbers::significant(f64::from(loss), 3, words.mark());
            let mut texts = vec![words.lane(&experiment.lanes, lane), loss(came.loss)];
            texts.extend(unseen.map(|_| loss(came.held_out.unwrap_or(f32::NAN))));
            texts.extend([solved, words.share(came.ratio.unwrap_or(f64::NAN))]);
            for (head, text) in out.iter().zip(texts) {
                html.cell(head, "1", &text);
            }
            if lane == 0 {
                html.put("<td role=cell rowspan=", &high);
                html.put("><div class=buttons>", "");
                let before = kept.how == How::Before;
                for (action, text) in [
                    ("restore", t_string!(i18n, runs.restore)),
                    ("overlay", t_string!(i18n, runs.overlay)),
                    ("keep-before", if before { t_string!(i18n, runs.keep_this) } else { "" }),
                    ("delete", t_string!(i18n, runs.delete)),
                ] {
                    if text.is_empty() {
                        continue;
                    }
                    html.put("<button data-action=", action);
                    html.put(" data-key=", action);
                    html.put("", &id);
                    html.put(" data-id=", &id);
                    if action == "overlay" {
                        html.put(" aria-pressed=", if kept.overlaid { "true" } else { "false" });
                    }
                    html.put(" aria-label=\"", text);
                    html.put(" ", letter);
                    html.put("\">", text);
                    html.put("</button>", "");
                }
            }
        }
    }
    html.put("</table></div>", "");
}
