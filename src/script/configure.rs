//! `config()` and `configure(keys)`: the link's keys as an object.

use js_sys::{Array, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::objects::{Entries, Setting, to_js};
use super::{Outcome, answered, error, now, plain};
use crate::state::Lab;
use lab::{Allowed, KEYS, Key, Problem, Role, Settings};

/// Returns the link's keys as an object: numbers as numbers, lists as arrays, unset keys as null.
pub(super) fn config(lab: Lab) -> Result<JsValue, JsValue> {
    let experiment = lab.experiment.get_untracked();
    let setting = |key: &Key| {
        let text =
            if key.role == Role::Progress { untrack(|| lab.update()).to_string() } else { (key.get)(&experiment) };
        (key.name, setting_of(key, text))
    };
    to_js(&Entries(KEYS.iter().filter(|key| key.name != "build").map(setting).collect()))
}

fn setting_of(key: &Key, text: String) -> Option<Setting> {
    match (&key.allowed, numbers::parse(&text)) {
        (Allowed::ListOf(..) | Allowed::Lanes(..) | Allowed::Edits, _) => {
            let parts = text.split(separator(key.name)).filter(|part| !part.is_empty());
            Some(Setting::List(parts.map(str::to_owned).collect()))
        }
        (_, _) if text.is_empty() => None,
        (Allowed::Whole(..) | Allowed::WholeOr(..) | Allowed::Real(..), Some(number)) => Some(Setting::Number(number)),
        _ => Some(Setting::Text(text)),
    }
}

/// Returns the character between the parts of a key's list in a link.
fn separator(key: &str) -> &'static str {
    if key == "edit" { ";" } else { "," }
}

/// Changes keys synchronously, so that the next call sees the change. Resolves when the change is on show.
pub(super) fn configure(lab: Lab, keys: &JsValue) -> Outcome {
    match change(lab, keys) {
        Ok(shown) => Box::pin(async move {
            JsFuture::from(shown).await?;
            config(lab)
        }),
        Err(problem) => now(Err(problem)),
    }
}

/// Changes the view if only its keys are given; otherwise restarts the run, at `update` if that is given. A bad key or
/// value changes nothing and is named in the error.
fn change(lab: Lab, keys: &JsValue) -> Result<Promise, JsValue> {
    let Some(object) = keys.dyn_ref::<Object>() else { return Err(error("configure expects an object of link keys")) };
    let mut given = Vec::new();
    for key in Reflect::own_keys(object)?.iter() {
        let value = Reflect::get(object, &key)?;
        let key = plain(&key);
        // Values that `config()` returns as null or empty are unset.
        let text = match value.dyn_ref::<Array>() {
            Some(list) if list.length() == 0 => None,
            Some(list) => Some(list.iter().map(|item| plain(&item)).collect::<Vec<_>>().join(separator(&key))),
            None => (!value.is_null()).then(|| plain(&value)),
        };
        given.push((key, text));
    }
    let progress = given.iter().any(|(key, text)| key == "update" && text.is_some());
    let given: Vec<_> = given.iter().map(|(key, text)| (key.as_str(), text.as_deref())).collect();
    let before = lab.experiment.get_untracked();
    let told = |problems: Vec<Problem>| error(&problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; "));
    let wanted = before.with_all(&given).map_err(told)?;
    if !wanted.same_run(&before) || progress {
        let wanted = if progress { Ok(wanted) } else { wanted.with_all(&[("update", Some("0"))]) }.map_err(told)?;
        return Ok(answered(move |answer| lab.start(wanted, answer)));
    }
    for key in KEYS.iter().filter(|key| key.role == Role::View) {
        let value = (key.get)(&wanted);
        if value != (key.get)(&before) {
            if value == (key.get)(&Settings::default()) {
                lab.view_default(key.name);
            } else {
                lab.view(key.name, &value);
            }
        }
    }
    // Edits, layer and the like are computed by the worker; all else is already on show.
    Ok(if wanted.edits != before.edits {
        let edits = wanted.edits.clone();
        answered(move |answer| lab.change_edits(Box::new(move |_, to| *to = edits), answer))
    } else if (wanted.probe, wanted.scale, wanted.layer) != (before.probe, before.scale, before.layer) {
        answered(move |answer| lab.when_shown(answer))
    } else {
        Promise::resolve(&JsValue::UNDEFINED)
    })
}
