//! Kept runs: the stored data of each, the keys in which several differ, and the text that a browser stores.

mod json;
mod tabs;
mod text;

pub use text::{read, readable, renewed, with, without};

use crate::analysis::diagnosis::solved_at;
use crate::experiment::Experiment;
use crate::experiment::keys::{KEYS, Key, Role};
use crate::experiment::limits;
use tasks::Task;

/// Maximum number of points of a lane's curve.
pub const MOST_POINTS: usize = 256;
/// Maximum number of runs that are read.
pub const MOST_RUNS: usize = 24;
/// Upper bound of ids, which are exact numbers in JavaScript.
const MOST_ID: u64 = 1 << 53;
/// Maximum number of characters of a name.
pub const LONGEST_NAME: usize = 40;

/// A run that is kept, with its results.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRun {
    /// Its id: the time in milliseconds at which it was kept.
    pub id: u64,
    /// The name given by a person; see [`name`].
    pub name: String,
    /// The run, its update, the sequence shown, and the build that made it. Other keys of the view have their defaults.
    pub experiment: Experiment,
    /// The results, lane by lane.
    pub lanes: Vec<KeptLane>,
}

/// The result of one lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptLane {
    /// Loss at the update, of its batch; NaN for a lane that diverged.
    pub loss: f32,
    /// The last held-out loss up to the update, for a run with a training set.
    pub held_out: Option<f32>,
    /// The first update at which the task was solved.
    pub solved: Option<u64>,
    /// The update that could not be made, for a lane that diverged.
    pub stopped: Option<u64>,
    /// ‖∂L/∂h₁‖ / ‖∂L/∂h_T‖ of the sequence shown; `None` if that of the last step is 0.
    pub ratio: Option<f64>,
    /// (update, loss), by rising update: every update of a short run, the extremes of each interval of a long one.
    pub curve: Vec<(f64, f32)>,
}

/// Returns the stored part of an experiment: its run, the update, the sequence shown, and the build that made it.
pub fn remembered(experiment: &Experiment, update: u64, build: &str) -> Experiment {
    let forgotten = KEYS.iter().filter(|key| key.role == Role::View && key.name != "probe");
    let mut kept = experiment.clone();
    for key in forgotten {
        kept = kept.without(key.name).unwrap_or(kept);
    }
    for (key, value) in [("update", update.to_string().as_str()), ("build", build)] {
        kept = kept.with(key, value).unwrap_or(kept);
    }
    kept
}

/// Returns a kept run's experiment with the view of `now`.
pub fn seen_as(kept: &Experiment, now: &Experiment) -> Experiment {
    let mut seen = kept.clone();
    for key in KEYS.iter().filter(|key| key.role == Role::View && !["probe", "build"].contains(&key.name)) {
        // A chosen step that the other run does not have is dropped, and an unset key has no value.
        seen = seen.with(key.name, &(key.get)(now)).unwrap_or(seen);
    }
    seen
}

/// Returns the keys in which runs differ, in the link's order.
pub fn differing(runs: &[&Experiment]) -> Vec<&'static Key> {
    let mut keys = Vec::new();
    for key in KEYS.iter().filter(|key| key.role != Role::View || key.name == "probe") {
        if runs.iter().any(|run| (key.get)(run) != (key.get)(runs[0])) {
            keys.push(key);
        }
    }
    keys
}

/// Returns the first update at which the task was solved: the mean of the 20 losses up to it is below the threshold.
pub fn first_solved(losses: &[f32], task: &dyn Task) -> Option<u64> {
    // The mean can only be below the threshold if one of the 20 is.
    let mut until = 0;
    for (index, loss) in losses.iter().enumerate() {
        if f64::from(*loss) < task.solved_below() {
            until = index + tasks::SOLVED_WINDOW;
        }
        if index < until && solved_at(losses, index + 1, task) == Some(true) {
            return Some(index as u64 + 1);
        }
    }
    None
}

impl KeptRun {
    /// Returns the run if it is consistent: a browser's storage may contain anything.
    fn checked(self) -> Option<Self> {
        let is_whole = self.id < MOST_ID
            && name(&self.name).as_ref() == Some(&self.name)
            && self.experiment.build.is_some()
            && self.lanes.len() == self.experiment.lanes.len()
            && self.lanes.iter().all(KeptLane::is_possible);
        is_whole.then_some(self)
    }
}

impl KeptLane {
    fn is_possible(&self) -> bool {
        let is_update = |update: Option<u64>| update.is_none_or(|update| update <= limits::MAX_UPDATE + 1);
        // Minimum and maximum of an interval are at its middle, so an update may occur twice.
        let rises = self.curve.is_sorted_by(|before, after| before.0 <= after.0);
        let is_point =
            |(update, loss): &(f64, f32)| (0.0..=limits::MAX_UPDATE as f64).contains(update) && loss.is_finite();
        is_update(self.solved)
            && is_update(self.stopped)
            && self.held_out.is_none_or(f32::is_finite)
            && self.ratio.is_none_or(|ratio| ratio.is_finite() && ratio >= 0.0)
            && self.curve.len() <= MOST_POINTS
            && rises
            && self.curve.iter().all(is_point)
    }
}

/// Returns a name without control characters, of at most [`LONGEST_NAME`] characters; `None` if it is empty.
pub fn name(text: &str) -> Option<String> {
    let mut plain = String::new();
    for character in text.trim().chars().take(LONGEST_NAME) {
        plain.push(if character.is_control() { ' ' } else { character });
    }
    // The text that was cut off may have followed a space.
    plain.truncate(plain.trim_end().len());
    (!plain.is_empty()).then_some(plain)
}
