//! Tables that have a row for each kind of an enum.

/// The kinds of a table, in its order, out of the field in which each row holds its own. It does not compile where a row stands
/// elsewhere than at its kind's number, by which it is looked up.
macro_rules! kinds {
    ($table:expr, $kind:tt) => {{
        let mut kinds = [$table[0].$kind; $table.len()];
        let mut row = 0;
        while row < kinds.len() {
            kinds[row] = $table[row].$kind;
            assert!(kinds[row] as usize == row);
            row += 1;
        }
        kinds
    }};
}
pub(crate) use kinds;
