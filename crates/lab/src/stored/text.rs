//! The text that a browser stores: one line per run.
//!
//! A browser's storage may contain anything: a line that is incomplete, or of another version, is not read, but kept in
//! place. So pages of different builds can write to the same text.

use super::{KeptRun, MOST_RUNS, json, tabs};

/// Reads the runs of a stored text, and counts the lines that cannot be read.
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

/// Replaces the line with the run's id, or adds one; all other lines stay as they are.
pub fn with(text: &str, run: &KeptRun) -> String {
    let line = json::write(run);
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

/// Removes the run with this id; all other lines stay as they are.
pub fn without(text: &str, id: u64) -> String {
    let mut all = String::new();
    for line in text.lines().filter(|line| !is_of(line, id)) {
        add_line(&mut all, line);
    }
    all
}

/// Removes all lines that cannot be read.
pub fn readable(text: &str) -> String {
    let mut all = String::new();
    for run in read(text).0 {
        add_line(&mut all, &json::write(&run));
    }
    all
}

/// Rewrites every line of the format before; all other lines stay as they are. `None` if there is no such line.
pub fn renewed(text: &str) -> Option<String> {
    let mut is_changed = false;
    let mut all = String::new();
    for line in text.lines() {
        let run = tabs::read(line);
        is_changed |= run.is_some();
        add_line(&mut all, run.map(|run| json::write(&run)).as_deref().unwrap_or(line));
    }
    is_changed.then_some(all)
}

fn read_line(line: &str) -> Option<KeptRun> {
    json::read(line).or_else(|| tabs::read(line))
}

fn is_of(line: &str, id: u64) -> bool {
    json::id(line).or_else(|| tabs::id(line)) == Some(id)
}

fn add_line(text: &mut String, line: &str) {
    if !line.is_empty() {
        text.push_str(line);
        text.push('\n');
    }
}
