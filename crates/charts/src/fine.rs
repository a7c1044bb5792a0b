//! A surface with several drawing units per device pixel.
//!
//! Plotters passes whole numbers to its backends, which at one unit per pixel makes smooth lines jagged. A canvas whose
//! context is scaled by 1/`factor`, wrapped in [`Fine`], takes positions to a fraction of a pixel.

use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

/// Drawing units per device pixel on screen.
pub const FACTOR: u32 = 4;

/// A backend that reports `inner` as `factor` times as wide and high; the caller scales the drawing by 1/`factor`.
pub struct Fine<B> {
    inner: B,
    factor: u32,
}

impl<B: DrawingBackend> Fine<B> {
    /// Wraps `inner`.
    pub fn new(inner: B, factor: u32) -> Self {
        Self { inner, factor: factor.max(1) }
    }
}

type Outcome<B> = Result<(), DrawingErrorKind<<B as DrawingBackend>::ErrorType>>;

impl<B: DrawingBackend> DrawingBackend for Fine<B> {
    type ErrorType = B::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        let (width, height) = self.inner.get_size();
        (width * self.factor, height * self.factor)
    }

    fn ensure_prepared(&mut self) -> Outcome<B> {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Outcome<B> {
        self.inner.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Outcome<B> {
        self.inner.draw_pixel(point, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome<B> {
        self.inner.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome<B> {
        self.inner.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome<B> {
        self.inner.draw_path(path, style)
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Outcome<B> {
        self.inner.draw_circle(center, radius, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Outcome<B> {
        self.inner.fill_polygon(vert, style)
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, pos: BackendCoord) -> Outcome<B> {
        self.inner.draw_text(text, style, pos)
    }
}
