//! Gates that are held at a value by hand: row of the stacked gates, value. Where a row stands twice, the last counts.

/// Lays the held gates over those whose rows begin at `first`.
pub(super) fn hold<S: Copy>(clamps: &[(usize, S)], first: usize, gates: &mut [S]) {
    for &(row, value) in clamps {
        if let Some(gate) = row.checked_sub(first).and_then(|row| gates.get_mut(row)) {
            *gate = value;
        }
    }
}

/// The value at which a row of the gates is held.
pub(super) fn held<S: Copy>(clamps: &[(usize, S)], row: usize) -> Option<S> {
    clamps.iter().rev().find(|(held, _)| *held == row).map(|&(_, value)| value)
}
