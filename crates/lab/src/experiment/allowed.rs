//! What the value of a key may be, and what is wrong with one that it may not be.

use std::fmt;

use crate::experiment::edit::{Edit, MOST_EDITS};
use crate::experiment::lanes;
use crate::experiment::place;
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
    /// Edits by hand, apart by `;`.
    Edits,
    /// A part of an edit, by its letter in the form of an edit, from … to ….
    Part(&'static str, f64, f64),
    /// The layers of an edit's network, from 1 to so many.
    Layers(usize),
    /// The places of an edit that a network of this cell has.
    Places(CellKind),
}

impl Allowed {
    /// Whether a value, as a link writes it, is allowed.
    pub fn lets_through(&self, value: &str) -> bool {
        let whole = |min: u64, max: u64| {
            !value.is_empty()
                && value.len() <= 20
                && value.bytes().all(|byte| byte.is_ascii_digit())
                && value.parse::<u64>().is_ok_and(|number| (min..=max).contains(&number))
        };
        match *self {
            Self::Whole(min, max) => whole(min, max),
            Self::WholeOr(min, max, word) => value == word || whole(min, max),
            Self::Real(min, max) => {
                value.len() <= 32
                    && value.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
                    && numbers::parse(value).is_some_and(|number| (min..=max).contains(&number))
            }
            Self::OneOf(words) => words.contains(&value),
            Self::ListOf(words, min, max) => {
                let count = value.split(',').count();
                let twice = |(at, word)| value.split(',').take(at).any(|before| before == word);
                (min..=max).contains(&count)
                    && value.split(',').all(|word| words.contains(&word))
                    && !value.split(',').enumerate().any(twice)
            }
            Self::Lanes(_, most) => {
                value.split(',').count() <= most && value.split(',').all(|lane| lanes::read(lane).is_some())
            }
            Self::Name(longest) => {
                (1..=longest).contains(&value.len())
                    && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
            }
            Self::Edits => {
                value.split(';').count() <= MOST_EDITS && value.split(';').all(|edit| Edit::read(edit).is_some())
            }
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
            Self::Edits => f.write_str("k.u[i,j]=v@n, ;"),
            Self::Part(part, min, max) => {
                f.write_str(part)?;
                f.write_str(" ")?;
                Self::Real(*min, *max).fmt(f)
            }
            Self::Layers(most) => write!(f, "layer 1–{most}"),
            Self::Places(cell) => f.write_str(&place::names_of(*cell)),
        }
    }
}

/// What is wrong with one key of a link, a control or a call.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{key}={found}: {reason}")]
pub struct Problem {
    /// The key as found, cut short.
    pub key: String,
    /// The value as found, cut short.
    pub found: String,
    /// Why it is not taken.
    pub reason: Reason,
}

/// Why a key is not taken.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Reason {
    /// There is no such key.
    #[error("unknown key")]
    UnknownKey,
    /// The key is named by the design and not built yet.
    #[error("not built yet")]
    NotBuilt,
    /// The key stands more than once.
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
    /// A problem whose texts are short enough to show, whatever was found.
    pub fn new(key: &str, found: &str, reason: Reason) -> Self {
        Self { key: shorten(key), found: shorten(found), reason }
    }
}

/// At most 32 characters, none of them a control character.
fn shorten(text: &str) -> String {
    const LONGEST: usize = 32;
    let mut short: String = text.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}
