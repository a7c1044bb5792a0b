//! Tables that have a row for each kind of an enum.

/// Lists the kinds of a table in its order, given the field of a row that contains its kind. Fails to compile if a row is not
/// at the index of its kind, by which it is looked up.
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
