//! The marks of which all charts are made: line, rule, dot, ring, text. Positions are `f64` drawing units inside the area.

use plotters::{
    coord::Shift,
    drawing::{DrawingArea, DrawingAreaErrorKind},
    element::{Circle, Drawable, PointCollection, Polygon, Rectangle, Text},
    style::{
        FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use plotters_backend::{BackendCoord, DrawingBackend, DrawingErrorKind};

use super::Style;
use super::dash;

/// The result of drawing.
pub type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// The font of all texts in charts, as CSS names it.
pub const FONT: &str = "system-ui, sans-serif";

/// The point of a text that is at its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The middle of its left edge.
    Left,
    /// The middle of its right edge.
    Right,
    /// The middle of its upper edge.
    Top,
    /// Its upper left corner.
    TopLeft,
}

/// Draws marks of one chart on one area.
pub struct Pen<'a, DB: DrawingBackend> {
    area: &'a DrawingArea<DB, Shift>,
    style: &'a Style,
}

impl<'a, DB: DrawingBackend> Pen<'a, DB> {
    /// Makes a pen for `area`, with sizes from `style`.
    pub fn new(area: &'a DrawingArea<DB, Shift>, style: &'a Style) -> Self {
        Self { area, style }
    }

    /// The area's width and height in drawing units.
    pub fn size(&self) -> (f64, f64) {
        let (width, height) = self.area.dim_in_pixel();
        (f64::from(width), f64::from(height))
    }

    /// Draws one stroke along `points`, `width` CSS pixels wide; nothing for fewer than two points.
    pub fn line(&self, points: &[(f64, f64)], colour: RGBAColor, width: f64) -> Drawn<DB> {
        if points.len() < 2 {
            return Ok(());
        }
        let stroke_width = (self.style.px(width).round() as u32).max(1);
        self.area.draw(&Polyline { points, style: ShapeStyle { color: colour, filled: false, stroke_width } })
    }

    /// Draws a [`line`](Self::line) with a dash pattern in CSS pixels.
    pub fn dashed(&self, points: &[(f64, f64)], pattern: &[f64], colour: RGBAColor, width: f64) -> Drawn<DB> {
        if pattern.is_empty() {
            return self.line(points, colour, width);
        }
        let scaled: Vec<f64> = pattern.iter().map(|css| self.style.px(*css)).collect();
        dash::dashes(points, &scaled, |dash| self.line(dash, colour, width))
    }

    /// Draws a horizontal hairline at `y`, one CSS pixel (at least a device pixel) thick, crisp: it covers whole device pixels.
    pub fn horizontal(&self, left: f64, right: f64, y: f64, colour: RGBAColor) -> Drawn<DB> {
        let thick = self.snap(self.style.px(1.0)).max(self.style.grain);
        let top = self.snap(y - thick / 2.0);
        self.fill(left, top, right, top + thick, colour)
    }

    /// Draws a filled rectangle.
    pub fn fill(&self, left: f64, top: f64, right: f64, bottom: f64, colour: RGBAColor) -> Drawn<DB> {
        let style = ShapeStyle { color: colour, filled: true, stroke_width: 0 };
        self.area.draw(&Rectangle::new([round((left, top)), round((right, bottom))], style))
    }

    /// Draws a filled dot of `radius` CSS pixels.
    pub fn dot(&self, at: (f64, f64), radius: f64, colour: RGBAColor) -> Drawn<DB> {
        self.circle(at, radius, ShapeStyle { color: colour, filled: true, stroke_width: 0 })
    }

    /// Draws a ring of `radius` CSS pixels, filled with `ground` so that it hides what is under it.
    pub fn ring(&self, at: (f64, f64), radius: f64, colour: RGBAColor, ground: RGBAColor, width: f64) -> Drawn<DB> {
        self.dot(at, radius, ground)?;
        self.hoop(at, radius, colour, width)
    }

    /// Draws a ring that is not filled.
    pub fn hoop(&self, at: (f64, f64), radius: f64, colour: RGBAColor, width: f64) -> Drawn<DB> {
        let stroke_width = (self.style.px(width).round() as u32).max(1);
        self.circle(at, radius, ShapeStyle { color: colour, filled: false, stroke_width })
    }

    /// Draws a filled triangle.
    pub fn triangle(&self, corners: [(f64, f64); 3], colour: RGBAColor) -> Drawn<DB> {
        self.area.draw(&Polygon::new(corners.map(round), ShapeStyle { color: colour, filled: true, stroke_width: 0 }))
    }

    /// Draws a text of `size` CSS pixels.
    pub fn text(
        &self,
        text: &str,
        at: (f64, f64),
        anchor: Anchor,
        size: f64,
        bold: bool,
        colour: RGBAColor,
    ) -> Drawn<DB> {
        let (h, v) = match anchor {
            Anchor::Left => (HPos::Left, VPos::Center),
            Anchor::Right => (HPos::Right, VPos::Center),
            Anchor::Top => (HPos::Center, VPos::Top),
            Anchor::TopLeft => (HPos::Left, VPos::Top),
        };
        let weight = if bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::Name(FONT), self.style.px(size) * self.style.font_factor, weight);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(h, v));
        self.area.draw(&Text::new(text, round((self.snap(at.0), self.snap(at.1))), style))
    }

    /// Rounds to the nearest whole device pixel.
    fn snap(&self, v: f64) -> f64 {
        (v / self.style.grain).round() * self.style.grain
    }

    fn circle(&self, at: (f64, f64), radius: f64, style: ShapeStyle) -> Drawn<DB> {
        let radius = (self.style.px(radius).round() as i32).max(1);
        self.area.draw(&Circle::new(round(at), radius, style))
    }
}

/// A polyline over borrowed points; plotters' `PathElement` would copy them.
struct Polyline<'a> {
    points: &'a [(f64, f64)],
    style: ShapeStyle,
}

impl<'a> PointCollection<'a, (i32, i32)> for &'a Polyline<'_> {
    type Point = (i32, i32);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (f64, f64)>, fn(&(f64, f64)) -> (i32, i32)>;

    fn point_iter(self) -> Self::IntoIter {
        self.points.iter().map(|p| round(*p))
    }
}

impl<DB: DrawingBackend> Drawable<DB> for Polyline<'_> {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        points: I,
        backend: &mut DB,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        backend.draw_path(points, &self.style)
    }
}

/// Rounds to the nearest backend coordinate; numbers far outside are clamped to `i32`.
fn round((x, y): (f64, f64)) -> (i32, i32) {
    (x.round() as i32, y.round() as i32)
}
