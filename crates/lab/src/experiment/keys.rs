//! The one table of a link's keys: the values of each, and how it is read and written. Controls, links, notices and documents
//! take their ranges from here.

pub use crate::experiment::allowed::{Allowed, Problem, Reason};
use crate::experiment::edit::{self, Edit};
use crate::experiment::limits::{FORGET_BIAS, MAX_UPDATE, MOST_HIDDEN, MOST_LANES};
use crate::experiment::settings::{GradientScale, Lang, Settings, Speed, Theme};
use crate::experiment::why::Why;
use crate::experiment::{lanes, read};
use nn::{CellKind, ClipMode, Init, OptimizerKind};
use numbers::written;
use tasks::TaskKind;

/// The part of an experiment that a key belongs to, which decides what a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The numbers of training: a change starts the run again.
    Run,
    /// Changes by hand: the run goes on with them.
    Edit,
    /// The update that the run has reached.
    Progress,
    /// The view: changes at once, without touching the run.
    View,
}

/// One key of the link.
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The part that it belongs to.
    pub role: Role,
    /// Its values.
    pub allowed: Allowed,
    /// Writes the value as a link does.
    pub get: fn(&Settings) -> String,
    /// Reads a value in the range of [`Allowed`], or an empty text for a key that is not set by default. Returns `None`, and
    /// changes nothing, for a value that it cannot read.
    set: fn(&mut Settings, &str) -> Option<()>,
}

/// Parts of the page that `hide` names.
pub const PARTS: &[&str] = &["header", "settings", "timeline", "gradient", "lanes", "inspector"];

/// Lists the codes of all kinds, in their order.
macro_rules! codes {
    ($all:expr $(, $kind:tt)?) => {
        &{
            let mut codes = [""; $all.len()];
            let mut at = 0;
            while at < codes.len() {
                codes[at] = $all[at]$(.$kind)?.code();
                at += 1;
            }
            codes
        }
    };
}
const TASKS: &[&str] = codes!(TaskKind::ALL);
const LANES: &[&str] = codes!(CellKind::ALL);
const OPTIMIZERS: &[&str] = codes!(OptimizerKind::ALL);
const INITS: &[&str] = codes!(Init::ALL, 0);
const CLIP_MODES: &[&str] = codes!(ClipMode::ALL);
const SCALES: &[&str] = codes!(GradientScale::ALL);
const LANGUAGES: &[&str] = codes!(Lang::ALL);
const THEMES: &[&str] = codes!(Theme::ALL);
const SEED: Allowed = Allowed::Whole(0, u32::MAX as u64);

/// Planned keys that are not built yet.
const NOT_BUILT: &[&str] = &["lesson"];

