//! Runs that are kept: what is remembered of one, in which keys several differ, and the text that a browser stores.
//!
//! The text has a line for each run, its fields apart by tabs: version, id, name, link, and one field a lane with loss,
//! update solved, update stopped, gradient ratio, the held-out loss behind an `h` where there is one, and the points of its
//! curve, apart by spaces. What a browser gives back may be anything: a line that is not whole, or of another version, is not read, but stays where it is.

use crate::analysis::diagnosis::solved_at;
use crate::experiment::Experiment;
use crate::experiment::keys::{KEYS, Key, Role};
use crate::experiment::limits::MAX_UPDATE;
use crate::experiment::link;
use tasks::Task;

/// What the lines of this program begin with.
const VERSION: &str = "1";
/// For the loss of a lane that diverged.
const NO_NUMBER: &str = "NaN";
/// The most points of a lane's curve.
pub const MOST_POINTS: usize = 256;
/// The most runs that are read.
pub const MOST_RUNS: usize = 24;
/// Ids are numbers that a browser's clock can say.
const MOST_ID: u64 = 1 << 53;
/// The most characters of a name.
pub const LONGEST_NAME: usize = 40;

/// A run that is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRun {
    /// Which one: the millisecond at which it was kept.
    pub id: u64,
    /// What a person calls it; see [`name`].
    pub name: String,
    /// The run, its update, the sequence shown, and the build that made it. No other key of the view.
    pub experiment: Experiment,
    /// What came out, lane by lane.
    pub lanes: Vec<KeptLane>,
}

/// What came out in one lane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptLane {
    /// Loss at the update, of its batch.
    pub loss: f32,
    /// The last loss of what no update sees, up to the update; of a run with a training set.
    pub held_out: Option<f32>,
    /// The first update at which the task was solved.
    pub solved: Option<u64>,
    /// The update that could not be made, of a lane that diverged.
    pub stopped: Option<u64>,
    /// ‖∂L/∂h₁‖ / ‖∂L/∂h_T‖ of the sequence shown; `None` where that of the last step is 0.
    pub ratio: Option<f64>,
    /// (update, loss), by rising update: every one of a short run, the extremes of each stretch of a long one.
    pub curve: Vec<(f64, f32)>,
}

/// What is remembered of an experiment: its run, the update, the sequence shown, and the build that made it.
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

/// A kept run as it is seen now: all that concerns only the view as in `now`.
pub fn seen_as(kept: &Experiment, now: &Experiment) -> Experiment {
    let mut seen = kept.clone();
    for key in KEYS.iter().filter(|key| key.role == Role::View && !["probe", "build"].contains(&key.name)) {
        // A chosen step that the other run lacks is let go, and what is not set has no value.
        seen = seen.with(key.name, &(key.get)(now)).unwrap_or(seen);
    }
    seen
}

/// The keys in which runs differ, in the link's order.
pub fn differing(runs: &[&Experiment]) -> Vec<&'static Key> {
    let mut keys = Vec::new();
    for key in KEYS.iter().filter(|key| key.role != Role::View || key.name == "probe") {
        if runs.iter().any(|run| (key.get)(run) != (key.get)(runs[0])) {
            keys.push(key);
        }
    }
    keys
}

