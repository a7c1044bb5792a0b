//! A kept run as builds before the JSON form wrote it; only read.
//!
//! Its fields are apart by tabs: version, id, name, link, and one field a lane with loss, update solved, update stopped,
//! gradient ratio, the held-out loss behind an `h` where there is one, and the points of its curve, apart by spaces.

use super::{KeptLane, KeptRun, MOST_POINTS};
use crate::experiment::link;

/// The first field of a line of this form.
const VERSION: &str = "1";
/// The loss of a lane that diverged.
const NO_NUMBER: &str = "NaN";

/// Reads a line of this form.
pub(super) fn read(line: &str) -> Option<KeptRun> {
    let id = id(line)?;
    let mut fields = line.split('\t').skip(2);
    let name = fields.next()?.to_owned();
    let (experiment, problems) = link::parse(fields.next()?);
    let lanes = fields.map(read_lane).collect::<Option<_>>()?;
    if problems.is_empty() { KeptRun { id, name, experiment, lanes }.checked() } else { None }
}

/// The id of the run of a line of this form, even where the rest of it cannot be read.
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
    // The oldest lines have none.
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

/// A dash is nothing.
fn unless_dash<T>(word: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if word == "-" { Some(None) } else { read(word).map(Some) }
}

/// A whole number as it is written: `007` and `+7` are none.
fn whole(word: &str) -> Option<u64> {
    word.parse().ok().filter(|number: &u64| number.to_string() == word)
}