/// Every key, in the order a link writes them.
pub const KEYS: &[Key] = &[
    Key {
        name: "task",
        role: Role::Run,
        allowed: Allowed::OneOf(TASKS),
        get: |s| s.task.code().to_owned(),
        set: |s, v| put(&mut s.task, TaskKind::from_code(v)),
    },
    Key {
        name: "len",
        role: Role::Run,
        allowed: Allowed::Whole(2, 200),
        get: |s| s.len.to_string(),
        set: |s, v| put(&mut s.len, v.parse().ok()),
    },
    Key {
        name: "lanes",
        role: Role::Run,
        allowed: Allowed::Lanes(LANES, MOST_LANES),
        get: lanes::write,
        set: |s, v| {
            (s.lanes, s.own) = lanes::read_all(v)?;
            Some(())
        },
    },
    Key {
        name: "match",
        role: Role::Run,
        allowed: Allowed::Whole(0, 1),
        get: |s| u8::from(s.matched).to_string(),
        set: |s, v| put(&mut s.matched, Some(v == "1")),
    },
    Key {
        name: "window",
        role: Role::Run,
        allowed: Allowed::Whole(1, 200),
        get: |s| s.window.to_string(),
        set: |s, v| put(&mut s.window, v.parse().ok()),
    },
    Key {
        name: "hidden",
        role: Role::Run,
        allowed: Allowed::Whole(1, MOST_HIDDEN as u64),
        get: |s| s.hidden.to_string(),
        set: |s, v| put(&mut s.hidden, v.parse().ok()),
    },
    Key {
        name: "batch",
        role: Role::Run,
        allowed: Allowed::Whole(1, 128),
        get: |s| s.batch.to_string(),
        set: |s, v| put(&mut s.batch, v.parse().ok()),
    },
    Key {
        name: "lr",
        role: Role::Run,
        allowed: Allowed::Real(1e-6, 10.0),
        get: |s| written(s.lr),
        set: |s, v| put(&mut s.lr, read::real(v)),
    },
    Key {
        name: "opt",
        role: Role::Run,
        allowed: Allowed::OneOf(OPTIMIZERS),
        get: |s| s.optimizer.code().to_owned(),
        set: |s, v| put(&mut s.optimizer, OptimizerKind::from_code(v)),
    },
    Key {
        name: "clip",
        role: Role::Run,
        allowed: Allowed::Real(0.0, 1e6),
        get: |s| written(s.clip),
        set: |s, v| put(&mut s.clip, read::real(v)),
    },
    Key {
        name: "clipmode",
        role: Role::Run,
        allowed: Allowed::OneOf(CLIP_MODES),
        get: |s| s.clip_mode.code().to_owned(),
        set: |s, v| put(&mut s.clip_mode, ClipMode::from_code(v)),
    },
    Key {
        name: "tbptt",
        role: Role::Run,
        allowed: Allowed::Whole(0, 200),
        get: |s| s.truncation.to_string(),
        set: |s, v| put(&mut s.truncation, v.parse().ok()),
    },
    Key {
        name: "forget",
        role: Role::Run,
        allowed: Allowed::Real(FORGET_BIAS.0, FORGET_BIAS.1),
        get: |s| written(s.forget),
        set: |s, v| put(&mut s.forget, read::real(v)),
    },
    Key {
        name: "gain",
        role: Role::Run,
        allowed: Allowed::Real(0.0, 100.0),
        get: |s| written(s.gain),
        set: |s, v| put(&mut s.gain, read::real(v)),
    },
    Key {
        name: "layers",
        role: Role::Run,
        allowed: Allowed::Whole(1, 3),
        get: |s| s.layers.to_string(),
        set: |s, v| put(&mut s.layers, v.parse().ok()),
    },
    Key {
        name: "init",
        role: Role::Run,
        allowed: Allowed::OneOf(INITS),
        get: |s| s.init.code().to_owned(),
        set: |s, v| put(&mut s.init, Init::from_code(v)),
    },
    Key {
        name: "decay",
        role: Role::Run,
        allowed: Allowed::Real(0.0, 1.0),
        get: |s| s.decay.map(written).unwrap_or_default(),
        set: |s, v| put(&mut s.decay, optional(v, read::real)),
    },
    Key {
        name: "dropout",
        role: Role::Run,
        allowed: Allowed::Real(0.0, 0.9),
        get: |s| written(s.dropout),
        set: |s, v| put(&mut s.dropout, read::real(v)),
    },
    Key {
        name: "norm",
        role: Role::Run,
        allowed: Allowed::Whole(0, 1),
        get: |s| u8::from(s.norm).to_string(),
        set: |s, v| put(&mut s.norm, Some(v == "1")),
    },
    Key {
        name: "ragged",
        role: Role::Run,
        allowed: Allowed::Whole(0, 1),
        get: |s| u8::from(s.ragged).to_string(),
        set: |s, v| put(&mut s.ragged, Some(v == "1")),
    },
    Key {
        name: "train",
        role: Role::Run,
        allowed: Allowed::Whole(0, 10_000),
        get: |s| s.train.to_string(),
        set: |s, v| put(&mut s.train, v.parse().ok()),
    },
    Key {
        name: "seed",
        role: Role::Run,
        allowed: SEED,
        get: |s| s.seed.to_string(),
        set: |s, v| put(&mut s.seed, v.parse().ok()),
    },
    Key {
        name: "data",
        role: Role::Run,
        allowed: SEED,
        get: |s| s.data.to_string(),
        set: |s, v| put(&mut s.data, v.parse().ok()),
    },
    Key {
        name: "edit",
        role: Role::Edit,
        allowed: Allowed::Edits,
        get: |s| edit::format(&s.edits),
        set: |s, v| {
            put(&mut s.edits, optional(v, |v| v.split(';').map(Edit::read).collect()).map(Option::unwrap_or_default))
        },
    },
    Key {
        name: "update",
        role: Role::Progress,
        allowed: Allowed::Whole(0, MAX_UPDATE),
        get: |s| s.update.to_string(),
        set: |s, v| put(&mut s.update, v.parse().ok()),
    },
    Key {
        name: "probe",
        role: Role::View,
        allowed: SEED,
        get: |s| s.probe.to_string(),
        set: |s, v| put(&mut s.probe, v.parse().ok()),
    },
    Key {
        name: "t",
        role: Role::View,
        allowed: Allowed::Whole(1, 200),
        get: |s| s.step.map(|step| step.to_string()).unwrap_or_default(),
        set: |s, v| put(&mut s.step, optional(v, |v| v.parse().ok())),
    },
    Key {
        name: "unit",
        role: Role::View,
        allowed: Allowed::Whole(1, 128),
        get: |s| s.unit.to_string(),
        set: |s, v| put(&mut s.unit, v.parse().ok()),
    },
    Key {
        name: "layer",
        role: Role::View,
        allowed: Allowed::Whole(1, 3),
        get: |s| s.layer.to_string(),
        set: |s, v| put(&mut s.layer, v.parse().ok()),
    },
    Key {
        name: "scale",
        role: Role::View,
        allowed: Allowed::OneOf(SCALES),
        get: |s| s.scale.code().to_owned(),
        set: |s, v| put(&mut s.scale, GradientScale::from_code(v)),
    },
    Key {
        name: "why",
        role: Role::View,
        allowed: Allowed::OneOf(Why::CODES),
        get: |s| s.why.map_or("", Why::code).to_owned(),
        set: |s, v| put(&mut s.why, optional(v, Why::from_code)),
    },
    Key {
        name: "speed",
        role: Role::View,
        allowed: Allowed::WholeOr(1, 1000, "max"),
        get: |s| match s.speed {
            Speed::Max => "max".to_owned(),
            Speed::PerSecond(rate) => rate.to_string(),
        },
        set: |s, v| put(&mut s.speed, if v == "max" { Some(Speed::Max) } else { v.parse().ok().map(Speed::PerSecond) }),
    },
    Key {
        name: "lang",
        role: Role::View,
        allowed: Allowed::OneOf(LANGUAGES),
        get: |s| s.lang.map_or("", Lang::code).to_owned(),
        set: |s, v| put(&mut s.lang, optional(v, Lang::from_code)),
    },
    Key {
        name: "theme",
        role: Role::View,
        allowed: Allowed::OneOf(THEMES),
        get: |s| s.theme.map_or("", Theme::code).to_owned(),
        set: |s, v| put(&mut s.theme, optional(v, Theme::from_code)),
    },
    Key {
        name: "present",
        role: Role::View,
        allowed: Allowed::Whole(0, 1),
        get: |s| u8::from(s.present).to_string(),
        set: |s, v| put(&mut s.present, Some(v == "1")),
    },
    Key {
        name: "hide",
        role: Role::View,
        allowed: Allowed::ListOf(PARTS, 1, PARTS.len()),
        get: |s| s.hide.join(","),
        set: |s, v| put(&mut s.hide, optional(v, parts).map(Option::unwrap_or_default)),
    },
    Key {
        name: "build",
        role: Role::View,
        allowed: Allowed::Name(40),
        get: |s| s.build.clone().unwrap_or_default(),
        set: |s, v| put(&mut s.build, optional(v, |v| Some(v.to_owned()))),
    },
];

