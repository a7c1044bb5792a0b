//! Reads shapes back from an SVG made by `svg()`, in CSS pixels.

use charts::svg::FACTOR;

/// One element: its tag, attributes as text, and what stands inside a text.
pub struct Shape<'a> {
    pub tag: &'a str,
    line: &'a str,
    pub content: &'a str,
}

/// All shapes in drawing order, the background rectangle first.
pub fn shapes(svg: &str) -> Vec<Shape<'_>> {
    let lines: Vec<&str> = svg.lines().collect();
    let tags = ["polyline", "polygon", "circle", "rect", "text", "line"];
    lines
        .iter()
        .enumerate()
        .filter_map(|(k, line)| {
            let tag = line.strip_prefix('<')?.split([' ', '>']).next()?;
            tags.contains(&tag).then(|| Shape { tag, line, content: lines.get(k + 1).copied().unwrap_or("") })
        })
        .collect()
}

impl Shape<'_> {
    pub fn text_of(&self, name: &str) -> Option<&str> {
        let start = self.line.find(&format!(" {name}=\""))? + name.len() + 3;
        self.line[start..].split('"').next()
    }

    /// A length in CSS pixels.
    pub fn number(&self, name: &str) -> f64 {
        self.text_of(name).unwrap_or_else(|| panic!("no {name} in {}", self.line)).parse::<f64>().unwrap()
            / f64::from(FACTOR)
    }

    /// A polyline's vertices in CSS pixels.
    pub fn points(&self) -> Vec<(f64, f64)> {
        let part = |v: &str| v.parse::<f64>().unwrap() / f64::from(FACTOR);
        let points = self.text_of("points").unwrap_or("");
        points.split_whitespace().map(|p| p.split_once(',').unwrap()).map(|(x, y)| (part(x), part(y))).collect()
    }

    /// Whether it is stroked or filled with `#rrggbb`.
    pub fn has_colour(&self, css: &str) -> bool {
        ["stroke", "fill"].iter().any(|a| self.text_of(a).is_some_and(|c| c.eq_ignore_ascii_case(css)))
    }
}
