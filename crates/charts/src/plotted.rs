//! The numbers that a chart drew last, for the page's `plotted(chart)` and for tests, which compare them with the run's.

use serde::{Deserialize, Serialize};

/// One line of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlottedLine {
    /// The lane, counted from 0.
    pub lane: usize,
    /// `h` or `c` in the gradient chart, the unit's number (from 0) in a cell chart, `loss` in the loss chart.
    pub name: String,
    /// `relative` or `absolute`.
    pub scale: String,
    /// The timestep 1 … T, or the update 1 … N.
    pub x: Vec<f64>,
    /// The value at each x, before any thinning for the screen. Numbers that are not finite become null in JSON.
    pub y: Vec<f64>,
}

/// All numbers that one chart drew.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Plotted {
    /// A line chart.
    Lines(Vec<PlottedLine>),
    /// A heat map.
    Map {
        /// Rows of `values`: units, or classes.
        rows: usize,
        /// Columns of `values`: timesteps.
        cols: usize,
        /// `[rows × cols]`, row-major, before any pooling for the screen.
        values: Vec<f64>,
    },
}
