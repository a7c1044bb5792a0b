//! The gradient check: its button, its progress, and its result for each block of weights.

use leptos::prelude::*;

use crate::html::{El, Node, button, div, dynamic, p, progress, table, tbody, td, th, thead, tr};
use crate::i18n::t_string;
use crate::live::{flag, live, tr};
use crate::state::Lab;
use crate::words::Words;
use lab::Place;
use lab::Why;
use lab::analysis::findings::{Check as Checked, CheckedBlock};
use nn::{BlockCheck, CellKind, Parameters};

/// The content of the panel.
#[component]
pub fn Check() -> AnyView {
    let lab = expect_context::<Lab>();
    let words = Words::here();
    let i18n = words.i18n();
    let done = move || lab.found(Why::Check).and_then(|found| Some(found.check()?.done)).unwrap_or(0.0);
    let outcome = move || lab.found(Why::Check).and_then(|found| Some(outcome(lab, words, found.check()?)));
    let status = move || {
        let found = lab.found(Why::Check)?;
        found.check().filter(|check| check.done >= 1.0).map(|check| verdict(words, check))
    };
    let status = move || status().unwrap_or_default();
    let bar = progress()
        .attr("aria-label", tr!(i18n, why.check))
        .attr("max", "1")
        .attr("hidden", flag(move || done() >= 1.0))
        .prop("value", live(move || done().to_string()));
    div()
        .class("why-check")
        .child(
            div()
                .class("buttons")
                .child(button().test_id("check-run").on_click(move || lab.check_gradients()).child(tr!(i18n, why.run)))
                .child(bar),
        )
        .child(p().test_id("check-verdict").attr("role", "status").child(live(status)))
        .child(div().class("reach-maps").test_id("check-blocks").child(dynamic(outcome)))
        .node()
}

/// Says whether backpropagation and differences agree. If backpropagation were wrong, half the step would change
/// nothing of the differences.
fn verdict(words: Words, check: &Checked) -> String {
    let i18n = words.i18n();
    let (mut worst, mut left_out, mut is_unsure) = (0.0_f64, 0, false);
    for block in check.lanes.iter().flatten() {
        left_out += block.left_out;
        // NaN counts as the worst.
        if block.error > worst || block.error.is_nan() {
            worst = block.error;
            is_unsure = block.unsure.is_nan() || block.unsure > block.error / 4.0;
        }
    }
    let error = words.share(worst);
    let mut said = if worst <= BlockCheck::RIGHT {
        t_string!(i18n, why.agree, error = error)
    } else if is_unsure {
        t_string!(i18n, why.unsure, error = error)
    } else {
        t_string!(i18n, why.differ, error = error)
    };
    if left_out > 0 {
        said += " ";
        said += &t_string!(i18n, why.left_out, count = left_out);
    }
    said
}

/// Builds a table for each lane.
fn outcome(lab: Lab, words: Words, check: &Checked) -> Vec<El> {
    let i18n = words.i18n();
    let experiment = lab.experiment.get_untracked();
    let lanes = experiment.lanes.iter().zip(&check.lanes).enumerate();
    lanes
        .map(|(lane, (&cell, checked)): (usize, (&CellKind, &Vec<CheckedBlock>))| {
            let parameters = Parameters::<f32>::zeros(&experiment.lane_network(lane));
            let row = |(block, checked): (&nn::Block, &CheckedBlock)| {
                let tried = checked.compared + checked.left_out;
                let number = |text: String| if tried > 0 { text } else { "…".to_owned() };
                let of = if tried < block.len() && check.done >= 1.0 {
                    t_string!(i18n, why.some, count = checked.compared, total = block.len())
                } else {
                    checked.compared.to_string()
                };
                // There is only one readout.
                let place = Place::of_weight(lane, block.layer, block.name, [0, 0]);
                let name = match (experiment.layers_of(lane), place.map_or(block.name, |place| place.letter())) {
                    (1, name) | (_, name @ ("W_out" | "b_out")) => name.to_owned(),
                    (_, name) => format!("{name}, {}", block.layer + 1),
                };
                tr().child(th().attr("scope", "row").child(name))
                    .child(td().child(number(numbers::significant(checked.error, 2, words.mark()))))
                    .child(td().child(number(of)))
                    .child(td().child(number(checked.left_out.to_string())))
            };
            let head = |text: String| th().attr("scope", "col").child(text);
            let heads = [
                words.lane(&experiment.lanes, lane),
                t_string!(i18n, why.error).to_owned(),
                t_string!(i18n, why.compared).to_owned(),
                t_string!(i18n, why.out).to_owned(),
            ];
            table()
                .attr("data-lane", cell.code())
                .child(thead().child(tr().children(heads.map(head))))
                .child(tbody().children(parameters.blocks().iter().zip(checked).map(row)))
        })
        .collect()
}
