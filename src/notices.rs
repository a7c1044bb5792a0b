//! Notices: bad keys of a link, a worker that failed, a replay under way.

use leptos::prelude::*;

use crate::html::{El, Node, button, div, dynamic, label, li, p, progress, section, ul, when};
use crate::i18n::t_string;
use crate::live::{live, tr};
use crate::state::{Lab, Notice};
use crate::words::Words;
use lab::Problem;
use lab::experiment::keys;

/// Number of problems that are listed; the others are only counted.
const MOST_NAMED: usize = 5;

/// The list of notices, each with a button that closes it.
#[component]
pub fn Notices() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let items = move || {
        lab.notices
            .get()
            .into_iter()
            .map(|notice| {
                let closing = notice.clone();
                let close = move || lab.notices.update(|notices| notices.retain(|other| *other != closing));
                let failed = matches!(notice, Notice::WorkerFailed(_) | Notice::WorkerKeepsFailing(_));
                div()
                    .class("notice")
                    .test_id("notice")
                    .attr("role", "alert")
                    .child(div().children(text(words, &notice)))
                    .child(
                        failed.then(|| button().on_click(move || lab.try_again()).child(tr!(i18n, notice.try_again))),
                    )
                    .child(
                        button().class("close").attr("aria-label", tr!(i18n, notice.close)).on_click(close).child("×"),
                    )
            })
            .collect::<Vec<_>>()
    };
    section()
        .class("notices")
        .attr("aria-label", tr!(i18n, notice.label))
        .child(dynamic(items))
        .child(view! { <ReplayBar /> })
        .node()
}

/// Builds the text of a notice, as paragraphs and lists.
fn text(words: Words, notice: &Notice) -> Vec<El> {
    let i18n = words.i18n();
    let detail = |reason: &String| (!reason.is_empty()).then(|| p().class("muted").child(reason.clone()));
    let report = |reason: &String| (!reason.is_empty()).then(|| p().child(t_string!(i18n, notice.report)));
    match notice {
        Notice::Problems(problems) => {
            let named = problems.iter().take(MOST_NAMED).map(|problem| li().child(words.problem(problem)));
            let others = problems.len().saturating_sub(MOST_NAMED);
            let rest = (others > 0).then(|| li().child(t_string!(i18n, problems.others, count = others)));
            vec![p().child(t_string!(i18n, problems.title)), ul().children(named).children(rest)]
        }
        Notice::Refused(problem) => {
            // Uses the page's name for the key, not the one in links.
            let named = keys::find(&problem.key).map_or(problem.key.as_str(), |key| words.key(key.name));
            let problem = Problem { key: named.to_owned(), ..problem.clone() };
            vec![p().child(words.problem(&problem)), p().child(t_string!(i18n, problems.refused))]
        }
        Notice::OtherBuild(build) => {
            vec![p().child(t_string!(i18n, notice.other_build, other = build, this = crate::BUILD))]
        }
        Notice::ReplayCancelled(update) => {
            vec![p().child(t_string!(i18n, notice.replay_cancelled, update = numbers::grouped(*update)))]
        }
        Notice::WorkerRestarted(reason, update) => {
            let told = t_string!(i18n, notice.worker_restarted, update = numbers::grouped(*update));
            [Some(p().child(told)), report(reason), detail(reason)].into_iter().flatten().collect()
        }
        Notice::WorkerFailed(reason) => {
            let told = p().child(t_string!(i18n, notice.worker_failed));
            [Some(told), detail(reason)].into_iter().flatten().collect()
        }
        Notice::WorkerKeepsFailing(reason) => {
            let told = p().child(t_string!(i18n, notice.worker_keeps_failing));
            [Some(told), report(reason), detail(reason)].into_iter().flatten().collect()
        }
        Notice::EditsDropped(count) => vec![p().child(t_string!(i18n, edits.dropped, count = count))],
        Notice::NotStored => vec![p().child(t_string!(i18n, runs.not_stored))],
        Notice::CopyFailed(link) => {
            vec![p().child(t_string!(i18n, notice.copy_failed)), p().class("link-text").child(link.clone())]
        }
    }
}

/// The progress of a replay, with a button that stops it.
#[component]
fn ReplayBar() -> AnyView {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let text = move || {
        lab.replay.get().map(|replay| {
            let (update, until) = (numbers::grouped(replay.update), numbers::grouped(replay.until));
            t_string!(i18n, notice.replaying, update = update, until = until)
        })
    };
    let share = move || {
        lab.replay.get().map(|replay| {
            let all = replay.until.saturating_sub(replay.from).max(1);
            (replay.update.saturating_sub(replay.from) as f64 / all as f64).to_string()
        })
    };
    when(
        move || lab.replay.with(Option::is_some),
        move || {
            let bar = progress().attr("max", "1").attr("value", live(move || share().unwrap_or_default()));
            div()
                .class("notice replay")
                .child(label().child(live(move || text().unwrap_or_default())).child(" ").child(bar))
                .child(button().on_click(move || lab.pause(Box::new(|_| ()))).child(tr!(i18n, notice.cancel)))
        },
    )
}
