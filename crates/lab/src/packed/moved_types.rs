//! The types of fields whose numbers travel in the arrays of a message.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ARRAYS, Arrays, Numbers};

/// A value whose numbers travel in the arrays, and all else of it in the buffer.
pub(crate) trait Moved: Sized {
    /// Writes the value.
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value.
    fn take<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A value inside another, to be written.
pub(super) struct Put<'a, T>(pub(super) &'a T);

impl<T: Moved> Serialize for Put<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.put(serializer)
    }
}

/// A value inside another, read.
pub(super) struct Taken<T>(pub(super) T);

impl<'de, T: Moved> Deserialize<'de> for Taken<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::take(deserializer).map(Self)
    }
}

/// A type of number that has an array.
pub(crate) trait Number: Copy {
    /// The array of this type.
    fn of(arrays: &mut Arrays) -> &mut Numbers<Self>;
}

impl Number for f32 {
    fn of(arrays: &mut Arrays) -> &mut Numbers<Self> {
        &mut arrays.floats
    }
}

impl Number for f64 {
    fn of(arrays: &mut Arrays) -> &mut Numbers<Self> {
        &mut arrays.doubles
    }
}

impl<N: Number> Moved for Vec<N> {
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ARRAYS.with_borrow_mut(|arrays| {
            let arrays = arrays.as_mut().ok_or_else(|| S::Error::custom("arrays are written by `pack` alone"))?;
            N::of(arrays).numbers.extend_from_slice(self);
            Ok(())
        })?;
        self.len().serialize(serializer)
    }

    fn take<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let count = usize::deserialize(deserializer)?;
        let taken = ARRAYS.with_borrow_mut(|arrays| {
            let arrays = arrays.as_mut()?;
            let taken = N::of(arrays).next(count);
            arrays.too_short |= taken.is_none();
            taken
        });
        taken.ok_or_else(|| D::Error::custom("the arrays are too short"))
    }
}

impl<N: Number> Moved for Vec<Vec<N>> {
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Put))
    }

    fn take<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let lists = Vec::<Taken<Vec<N>>>::deserialize(deserializer)?;
        Ok(lists.into_iter().map(|list| list.0).collect())
    }
}

/// Two arrays.
impl<N: Number> Moved for (Vec<N>, Vec<N>) {
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (Put(&self.0), Put(&self.1)).serialize(serializer)
    }

    fn take<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (first, second) = <(Taken<Vec<N>>, Taken<Vec<N>>)>::deserialize(deserializer)?;
        Ok((first.0, second.0))
    }
}

/// An array with the number of its first entry.
impl<N: Number> Moved for (u64, Vec<N>) {
    fn put<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0, Put(&self.1)).serialize(serializer)
    }

    fn take<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (first, numbers) = <(u64, Taken<Vec<N>>)>::deserialize(deserializer)?;
        Ok((first, numbers.0))
    }
}
