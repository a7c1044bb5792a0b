//! Pieces of SVG text that the drawing of the unrolled network is made of.

/// A flow along an edge.
pub(super) struct Flow {
    pub(super) from: (f64, f64),
    pub(super) to: (f64, f64),
    /// The place of its norm on the scale, 0 to 1; none is zero.
    pub(super) strength: Option<f64>,
    /// The norm in words, where it flows in this frame.
    pub(super) norm: Option<String>,
    pub(super) dashed: bool,
}

/// Draws a flow as an arrow; one that is active moves.
pub(super) fn draw(out: &mut String, flow: &Flow, active: bool) {
    let ((x, y), (to_x, to_y)) = (flow.from, flow.to);
    // Exactly zero: nothing flows.
    let Some(strength) = flow.strength else { return edge(out, flow.from, flow.to) };
    let line = [x, y, to_x, to_y, 1.0 + 5.0 * strength, 35.0 + 65.0 * strength];
    put(out, "<path class=\"u-flow\" d=\"M# #L# #\" stroke-width=\"#\" stroke-opacity=\"#%\"", &line);
    out.push_str(if flow.dashed { " stroke-dasharray=\"5 3\"/>" } else { "/>" });
    let sign = |way: f64| if way == 0.0 { 0.0 } else { way.signum() };
    let size = 3.5 + 2.5 * strength;
    let (dx, dy) = (sign(to_x - x) * size, sign(to_y - y) * size);
    let head = [to_x, to_y, to_x - dx + dy, to_y - dy + dx, to_x - dx - dy, to_y - dy - dx];
    put(out, "<path class=\"u-head\" d=\"M# #L# #L# #Z\"/>", &head);
    if active {
        put(out, "<path class=\"u-moving\" d=\"M# #L# #\"/>", &line);
    }
}

/// Draws a thin line.
pub(super) fn edge(out: &mut String, (x, y): (f64, f64), (to_x, to_y): (f64, f64)) {
    put(out, "<path class=\"u-edge\" d=\"M# #L# #\"/>", &[x, y, to_x, to_y]);
}

/// A text in the middle of a place; escaped, though it should contain nothing to escape.
pub(super) fn label(out: &mut String, class: &str, x: f64, y: f64, text: &str) {
    out.push_str("<text class=\"");
    out.push_str(class);
    put(out, "\" x=\"#\" y=\"#\">", &[x, y + 4.0]);
    out.push_str(&text.replace('&', "&amp;").replace('<', "&lt;"));
    out.push_str("</text>");
}

/// Markup with a number, to a tenth, in the place of each #.
pub(super) fn put(out: &mut String, markup: &str, numbers: &[f64]) {
    let mut numbers = numbers.iter();
    for (k, piece) in markup.split('#').enumerate() {
        if k > 0
            && let Some(number) = numbers.next()
        {
            *out += &((number * 10.0).round() / 10.0).to_string();
        }
        out.push_str(piece);
    }
}
