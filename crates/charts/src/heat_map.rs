//! Heat maps: gates, hidden states and answers, units × time.
//!
//! On screen they are pixels put into the canvas at device resolution; in an SVG, rectangles. Both use one scale for colours
//! and one layout of cells.

use plotters::{coord::Shift, drawing::DrawingArea};
use plotters_backend::DrawingBackend;

use super::Style;
use super::palette::{Rgb, Theme, ground};
use super::pen::{Drawn, Pen};
use super::plotted::Plotted;
use super::scale::ColourScale;

/// The most rows that are drawn one by one; more are pooled, as they would be too thin to distinguish on a projector.
pub const MOST_ROWS: usize = 64;

/// The order of `values`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Layout {
    /// `values[row·cols + col]`.
    #[default]
    RowMajor,
    /// `values[col·rows + row]`: a snapshot's `[t][unit]`, drawn with units as rows without copying.
    ColumnMajor,
}

/// The number of rows and columns of values in one cell on screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooling {
    /// Rows per cell, 1 or more.
    pub rows_per: usize,
    /// Columns per cell, 1 or more.
    pub cols_per: usize,
}

/// A heat map. Row 0 is at the top.
#[derive(Clone, Copy, Debug)]
pub struct HeatMap<'a> {
    /// `rows × cols` values in `layout`; a missing one counts as NaN.
    pub values: &'a [f32],
    /// Units, or classes.
    pub rows: usize,
    /// Timesteps.
    pub cols: usize,
    /// The order of `values`.
    pub layout: Layout,
    /// Values to colours.
    pub scale: ColourScale,
}

/// Cells as they appear: values, pooled where needed, row-major.
struct Cells {
    values: Vec<f32>,
    rows: usize,
    cols: usize,
}

impl HeatMap<'_> {
    /// The value at (`row`, `col`); NaN outside.
    pub fn value(&self, row: usize, col: usize) -> f32 {
        let index = match self.layout {
            Layout::RowMajor => row * self.cols + col,
            Layout::ColumnMajor => col * self.rows + row,
        };
        if row < self.rows && col < self.cols { self.values.get(index).copied().unwrap_or(f32::NAN) } else { f32::NAN }
    }

    /// The pooling of a map of `width` × `height` device pixels: above [`MOST_ROWS`] rows, or where a cell would be thinner than
    /// a pixel. `None` when each value has its own cell. The page mentions it beside the map.
    pub fn pooled(&self, width: usize, height: usize) -> Option<Pooling> {
        let most_rows = MOST_ROWS.min(height.max(1));
        let rows_per = self.rows.div_ceil(most_rows).max(1);
        let cols_per = self.cols.div_ceil(width.max(1)).max(1);
        (rows_per > 1 || cols_per > 1).then_some(Pooling { rows_per, cols_per })
    }

    /// Draws the map as RGBA bytes, `4·width·height`, row by row from the top, each value a crisp block of pixels.
    pub fn pixels(&self, width: usize, height: usize, theme: Theme) -> Vec<u8> {
        let mut out = Vec::new();
        self.pixels_into(width, height, theme, &mut out);
        out
    }

    /// Like [`pixels`](Self::pixels), into a buffer that is used again each frame.
    pub fn pixels_into(&self, width: usize, height: usize, theme: Theme, out: &mut Vec<u8>) {
        out.clear();
        if width == 0 || height == 0 {
            return;
        }
        let cells = self.cells(width, height);
        if cells.values.is_empty() {
            let Rgb(r, g, b) = ground(theme).surface;
            out.extend([r, g, b, 255].into_iter().cycle().take(4 * width * height));
            return;
        }
        out.reserve(4 * width * height);
        for (row, values) in cells.values.chunks_exact(cells.cols).enumerate() {
            let (top, bottom) = (edge(row, cells.rows, height), edge(row + 1, cells.rows, height));
            let start = out.len();
            for y in top..bottom {
                // A row of pixels without a hatch is the same all the way down.
                if y > top && !values.iter().any(|v| v.is_nan()) {
                    out.extend_from_within(start..start + 4 * width);
                    continue;
                }
                for (col, value) in values.iter().enumerate() {
                    let across = edge(col, cells.cols, width)..edge(col + 1, cells.cols, width);
                    match self.scale.colour(*value, theme) {
                        Some(Rgb(r, g, b)) => across.for_each(|_| out.extend([r, g, b, 255])),
                        None => across.for_each(|x| {
                            let Rgb(r, g, b) = ground(theme).hatch[usize::from((x + y) % 6 < 2)];
                            out.extend([r, g, b, 255]);
                        }),
                    }
                }
            }
        }
    }

    /// Draws the map as rectangles that fill `area`: for SVG; the screen takes [`pixels_into`](Self::pixels_into).
    pub fn draw<DB: DrawingBackend>(&self, area: &DrawingArea<DB, Shift>, style: &Style) -> Drawn<DB> {
        let pen = Pen::new(area, style);
        let (width, height) = pen.size();
        let pixels = |units: f64| (units / style.grain).round().max(0.0) as usize;
        let (across, down) = (pixels(width), pixels(height));
        let cells = self.cells(across, down);
        if cells.values.is_empty() {
            return Ok(());
        }
        for (row, values) in cells.values.chunks_exact(cells.cols).enumerate() {
            let (top, bottom) = (edge(row, cells.rows, down), edge(row + 1, cells.rows, down));
            for (col, value) in values.iter().enumerate() {
                let (left, right) = (edge(col, cells.cols, across), edge(col + 1, cells.cols, across));
                let [left, top, right, bottom] = [left, top, right, bottom].map(|v| v as f64 * style.grain);
                match self.scale.colour(*value, style.theme) {
                    Some(colour) => pen.fill(left, top, right, bottom, colour.alpha(1.0))?,
                    None => {
                        let [pale, dark] = ground(style.theme).hatch;
                        pen.fill(left, top, right, bottom, pale.alpha(1.0))?;
                        pen.line(&[(left, bottom), (right, top)], dark.alpha(1.0), 1.0)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The values, one by one, before any pooling.
    pub fn plotted(&self) -> Plotted {
        let values = (0..self.rows).flat_map(|r| (0..self.cols).map(move |c| f64::from(self.value(r, c)))).collect();
        Plotted::Map { rows: self.rows, cols: self.cols, values }
    }

    fn cells(&self, width: usize, height: usize) -> Cells {
        let Pooling { rows_per, cols_per } = self.pooled(width, height).unwrap_or(Pooling { rows_per: 1, cols_per: 1 });
        let (rows, cols) = (self.rows.div_ceil(rows_per), self.cols.div_ceil(cols_per));
        let mut values = Vec::with_capacity(rows * cols);
        for row in 0..rows {
            for col in 0..cols {
                let block = (row * rows_per..((row + 1) * rows_per).min(self.rows))
                    .flat_map(|r| (col * cols_per..((col + 1) * cols_per).min(self.cols)).map(move |c| (r, c)));
                values.push(block.map(|(r, c)| self.value(r, c)).reduce(stronger).unwrap_or(f32::NAN));
            }
        }
        Cells { values, rows, cols }
    }
}

/// Returns the value of larger magnitude, the earlier of equals; NaN before all others, so that pooling does not hide it.
fn stronger(a: f32, b: f32) -> f32 {
    if a.is_nan() || a.abs() >= b.abs() { a } else { b }
}

/// The pixel at which cell `index` of `count` begins, of `pixels` pixels.
fn edge(index: usize, count: usize, pixels: usize) -> usize {
    (2 * index * pixels + count) / (2 * count)
}
