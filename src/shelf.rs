//! The kept runs, in this page and in the browser's storage, and the run that a changed one has replaced.
//!
//! Other pages of the same address may write too: every change reads the stored text, changes one line of it, and
//! writes it back at once, so that no page removes the runs of another.

use leptos::prelude::*;
use web_sys::Storage;

use charts::loss::Ghost;
use lab::stored::{self, KeptRun};

/// The key of the runs in the browser's storage.
const PLACE: &str = "gatescope.runs";
/// Seconds for which a confirmation is shown.
const SAID_SECONDS: u64 = 6;

/// The place where a run is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Only as the run before the one on show, until another replaces it.
    Before,
    /// The open page only, as the browser did not store it.
    Here,
    /// The browser's storage.
    Stored,
}

/// A run on the shelf, with its state there.
#[derive(Debug)]
pub struct Kept {
    /// The run.
    pub run: KeptRun,
    /// The place where it is kept.
    pub how: How,
    /// Whether the timeline shows its curves.
    pub overlaid: bool,
}

/// The contents of the shelf.
#[derive(Default)]
pub struct Contents {
    /// The run before, then the others in the order of storing.
    pub runs: Vec<Kept>,
    /// Number of stored lines that cannot be read.
    pub others: usize,
    /// The run that was deleted last.
    pub deleted: Option<Kept>,
    /// The ids of the runs with the letters A, B, C …
    letters: Vec<u64>,
}

impl Contents {
    /// Returns the index of the run with this id.
    pub fn place(&self, id: u64) -> Option<usize> {
        self.runs.iter().position(|kept| kept.run.id == id)
    }

    /// Returns the curves that the timeline shows for comparison.
    pub fn ghosts(&self) -> Vec<Ghost<'_>> {
        let mut ghosts = Vec::new();
        for kept in &self.runs {
            for (cell, lane) in kept.run.experiment.lanes.iter().zip(&kept.run.lanes) {
                if kept.overlaid {
                    ghosts.push(Ghost { code: cell.code(), letter: self.letter(kept), points: &lane.curve });
                }
            }
        }
        ghosts
    }

    /// Reads the stored runs, after another attempt to store those that are not.
    fn look(&mut self) {
        for kept in &self.runs {
            if kept.how == How::Here {
                edit(&|text| stored::with(text, &kept.run));
            }
        }
        let (stored, others) = stored::read(&text());
        self.others = others;
        let mut known = std::mem::take(&mut self.runs);
        for run in stored {
            let mut overlaid = false;
            known.retain(|kept| {
                let same = kept.run.id == run.id && kept.how != How::Before;
                overlaid |= same && kept.overlaid;
                !same
            });
            self.runs.push(Kept { run, how: How::Stored, overlaid });
        }
        for kept in known {
            match kept.how {
                How::Before => self.runs.insert(0, kept),
                How::Here => self.runs.push(kept),
                // Another page has deleted it.
                How::Stored => {}
            }
        }
        self.give_letters();
    }

    /// Gives letters to new runs. A run keeps its letter while the page is open, also when it is deleted and restored;
    /// the letter of one deleted for good may be given again.
    fn give_letters(&mut self) {
        for kept in &self.runs {
            let there = |id: &u64| self.runs.iter().chain(&self.deleted).any(|kept| kept.run.id == *id);
            if !self.letters.contains(&kept.run.id) {
                let free = self.letters.iter().position(|id| !there(id)).unwrap_or(self.letters.len());
                match self.letters.get_mut(free) {
                    Some(letter) => *letter = kept.run.id,
                    None => self.letters.push(kept.run.id),
                }
            }
        }
    }

    /// Returns the letter of a run on the shelf.
    pub fn letter(&self, kept: &Kept) -> &'static str {
        let place = self.letters.iter().position(|id| *id == kept.run.id).unwrap_or(usize::MAX - 1);
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ".get(place..=place).unwrap_or("…")
    }
}

/// The shelf.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// The runs on it.
    pub contents: RwSignal<Contents>,
    /// The confirmation of the last action.
    pub said: RwSignal<String>,
}

impl Shelf {
    /// Reads the stored runs, and follows the changes of other pages.
    pub fn new() -> Self {
        let shelf = Self { contents: RwSignal::new(Contents::default()), said: RwSignal::new(String::new()) };
        renew();
        shelf.look();
        let elsewhere = window_event_listener_untyped("storage", move |_| shelf.look());
        on_cleanup(move || elsewhere.remove());
        shelf
    }

    fn look(self) {
        self.contents.update(Contents::look);
    }

    /// Keeps a run; returns whether the browser has stored it. Its id is changed if it is taken.
    pub fn keep(self, mut run: KeptRun) -> bool {
        let mut stored = false;
        self.contents.update(|contents| {
            while contents.place(run.id).is_some() {
                run.id += 1;
            }
            let id = run.id;
            contents.runs.push(Kept { run, how: How::Here, overlaid: false });
            contents.look();
            stored = contents.place(id).is_some_and(|at| contents.runs[at].how == How::Stored);
        });
        stored
    }

    /// Replaces the run before, and shows its curves in the timeline.
    pub fn leave_behind(self, run: KeptRun) {
        self.contents.update(|contents| {
            contents.runs.retain(|kept| kept.how != How::Before);
            contents.runs.insert(0, Kept { run, how: How::Before, overlaid: true });
            contents.give_letters();
        });
    }

    /// Renames a run. Subscribers are not notified, as the text field that changes the name already shows it.
    pub fn rename(self, id: u64, name: String) {
        self.contents.update_untracked(|contents| {
            let Some(at) = contents.place(id) else { return };
            contents.runs[at].run.name = name;
            // If it cannot be stored, the name is kept until the page is closed.
            edit(&|text| stored::with(text, &contents.runs[at].run));
        });
    }

    /// Shows the curves of a run in the timeline, or hides them.
    pub fn overlay(self, id: u64) {
        self.contents.update(|contents| {
            if let Some(at) = contents.place(id) {
                contents.runs[at].overlaid ^= true;
            }
        });
    }

    /// Takes a run off the shelf; it can be restored.
    pub fn delete(self, id: u64) {
        self.contents.update(|contents| {
            if let Some(at) = contents.place(id) {
                contents.deleted = Some(contents.runs.remove(at));
                edit(&|text| stored::without(text, id));
            }
        });
    }

    /// Removes and returns the run that was deleted last.
    pub fn take_deleted(self) -> Option<Kept> {
        let mut deleted = None;
        self.contents.update(|contents| deleted = contents.deleted.take());
        deleted
    }

    /// Deletes the stored lines that cannot be read.
    pub fn clear_others(self) {
        edit(&stored::readable);
        self.look();
    }

    /// Shows a confirmation for a while.
    pub fn say(self, what: String) {
        self.said.set(what);
        set_timeout(move || self.said.set(String::new()), std::time::Duration::from_secs(SAID_SECONDS));
    }
}

/// Returns the browser's storage; `None` if it is not allowed.
pub fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn text() -> String {
    storage().and_then(|storage| storage.get_item(PLACE).ok().flatten()).unwrap_or_default()
}

/// Rewrites runs that an earlier build stored in its own form; lines that cannot be rewritten stay, and remain
/// readable.
fn renew() {
    if let Some(renewed) = stored::renewed(&text()) {
        edit(&|_| renewed.clone());
    }
}

/// Changes the stored text. If storage is full or not allowed, it stays as it was, which the next reading shows.
fn edit(change: &dyn Fn(&str) -> String) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(PLACE, &change(&text()));
    }
}
