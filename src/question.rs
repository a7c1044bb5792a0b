//! The question before the first Play: asked before the outcome is visible, answered from the run once it is.

use leptos::prelude::*;

use crate::html::{button, div, dynamic, p, section, strong, when};
use crate::i18n::t_string;
use crate::live::{effect, live, tr};
use crate::state::Lab;
use crate::words::Words;
use lab::analysis::diagnosis::solved_at;

/// The update the question asks about.
const ASKED_UPDATE: usize = 400;

/// An answer to the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guess {
    /// This lane and no other.
    Lane(usize),
    /// Every lane.
    All,
    /// No lane.
    None,
}

/// Asks which lanes will have solved the task after 400 updates.
#[component]
pub fn Question() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let guess = RwSignal::new(None::<Guess>);
    let cells = Memo::new(move |_| lab.experiment.with(|experiment| experiment.lanes.clone()));
    let task = Memo::new(move |_| lab.experiment.with(|experiment| experiment.task));
    // A change of networks or task resets the answer.
    let mut before = None;
    effect(move || {
        let now = Some((cells.get(), task.get()));
        if before.is_some() && before != now {
            guess.set(None);
        }
        before = now;
    });
    let name = move |lane: usize| words.lane(&cells.get(), lane);
    let guess_name = move |guess| match guess {
        Guess::Lane(lane) => name(lane),
        Guess::All if cells.get().len() == 2 => t_string!(i18n, question.both).to_owned(),
        Guess::All => t_string!(i18n, question.all).to_owned(),
        Guess::None => t_string!(i18n, question.none).to_owned(),
    };
    let guesses = move || {
        let lanes = cells.get().len();
        (0..lanes).map(Guess::Lane).chain((lanes > 1).then_some(Guess::All)).chain([Guess::None]).collect::<Vec<_>>()
    };
    // Whether each lane had solved the task at that update; a lane that diverged earlier had not.
    let outcome = Memo::new(move |_| {
        let update = lab.calm.with(|report| report.as_ref().map_or(0, |report| report.snapshot.update));
        if (update as usize) < ASKED_UPDATE {
            return None;
        }
        lab.losses.with_value(|losses| {
            let solved = |history: &charts::history::LossHistory| {
                solved_at(history.values(), ASKED_UPDATE, task.get_untracked().task()).unwrap_or(false)
            };
            Some(losses.iter().map(solved).collect::<Vec<bool>>())
        })
    });
    let truth = move |solved: &[bool]| {
        let lanes: Vec<usize> = (0..solved.len()).filter(|&lane| solved[lane]).collect();
        match lanes.as_slice() {
            [] => t_string!(i18n, question.truth_none).to_owned(),
            lanes => {
                let names = lanes.iter().map(|&lane| name(lane)).collect::<Vec<_>>().join(", ");
                t_string!(i18n, question.truth, names = names)
            }
        }
    };
    let right = move |guess: Guess, solved: &[bool]| match guess {
        Guess::Lane(lane) => solved.iter().enumerate().all(|(k, &solved)| solved == (k == lane)),
        Guess::All => solved.iter().all(|&solved| solved),
        Guess::None => !solved.iter().any(|&solved| solved),
    };
    let status = move || match (guess.get(), outcome.get()) {
        (Some(guess), Some(solved)) => {
            let verdict =
                if right(guess, &solved) { t_string!(i18n, question.right) } else { t_string!(i18n, question.wrong) };
            format!("{verdict} {}", truth(&solved))
        }
        (None, Some(solved)) => truth(&solved),
        (Some(_), None) if !lab.played.get() => t_string!(i18n, question.watch).to_owned(),
        (None, None) if lab.played.get() => t_string!(i18n, question.skipped).to_owned(),
        _ => String::new(),
    };
    // Not shown for a link to a later update.
    let asked = move || guess.get().is_some() || lab.experiment.with(|experiment| experiment.update == 0);
    let button_of = move |choice: Guess| {
        button()
            .attr("aria-pressed", live(move || (guess.get() == Some(choice)).to_string()))
            .attr("aria-disabled", live(move || lab.played.get().to_string()))
            .on_click(move || {
                if !lab.played.get_untracked() {
                    guess.set(Some(choice));
                }
            })
            .child(live(move || guess_name(choice)))
    };
    when(asked, move || {
        section()
            .class("card question")
            .child(p().child(strong().child(tr!(i18n, question.title)).child(". ")).child(tr!(
                i18n,
                question.text,
                update = ASKED_UPDATE
            )))
            .child(
                div().class("buttons").child(dynamic(move || guesses().into_iter().map(button_of).collect::<Vec<_>>())),
            )
            .child(p().attr("role", "status").class("verdict").child(live(status)))
    })
}
