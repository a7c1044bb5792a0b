//! The meaning of the hero chart in sentences with the run's own numbers: one paragraph per lane.

use leptos::prelude::*;

use crate::html::{El, Node, div, dynamic, p, strong, when};
use crate::i18n::t_string;
use crate::live::{live, tr};
use crate::state::Lab;
use crate::words::Words;
use lab::analysis::diagnosis::{Bound, Kept, LaneDiagnosis, Loss, Progress, Reach, by_heart, diagnose, judged};
use nn::{CellKind, Truncation};

/// A paragraph for each lane.
#[component]
pub fn Sentences() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let facts = Memo::new(move |_| {
        let (task, window) = lab.experiment.with(|experiment| (experiment.task.task(), experiment.truncation));
        lab.calm.get().map(|report| diagnose(&report.snapshot, task, Truncation::new(window)))
    });
    let every_step = move || facts.with(|facts| facts.iter().flatten().any(|lane| lane.reach == Reach::EveryStep));
    let paragraphs = move || {
        let facts = facts.get().unwrap_or_default();
        let cells: Vec<CellKind> = facts.iter().map(|lane| lane.cell).collect();
        let of = |(k, lane): (usize, &LaneDiagnosis)| {
            paragraph(words, lab, words.lane(&cells, k), lane).child(also(words, lab, k, lane))
        };
        facts.iter().enumerate().map(of).collect::<Vec<_>>()
    };
    // Only read out; on screen the button and the sentences show it.
    let status = move || {
        let training = if lab.playing.get() {
            t_string!(i18n, transport.playing).to_owned()
        } else {
            t_string!(i18n, transport.paused, update = numbers::grouped(lab.update()))
        };
        let solved = facts.with(|facts| {
            let facts = facts.as_deref().unwrap_or_default();
            let cells: Vec<CellKind> = facts.iter().map(|lane| lane.cell).collect();
            // With a fixed training set, only a result that also holds on other sequences counts.
            let mark = lab.experiment.with(|experiment| experiment.task.task().solved_below());
            let holds = |lane: usize| lab.held_out_loss(lane).is_none_or(|loss| loss < mark);
            let is_solved =
                |(k, lane): &(usize, &LaneDiagnosis)| matches!(lane.progress, Progress::Solved(_)) && holds(*k);
            let solved = facts.iter().enumerate().filter(is_solved);
            solved.map(|(k, _)| words.lane(&cells, k)).collect::<Vec<_>>().join(", ")
        });
        if solved.is_empty() {
            return training;
        }
        format!("{training} {}", t_string!(i18n, transport.solved, names = solved))
    };
    div()
        .class("diagnosis")
        .test_id("diagnosis")
        .child(p().class("visually-hidden").attr("role", "status").child(live(status)))
        .child(dynamic(paragraphs))
        .child(when(every_step, move || p().child(tr!(i18n, say.every_step))))
        .node()
}

/// Describes a lane's loss on sequences that it is not trained on, and names its layer if there are several.
fn also(words: Words, lab: Lab, lane: usize, of: &LaneDiagnosis) -> String {
    let i18n = words.i18n();
    let mut said = String::new();
    if let Some(loss) = lab.held_out_loss(lane) {
        let task = lab.experiment.with(|experiment| experiment.task.task());
        let judged = judged(loss, task);
        let level = match judged {
            Progress::Solved(_) => t_string!(i18n, say.held_out_solved),
            Progress::Better(_) => t_string!(i18n, say.held_out_better),
            Progress::Worse(_) => t_string!(i18n, say.held_out_worse),
            _ => t_string!(i18n, say.held_out_guessing),
        };
        let loss = numbers::significant(loss, 2, words.mark());
        said += " ";
        let heart = if by_heart(of.progress, judged) { t_string!(i18n, say.by_heart) } else { "" };
        said += &t_string!(i18n, say.held_out, loss = loss, level = format!("{level}{heart}"));
    }
    let (layers, layer) = lab.experiment.with(|experiment| (experiment.layers, experiment.layer));
    if layers > 1 && of.cell.is_recurrent() {
        said += " ";
        said += &t_string!(i18n, say.layer, layer = layer, layers = layers);
        let norms = lab.calm.with(|report| {
            let norms = &report.as_ref()?.snapshot.lanes.get(lane)?.trace.layer_norms;
            Some((*norms.get(layer - 1)?.last()?, *norms.last()?.last()?))
        });
        if let Some((own, top)) = norms.filter(|(own, top)| layer < layers && *top > 0.0 && own.is_finite()) {
            said += " ";
            said += &t_string!(i18n, say.depth, share = words.share(own / top), layers = layers);
        }
    }
    said
}

fn paragraph(words: Words, lab: Lab, name: String, lane: &LaneDiagnosis) -> El {
    let stopped = lane.stopped.map(|stopped| words.stopped(stopped) + " ");
    p().child(strong().class("lane-name").attr("data-lane", lane.cell.code()).child(name + ". "))
        .child(stopped)
        .children(emphasised(&reach(words, lane)))
        .child(" ")
        .children(emphasised(&progress(words, lab, lane.progress)))
}

