//! The runs that are kept, in this page and in the browser's storage, and the one that a changed run has replaced.
//!
//! Other pages of the same address may write too: every change reads what is stored, changes one line of it, and writes
//! it back at once, so none takes away what another has kept.

use leptos::prelude::*;
use web_sys::Storage;

use charts::loss::Ghost;
use lab::stored::{self, KeptRun};

/// Where in the browser's storage the runs are.
const PLACE: &str = "gatescope.runs";
/// Seconds for which it is said what was done.
const SAID_SECONDS: u64 = 6;

/// How a run is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As the one before that on show, until another takes its place.
    Before,
    /// Until the page is closed: the browser did not store it.
    Here,
    /// In the browser's storage.
    Stored,
}

/// A run on the shelf.
#[derive(Debug)]
pub struct Kept {
    /// What is remembered of it.
    pub run: KeptRun,
    /// How it is kept.
    pub how: How,
    /// Whether its curves stand in the timeline.
    pub overlaid: bool,
}

/// All that is on the shelf.
#[derive(Default)]
pub struct Contents {
    /// The run before, then the others in the order in which they were stored.
    pub runs: Vec<Kept>,
    /// Stored lines that cannot be read.
    pub others: usize,
    /// The run that was deleted last.
    pub deleted: Option<Kept>,
    /// The ids of the runs that have the letters A, B, C …
    letters: Vec<u64>,
}

impl Contents {
    /// Where the run of this id is.
    pub fn place(&self, id: u64) -> Option<usize> {
        self.runs.iter().position(|kept| kept.run.id == id)
    }

    /// The curves that are to be compared with.
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

    /// Takes in what is stored; what is not yet is tried again.
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

    /// A run keeps its letter while the page is open, whatever comes and goes beside it, and when it comes back. The letter
    /// of one that is gone can be another's.
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

    /// The letter of a run on the shelf.
    pub fn letter(&self, kept: &Kept) -> &'static str {
        let place = self.letters.iter().position(|id| *id == kept.run.id).unwrap_or(usize::MAX - 1);
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ".get(place..=place).unwrap_or("…")
    }
}

/// The shelf.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// What is on it.
    pub contents: RwSignal<Contents>,
    /// What was done just now.
    pub said: RwSignal<String>,
}

impl Shelf {
    /// The shelf as the browser has kept it; follows what other pages keep.
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

    /// Keeps a run; whether the browser has stored it. Its id is made anew if it is taken.
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

    /// The run before is another now, and its curves stand in the timeline.
    pub fn leave_behind(self, run: KeptRun) {
        self.contents.update(|contents| {
            contents.runs.retain(|kept| kept.how != How::Before);
            contents.runs.insert(0, Kept { run, how: How::Before, overlaid: true });
            contents.give_letters();
        });
    }

    /// Gives a run another name. Nothing is told: where the name is changed it is to be seen.
    pub fn rename(self, id: u64, name: String) {
        self.contents.update_untracked(|contents| {
            let Some(at) = contents.place(id) else { return };
            contents.runs[at].run.name = name;
            // Where it cannot be written the name holds until the page is closed.
            edit(&|text| stored::with(text, &contents.runs[at].run));
        });
    }

    /// Has the curves of a run stand in the timeline, or no longer.
    pub fn overlay(self, id: u64) {
        self.contents.update(|contents| {
            if let Some(at) = contents.place(id) {
                contents.runs[at].overlaid ^= true;
            }
        });
    }

    /// Takes a run off the shelf, to be put back if asked.
    pub fn delete(self, id: u64) {
        self.contents.update(|contents| {
            if let Some(at) = contents.place(id) {
                contents.deleted = Some(contents.runs.remove(at));
                edit(&|text| stored::without(text, id));
            }
        });
    }

    /// What was deleted last, for good.
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

    /// Says for a while what was done.
    pub fn say(self, what: String) {
        self.said.set(what);
        set_timeout(move || self.said.set(String::new()), std::time::Duration::from_secs(SAID_SECONDS));
    }
}

/// The browser's storage: none where it is not allowed.
pub fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn text() -> String {
    storage().and_then(|storage| storage.get_item(PLACE).ok().flatten()).unwrap_or_default()
}

/// Writes runs that an earlier build has stored in its own form anew; what cannot be written stays, and can be read too.
fn renew() {
    if let Some(renewed) = stored::renewed(&text()) {
        edit(&|_| renewed.clone());
    }
}

/// Changes what is stored. Storage that is full or not allowed stays as it was; who looks again sees it.
fn edit(change: &dyn Fn(&str) -> String) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(PLACE, &change(&text()));
    }
}
