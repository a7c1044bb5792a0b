//! The values that a key of a link may have, and the problem with a value that it may not have.

use std::fmt;

use crate::experiment::limits::MOST_EDITS;
use crate::experiment::{names, read};
use nn::CellKind;

/// The values a key may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Allowed {
    /// A whole number from … to ….
    Whole(u64, u64),
    /// A decimal number from … to ….
    Real(f64, f64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A comma-separated list of `min` to `max` of these words, each once.
    ListOf(&'static [&'static str], usize, usize),
    /// Up to so many networks of these codes, each with values of its own behind it.
    Lanes(&'static [&'static str], usize),
    /// A whole number from … to …, or this word.
    WholeOr(u64, u64, &'static str),
    /// Up to so many letters, digits, `.` and `-`.
    Name(usize),
    /// Edits by hand, separated by `;`.
    Edits,
    /// A part of an edit, by its letter in the form of an edit, from … to ….
    Part(&'static str, f64, f64),
    /// The layers of an edit's network, from 1 to so many.
    Layers(usize),
    /// The places of an edit that a network of this cell has.
    Places(CellKind),
}

impl Allowed {
    /// Whether a value, as a link writes it, is in this range. Of lanes and edits only the count is checked here; the key
    /// reads each of them.
    pub fn lets_through(&self, value: &str) -> bool {
        let whole = |min: u64, max: u64| read::whole(value).is_some_and(|number| (min..=max).contains(&number));
        match *self {
            Self::Whole(min, max) => whole(min, max),
            Self::WholeOr(min, max, word) => value == word || whole(min, max),
            Self::Real(min, max) => read::real(value).is_some_and(|number| (min..=max).contains(&number)),
            Self::OneOf(words) => words.contains(&value),
            Self::ListOf(words, min, max) => {
                let given: Vec<&str> = value.split(',').collect();
                let repeated = |(at, word): (usize, &&str)| given[..at].contains(word);
                (min..=max).contains(&given.len())
                    && given.iter().all(|word| words.contains(word))
                    && !given.iter().enumerate().any(repeated)
            }
            Self::Lanes(_, most) => value.split(',').count() <= most,
            Self::Name(longest) => {
                (1..=longest).contains(&value.len())
                    && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
            }
            Self::Edits => !value.is_empty() && value.split(';').count() <= MOST_EDITS,
            Self::Part(..) | Self::Layers(_) | Self::Places(_) => false,
        }
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(min, max) => write!(f, "{min}–{max}"),
            Self::WholeOr(min, max, word) => write!(f, "{min}–{max}, {word}"),
            Self::Real(min, max) => write!(f, "{min}–{max}"),
            Self::OneOf(words) => f.write_str(&words.join(", ")),
            Self::ListOf(words, min, max) => write!(f, "{min}–{max} × ({})", words.join(", ")),
            Self::Lanes(words, most) => write!(f, "1–{most} × ({})[:hidden=H][:forget=b][:init=w]", words.join(", ")),
            Self::Name(longest) => write!(f, "[A–Z a–z 0–9 . -], 1–{longest}"),
            Self::Edits => write!(f, "1–{MOST_EDITS} × k.u[i,j]=v@n, separated by ;"),
            Self::Part(part, min, max) => write!(f, "{part} {min}–{max}"),
            Self::Layers(most) => write!(f, "layer 1–{most}"),
            Self::Places(cell) => f.write_str(&names::of_cell(*cell)),
        }
    }
}

/// A problem with one key of a link, a control or a call.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key}={found}: {reason}")]
pub struct Problem {
    /// The key as found, shortened.
    pub key: String,
    /// The value as found, shortened.
    pub found: String,
    /// The reason why it is refused.
    pub reason: Reason,
}

/// A reason to refuse a key.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Reason {
    /// There is no such key.
    #[error("unknown key")]
    UnknownKey,
    /// The key is planned and not built yet.
    #[error("not built yet")]
    NotBuilt,
    /// The key is given more than once.
    #[error("given more than once")]
    Repeated,
    /// The piece has no `=`.
    #[error("not of the form key=value")]
    Malformed,
    /// The value is not one of these.
    #[error("allowed: {0}")]
    NotAllowed(Allowed),
}

impl Problem {
    /// Makes a problem whose texts are short enough to show, whatever was found.
    pub fn new(key: &str, found: &str, reason: Reason) -> Self {
        Self { key: shorten(key), found: shorten(found), reason }
    }
}

/// Keeps at most 32 characters and replaces control characters.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 32;
    let mut short: String = text.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
