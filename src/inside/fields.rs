//! The film's fields: sequence, layer, speed.

use leptos::prelude::*;
use web_sys::{Event, HtmlInputElement};

use super::view::{PACES, USUAL_PACE, View};
use crate::html::{El, input, label, option, select, span, when};
use crate::i18n::t_string;
use crate::live::{flag, live, tr};

/// The field for the sequence of the batch that is followed.
pub(super) fn member_field(view: View) -> El {
    let (lab, i18n) = (view.lab, view.words.i18n());
    let batch = move || lab.experiment.with(|experiment| experiment.batch);
    let write = move |event: Event| match view.whole("member", &event_target_value(&event), (1, untrack(batch))) {
        Some(member) => view.follow(member - 1),
        None => event_target::<HtmlInputElement>(&event).set_value(&untrack(|| view.member()).to_string()),
    };
    label().class("inside-member").child(live(move || t_string!(i18n, inside.member, batch = batch()))).child(
        input()
            .attr("type", "number")
            .class("number")
            .test_id("inside-member")
            .attr("min", "1")
            .attr("max", live(move || batch().to_string()))
            .prop("value", live(move || view.member().to_string()))
            .on("change", write),
    )
}

/// The field for the layer on show, if there are several.
pub(super) fn layer_field(view: View) -> AnyView {
    let (lab, i18n) = (view.lab, view.words.i18n());
    let layers = move || lab.experiment.with(|experiment| experiment.layers);
    let layer = move |layer: usize| {
        option()
            .attr("value", layer.to_string())
            .attr("selected", flag(move || lab.experiment.with(|experiment| experiment.layer) == layer))
            .child(layer.to_string())
    };
    let field = move || {
        label().class("inside-member").child(span().child(tr!(i18n, hero.layer))).child(
            select()
                .test_id("inside-layer")
                .on("change", move |event: Event| lab.view("layer", &event_target_value(&event)))
                .children((1..=untrack(layers)).map(layer)),
        )
    };
    when(move || layers() > 1, field)
}

/// The choice of how long each frame is shown while the film plays.
pub(super) fn pace_field(view: View) -> El {
    let (i18n, mark) = (view.words.i18n(), move || view.words.mark());
    let pace = move |(index, stay): (usize, u64)| {
        let seconds = move || numbers::compact(stay as f64 / 1000.0, 1, mark());
        option()
            .attr("value", index.to_string())
            .attr("selected", flag(move || view.pace.get() == index))
            .child(live(move || t_string!(i18n, inside.seconds, seconds = seconds())))
    };
    select()
        .test_id("inside-pace")
        .attr("aria-label", tr!(i18n, inside.pace))
        .on("change", move |event: Event| {
            let index = event_target_value(&event).parse().unwrap_or(USUAL_PACE);
            view.pace.set(index.min(PACES.len() - 1));
        })
        .children(PACES.into_iter().enumerate().map(pace))
}
