//! Gates held at a value: pairs of a row of the stacked gates and its value. Of several pairs for a row the last counts.

/// Overwrites the held ones among gates whose rows begin at `first`.
pub(super) fn hold<S: Copy>(clamps: &[(usize, S)], first: usize, gates: &mut [S]) {
    for &(row, value) in clamps {
        if let Some(gate) = row.checked_sub(first).and_then(|row| gates.get_mut(row)) {
            *gate = value;
        }
    }
}

/// The value at which a row of the gates is held, if it is.
pub(super) fn held<S: Copy>(clamps: &[(usize, S)], row: usize) -> Option<S> {
    clamps.iter().rev().find(|(held, _)| *held == row).map(|&(_, value)| value)
}
