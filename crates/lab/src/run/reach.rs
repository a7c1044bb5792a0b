//! The updates at which the gradient's reach is recorded, for a picture of the whole run.

/// The most columns of the picture.
pub const COLUMNS: u64 = 256;

/// Number of updates per column of a run at this update: a power of two, so that a wider column consists of whole narrower ones.
pub const fn updates_per_column(update: u64) -> u64 {
    (update / COLUMNS + 1).next_power_of_two()
}
