//! The table of kept runs: in what they differ, what came out, and what can be done with each.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::html::{self, El, Node, button, div, dynamic, h2, input, p, span, table, tbody, td, th, thead, tr, when};
use super::i18n::t_string;
use super::live::{Live, live, said, tr};
use super::shelf::{Contents, How, Kept, Shelf};
use super::state::{Lab, Notice};
use super::words::Words;
use crate::lab::kept::{self, KeptLane, KeptRun};
use crate::lab::number;

/// Keeps the run on show.
pub fn keep(lab: Lab, words: Words) {
    if let Some(run) = lab.run_on_show(String::new()) {
        put(lab, words, run);
    }
}

/// Keeps a run under the next name, and says so.
fn put(lab: Lab, words: Words, run: KeptRun) {
    let i18n = words.i18n();
    let known = |contents: &Contents| contents.runs.iter().map(|kept| kept.run.name.clone()).collect::<Vec<_>>();
    let names = lab.shelf.contents.with_untracked(known);
    let numbered = |count: usize| t_string!(i18n, runs.name, number = count);
    let name = (1..).map(numbered).find(|name| !names.contains(name)).unwrap_or_default();
    if !lab.shelf.keep(KeptRun { name: name.clone(), ..run }) {
        lab.tell(Notice::NotStored);
    }
    lab.shelf.say(t_string!(i18n, runs.kept, name = name));
}

/// Goes to a run's update, with its settings, seen as the page is now.
fn restore(lab: Lab, id: u64) {
    let Some(kept) = lab.shelf.find(id) else { return };
    let experiment = kept::seen_as(&kept.run.experiment, &lab.experiment.get_untracked());
    lab.shelf.open.set(false);
    if let Some(build) = experiment.build.clone().filter(|build| *build != crate::BUILD) {
        lab.tell(Notice::OtherBuild(build));
    }
    lab.start(experiment.without_build(), Box::new(|_| ()));
}

/// Where the table shows.
#[component]
pub fn RunsDialog() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let shelf = lab.shelf;
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let (Some(dialog), open) = (dialog.get(), shelf.open.get()) else { return };
        match (open, dialog.open()) {
            // Fails only for a dialog that is not in the page.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let body = move || {
        shelf.changes.get();
        shelf.open.get().then(|| content(lab, words))
    };
    let deleted = move || shelf.contents.with(|contents| contents.deleted.as_ref().map(|kept| words.kept(kept)));
    let undo = move || {
        shelf.undo();
        super::focus("runs-keep");
    };
    html::dialog()
        .node_ref(dialog)
        .class("table-dialog")
        .test_id("runs-dialog")
        .attr("aria-labelledby", "runs-title")
        .on("close", move |_: web_sys::Event| shelf.open.set(false))
        .child(h2().attr("id", "runs-title").child(tr!(i18n, runs.title)))
        .child(p().class("muted").child(tr!(i18n, runs.text)))
        .child(dynamic(body))
        .child(
            div()
                .class("buttons")
                .child(
                    button().test_id("runs-keep").on_click(move || keep(lab, words)).child(tr!(i18n, runs.keep)),
                )
                .child(button().on_click(move || shelf.open.set(false)).child(tr!(i18n, table.close)))
                .child(span().attr("role", "status").child(live(move || shelf.contents.with(|contents| contents.said.clone()))))
                .child(when(
                    move || deleted().is_some(),
                    move || {
                        let text = move || t_string!(i18n, runs.undo, name = deleted().unwrap_or_default());
                        button().test_id("runs-undo").on_click(undo).child(live(text))
                    },
                )),
        )
        .node()
}

/// What there is to say of all of them, and their table.
fn content(lab: Lab, words: Words) -> Vec<El> {
    let i18n = words.i18n();
    let shelf = lab.shelf;
    let contents = shelf.contents.get_untracked();
    let said = |text: &'static str| p().child(text);
    let mut parts = Vec::new();
    if contents.others > 0 {
        let count = contents.others;
        parts.push(
            p().test_id("runs-unread")
                .child(t_string!(i18n, runs.unread, count = count))
                .child(" ")
                .child(button().on_click(move || shelf.clear_others()).child(t_string!(i18n, runs.clear))),
        );
    }
    if contents.runs.iter().any(|kept| kept.how == How::Here) {
        parts.push(said(t_string!(i18n, runs.not_stored)));
    }
    let experiments: Vec<_> = contents.runs.iter().map(|kept| &kept.run.experiment).collect();
    let keys = kept::differing(&experiments);
    match (contents.runs.len(), keys.len()) {
        (0, _) => parts.push(said(t_string!(i18n, runs.none))),
        (1, _) => {}
        (_, 0) => parts.push(said(t_string!(i18n, runs.alike))),
        _ => parts.push(said(t_string!(i18n, runs.differ))),
    }
    if contents.runs.is_empty() {
        return parts;
    }
    let ends = [
        t_string!(i18n, runs.network),
        t_string!(i18n, timeline.loss),
        t_string!(i18n, runs.solved),
        "‖∂L/∂h₁‖ / ‖∂L/∂h_T‖",
        t_string!(i18n, runs.actions),
    ];
    let heads = [t_string!(i18n, runs.run)].into_iter().chain(keys.iter().map(|key| words.key(key.name))).chain(ends);
    let heads = heads.map(|head| th().attr("scope", "col").child(head));
    let bodies = contents.runs.iter().enumerate().map(|(index, kept)| {
        let values = keys.iter().map(|key| words.value(key, &kept.run.experiment)).collect();
        tbody().children(rows(lab, words, index, kept, values))
    });
    parts.push(
        div()
            .class("table-scroll")
            .attr("tabindex", "0")
            .attr("role", "region")
            .attr("aria-labelledby", "runs-title")
            .child(table().test_id("runs").child(thead().child(tr().children(heads))).children(bodies)),
    );
    parts
}

