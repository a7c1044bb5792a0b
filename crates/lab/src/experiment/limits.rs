//! Upper limits of settings that several files need.

/// The last update a run may reach.
pub const MAX_UPDATE: u64 = 1_000_000;

/// The most hidden units of a network.
pub const MOST_HIDDEN: usize = 128;

/// The most networks side by side.
pub const MOST_LANES: usize = 4;

/// The most edits of a run.
pub const MOST_EDITS: usize = 32;

/// The largest size of a weight or an input that is set by hand.
pub const LARGEST_EDIT: f64 = 1000.0;

/// The lowest and the highest initial bias of a forget gate.
pub const FORGET_BIAS: (f64, f64) = (-5.0, 5.0);
