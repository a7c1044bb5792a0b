//! Charts on an HTML canvas, at the screen's own resolution.

use plotters::{
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
};
use plotters_backend::DrawingBackend;
use plotters_canvas::CanvasBackend;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use charts::Style;
use charts::fine::{self, Fine};
use charts::heat_map::HeatMap;

/// The backend of charts on screen.
pub type Screen = Fine<CanvasBackend>;

/// The errors of drawing on a canvas.
#[derive(Debug, thiserror::Error)]
pub enum CanvasError {
    /// The browser gives no 2D context for this canvas.
    #[error("this canvas has no 2D context")]
    NoContext,
    /// The browser refused the pixels.
    #[error("the browser refused an image of {width} × {height} pixels")]
    Refused {
        /// Device pixels across.
        width: u32,
        /// Device pixels down.
        height: u32,
    },
    /// A drawing call failed.
    #[error("the chart could not be drawn: {0}")]
    Drawing(String),
}

/// Gives `canvas` as many pixels as `css_width` × `css_height` CSS pixels have at `ratio` device pixels each, and
/// returns that size. Its size on the page is left to the style sheet. Setting a size clears a canvas, so an unchanged
/// one is left alone.
pub fn fit(canvas: &HtmlCanvasElement, css_width: f64, css_height: f64, ratio: f64) -> (u32, u32) {
    // Every browser supports 8,192 pixels on each side.
    let pixels = |css: f64| (css * ratio).round().clamp(1.0, 8192.0) as u32;
    let (width, height) = (pixels(css_width), pixels(css_height));
    if canvas.width() != width {
        canvas.set_width(width);
    }
    if canvas.height() != height {
        canvas.set_height(height);
    }
    (width, height)
}

/// Clears `canvas` (after [`fit`]) and draws a chart on it. `style` is for device pixels, `Style::new(theme, ratio ×
/// zoom)`; `draw` receives the style to draw with.
pub fn draw<F>(canvas: &HtmlCanvasElement, style: &Style, draw: F) -> Result<(), CanvasError>
where
    F: FnOnce(
        &DrawingArea<Screen, Shift>,
        &Style,
    ) -> Result<(), DrawingAreaErrorKind<<Screen as DrawingBackend>::ErrorType>>,
{
    let context = context(canvas)?;
    context.clear_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
    let backend = CanvasBackend::with_canvas_object(canvas.clone()).ok_or(CanvasError::NoContext)?;
    context.save();
    context.set_line_join("round");
    let part = 1.0 / f64::from(fine::FACTOR);
    let outcome = context.scale(part, part).map_err(|_| CanvasError::NoContext).and_then(|()| {
        let area = Fine::new(backend, fine::FACTOR).into_drawing_area();
        draw(&area, &style.finer(fine::FACTOR)).map_err(|e| CanvasError::Drawing(e.to_string()))
    });
    context.restore();
    outcome
}

/// Draws `map` over all pixels of `canvas` (after [`fit`]). `buffer` is reused from frame to frame.
pub fn put(canvas: &HtmlCanvasElement, style: &Style, map: &HeatMap, buffer: &mut Vec<u8>) -> Result<(), CanvasError> {
    let (width, height) = (canvas.width(), canvas.height());
    map.pixels_into(width as usize, height as usize, style.theme, buffer);
    let refused = |_| CanvasError::Refused { width, height };
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(buffer), width, height).map_err(refused)?;
    context(canvas)?.put_image_data(&image, 0.0, 0.0).map_err(refused)
}

fn context(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, CanvasError> {
    let context = canvas.get_context("2d").ok().flatten().ok_or(CanvasError::NoContext)?;
    context.dyn_into().map_err(|_| CanvasError::NoContext)
}
