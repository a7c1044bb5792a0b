//! The share link: the hash of the page's address, both ways.

use crate::experiment::edit;
use crate::experiment::keys::{self, Allowed, KEYS, Problem, Reason};
use crate::experiment::settings::{Experiment, Settings};

/// Pieces of a link that are looked at; a longer link's tail is named as one problem.
const MOST_PIECES: usize = 64;

/// Reads a link's hash, with or without its `#`. Any text gives an experiment: each key that cannot be taken keeps its
/// default and is named in a problem.
pub fn parse(hash: &str) -> (Experiment, Vec<Problem>) {
    let mut experiment = Experiment::default();
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
    let mut named: Vec<&str> = Vec::new();
    let mut edits = None;
    for (index, (key, value)) in pieces.iter().enumerate() {
        if index == MOST_PIECES {
            problems.push(Problem::new("…", "", Reason::Malformed));
            break;
        }
        let found = value.as_deref().unwrap_or("");
        if pieces.iter().filter(|(other, _)| other == key).count() > 1 {
            if !named.contains(&key.as_str()) {
                named.push(key);
                problems.push(Problem::new(key, found, Reason::Repeated));
            }
            continue;
        }
        match value {
            None => problems.push(Problem::new(key, "", Reason::Malformed)),
            // What can be edited depends on all the rest.
            Some(value) if key == "edit" => edits = Some(value),
            Some(value) => match set_unbound(&experiment, key, value) {
                Ok(changed) => experiment = changed,
                Err(problem) => problems.push(problem),
            },
        }
    }
    let mut settings = bind(&experiment, &mut problems);
    if let Some(text) = edits {
        let (edits, bad) = edit::read_all(text, &settings);
        settings.edits = edits;
        problems.extend(bad);
    }
    (Experiment::from_settings(settings), problems)
}

/// `t`, `unit`, `layer` and `tbptt` may stand before the sizes that bound them, so they are set without that bound and checked at the end.
fn set_unbound(experiment: &Experiment, key: &str, value: &str) -> Result<Experiment, Problem> {
    let mut settings: Settings = (**experiment).clone();
    keys::set(&mut settings, key, value)?;
    Ok(Experiment::from_settings(settings))
}

fn bind(experiment: &Experiment, problems: &mut Vec<Problem>) -> Settings {
    let mut settings = (**experiment).clone();
    if let Some(step) = settings.step.filter(|step| *step > settings.len) {
        let allowed = Allowed::Whole(1, settings.len as u64);
        problems.push(Problem::new("t", &step.to_string(), Reason::NotAllowed(allowed)));
        settings.step = None;
    }
    if settings.unit > settings.units() {
        let allowed = Allowed::Whole(1, settings.units() as u64);
        problems.push(Problem::new("unit", &settings.unit.to_string(), Reason::NotAllowed(allowed)));
        settings.unit = 1;
    }
    if settings.layer > settings.layers {
        let allowed = Allowed::Whole(1, settings.layers as u64);
        problems.push(Problem::new("layer", &settings.layer.to_string(), Reason::NotAllowed(allowed)));
        settings.layer = 1;
    }
    if settings.truncation > settings.len {
        let allowed = Allowed::Whole(0, settings.len as u64);
        problems.push(Problem::new("tbptt", &settings.truncation.to_string(), Reason::NotAllowed(allowed)));
        settings.truncation = 0;
    }
    settings
}

/// The link of an experiment, with its `#`: each key that is not at its default, in the table's order.
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

/// Undoes percent-encoding; what is not valid UTF-8 becomes a replacement character, and is then no allowed value.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = (ahead.next(), ahead.next());
        match (byte, digits) {
            (b'%', (Some(high), Some(low))) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                bytes.push(16 * hex(high) + hex(low));
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit.to_ascii_lowercase() - b'a') + 10,
    }
}
