//! The one table of a link's keys: what each may be, how it is read and written. Controls, links, notices and documents
//! take their ranges from here.

pub use crate::experiment::allowed::{Allowed, Problem, Reason};
use crate::experiment::edit::{self, Edit};
use crate::experiment::lanes;
use crate::experiment::settings::{GradientScale, Lang, Settings, Speed, Theme};
use crate::experiment::why::Why;
use nn::{CellKind, ClipMode, Init, OptimizerKind};
use numbers::{self, written};
use tasks::TaskKind;

/// What a change of the key touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The numbers of training: a change starts the run again.
    Run,
    /// What was changed by hand in it: the run goes on with it.
    Edit,
    /// How far the run has got.
    Progress,
    /// What is seen of it: changes live.
    View,
}

/// One key of the link.
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What a change touches.
    pub role: Role,
    /// Its values.
    pub allowed: Allowed,
    /// The value as a link writes it.
    pub get: fn(&Settings) -> String,
    /// Takes a value that [`Allowed`] has let through.
    set: fn(&mut Settings, &str),
}

/// Parts of the page that `hide` names.
pub const PARTS: &[&str] = &["header", "settings", "timeline", "gradient", "lanes", "inspector"];

/// The codes of all that a table has, in its order.
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
const CLIP_MODES: &[&str] = &["norm", "value"];
const SEED: Allowed = Allowed::Whole(0, u32::MAX as u64);

/// Keys that the design names and that later work adds.
const NOT_BUILT: &[&str] = &["lesson"];

