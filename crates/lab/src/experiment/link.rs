//! The share link: the hash of the page's address, read and written.

use percent_encoding::percent_decode_str;

use crate::experiment::Experiment;
use crate::experiment::check::{self, BOUNDED};
use crate::experiment::keys::{self, KEYS, Problem, Reason};
use crate::experiment::settings::Settings;

/// The number of pieces of a link that are read; the rest of a longer link is named as one problem.
const MOST_PIECES: usize = 64;

/// Reads a link's hash, with or without its `#`. Any text gives an experiment: each key that cannot be taken keeps its
/// default and is named in a problem.
pub fn parse(hash: &str) -> (Experiment, Vec<Problem>) {
    let mut settings = Settings::default();
    let mut problems = Vec::new();
    let pieces: Vec<(String, Option<String>)> = hash
        .strip_prefix('#')
        .unwrap_or(hash)
        .split('&')
        .filter(|piece| !piece.is_empty())
        .take(MOST_PIECES + 1)
        .map(|piece| match piece.split_once('=') {
            Some((key, value)) => (decode(key), Some(decode(value))),
            None => (decode(piece), None),
        })
        .collect();
    let mut repeated: Vec<&str> = Vec::new();
    let mut edits = None;
    for (index, (key, value)) in pieces.iter().enumerate() {
        if index == MOST_PIECES {
            problems.push(Problem::new("…", "", Reason::Malformed));
            break;
        }
        if pieces.iter().filter(|(other, _)| other == key).count() > 1 {
            if !repeated.contains(&key.as_str()) {
                repeated.push(key);
                problems.push(Problem::new(key, value.as_deref().unwrap_or_default(), Reason::Repeated));
            }
            continue;
        }
        match value {
            None => problems.push(Problem::new(key, "", Reason::Malformed)),
            // Which edits are allowed depends on all other keys.
            Some(value) if key == "edit" => edits = Some(value),
            Some(value) => problems.extend(keys::set(&mut settings, key, value).err()),
        }
    }
    // The bounds of these keys depend on sizes that may come after them.
    for key in BOUNDED {
        if let Some(allowed) = check::exceeded(&settings, key) {
            let value = keys::find(key).map(|key| (key.get)(&settings)).unwrap_or_default();
            problems.push(Problem::new(key, &value, Reason::NotAllowed(allowed)));
            problems.extend(keys::unset(&mut settings, key).err());
        }
    }
    if let Some(text) = edits {
        let (edits, bad) = check::read_edits(text, &settings);
        settings.edits = edits;
        problems.extend(bad);
    }
    (Experiment::from_settings(settings), problems)
}

/// Writes the link of an experiment, with its `#`: each key that is not at its default, in the table's order.
pub fn format(experiment: &Experiment) -> String {
    let default = Settings::default();
    let pieces: Vec<String> = KEYS
        .iter()
        .filter_map(|key| {
            let value = (key.get)(experiment);
            (value != (key.get)(&default)).then(|| format!("{}={value}", key.name))
        })
        .collect();
    format!("#{}", pieces.join("&"))
}

/// Decodes percent-encoding; what is not valid UTF-8 becomes a replacement character, which no value allows.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
