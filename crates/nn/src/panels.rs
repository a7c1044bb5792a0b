//! Products with a matrix that is used many times: a layer's weights, which multiply the states of every step, forward and
//! back.
//!
//! matrixmultiply packs both factors anew for every product. For the few columns of one step that takes a good part of the
//! product's own time. Here the weights are packed once per pass, in panels of as many rows as fit the registers, and the
//! state is read in place.

use crate::Scalar;

/// Rows of a panel: two registers of four f32.
const ROWS: usize = 8;
/// Columns of a product that are computed together: with their sums in eight registers, additions need not wait for one
/// another.
const COLUMNS: usize = 4;

/// A matrix A `[m × k]` in panels of eight rows, the last filled up with zeros: `[⌈m/8⌉ × k × 8]`.
#[derive(Clone, Debug)]
pub struct Panels<S: Scalar> {
    rows: usize,
    columns: usize,
    values: Vec<S::Eight>,
}

impl<S: Scalar> Panels<S> {
    /// Allocates panels for A `[rows × columns]`.
    pub(super) fn new(rows: usize, columns: usize) -> Self {
        Self { rows, columns, values: vec![S::ZERO.eight(); rows.div_ceil(ROWS) * columns] }
    }

    /// Allocates panels of the same shape in another number type; every pass fills its panels anew.
    pub(super) fn empty<R: Scalar>(&self) -> Panels<R> {
        Panels::new(self.rows, self.columns)
    }

    /// Fills the panels with A, column by column. A network has no matrix without rows or columns ([`NetworkConfig`](crate::NetworkConfig)).
    pub(super) fn fill(&mut self, a: &[S]) {
        for (column, a) in a.chunks_exact(self.rows).enumerate() {
            for (panel, a) in a.chunks(ROWS).enumerate() {
                self.values[panel * self.columns + column] = eight(a);
            }
        }
    }

    /// Fills the panels with A, given its transpose `[columns × rows]`.
    pub(super) fn fill_transposed(&mut self, a: &[S]) {
        for (panel, a) in self.values.chunks_exact_mut(self.columns).zip(a.chunks(ROWS * self.columns)) {
            for (column, eight) in panel.iter_mut().enumerate() {
                let value = |row: usize| a.get(row * self.columns + column).copied().unwrap_or(S::ZERO);
                *eight = std::array::from_fn(value).into();
            }
        }
    }
}

/// A term A X of a sum of products: A `[m × k]` and X `[k × n]`.
pub type Term<'a, S> = (&'a Panels<S>, &'a [S]);

/// Computes `Y = Y₀ + A X + …` with Y `[m × n]`, over all terms. Y₀ is `bias` `[m]` in every column, or the previous Y.
///
/// # Panics
/// If a slice is shorter than its shape.
#[inline(always)]
pub(super) fn add_products<S: Scalar>(y: &mut [S], m: usize, bias: Option<&[S]>, terms: &[Term<'_, S>]) {
    let n = y.len() / m;
    let whole = n - n % COLUMNS;
    for column in (0..whole).step_by(COLUMNS) {
        block::<S, COLUMNS>(y, m, column, bias, terms);
    }
    for column in whole..n {
        block::<S, 1>(y, m, column, bias, terms);
    }
}

/// Computes C columns of the product, from `column` on.
#[inline(always)]
fn block<S: Scalar, const C: usize>(y: &mut [S], m: usize, column: usize, bias: Option<&[S]>, terms: &[Term<'_, S>]) {
    let y = &mut y[column * m..(column + C) * m];
    for panel in 0..m.div_ceil(ROWS) {
        let rows = panel * ROWS..m.min((panel + 1) * ROWS);
        let mut sums = [S::ZERO.eight(); C];
        for (c, sum) in sums.iter_mut().enumerate() {
            *sum = eight(&bias.unwrap_or(&y[c * m..(c + 1) * m])[rows.clone()]);
        }
        for &(a, x) in terms {
            let k = a.columns;
            let (a, x) = (&a.values[panel * k..(panel + 1) * k], &x[column * k..(column + C) * k]);
            if let Some(sums) = sums.first_chunk_mut() {
                add_four::<S>(sums, a, x);
            } else {
                sums.iter_mut().zip(x.chunks_exact(k)).for_each(|(sum, x)| add_one::<S>(sum, a, x));
            }
        }
        for (c, &sum) in sums.iter().enumerate() {
            store::<S>(sum, &mut y[c * m..(c + 1) * m][rows.clone()]);
        }
    }
}

/// Adds `sums += panel · X` for the four columns of X. Each sum is a variable of its own: an array would stay in memory.
#[inline(always)]
fn add_four<S: Scalar>(sums: &mut [S::Eight; COLUMNS], panel: &[S::Eight], x: &[S]) {
    let k = panel.len();
    let [mut s0, mut s1, mut s2, mut s3] = *sums;
    let (x0, x1, x2, x3) = (&x[..k], &x[k..2 * k], &x[2 * k..3 * k], &x[3 * k..4 * k]);
    for ((((&a, x0), x1), x2), x3) in panel.iter().zip(x0).zip(x1).zip(x2).zip(x3) {
        s0 = s0 + a * x0.eight();
        s1 = s1 + a * x1.eight();
        s2 = s2 + a * x2.eight();
        s3 = s3 + a * x3.eight();
    }
    *sums = [s0, s1, s2, s3];
}

/// `sum += panel · x`.
#[inline(always)]
fn add_one<S: Scalar>(sum: &mut S::Eight, panel: &[S::Eight], x: &[S]) {
    *sum = panel.iter().zip(x).fold(*sum, |sum, (&a, x)| sum + a * x.eight());
}

/// Loads up to eight numbers, and zeros after them.
#[inline(always)]
fn eight<S: Scalar>(from: &[S]) -> S::Eight {
    let values = from.first_chunk().copied().unwrap_or_else(|| {
        let mut values = [S::ZERO; ROWS];
        values.iter_mut().zip(from).for_each(|(value, &from)| *value = from);
        values
    });
    values.into()
}

/// Stores as many of the eight as `to` is long.
#[inline(always)]
fn store<S: Scalar>(eight: S::Eight, to: &mut [S]) {
    let values = S::to_array(eight);
    match to.first_chunk_mut() {
        Some(whole) => *whole = values,
        None => to.iter_mut().zip(values).for_each(|(to, value)| *to = value),
    }
}
