//! What the page asks of the worker, and the few plain values that each command travels as.

use crate::analysis::bench::BenchSpec;
use crate::experiment::settings::Speed;
use crate::experiment::why::Why;

/// From the page to the worker. `id` names the request in [`Report::answered`](crate::worker::event::Report::answered).
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Start this link's experiment as run `run`, and replay to its update.
    Configure {
        /// The experiment, as a link.
        link: String,
        /// The number the page gives to the run.
        run: u32,
        /// Request id.
        id: u32,
    },
    /// Go on with the run, as run `run`, with the edits of this link's experiment, up to its update; another run starts
    /// as with `Configure`.
    Edit {
        /// The experiment, as a link.
        link: String,
        /// The number the page gives to the run from here on.
        run: u32,
        /// Request id.
        id: u32,
    },
    /// Train on at the speed set.
    Play {
        /// Request id.
        id: u32,
    },
    /// Stop after the update in hand; cancels a replay.
    Pause {
        /// Request id.
        id: u32,
    },
    /// Make so many updates.
    Step {
        /// How many.
        updates: u64,
        /// Request id.
        id: u32,
    },
    /// Go to an update: on, or again from a checkpoint before it.
    Seek {
        /// Which.
        update: u64,
        /// Request id.
        id: u32,
    },
    /// What to show, and how fast to play.
    Look {
        /// Key of the probe sequence.
        probe: u32,
        /// Whether the batch's gradient norms are wanted.
        batch_norms: bool,
        /// Speed of Play.
        speed: Speed,
    },
    /// What to find out beside training, and to tell of with [`Event::Findings`](crate::worker::event::Event::Findings).
    Why {
        /// What is asked; a check is made once, whenever this asks for it.
        why: Option<Why>,
    },
    /// Answered with the next report: what was looked at before is then on show.
    Show {
        /// Request id.
        id: u32,
    },
    /// Look inside the next update: training stops, and reports show a member of its batch, with the films of the lanes,
    /// until this says otherwise or a command sets the run going.
    Inside {
        /// Which sequence of the batch, from 0; none to look at the probe again.
        member: Option<usize>,
        /// The window of truncation to look with, 0 for none; the run's own is that of its experiment.
        window: usize,
        /// Request id.
        id: u32,
    },
    /// Show another layer of the networks.
    Layer {
        /// Which, from 0.
        layer: usize,
    },
    /// The last report has been drawn; the next may come.
    Drawn,
    /// Time the engine.
    Bench {
        /// Shape and count.
        spec: BenchSpec,
        /// Request id.
        id: u32,
    },
    /// Are you there?
    Ping,
}

/// A command in plain values.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    /// Which command.
    pub code: u32,
    /// Its numbers, in the order of its fields; a flag is 0 or 1, what is absent or unbounded −1.
    pub numbers: Vec<f64>,
    /// Its text, or none.
    pub text: String,
}

impl Command {
    /// The command as it travels. Counts beyond 2⁵³, which no run reaches, would be rounded.
    #[must_use]
    pub fn to_plain(&self) -> Plain {
        let plain = |code: u32, numbers: &[f64]| Plain { code, numbers: numbers.to_vec(), text: String::new() };
        let id = |id: &u32| f64::from(*id);
        match self {
            Self::Configure { link, run, id: of } => {
                Plain { text: link.clone(), ..plain(0, &[f64::from(*run), id(of)]) }
            }
            Self::Edit { link, run, id: of } => Plain { text: link.clone(), ..plain(11, &[f64::from(*run), id(of)]) },
            Self::Play { id: of } => plain(1, &[id(of)]),
            Self::Pause { id: of } => plain(2, &[id(of)]),
            Self::Step { updates, id: of } => plain(3, &[*updates as f64, id(of)]),
            Self::Seek { update, id: of } => plain(4, &[*update as f64, id(of)]),
            Self::Look { probe, batch_norms, speed } => {
                let rate = match speed {
                    Speed::PerSecond(rate) => f64::from(*rate),
                    Speed::Max => -1.0,
                };
                plain(5, &[f64::from(*probe), f64::from(u8::from(*batch_norms)), rate])
            }
            Self::Show { id: of } => plain(6, &[id(of)]),
            Self::Inside { member, window, id: of } => {
                plain(7, &[member.map_or(-1.0, |member| member as f64), *window as f64, id(of)])
            }
            Self::Layer { layer } => plain(20, &[*layer as f64]),
            Self::Drawn => plain(8, &[]),
            Self::Bench { spec, id: of } => {
                let numbers = [spec.hidden as f64, spec.batch as f64, spec.len as f64, spec.updates as f64, id(of)];
                Plain { text: spec.cell.clone(), ..plain(9, &numbers) }
            }
            Self::Ping => plain(10, &[]),
            Self::Why { why } => plain(30, &[why.map_or(-1.0, |why| f64::from(why as u8))]),
        }
    }

    /// The command that travelled as these values; `None` for values that are none.
    #[must_use]
    pub fn from_plain(plain: Plain) -> Option<Self> {
        let Plain { code, numbers, text } = plain;
        // A cast saturates: a worker told nonsense does nothing worse than start the wrong run.
        Some(match (code, numbers.as_slice()) {
            (0, &[run, id]) => Self::Configure { link: text, run: run as u32, id: id as u32 },
            (1, &[id]) => Self::Play { id: id as u32 },
            (2, &[id]) => Self::Pause { id: id as u32 },
            (3, &[updates, id]) => Self::Step { updates: updates as u64, id: id as u32 },
            (4, &[update, id]) => Self::Seek { update: update as u64, id: id as u32 },
            (5, &[probe, batch_norms, rate]) => Self::Look {
                probe: probe as u32,
                batch_norms: batch_norms > 0.0,
                speed: if rate > 0.0 { Speed::PerSecond(rate as u32) } else { Speed::Max },
            },
            (6, &[id]) => Self::Show { id: id as u32 },
            (7, &[member, window, id]) => Self::Inside {
                member: (member >= 0.0).then_some(member as usize),
                window: window as usize,
                id: id as u32,
            },
            (20, &[layer]) => Self::Layer { layer: layer as usize },
            (8, []) => Self::Drawn,
            (9, &[hidden, batch, len, updates, id]) => Self::Bench {
                spec: BenchSpec {
                    cell: text,
                    hidden: hidden as usize,
                    batch: batch as usize,
                    len: len as usize,
                    updates: updates as u64,
                },
                id: id as u32,
            },
            (10, []) => Self::Ping,
            (30, &[why]) => Self::Why { why: Why::ALL.get(why as usize).copied().filter(|_| why >= 0.0) },
            (11, &[run, id]) => Self::Edit { link: text, run: run as u32, id: id as u32 },
            _ => return None,
        })
    }
}
