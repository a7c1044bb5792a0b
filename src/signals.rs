//! Leptos' signals and memos, of one type each.
//!
//! [`RwSignal`] and [`Memo`] are used as Leptos' own are, whose names they take. Leptos compiles the code that reads, tracks
//! and writes once for every type that a signal holds, and much of it at every place of use: 1 kB a type. Here all signals
//! hold a counted box, so that code exists once, and what is written for each type is how to look into the box. Who reads
//! takes part in the box and then looks, rather than handing on what is to be done with it: that would be two functions
//! more at every place.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude as reactive;
use leptos::prelude::{Get, GetUntracked, Set, Track, UpdateUntracked};

/// What a signal holds.
type Held = Arc<dyn Any + Send + Sync>;

/// The inside of a box.
#[inline(never)]
fn inside<T: 'static>(held: &Held) -> &T {
    held.downcast_ref().expect("a signal holds what its type says")
}

/// The inside of a box that nobody else reads at this moment.
#[inline(never)]
fn inside_mut<T: 'static>(held: &mut Held) -> &mut T {
    Arc::get_mut(held).and_then(|held| held.downcast_mut()).expect("a signal is not changed while it is read")
}

/// Whether who reads follows what is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follow {
    Yes,
    No,
}

/// How a signal or memo is read. They differ in what reads the box.
macro_rules! readers {
    ($box:ident) => {
        /// Reads it, and follows it.
        pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
            read(inside(&$box(self.0, Follow::Yes)))
        }

        /// Reads it without following it.
        pub fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
            read(inside(&$box(self.0, Follow::No)))
        }

        /// A copy, which is followed.
        pub fn get(&self) -> T
        where
            T: Clone,
        {
            self.with(T::clone)
        }

        /// A copy, which is not followed.
        pub fn get_untracked(&self) -> T
        where
            T: Clone,
        {
            self.with_untracked(T::clone)
        }
    };
}

/// A value that whoever reads it follows.
pub struct RwSignal<T: 'static>(reactive::RwSignal<Held>, PhantomData<fn() -> T>);

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal that holds this.
    pub fn new(value: T) -> Self {
        Self(new_signal(Arc::new(value)), PhantomData)
    }

    readers!(read_signal);

    /// Follows it without reading it.
    pub fn track(&self) {
        self.0.track();
    }

    /// Puts another value in its place and tells who follows.
    pub fn set(&self, value: T) {
        set_signal(self.0, Arc::new(value));
    }

    /// The same for a signal that may have gone with its part of the page; nothing happens then.
    pub fn try_set(&self, value: T) {
        let _ = self.0.try_set(Arc::new(value));
    }

    /// Changes it and tells nobody: for what is to be seen already where it is changed.
    pub fn update_untracked(&self, change: impl FnOnce(&mut T)) {
        if let Some(mut held) = take_signal(self.0) {
            change(inside_mut(&mut held));
            put_signal(self.0, held);
        }
    }

    /// Changes it and tells who follows.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        if let Some(mut held) = take_signal(self.0) {
            change(inside_mut(&mut held));
            set_signal(self.0, held);
        }
    }
}

#[inline(never)]
fn new_signal(held: Held) -> reactive::RwSignal<Held> {
    reactive::RwSignal::new(held)
}

#[inline(never)]
fn read_signal(signal: reactive::RwSignal<Held>, follow: Follow) -> Held {
    if follow == Follow::Yes { signal.get() } else { signal.get_untracked() }
}

/// What a signal holds, to be put back changed; none where the signal has gone with its part of the page.
#[inline(never)]
fn take_signal(signal: reactive::RwSignal<Held>) -> Option<Held> {
    signal.try_update_untracked(|held| std::mem::replace(held, Arc::new(())))
}

#[inline(never)]
fn put_signal(signal: reactive::RwSignal<Held>, held: Held) {
    signal.update_untracked(|place| *place = held);
}

#[inline(never)]
fn set_signal(signal: reactive::RwSignal<Held>, held: Held) {
    signal.set(held);
}

/// A value made from others; whoever reads it follows it, and is told only when it becomes another.
pub struct Memo<T: 'static>(reactive::Memo<Made>, PhantomData<fn() -> T>);

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

/// What a memo holds.
#[derive(Clone)]
struct Made {
    held: Held,
    /// Whether two boxes have the same inside.
    same: fn(&Held, &Held) -> bool,
}

/// What makes it, from what it was before.
type Make = Box<dyn Fn(Option<&Made>) -> Made + Send + Sync>;

impl PartialEq for Made {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(&self.held, &other.held)
    }
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A memo that `make` makes, from what it was before if it was made before.
    pub fn new(make: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let make = move |before: Option<&Made>| Made {
            held: Arc::new(make(before.map(|before| inside(&before.held)))),
            same: |a, b| inside::<T>(a) == inside::<T>(b),
        };
        Self(new_memo(Box::new(make)), PhantomData)
    }

    readers!(read_memo);
}

#[inline(never)]
fn new_memo(make: Make) -> reactive::Memo<Made> {
    reactive::Memo::new(make)
}

#[inline(never)]
fn read_memo(memo: reactive::Memo<Made>, follow: Follow) -> Held {
    if follow == Follow::Yes { memo.get().held } else { memo.get_untracked().held }
}
