//! Charts that take plain slices and draw on any plotters backend: the screen's canvas, an SVG export, a test.
//!
//! By design no chart measures text, depends on the browser, keeps a run's state, or draws a title or a legend, which are HTML
//! around it. Every chart has a `plotted()` that returns the numbers it draws.
//!
//! All sizes are CSS pixels times [`Style::scale`]. Timestep t = 1 … T has its middle at (t − 0.5)/T of a plot's width in every
//! chart ([`step_centre`]), so that one marker fits all of them.

pub mod dash;
pub mod fine;
pub mod gradient;
pub mod heat_map;
pub mod histogram;
pub mod history;
pub mod labels;
pub mod lines;
pub mod loss;
pub mod palette;
pub mod pen;
pub mod plotted;
pub mod range;
pub mod reach;
pub mod scale;
pub mod series;
pub mod svg;
pub mod symbols;
pub mod ticks;

pub use self::palette::Theme;

/// Sizes and colours of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Light or dark.
    pub theme: Theme,
    /// Drawing units per CSS pixel: device pixel ratio × text zoom (× the grain where a backend draws finer than a pixel).
    /// Above 0.
    pub scale: f64,
    /// Drawing units per device pixel; straight rules snap to whole device pixels. 1 where units are device pixels.
    pub grain: f64,
    /// A factor on font sizes alone: 1, but 1.24 for plotters' SVG backend, which divides by that number.
    pub font_factor: f64,
    /// The decimal separator of tick texts: `.` or, in Italian, `,`.
    pub decimal: char,
}

impl Style {
    /// Makes a style for a backend whose units are device pixels; `scale` is device pixel ratio × text zoom.
    pub fn new(theme: Theme, scale: f64) -> Self {
        let scale = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
        Self { theme, scale, grain: 1.0, font_factor: 1.0, decimal: '.' }
    }

    /// Returns this style with another decimal separator.
    pub fn with_decimal(self, decimal: char) -> Self {
        Self { decimal, ..self }
    }

    /// Returns this style for a surface that has `factor` drawing units per device pixel.
    pub fn finer(self, factor: u32) -> Self {
        let factor = f64::from(factor.max(1));
        Self { scale: self.scale * factor, grain: self.grain * factor, ..self }
    }

    /// Converts CSS pixels to drawing units.
    pub fn px(&self, css: f64) -> f64 {
        css * self.scale
    }
}

/// A plot's rectangle inside its area, in drawing units from the top left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlotBox {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge, at least `left`.
    pub right: f64,
    /// Lower edge, at least `top`.
    pub bottom: f64,
}

impl PlotBox {
    /// Makes a box of the whole of an area `width` × `height`.
    pub fn whole(width: f64, height: f64) -> Self {
        Self { left: 0.0, top: 0.0, right: width.max(0.0), bottom: height.max(0.0) }
    }

    /// The width, 0 or more.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// The height, 0 or more.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The x of `fraction` of the width, 0 at the left.
    pub fn x_at(&self, fraction: f64) -> f64 {
        self.left + fraction * self.width()
    }

    /// The y of `fraction` of the height, 0 at the bottom.
    pub fn y_at(&self, fraction: f64) -> f64 {
        self.bottom - fraction * self.height()
    }
}

/// The middle of timestep `t` (1 … `length`, or between), as a fraction of the plot's width.
pub fn step_centre(t: f64, length: usize) -> f64 {
    (t - 0.5) / length.max(1) as f64
}

/// The timestep (1 … `length`) whose cell contains `fraction` of the plot's width; the nearest one outside of 0 … 1.
pub fn step_at(fraction: f64, length: usize) -> usize {
    let cell = (fraction * length as f64).floor();
    if cell.is_finite() && cell > 0.0 { (cell as usize + 1).min(length.max(1)) } else { 1 }
}
