//! Dash patterns, which distinguish lines of one colour, and the gradient of a cell state from that of a hidden state.

/// A dash pattern. Hidden states have long dashes, cell states (∂L/∂c, here “memory”) short ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Dash {
    /// Unbroken: the hidden state of the first lane of a colour.
    #[default]
    Solid,
    /// Long dashes: the second lane of a colour.
    Long,
    /// Long dash and a dot: the third.
    LongDot,
    /// Long dash and two dots: the fourth.
    LongDotDot,
    /// Short dashes: the memory of the first lane of a colour.
    Dashed,
    /// Dots: the memory of the second.
    Dotted,
    /// Short dash and a dot: the memory of the third.
    DashDot,
    /// Short dash and two dots: the memory of the fourth.
    DashDotDot,
    /// The hidden state of another layer than the one on show: the first or second such (0 or 1) of the lane of this rank.
    Layer(usize, usize),
    /// Fine dots: a hidden state's gradient, or a loss, without the edits.
    Ghost,
    /// Finer dots: a memory's gradient without the edits.
    GhostMemory,
}

const LAYER: &[f64] = &[3.0, 2.0, 8.0, 2.0, 1.5, 2.0, 1.5, 2.0, 1.5, 2.0];

impl Dash {
    /// The pattern of the `rank`-th lane (from 0) of a colour; `memory` for ∂L/∂c.
    pub fn of(rank: usize, memory: bool) -> Self {
        const HIDDEN: [Dash; 4] = [Dash::Solid, Dash::Long, Dash::LongDot, Dash::LongDotDot];
        const MEMORY: [Dash; 4] = [Dash::Dashed, Dash::Dotted, Dash::DashDot, Dash::DashDotDot];
        if memory { MEMORY[rank % 4] } else { HIDDEN[rank % 4] }
    }

    /// Whether its lines are thin: a memory's pattern, or another layer's.
    pub fn is_memory(self) -> bool {
        use Dash::{DashDot, DashDotDot, Dashed, Dotted, Layer};
        matches!(self, Dashed | Dotted | DashDot | DashDotDot | Layer(..))
    }

    /// Whether it is a line without the edits, which is thin and pale and has no label.
    pub fn is_ghost(self) -> bool {
        matches!(self, Dash::Ghost | Dash::GhostMemory)
    }

    /// The opacity of its colour.
    pub fn strength(self) -> f64 {
        if self.is_ghost() { 0.6 } else { 1.0 }
    }

    /// Lengths of dash, gap, dash, gap … in CSS pixels; empty for an unbroken line. Also SVG's `stroke-dasharray`.
    pub fn pattern(self) -> &'static [f64] {
        match self {
            Dash::Solid => &[],
            Dash::Long => &[9.0, 4.0],
            Dash::LongDot => &[9.0, 4.0, 2.0, 4.0],
            Dash::LongDotDot => &[9.0, 4.0, 2.0, 4.0, 2.0, 4.0],
            Dash::Dashed => &[5.0, 3.0],
            Dash::Dotted => &[2.0, 3.0],
            Dash::DashDot => &[5.0, 3.0, 2.0, 3.0],
            Dash::DashDotDot => &[5.0, 3.0, 2.0, 3.0, 2.0, 3.0],
            // A long dash, with a short one before it for the second layer; then as many dots as the rank.
            Dash::Layer(rank, other) => &LAYER[2 - 2 * other.min(1)..4 + 2 * rank.min(3)],
            Dash::Ghost => &[1.5, 2.5],
            Dash::GhostMemory => &[1.0, 4.0],
        }
    }
}

/// Cuts a polyline into dashes of a pattern (in the points' units) and passes each, as a polyline, to `stroke`.
/// The vertices within a dash are kept, so that dashes bend where the line bends. A pattern without length is an unbroken line.
pub fn dashes<E>(
    points: &[(f64, f64)],
    pattern: &[f64],
    mut stroke: impl FnMut(&[(f64, f64)]) -> Result<(), E>,
) -> Result<(), E> {
    // A dash shorter than this is invisible and would make the walk endless.
    const SHORTEST: f64 = 1e-3;
    if pattern.is_empty() || pattern.iter().any(|l| l.is_nan() || *l < SHORTEST) {
        return if points.len() > 1 { stroke(points) } else { Ok(()) };
    }
    let Some(first) = points.first() else { return Ok(()) };
    let (mut part, mut left, mut on) = (0, pattern[0], true);
    let mut dash = vec![*first];
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = ((x1 - x0).powi(2) + (y1 - y0).powi(2)).sqrt();
        let mut gone = 0.0;
        while length - gone > left {
            gone += left;
            let at = (x0 + (x1 - x0) * gone / length, y0 + (y1 - y0) * gone / length);
            if on {
                dash.push(at);
                stroke(&dash)?;
                dash.clear();
            } else {
                dash.push(at);
            }
            on = !on;
            part = (part + 1) % pattern.len();
            left = pattern[part];
        }
        left -= length - gone;
        if on {
            dash.push((x1, y1));
        }
    }
    if dash.len() > 1 { stroke(&dash) } else { Ok(()) }
}
