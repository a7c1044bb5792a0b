//! Colour scales of heat maps: from a value to a colour, the same for pixels, rectangles and the scale bar.

use super::palette::{Rgb, Theme, ground};

/// The colours of a heat map's values. Values beyond an end have that end's colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ColourScale {
    /// 0 … `max`: the surface (white, or near-black in the dark theme) to `hue`. For gates and φ′.
    Sequential {
        /// The colour of `max`.
        hue: Rgb,
        /// The value that has the full hue, above 0.
        max: f32,
    },
    /// −`bound` … `bound`: brown, the surface at zero, indigo. For signed values.
    Diverging {
        /// The value with the full indigo, above 0.
        bound: f32,
    },
    /// 0 … 1: the surface to the colour of text. For probabilities.
    Grey,
    /// Powers of ten, `low` … `high`: the surface to `hue`. For shares on a logarithmic scale.
    Decades {
        /// The colour of the upper end.
        hue: Rgb,
        /// The exponent that has the surface's colour.
        low: f32,
        /// The exponent that has the full hue, above it.
        high: f32,
    },
}

impl ColourScale {
    /// The ends of the scale, lower and upper.
    pub fn ends(&self) -> (f32, f32) {
        match *self {
            Self::Sequential { max, .. } => (0.0, max),
            Self::Diverging { bound } => (-bound, bound),
            Self::Grey => (0.0, 1.0),
            Self::Decades { low, high, .. } => (low, high),
        }
    }

    /// The colour of `value`; `None` for NaN, which is hatched.
    pub fn colour(&self, value: f32, theme: Theme) -> Option<Rgb> {
        if value.is_nan() {
            return None;
        }
        let ground = ground(theme);
        let part = |max: f32| if max > 0.0 { f64::from((value / max).clamp(-1.0, 1.0)) } else { 0.0 };
        Some(match *self {
            Self::Sequential { hue, max } => ground.surface.mix(hue, part(max).max(0.0)),
            Self::Grey => ground.surface.mix(ground.text, part(1.0).max(0.0)),
            Self::Decades { hue, low, high } => {
                ground.surface.mix(hue, f64::from(((value - low) / (high - low)).clamp(0.0, 1.0)))
            }
            Self::Diverging { bound } => {
                let stops = &ground.diverging;
                let at = (part(bound) + 1.0) / 2.0 * (stops.len() - 1) as f64;
                let stop = (at.floor() as usize).min(stops.len() - 2);
                stops[stop].mix(stops[stop + 1], at - stop as f64)
            }
        })
    }

    /// `count` colours at equal distances from the lower to the upper end, for the scale bar. `count` ≥ 2.
    pub fn legend(&self, count: usize, theme: Theme) -> Vec<Rgb> {
        let (low, high) = self.ends();
        let last = count.max(2) - 1;
        (0..=last).filter_map(|k| self.colour(low + (high - low) * k as f32 / last as f32, theme)).collect()
    }
}
