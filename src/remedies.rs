//! Settings that improve learning or prevent overfitting, folded under "More". Each control has a sentence that says
//! what it does and what it does not solve.

use leptos::prelude::*;

use crate::controls::{choice, explained, real, switch, whole};
use crate::html::{Node, details, p, span, summary, when};
use crate::i18n::{Text, text};
use crate::lane_settings::own_init;
use crate::live::{live, tr};
use crate::words::Words;
use lab::Experiment;
use lab::Settings;
use lab::experiment::keys;
use lab::experiment::limits;

/// The keys of the controls here.
const KEYS: [&str; 11] =
    ["init", "forget", "layers", "clip", "clipmode", "tbptt", "decay", "dropout", "norm", "train", "ragged"];

/// Controls above the fold that are explained here, as a first visit should find few words there.
const ABOVE: [(&str, Text); 3] = [
    ("batch", text!(remedies.batch_why)),
    ("hidden", text!(remedies.hidden_why)),
    ("match", text!(remedies.match_why)),
];

/// The fold. It is open if a link has set one of its keys.
#[component]
pub fn Remedies(shown: Memo<Experiment>) -> AnyView {
    let words = Words::here();
    let i18n = words.i18n();
    let defaults = Settings::default();
    let set = |key: &&str| {
        let default = keys::find(key).map(|key| (key.get)(&defaults));
        shown.with_untracked(|experiment| experiment.get(key)) != default
    };
    let open = KEYS.iter().any(set).then_some("");
    let remembers = move || shown.with(|experiment| experiment.lanes.iter().any(|cell| cell.has_cell_state()));
    // A single lane uses the run's setting.
    let has_u = move |index: usize| {
        shown.with(|experiment| {
            let recurrent = experiment.lanes.get(index).is_some_and(|cell| cell.is_recurrent());
            recurrent && (experiment.lanes.len() > 1 || experiment.own(index).init.is_some())
        })
    };
    let title = |text: Text| live(move || i18n.text(text));
    let named = move |key: &'static str, text: Text| {
        choice(shown, key, span().child(title(text)), move |code| words.code(key, code))
    };
    let aside = move |key: &'static str, why: Text| format!("{}: {}", words.key(key), i18n.text(why));
    let init = named("init", text!(remedies.init));
    let clip_mode = named("clipmode", text!(remedies.clip_mode));
    let clip = real(shown, "clip", tr!(i18n, settings.clip), None);
    let forget = move || explained(real(shown, "forget", tr!(i18n, settings.forget), None), text!(remedies.forget_why));
    details()
        .class("more")
        .test_id("more")
        .attr("open", open)
        .child(summary().child(title(text!(remedies.more))))
        .children(ABOVE.map(|(key, why)| p().class("muted").child(live(move || aside(key, why)))))
        .child(explained(init, text!(remedies.init_why)))
        .children((0..limits::MOST_LANES).map(|index| when(move || has_u(index), move || own_init(index, shown))))
        .child(when(remembers, forget))
        .child(explained(whole(shown, "layers", title(text!(remedies.layers))), text!(remedies.layers_why)))
        .child(explained(clip, text!(remedies.clip_why)))
        .child(explained(clip_mode, text!(remedies.clip_mode_why)))
        .child(explained(whole(shown, "tbptt", tr!(i18n, settings.tbptt)), text!(remedies.tbptt_why)))
        .child(explained(real(shown, "decay", title(text!(remedies.decay)), None), text!(remedies.decay_why)))
        .child(explained(real(shown, "dropout", title(text!(remedies.dropout)), None), text!(remedies.dropout_why)))
        .child(explained(switch(shown, "norm", text!(remedies.norm)), text!(remedies.norm_why)))
        .child(explained(whole(shown, "train", title(text!(remedies.train))), text!(remedies.train_why)))
        .child(explained(switch(shown, "ragged", text!(remedies.ragged)), text!(remedies.ragged_why)))
        .node()
}