/// Every key, in the order a link writes them.
pub const KEYS: &[Key] = &[
    Key {
        name: "task",
        role: Role::Run,
        allowed: Allowed::OneOf(TASKS),
        get: |s| s.task.code().to_owned(),
        set: |s, v| s.task = TaskKind::from_code(v).unwrap_or(s.task),
    },
    Key {
        name: "len",
        role: Role::Run,
        allowed: Allowed::Whole(2, 200),
        get: |s| s.len.to_string(),
        set: |s, v| s.len = whole(v, s.len),
    },
    Key {
        name: "lanes",
        role: Role::Run,
        allowed: Allowed::Lanes(LANES, MOST_LANES),
        get: lanes::write,
        set: |s, v| (s.lanes, s.own) = v.split(',').filter_map(lanes::read).unzip(),
    },
    Key {
        name: "match",
        role: Role::Run,
        allowed: Allowed::Whole(0, 1),
        get: |s| u8::from(s.matched).to_string(),
        set: |s, v| s.matched = v == "1",
    },
    Key {
        name: "window",
        role: Role::Run,
        allowed: Allowed::Whole(1, 200),
        get: |s| s.window.to_string(),
        set: |s, v| s.window = whole(v, s.window),
    },
    Key {
        name: "hidden",
        role: Role::Run,
        allowed: Allowed::Whole(1, MOST_HIDDEN as u64),
        get: |s| s.hidden.to_string(),
        set: |s, v| s.hidden = whole(v, s.hidden),
    },
    Key {
        name: "batch",
        role: Role::Run,
        allowed: Allowed::Whole(1, 128),
        get: |s| s.batch.to_string(),
        set: |s, v| s.batch = whole(v, s.batch),
    },
    Key {
        name: "lr",
        role: Role::Run,
        allowed: Allowed::Real(1e-6, 10.0),
        get: |s| written(s.lr),
        set: |s, v| s.lr = real(v, s.lr),
    },
    Key {
        name: "opt",
        role: Role::Run,
        allowed: Allowed::OneOf(OPTIMIZERS),
        get: |s| s.optimizer.code().to_owned(),
        set: |s, v| s.optimizer = OptimizerKind::from_code(v).unwrap_or(s.optimizer),
    },
    Key {
        name: "clip",
        role: Role::Run,
        allowed: Allowed::Real(0.0, 1e6),
        get: |s| written(s.clip),
        set: |s, v| s.clip = real(v, s.clip),
    },
    Key {
        name: "clipmode",
        role: Role::Run,
        allowed: Allowed::OneOf(CLIP_MODES),
        get: |s| CLIP_MODES[s.clip_mode as usize].to_owned(),
        set: |s, v| s.clip_mode = if v == "value" { ClipMode::Value } else { ClipMode::Norm },
    },
    Key {
        name: "tbptt",
        role: Role::Run,
        allowed: Allowed::Whole(0, 200),
        get: |s| s.truncation.to_string(),
        set: |s, v| s.truncation = whole(v, s.truncation),
    },
    Key {
        name: "forget",
        role: Role::Run,
        allowed: FORGET,
        get: |s| written(s.forget),
        set: |s, v| s.forget = real(v, s.forget),
    },
    Key {
        name: "gain",
        role: Role::Run,
        allowed: Allowed::Real(0.0, 100.0),
        get: |s| written(s.gain),
        set: |s, v| s.gain = real(v, s.gain),
    },
    Key {
        name: "layers",
        role: Role::Run,
        allowed: Allowed::Whole(1, 3),
        get: |s| s.layers.to_string(),
        set: |s, v| s.layers = whole(v, s.layers),
    },
    Key {
        name: "init",
        role: Role::Run,
        allowed: Allowed::OneOf(INITS),
        get: |s| s.init.code().to_owned(),
        set: |s, v| s.init = Init::from_code(v).unwrap_or(s.init),
    },
    Key {
        name: "decay",
        role: Role::Run,
        allowed: Allowed::Real(0.0, 1.0),
        get: |s| s.decay.map_or(String::new(), written),
        set: |s, v| s.decay = numbers::parse(v).map(|decay| decay + 0.0),
    },
    Key {
        name: "dropout",
        role: Role::Run,
        allowed: Allowed::Real(0.0, 0.9),
        get: |s| written(s.dropout),
        set: |s, v| s.dropout = real(v, s.dropout),
    },
    Key {
        name: "norm",
        role: Role::Run,
        allowed: Allowed::Whole(0, 1),
        get: |s| u8::from(s.norm).to_string(),
        set: |s, v| s.norm = v == "1",
    },
    Key {
        name: "ragged",
        role: Role::Run,
        allowed: Allowed::Whole(0, 1),
        get: |s| u8::from(s.ragged).to_string(),
        set: |s, v| s.ragged = v == "1",
    },
    Key {
        name: "train",
        role: Role::Run,
        allowed: Allowed::Whole(0, 10_000),
        get: |s| s.train.to_string(),
        set: |s, v| s.train = whole(v, s.train),
    },
    Key {
        name: "seed",
        role: Role::Run,
        allowed: SEED,
        get: |s| s.seed.to_string(),
        set: |s, v| s.seed = whole(v, s.seed),
    },
    Key {
        name: "data",
        role: Role::Run,
        allowed: SEED,
        get: |s| s.data.to_string(),
        set: |s, v| s.data = whole(v, s.data),
    },
    Key {
        name: "edit",
        role: Role::Edit,
        allowed: Allowed::Edits,
        get: |s| edit::format(&s.edits),
        set: |s, v| s.edits = v.split(';').filter_map(Edit::read).collect(),
    },
    Key {
        name: "update",
        role: Role::Progress,
        allowed: Allowed::Whole(0, MAX_UPDATE),
        get: |s| s.update.to_string(),
        set: |s, v| s.update = whole(v, s.update),
    },
    Key {
        name: "probe",
        role: Role::View,
        allowed: SEED,
        get: |s| s.probe.to_string(),
        set: |s, v| s.probe = whole(v, s.probe),
    },
    Key {
        name: "t",
        role: Role::View,
        allowed: Allowed::Whole(1, 200),
        get: |s| s.step.map_or(String::new(), |step| step.to_string()),
        set: |s, v| s.step = v.parse().ok(),
    },
    Key {
        name: "unit",
        role: Role::View,
        allowed: Allowed::Whole(1, 128),
        get: |s| s.unit.to_string(),
        set: |s, v| s.unit = whole(v, s.unit),
    },
    Key {
        name: "layer",
        role: Role::View,
        allowed: Allowed::Whole(1, 3),
        get: |s| s.layer.to_string(),
        set: |s, v| s.layer = whole(v, s.layer),
    },
    Key {
        name: "scale",
        role: Role::View,
        allowed: Allowed::OneOf(&["relative", "absolute", "batch"]),
        get: |s| {
            match s.scale {
                GradientScale::Relative => "relative",
                GradientScale::Absolute => "absolute",
                GradientScale::Batch => "batch",
            }
            .to_owned()
        },
        set: |s, v| {
            s.scale = match v {
                "absolute" => GradientScale::Absolute,
                "batch" => GradientScale::Batch,
                _ => GradientScale::Relative,
            }
        },
    },
    Key {
        name: "why",
        role: Role::View,
        allowed: Allowed::OneOf(Why::CODES),
        get: |s| s.why.map_or("", Why::code).to_owned(),
        set: |s, v| s.why = Why::from_code(v),
    },
    Key {
        name: "speed",
        role: Role::View,
        allowed: Allowed::WholeOr(1, 1000, "max"),
        get: |s| match s.speed {
            Speed::Max => "max".to_owned(),
            Speed::PerSecond(rate) => rate.to_string(),
        },
        set: |s, v| s.speed = v.parse().map_or(Speed::Max, Speed::PerSecond),
    },
    Key {
        name: "lang",
        role: Role::View,
        allowed: Allowed::OneOf(&["it", "en"]),
        get: |s| s.lang.map_or("", |lang| if lang == Lang::It { "it" } else { "en" }).to_owned(),
        set: |s, v| {
            s.lang = match v {
                "it" => Some(Lang::It),
                "en" => Some(Lang::En),
                _ => None,
            }
        },
    },
    Key {
        name: "theme",
        role: Role::View,
        allowed: Allowed::OneOf(&["light", "dark"]),
        get: |s| s.theme.map_or("", |theme| if theme == Theme::Dark { "dark" } else { "light" }).to_owned(),
        set: |s, v| {
            s.theme = match v {
                "dark" => Some(Theme::Dark),
                "light" => Some(Theme::Light),
                _ => None,
            }
        },
    },
    Key {
        name: "present",
        role: Role::View,
        allowed: Allowed::Whole(0, 1),
        get: |s| u8::from(s.present).to_string(),
        set: |s, v| s.present = v == "1",
    },
    Key {
        name: "hide",
        role: Role::View,
        allowed: Allowed::ListOf(PARTS, 1, PARTS.len()),
        get: |s| s.hide.join(","),
        set: |s, v| {
            s.hide = v.split(',').filter_map(|part| PARTS.iter().copied().find(|known| *known == part)).collect()
        },
    },
    Key {
        name: "build",
        role: Role::View,
        allowed: Allowed::Name(40),
        get: |s| s.build.clone().unwrap_or_default(),
        set: |s, v| s.build = Some(v.to_owned()),
    },
];

