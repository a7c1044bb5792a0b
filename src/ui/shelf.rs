//! The runs that are kept, in this page and in the browser's storage, and the one that a changed run has replaced.
//!
//! Other pages of the same address may write too: every change reads what is stored, changes one line of it, and writes
//! it back at once, so none takes away what another has kept.

use leptos::prelude::*;
use web_sys::Storage;

use crate::lab::kept::{self, KeptRun};

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
#[derive(Clone, Debug)]
pub struct Kept {
    /// What is remembered of it.
    pub run: KeptRun,
    /// How it is kept.
    pub how: How,
    /// Whether its curves stand in the timeline.
    pub overlaid: bool,
}

/// All that is on the shelf.
#[derive(Clone, Default)]
pub struct Contents {
    /// The run before, then the others, oldest first.
    pub runs: Vec<Kept>,
    /// Stored lines that cannot be read.
    pub others: usize,
    /// The run that was deleted last.
    pub deleted: Option<Kept>,
    /// What was done just now.
    pub said: String,
}

/// The shelf.
#[derive(Clone, Copy)]
pub struct Shelf {
    /// What is on it.
    pub contents: RwSignal<Contents>,
    /// Counts changes of which runs there are.
    pub changes: RwSignal<u32>,
    /// Whether its dialog is open.
    pub open: RwSignal<bool>,
}

impl Shelf {
    /// The shelf as the browser has kept it; follows what other pages keep.
    pub fn new() -> Self {
        let shelf = Self {
            contents: RwSignal::new(Contents::default()),
            changes: RwSignal::new(0),
            open: RwSignal::new(false),
        };
        shelf.look();
        let elsewhere = window_event_listener_untyped("storage", move |_| shelf.look());
        on_cleanup(move || elsewhere.remove());
        shelf
    }

    /// The letter of the run at this place, from 0.
    pub fn letter(index: usize) -> String {
        char::from_u32(u32::from('A') + index as u32).map(String::from).unwrap_or_default()
    }

    /// Keeps a run; whether the browser has stored it. Its id is made anew if it is taken.
    pub fn keep(self, mut run: KeptRun) -> bool {
        let id = self.contents.with_untracked(|contents| {
            let taken = |id: u64| contents.runs.iter().any(|kept| kept.run.id == id);
            (run.id..).find(|id| !taken(*id)).unwrap_or(run.id)
        });
        run.id = id;
        self.contents.update(|contents| contents.runs.push(Kept { run, how: How::Here, overlaid: false }));
        self.look();
        self.find(id).is_some_and(|kept| kept.how == How::Stored)
    }

    /// The run before is another now, and its curves stand in the timeline.
    pub fn leave_behind(self, run: KeptRun) {
        self.contents.update(|contents| {
            contents.runs.retain(|kept| kept.how != How::Before);
            contents.runs.insert(0, Kept { run, how: How::Before, overlaid: true });
        });
        self.changed();
    }

    /// Gives a run another name.
    pub fn rename(self, id: u64, name: String) {
        self.contents.update(|contents| {
            for kept in contents.runs.iter_mut().filter(|kept| kept.run.id == id) {
                kept.run.name = name.clone();
                if kept.how == How::Stored {
                    // Where it cannot be written the name holds until the page is closed.
                    edit(&|text| kept::with(text, &kept.run));
                }
            }
        });
    }

    /// Has the curves of a run stand in the timeline, or no longer.
    pub fn overlay(self, id: u64) {
        self.contents.update(|contents| {
            contents.runs.iter_mut().filter(|kept| kept.run.id == id).for_each(|kept| kept.overlaid = !kept.overlaid);
        });
    }

    /// Takes a run off the shelf.
    pub fn delete(self, id: u64) {
        let Some(kept) = self.find(id) else { return };
        if kept.how == How::Stored {
            edit(&|text| kept::without(text, id));
        }
        self.contents.update(|contents| {
            contents.runs.retain(|kept| kept.run.id != id);
            contents.deleted = Some(kept);
        });
        self.look();
    }

    /// Puts back what was deleted last.
    pub fn undo(self) {
        let deleted = self.contents.try_update(|contents| contents.deleted.take()).flatten();
        match deleted {
            Some(kept) if kept.how == How::Before => self.leave_behind(kept.run),
            Some(kept) => {
                self.keep(kept.run);
            }
            None => {}
        }
    }

    /// Deletes the stored lines that cannot be read.
    pub fn clear_others(self) {
        edit(&kept::readable);
        self.look();
    }

    /// Says for a while what was done.
    pub fn say(self, what: String) {
        self.contents.update(|contents| contents.said.clone_from(&what));
        let forget = move || {
            if self.contents.with_untracked(|contents| contents.said == what) {
                self.contents.update(|contents| contents.said.clear());
            }
        };
        set_timeout(forget, std::time::Duration::from_secs(SAID_SECONDS));
    }

    /// The run with this id.
    pub fn find(self, id: u64) -> Option<Kept> {
        self.contents.with_untracked(|contents| contents.runs.iter().find(|kept| kept.run.id == id).cloned())
    }

    /// Takes in what is stored; what is not yet is tried again.
    fn look(self) {
        self.contents.update(|contents| {
            let known = std::mem::take(&mut contents.runs);
            for kept in known.iter().filter(|kept| kept.how == How::Here) {
                edit(&|text| kept::with(text, &kept.run));
            }
            let (stored, others) = kept::read(&text());
            contents.others = others;
            let overlaid = |id: u64| known.iter().any(|kept| kept.run.id == id && kept.overlaid);
            let is_stored = |id: u64| stored.iter().any(|run| run.id == id);
            let mut runs: Vec<Kept> = stored
                .iter()
                .map(|run| Kept { run: run.clone(), how: How::Stored, overlaid: overlaid(run.id) })
                .collect();
            runs.extend(known.iter().filter(|kept| kept.how == How::Here && !is_stored(kept.run.id)).cloned());
            runs.sort_by_key(|kept| kept.run.id);
            contents.runs = known.into_iter().filter(|kept| kept.how == How::Before).chain(runs).collect();
        });
        self.changed();
    }

    fn changed(self) {
        self.changes.update(|changes| *changes += 1);
    }
}

/// The browser's storage: none where it is not allowed.
pub fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn text() -> String {
    storage().and_then(|storage| storage.get_item(PLACE).ok().flatten()).unwrap_or_default()
}

/// Changes what is stored. Storage that is full or not allowed stays as it was; who looks again sees it.
fn edit(change: &dyn Fn(&str) -> String) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(PLACE, &change(&text()));
    }
}