/// Finds the key of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The range of a key whose values are whole numbers; `None` for any other kind.
pub fn whole_range(name: &str) -> Option<(u64, u64)> {
    match find(name)?.allowed {
        Allowed::Whole(min, max) | Allowed::WholeOr(min, max, _) => Some((min, max)),
        _ => None,
    }
}

/// The range of a key whose values are decimal numbers; `None` for any other kind.
pub fn real_range(name: &str) -> Option<(f64, f64)> {
    match find(name)?.allowed {
        Allowed::Real(min, max) => Some((min, max)),
        _ => None,
    }
}

/// The words of a key whose value is one of them; none for any other kind.
pub fn words(name: &str) -> &'static [&'static str] {
    match find(name).map(|key| &key.allowed) {
        Some(Allowed::OneOf(words)) => words,
        _ => &[],
    }
}

/// Sets one key to its default.
///
/// # Errors
/// If there is no such key.
pub(crate) fn unset(settings: &mut Settings, name: &str) -> Result<(), Problem> {
    let key = find(name).ok_or_else(|| Problem::new(name, "", Reason::UnknownKey))?;
    let default = (key.get)(&Settings::default());
    (key.set)(settings, &default).ok_or_else(|| Problem::new(name, &default, Reason::NotAllowed(key.allowed)))
}

/// Changes one key.
///
/// # Errors
/// If there is no such key or the value is not allowed; nothing is changed then.
pub(crate) fn set(settings: &mut Settings, name: &str, value: &str) -> Result<(), Problem> {
    let problem = |reason| Problem::new(name, value, reason);
    if NOT_BUILT.contains(&name) {
        return Err(problem(Reason::NotBuilt));
    }
    let key = find(name).ok_or_else(|| problem(Reason::UnknownKey))?;
    let is_set = key.allowed.lets_through(value) && (key.set)(settings, value).is_some();
    if is_set { Ok(()) } else { Err(problem(Reason::NotAllowed(key.allowed))) }
}

/// Sets a field to a value that could be read.
fn put<T>(field: &mut T, value: Option<T>) -> Option<()> {
    *field = value?;
    Some(())
}

/// Reads a value that may be left out: an empty text is no value.
fn optional<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if value.is_empty() { Some(None) } else { read(value).map(Some) }
}

/// Reads parts of the page.
fn parts(value: &str) -> Option<Vec<&'static str>> {
    value.split(',').map(|part| PARTS.iter().copied().find(|known| *known == part)).collect()
}