fn reach(words: Words, lane: &LaneDiagnosis) -> String {
    let i18n = words.i18n();
    match &lane.reach {
        Reach::EveryStep => lane.growth.map_or_else(String::new, |(first, second)| {
            t_string!(i18n, say.cell_holds, first = words.share(first), second = words.share(second))
        }),
        Reach::Window { window, from, step, share } => {
            let blind = if *from > 1 {
                t_string!(i18n, say.window, window = *window, from = *from)
            } else {
                t_string!(i18n, say.window_all, window = *window)
            };
            let (step, before) = (*step, blind + " ");
            before
                + &match share {
                    Some(share) => t_string!(i18n, say.window_sees, step = step, share = words.share(*share)),
                    None => t_string!(i18n, say.window_blind, step = step),
                }
        }
        Reach::NoError => t_string!(i18n, say.no_error).to_owned(),
        Reach::Overflow { step, back: false } => t_string!(i18n, say.overflow, step = *step),
        Reach::Overflow { step, back: true } => t_string!(i18n, say.overflow_back, step = *step),
        Reach::Lost { step, ends, loss, along_cell } => {
            let why = match loss {
                Loss::Cut(window) => t_string!(i18n, say.lost_cut, window = *window),
                Loss::Dead => t_string!(i18n, say.lost_dead).to_owned(),
                Loss::Below => t_string!(i18n, say.lost_below).to_owned(),
            };
            match along_cell {
                None => format!("{} {why}", t_string!(i18n, say.lost, step = *step, ends = *ends)),
                Some(kept) => {
                    let keep = numbers::significant(kept.keep, kept.digits, words.mark());
                    let lost = t_string!(i18n, say.lost_by_h, step = *step, ends = *ends);
                    let kept = t_string!(i18n, say.kept_by_c, share = words.share(kept.ratio), keep = keep);
                    format!("{lost} {why} {kept}")
                }
            }
        }
        Reach::Arrives { step, kept, bound, along_cell } => {
            let (share, step) = (words.share(kept.ratio), *step);
            let first = if numbers::round(kept.ratio, numbers::DIGITS) > 1.0 {
                t_string!(i18n, say.grows, share = share, step = step)
            } else {
                t_string!(i18n, say.reaches, share = share, step = step)
            };
            let rest = match along_cell {
                // Without a forget gate f is 1.
                Some((kept, _)) if lane.cell == CellKind::LstmNfg => along(words, *kept) + "; f = 1).",
                Some((kept, gates)) => {
                    along(words, *kept) + &t_string!(i18n, say.forget_gates, share = words.share(*gates))
                }
                None => steps(words, *kept),
            };
            let end = if along_cell.is_none() { "." } else { "" };
            let bound = bound.map_or_else(|| end.to_owned(), |bound| bounded(words, bound));
            format!("{first}{rest}{bound}")
        }
    }
}

/// Builds a sentence in which parts between asterisks are bold.
fn emphasised(sentence: &str) -> Vec<AnyView> {
    let part = |(index, part): (usize, &str)| {
        let part = part.to_owned();
        if index % 2 == 1 { strong().child(part).node() } else { part.node() }
    };
    sentence.split('*').enumerate().map(part).collect()
}

/// Writes ": 24 steps, each keeping 0.505 on average (0.505²⁴)": the power of the shown factor is the shown share; in a
/// layer below the last, multiplied by its share at the last step.
fn steps(words: Words, kept: Kept) -> String {
    let i18n = words.i18n();
    let keep = numbers::significant(kept.keep, kept.digits, words.mark());
    if kept.back == 1 {
        return t_string!(i18n, say.one_step).to_owned();
    }
    let mut power = numbers::superscript(kept.back as i32);
    if kept.depth != 1.0 {
        power += &format!(" × {}", numbers::significant(kept.depth, kept.digits, words.mark()));
    }
    t_string!(i18n, say.steps, back = kept.back, keep = keep, power = power)
}

fn bounded(words: Words, bound: Bound) -> String {
    let i18n = words.i18n();
    let text = |value: f64| numbers::significant(value, bound.digits, words.mark());
    let (slope, sigma, product) = (text(bound.slope), text(bound.sigma), text(bound.product));
    if bound.product < 1.0 {
        t_string!(i18n, say.bound_shrinks, slope = slope, sigma = sigma, product = product)
    } else {
        t_string!(i18n, say.bound_open, slope = slope, sigma = sigma, product = product)
    }
}

fn along(words: Words, kept: Kept) -> String {
    let i18n = words.i18n();
    let keep = numbers::significant(kept.keep, kept.digits, words.mark());
    let share = words.share(kept.ratio);
    t_string!(i18n, say.along_cell, share = share, keep = keep)
}

fn progress(words: Words, lab: Lab, progress: Progress) -> String {
    let i18n = words.i18n();
    let text = |mean: f64| numbers::significant(mean, 2, words.mark());
    match progress {
        Progress::Untrained => t_string!(i18n, say.untrained).to_owned(),
        Progress::Early => String::new(),
        Progress::Solved(mean) => match lab.experiment.with(|experiment| experiment.train) {
            0 => t_string!(i18n, say.solved, loss = text(mean)),
            train => t_string!(i18n, say.learnt, train = train, loss = text(mean)),
        },
        Progress::Better(mean) => t_string!(i18n, say.better, loss = text(mean)),
        Progress::Guessing(mean) => t_string!(i18n, say.guessing, loss = text(mean)),
        Progress::Worse(mean) => t_string!(i18n, say.worse, loss = text(mean)),
    }
}
