//! What there is to tell: bad keys of a link, a worker that died, a replay under way.

use leptos::prelude::*;

use super::i18n::t_string;
use super::live::{live, tr};
use super::state::{Lab, Notice};
use super::words::Words;
use crate::lab::number;

/// Problems that are named one by one; of the others only how many.
const MOST_NAMED: usize = 5;

/// The notices, each with a button that closes it.
#[component]
pub fn Notices() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let items = move || {
        lab.notices
            .get()
            .into_iter()
            .map(|notice| {
                let closing = notice.clone();
                let close = move |_| lab.notices.update(|notices| notices.retain(|other| *other != closing));
                let failed = matches!(notice, Notice::WorkerFailed(_));
                view! {
                    <div class="notice" data-testid="notice" role="alert">
                        <div>{text(words, &notice)}</div>
                        {failed
                            .then(|| view! { <button on:click=move |_| lab.try_again()>{tr!(i18n, notice.try_again)}</button> })}
                        <button class="close" aria-label=t_string!(i18n, notice.close) on:click=close>
                            "×"
                        </button>
                    </div>
                }
            })
            .collect_view()
    };
    view! {
        <section class="notices" aria-label=tr!(i18n, notice.label)>
            {items}
            <ReplayBar />
        </section>
    }
}

fn text(words: Words, notice: &Notice) -> AnyView {
    let i18n = words.i18n();
    let paragraph = |text: String| view! { <p>{text}</p> }.into_any();
    match notice {
        Notice::Problems(problems) => {
            let named = problems.iter().take(MOST_NAMED).map(|problem| view! { <li>{words.problem(problem)}</li> });
            let others = problems.len().saturating_sub(MOST_NAMED);
            view! {
                <p>{t_string!(i18n, problems.title)}</p>
                <ul>
                    {named.collect_view()}
                    {(others > 0).then(|| view! { <li>{t_string!(i18n, problems.others, count = others).to_string()}</li> })}
                </ul>
            }
            .into_any()
        }
        Notice::Refused(problem) => view! {
            <p>{words.problem(problem)}</p>
            <p>{t_string!(i18n, problems.refused)}</p>
        }
        .into_any(),
        Notice::OtherBuild(build) => {
            paragraph(t_string!(i18n, notice.other_build, other = build.clone(), this = crate::BUILD).to_string())
        }
        Notice::ReplayCancelled(update) => {
            paragraph(t_string!(i18n, notice.replay_cancelled, update = number::grouped(*update)).to_string())
        }
        Notice::WorkerRestarted(what, update) => {
            let update = number::grouped(*update);
            view! {
                <p>{t_string!(i18n, notice.worker_restarted, update = update).to_string()}</p>
                {(!what.is_empty()).then(|| view! { <p class="muted">{what.clone()}</p> })}
            }
            .into_any()
        }
        Notice::WorkerFailed(what) => view! {
            <p>{t_string!(i18n, notice.worker_failed)}</p>
            {(!what.is_empty()).then(|| view! { <p class="muted">{what.clone()}</p> })}
        }
        .into_any(),
        Notice::Stale => paragraph(t_string!(i18n, notice.stale).to_owned()),
        Notice::CopyFailed(link) => view! {
            <p>{t_string!(i18n, notice.copy_failed)}</p>
            <p class="link-text">{link.clone()}</p>
        }
        .into_any(),
    }
}

/// How far a replay has got, with a button to stop it there.
#[component]
fn ReplayBar() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let i18n = Words::here().i18n();
    let text = move || {
        lab.replay.get().map(|replay| {
            let (update, until) = (number::grouped(replay.update), number::grouped(replay.until));
            t_string!(i18n, notice.replaying, update = update, until = until).to_string()
        })
    };
    let share = move || {
        lab.replay.get().map(|replay| {
            let all = replay.until.saturating_sub(replay.from).max(1);
            (replay.update.saturating_sub(replay.from) as f64 / all as f64).to_string()
        })
    };
    view! {
        <Show when=move || lab.replay.with(Option::is_some)>
            <div class="notice replay">
                <label>
                    {live(move || text().unwrap_or_default())} " "
                    <progress max="1" value=live(move || share().unwrap_or_default())></progress>
                </label>
                <button on:click=move |_| lab.pause(Box::new(|_| ()))>{tr!(i18n, notice.cancel)}</button>
            </div>
        </Show>
    }
}