/// The rows of a run: one a lane, the first with what concerns them all.
fn rows(lab: Lab, words: Words, index: usize, kept: &Kept, values: Vec<String>) -> Vec<El> {
    let run = &kept.run;
    let high = run.lanes.len().to_string();
    let row = |(lane, out): (usize, &KeptLane)| {
        let name = words.lane(&run.experiment.lanes, lane);
        let cells = [name].into_iter().chain(results(words, out)).map(|cell| td().child(cell));
        if lane > 0 {
            return tr().children(cells);
        }
        let whole = |cell: El| cell.attr("rowspan", high.clone());
        tr().child(whole(th().attr("scope", "rowgroup")).children(title(lab, words, index, kept)))
            .children(values.iter().map(|value| whole(td()).child(value.clone())))
            .children(cells)
            .child(whole(td()).child(actions(lab, words, kept)))
    };
    run.lanes.iter().enumerate().map(row).collect()
}

/// Loss, when the task was solved, gradient ratio.
fn results(words: Words, lane: &KeptLane) -> [String; 3] {
    let i18n = words.i18n();
    let solved = match (lane.solved, lane.stopped) {
        (_, Some(update)) => t_string!(i18n, runs.stopped, update = number::grouped(update)),
        (Some(update), None) => number::grouped(update),
        (None, None) => t_string!(i18n, runs.not_solved).to_owned(),
    };
    let ratio = lane.ratio.unwrap_or(f64::NAN);
    [number::significant(f64::from(lane.loss), 3, words.mark()), solved, words.share(ratio)]
}

/// Letter and name of a run, which can be written over, and whether its numbers may differ here.
fn title(lab: Lab, words: Words, index: usize, kept: &Kept) -> Vec<El> {
    let i18n = words.i18n();
    let id = kept.run.id;
    let letter = Shelf::letter(index);
    let label = t_string!(i18n, runs.rename, letter = letter);
    let rename = move |event: web_sys::Event| {
        if let Some(name) = kept::name(&event_target_value(&event)) {
            lab.shelf.rename(id, name);
        }
    };
    let shown = if kept.how == How::Before {
        span().child(words.kept(kept))
    } else {
        // Not what is typed but what was taken.
        let name = live(move || lab.shelf.find(id).map(|kept| kept.run.name).unwrap_or_default());
        input()
            .attr("type", "text")
            .attr("maxlength", kept::LONGEST_NAME.to_string())
            .attr("aria-label", label)
            .prop("value", name)
            .on("change", rename)
    };
    let build = kept.run.experiment.build.clone().filter(|build| *build != crate::BUILD);
    let other = build.map(|build| span().class("muted").child(t_string!(i18n, runs.other_build, build = build)));
    [Some(span().class("symbol").child(letter + " ")), Some(shown), other].into_iter().flatten().collect()
}

fn actions(lab: Lab, words: Words, kept: &Kept) -> El {
    let i18n = words.i18n();
    let (id, how) = (kept.run.id, kept.how);
    let name = said(move || lab.shelf.find(id).map(|kept| words.kept(&kept)).unwrap_or_default());
    let action = |text: &'static str, code: &'static str| {
        let name = name.clone();
        let label: Live = live(move || format!("{text}: {}", name()));
        button().attr("aria-label", label).attr("data-action", code).child(text)
    };
    let overlaid = flag_of(lab, id);
    let delete = move || {
        lab.shelf.delete(id);
        super::focus("runs-undo");
    };
    let keep = move || {
        if let Some(kept) = lab.shelf.find(id) {
            lab.shelf.delete(id);
            lab.shelf.contents.update(|contents| contents.deleted = None);
            put(lab, words, kept.run);
            super::focus("runs-keep");
        }
    };
    div()
        .class("buttons")
        .child(action(t_string!(i18n, runs.restore), "restore").on_click(move || restore(lab, id)))
        .child(
            action(t_string!(i18n, runs.overlay), "overlay")
                .attr("aria-pressed", overlaid)
                .on_click(move || lab.shelf.overlay(id)),
        )
        .child((how == How::Before).then(|| action(t_string!(i18n, runs.keep_this), "keep").on_click(keep)))
        .child(action(t_string!(i18n, runs.delete), "delete").on_click(delete))
}

fn flag_of(lab: Lab, id: u64) -> Live {
    live(move || lab.shelf.contents.with(|contents| contents.runs.iter().any(|kept| kept.run.id == id && kept.overlaid)).to_string())
}
