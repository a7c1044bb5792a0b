//! Any chart as an SVG document that a screen reader can name and that stays smooth when enlarged.

use plotters::{
    backend::SVGBackend,
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea},
    style::RGBColor,
};

use super::Style;
use super::palette::{Rgb, ground};

/// Drawing units per CSS pixel: plotters writes whole numbers.
pub const FACTOR: u32 = 8;

/// An error while making an SVG.
#[derive(Debug, thiserror::Error)]
pub enum SvgError {
    /// The chart would have no area, or one beyond 16,384 pixels a side.
    #[error("an SVG of {width} × {height} pixels: expected 1 … 16384 a side")]
    Size {
        /// Requested width.
        width: u32,
        /// Requested height.
        height: u32,
    },
    /// The backend failed.
    #[error("the SVG could not be drawn: {0}")]
    Drawing(String),
}

/// Draws with `draw` on an SVG of `width` × `height` CSS pixels, over the theme's surface. `style` is the style on screen (its scale
/// without the device pixel ratio); `draw` receives the style to draw with. `title` names the picture, `description` describes it.
pub fn svg<F>(
    width: u32,
    height: u32,
    style: &Style,
    title: &str,
    description: &str,
    draw: F,
) -> Result<String, SvgError>
where
    F: FnOnce(&DrawingArea<SVGBackend<'_>, Shift>, &Style) -> Result<(), DrawingAreaErrorKind<std::io::Error>>,
{
    if !(1..=16_384).contains(&width) || !(1..=16_384).contains(&height) {
        return Err(SvgError::Size { width, height });
    }
    // Plotters' SVG divides font sizes by 1.24.
    let style = Style { font_factor: 1.24, ..style.finer(FACTOR) };
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (width * FACTOR, height * FACTOR)).into_drawing_area();
        let Rgb(r, g, b) = ground(style.theme).surface;
        let failed = |e: DrawingAreaErrorKind<std::io::Error>| SvgError::Drawing(e.to_string());
        area.fill(&RGBColor(r, g, b)).map_err(failed)?;
        draw(&area, &style).map_err(failed)?;
        area.present().map_err(failed)?;
    }
    let body = text.split_once(">\n").map_or("", |(_, body)| body);
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {} {}\" role=\"img\" \
         stroke-linejoin=\"round\" stroke-linecap=\"butt\">\n<title>{}</title>\n<desc>{}</desc>\n{body}",
        width * FACTOR,
        height * FACTOR,
        escaped(title),
        escaped(description),
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