/// The first update at which the task was solved: the mean of the 20 losses up to it is below the mark.
pub fn first_solved(losses: &[f32], task: &dyn Task) -> Option<u64> {
    // Only where one of the 20 is below the mark their mean can be.
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

/// A name without control characters, of at most [`LONGEST_NAME`] characters; `None` if nothing is left.
pub fn name(text: &str) -> Option<String> {
    let mut plain = String::new();
    for character in text.trim().chars().take(LONGEST_NAME) {
        plain.push(if character.is_control() { ' ' } else { character });
    }
    // What was cut off may have stood after a space.
    plain.truncate(plain.trim_end().len());
    (!plain.is_empty()).then_some(plain)
}

/// The runs of a stored text, and how many lines are none that can be read.
pub fn read(text: &str) -> (Vec<KeptRun>, usize) {
    let mut runs: Vec<KeptRun> = Vec::new();
    let mut others = 0;
    for line in text.lines().filter(|line| !line.is_empty()) {
        match read_line(line).filter(|run| runs.len() < MOST_RUNS && runs.iter().all(|known| known.id != run.id)) {
            Some(run) => runs.push(run),
            None => others += 1,
        }
    }
    (runs, others)
}

/// The stored text with this run put in the place of the line that has its id, or added; all other lines as they are.
pub fn with(text: &str, run: &KeptRun) -> String {
    let line = write(run);
    let mut put = false;
    let mut all = String::new();
    for known in text.lines() {
        let is_it = is_of(known, run.id);
        if !(is_it && put) {
            add_line(&mut all, if is_it { &line } else { known });
        }
        put |= is_it;
    }
    if !put {
        add_line(&mut all, &line);
    }
    all
}

fn add_line(text: &mut String, line: &str) {
    if !line.is_empty() {
        text.push_str(line);
        text.push('\n');
    }
}

/// The stored text without the run of this id; all other lines as they are.
pub fn without(text: &str, id: u64) -> String {
    let mut all = String::new();
    for line in text.lines().filter(|line| !is_of(line, id)) {
        add_line(&mut all, line);
    }
    all
}

/// The stored text with nothing but runs that can be read.
pub fn readable(text: &str) -> String {
    let mut all = String::new();
    for run in read(text).0 {
        add_line(&mut all, &write(&run));
    }
    all
}

fn is_of(line: &str, id: u64) -> bool {
    let mut fields = line.split('\t');
    fields.next() == Some(VERSION) && fields.next() == Some(&id.to_string())
}

fn write(run: &KeptRun) -> String {
    let mut line = [VERSION, "\t", &run.id.to_string(), "\t", &run.name, "\t", &link::format(&run.experiment)].concat();
    for lane in &run.lanes {
        let whole = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
        let ratio = lane.ratio.map_or_else(|| "-".to_owned(), |ratio| ratio.to_string());
        let loss = if lane.loss.is_finite() { f64::from(lane.loss).to_string() } else { NO_NUMBER.to_owned() };
        for (separator, text) in [("\t", loss), (" ", whole(lane.solved)), (" ", whole(lane.stopped)), (" ", ratio)] {
            line.push_str(separator);
            line.push_str(&text);
        }
        if let Some(held_out) = lane.held_out {
            line.push_str(" h");
            line.push_str(&f64::from(held_out).to_string());
        }
        for (update, loss) in &lane.curve {
            line.push(' ');
            line.push_str(&update.to_string());
            line.push(':');
            line.push_str(&f64::from(*loss).to_string());
        }
    }
    line
}

fn read_line(line: &str) -> Option<KeptRun> {
    let mut fields = line.split('\t');
    if fields.next() != Some(VERSION) {
        return None;
    }
    let id = fields.next()?.parse().ok().filter(|id| *id < MOST_ID)?;
    let found = fields.next()?;
    let name = name(found).filter(|name| name == found)?;
    let (experiment, problems) = link::parse(fields.next()?);
    if !problems.is_empty() || experiment.build.is_none() {
        return None;
    }
    let mut lanes = Vec::new();
    for field in fields {
        lanes.push(read_lane(field)?);
    }
    (lanes.len() == experiment.lanes.len()).then_some(KeptRun { id, name, experiment, lanes })
}

fn read_lane(text: &str) -> Option<KeptLane> {
    let mut words = text.split(' ');
    let loss = match words.next()? {
        NO_NUMBER => f32::NAN,
        loss => numbers::parse(loss).filter(|loss| loss.is_finite())? as f32,
    };
    let solved = read_update(words.next()?)?;
    let stopped = read_update(words.next()?)?;
    let ratio = match words.next()? {
        "-" => None,
        ratio => Some(numbers::parse(ratio).filter(|ratio| ratio.is_finite() && *ratio >= 0.0)?),
    };
    let mut words = words.peekable();
    // Lines of before there was one have none.
    let held_out = match words.next_if(|word| word.starts_with('h')) {
        Some(word) => Some(numbers::parse(&word[1..]).filter(|loss| loss.is_finite())? as f32),
        None => None,
    };
    let mut curve: Vec<(f64, f32)> = Vec::new();
    for word in words {
        let (update, loss) = word.split_once(':')?;
        let (update, loss) = (numbers::parse(update)?, numbers::parse(loss)? as f32);
        let after = curve.last().map_or(0.0, |last| last.0);
        // The least and the greatest of a stretch stand at its middle.
        let follows = update >= after && update <= MAX_UPDATE as f64;
        if !follows || !loss.is_finite() || curve.len() == MOST_POINTS {
            return None;
        }
        curve.push((update, loss));
    }
    Some(KeptLane { loss, held_out, solved, stopped, ratio, curve })
}

/// `Some(None)` for a dash.
fn read_update(word: &str) -> Option<Option<u64>> {
    if word == "-" {
        return Some(None);
    }
    word.parse().ok().filter(|update| *update <= MAX_UPDATE + 1).map(Some)
}
