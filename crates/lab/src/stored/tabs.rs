//! The format of a kept run before JSON; only read.
//!
//! Its fields are separated by tabs: version, id, name, link, and one field per lane with loss, update solved, update
//! stopped, gradient ratio, the held-out loss after an `h` if there is one, and the points of its curve, separated by
//! spaces.

use super::{KeptLane, KeptRun, MOST_POINTS};
use crate::experiment::link;

/// The first field of a line in this format.
const VERSION: &str = "1";
/// The loss of a lane that diverged.
const NO_NUMBER: &str = "NaN";

/// Reads a line of this format.
pub(super) fn read(line: &str) -> Option<KeptRun> {
    let id = id(line)?;
    let mut fields = line.split('\t').skip(2);
    let name = fields.next()?.to_owned();
    let (experiment, problems) = link::parse(fields.next()?);
    let lanes = fields.map(read_lane).collect::<Option<_>>()?;
    if problems.is_empty() { KeptRun { id, name, experiment, lanes }.checked() } else { None }
}

/// Returns the id of the run in a line of this format, even if the rest of it cannot be read.
pub(super) fn id(line: &str) -> Option<u64> {
    let mut fields = line.split('\t');
    if fields.next() == Some(VERSION) { whole(fields.next()?) } else { None }
}

fn read_lane(text: &str) -> Option<KeptLane> {
    let mut words = text.split(' ');
    let loss = match words.next()? {
        NO_NUMBER => f32::NAN,
        loss => numbers::parse(loss).filter(|loss| loss.is_finite())? as f32,
    };
    let solved = unless_dash(words.next()?, whole)?;
    let stopped = unless_dash(words.next()?, whole)?;
    let ratio = unless_dash(words.next()?, numbers::parse)?;
    let mut words = words.peekable();
    // The oldest lines have no held-out loss.
    let held_out = match words.next_if(|word| word.starts_with('h')) {
        Some(word) => Some(numbers::parse(&word[1..])? as f32),
        None => None,
    };
    let point = |word: &str| {
        let (update, loss) = word.split_once(':')?;
        Some((numbers::parse(update)?, numbers::parse(loss)? as f32))
    };
    let curve = words.take(MOST_POINTS + 1).map(point).collect::<Option<_>>()?;
    Some(KeptLane { loss, held_out, solved, stopped, ratio, curve })
}

/// Reads a word; a dash is a missing value.
fn unless_dash<T>(word: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if word == "-" { Some(None) } else { read(word).map(Some) }
}

/// Reads a whole number in its usual form; `007` and `+7` are refused.
fn whole(word: &str) -> Option<u64> {
    word.parse().ok().filter(|number: &u64| number.to_string() == word)
}
