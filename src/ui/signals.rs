//! Leptos' signals and memos, of one type each.
//!
//! [`RwSignal`] and [`Memo`] are used as Leptos' own are, whose names they take. Leptos compiles the code that reads, tracks
//! and writes once for every type that a signal holds, and much of it at every place of use: 1 kB a type. Here all signals
//! hold a box, so that code exists once, and what is written for each type is how to look into the box.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude as reactive;
use leptos::prelude::{Get, GetUntracked, Set, Track, Update, UpdateUntracked, WithUntracked};

/// What a signal holds.
type Held = Box<dyn Any + Send + Sync>;

/// What is done with the inside of a box.
type Look<'a> = &'a mut dyn FnMut(&dyn Any);

/// Whether who reads follows what is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follow {
    Yes,
    No,
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
        Self(new_signal(Box::new(value)), PhantomData)
    }

    /// Reads it, and follows it.
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        look_into(&mut |look| read_signal(self.0, Follow::Yes, look), read)
    }

    /// Reads it without following it.
    pub fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        look_into(&mut |look| read_signal(self.0, Follow::No, look), read)
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

    /// Follows it without reading it.
    pub fn track(&self) {
        self.0.track();
    }

    /// Puts another value in its place and tells who follows.
    pub fn set(&self, value: T) {
        set_signal(self.0, Box::new(value));
    }

    /// The same for a signal that may have gone with its part of the page; nothing happens then.
    pub fn try_set(&self, value: T) {
        let _ = self.0.try_set(Box::new(value));
    }

    /// Changes it and tells nobody: for what is to be seen already where it is changed.
    pub fn update_untracked(&self, change: impl FnOnce(&mut T)) {
        let mut change = Some(change);
        self.0.update_untracked(|held| {
            if let (Some(value), Some(change)) = (held.downcast_mut(), change.take()) {
                change(value);
            }
        });
    }

    /// Changes it and tells who follows.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        let mut change = Some(change);
        update_signal(self.0, &mut |held| {
            if let (Some(value), Some(change)) = (held.downcast_mut(), change.take()) {
                change(value);
            }
        });
    }
}

/// Does `read` on what `look` shows; `look` shows it exactly once.
fn look_into<T: 'static, R>(look: &mut dyn FnMut(Look<'_>), read: impl FnOnce(&T) -> R) -> R {
    let (mut read, mut answer) = (Some(read), None);
    look(&mut |held| {
        if let (Some(value), Some(read)) = (held.downcast_ref(), read.take()) {
            answer = Some(read(value));
        }
    });
    answer.expect("a signal holds what its type says")
}

#[inline(never)]
fn new_signal(held: Held) -> reactive::RwSignal<Held> {
    reactive::RwSignal::new(held)
}

#[inline(never)]
fn read_signal(signal: reactive::RwSignal<Held>, follow: Follow, look: Look<'_>) {
    if follow == Follow::Yes {
        signal.track();
    }
    signal.with_untracked(|held| look(held.as_ref()));
}

#[inline(never)]
fn set_signal(signal: reactive::RwSignal<Held>, held: Held) {
    signal.set(held);
}

#[inline(never)]
fn update_signal(signal: reactive::RwSignal<Held>, change: &mut dyn FnMut(&mut dyn Any)) {
    signal.update(|held| change(held.as_mut()));
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
struct Made(Arc<dyn Comparable>);

/// What makes it, from what it was before.
type Make = Box<dyn Fn(Option<&Made>) -> Made + Send + Sync>;

/// What can be looked into, and compared with what was there before.
trait Comparable: Send + Sync {
    fn inside(&self) -> &dyn Any;
    fn is(&self, other: &dyn Any) -> bool;
}

impl<T: PartialEq + Send + Sync + 'static> Comparable for T {
    fn inside(&self) -> &dyn Any {
        self
    }

    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }
}

impl PartialEq for Made {
    fn eq(&self, other: &Self) -> bool {
        self.0.is(other.0.inside())
    }
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A memo that `make` makes, from what it was before if it was made before.
    pub fn new(make: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let make = move |before: Option<&Made>| {
            Made(Arc::new(make(before.and_then(|before| before.0.inside().downcast_ref()))))
        };
        Self(new_memo(Box::new(make)), PhantomData)
    }

    /// Reads it, and follows it.
    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        look_into(&mut |look| read_memo(self.0, Follow::Yes, look), read)
    }

    /// Reads it without following it.
    pub fn with_untracked<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        look_into(&mut |look| read_memo(self.0, Follow::No, look), read)
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
}

#[inline(never)]
fn new_memo(make: Make) -> reactive::Memo<Made> {
    reactive::Memo::new(make)
}

#[inline(never)]
fn read_memo(memo: reactive::Memo<Made>, follow: Follow, look: Look<'_>) {
    // A copy of the pointer: the memo is free while it is looked into.
    let made = if follow == Follow::Yes { memo.get() } else { memo.get_untracked() };
    look(made.0.inside());
}