/// The last update a run may reach.
pub const MAX_UPDATE: u64 = 1_000_000;

/// The key of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The most hidden units.
pub const MOST_HIDDEN: usize = 128;
/// What the initial bias of a forget gate may be.
pub(crate) const FORGET: Allowed = Allowed::Real(-5.0, 5.0);

/// The most networks side by side.
pub const MOST_LANES: usize = 4;

/// The whole-number range of a key of the table; `None` for any other kind.
pub fn whole_range(name: &str) -> Option<(u64, u64)> {
    match find(name)?.allowed {
        Allowed::Whole(min, max) | Allowed::WholeOr(min, max, _) => Some((min, max)),
        _ => None,
    }
}

/// The range of a key of the table that is a decimal number; `None` for any other kind.
pub fn real_range(name: &str) -> Option<(f64, f64)> {
    match find(name)?.allowed {
        Allowed::Real(min, max) => Some((min, max)),
        _ => None,
    }
}

/// The words that a key of the table may have, one of them at a time; none for any other kind.
pub fn words(name: &str) -> &'static [&'static str] {
    match find(name).map(|key| &key.allowed) {
        Some(Allowed::OneOf(words)) => words,
        _ => &[],
    }
}

/// Puts one key back to its default.
///
/// # Errors
/// If there is no such key.
pub(crate) fn unset(settings: &mut Settings, name: &str) -> Result<(), Problem> {
    let key = find(name).ok_or_else(|| Problem::new(name, "", Reason::UnknownKey))?;
    (key.set)(settings, &(key.get)(&Settings::default()));
    Ok(())
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
    if !key.allowed.lets_through(value) {
        return Err(problem(Reason::NotAllowed(key.allowed)));
    }
    (key.set)(settings, value);
    Ok(())
}

/// A number that [`Allowed`] has let through; `fallback` is never reached after it.
fn whole<N: std::str::FromStr>(value: &str, fallback: N) -> N {
    value.parse().unwrap_or(fallback)
}

pub(crate) fn real(value: &str, fallback: f64) -> f64 {
    // One zero: a link that says −0 is the same run.
    numbers::parse(value).map_or(fallback, |number| number + 0.0)
}
