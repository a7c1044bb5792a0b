//! At which updates the gradient's reach is noted, for the picture of a whole run: as many as have room in it.

/// Columns of the picture.
pub const COLUMNS: u64 = 256;

/// Updates a column of a run that has got so far: a power of two, so that a wider column takes up whole narrower ones.
pub const fn apart(update: u64) -> u64 {
    (update / COLUMNS + 1).next_power_of_two()
}
