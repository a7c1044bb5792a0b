//! The table of colours, for the light and the dark theme; HTML takes it as CSS custom properties.
//!
//! Each coloured thing has two shades a theme: `line` for strokes and fills, at least 3 : 1 on the theme's backgrounds, and
//! `text` at least 4.5 : 1 (WCAG 2.2, 1.4.11 and 1.4.3). The light `line` shades are the design's own colours, darker only
//! where 3 : 1 asks for it; the dark ones are lighter.

use std::fmt::Write as _;

use plotters::style::RGBAColor;

/// A set of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on near-black.
    Dark,
}

/// An opaque sRGB colour, 0 … 255 a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// Makes a colour from `0xRRGGBB`.
    pub const fn hex(code: u32) -> Self {
        Self((code >> 16) as u8, (code >> 8) as u8, code as u8)
    }

    /// Writes it as `#rrggbb`.
    pub fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Mixes it with `other`: the colour `t` of the way there, channel by channel in sRGB; `t` in 0 … 1.
    pub fn mix(self, other: Self, t: f64) -> Self {
        let channel = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * t).round() as u8;
        Self(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }

    /// Relative luminance, 0 (black) … 1 (white), as WCAG 2.2 defines it.
    pub fn luminance(self) -> f64 {
        let linear = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast ratio with `other`, 1 … 21, as WCAG 2.2 defines it.
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The plotters colour with opacity `alpha` in 0 … 1.
    pub fn alpha(self, alpha: f64) -> RGBAColor {
        RGBAColor(self.0, self.1, self.2, alpha)
    }
}

/// The two shades of a coloured thing in one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// For lines, dots and fills.
    pub line: Rgb,
    /// For text.
    pub text: Rgb,
}

/// A coloured thing: its key (a lane code, or `gate-i` …) and its shades in each theme.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name in CSS: `lane-lstm`, `gate-f`.
    pub key: &'static str,
    /// Shades on white.
    pub light: Shades,
    /// Shades on near-black.
    pub dark: Shades,
}

const fn entry(key: &'static str, light: [u32; 2], dark: [u32; 2]) -> Entry {
    Entry {
        key,
        light: Shades { line: Rgb::hex(light[0]), text: Rgb::hex(light[1]) },
        dark: Shades { line: Rgb::hex(dark[0]), text: Rgb::hex(dark[1]) },
    }
}

/// Every lane and gate that has a colour of its own.
pub const ENTRIES: [Entry; 10] = [
    entry("lane-rnn-sigmoid", [0xd55e00, 0xb04d00], [0xd55e00, 0xef7a26]),
    entry("lane-rnn-tanh", [0xa35f00, 0x965700], [0xb57410, 0xd08a20]),
    entry("lane-rnn-relu", [0xd97037, 0xb0531f], [0xe08a5b, 0xe59a70]),
    entry("lane-lstm", [0x0072b2, 0x006aa6], [0x2b8fd1, 0x5aaee6]),
    entry("lane-gru", [0x7f4f24, 0x7f4f24], [0xb08560, 0xc49a76]),
    entry("lane-window", [0x6b7280, 0x636a77], [0x7c8594, 0x98a1ae]),
    entry("gate-i", [0x009e73, 0x007a59], [0x009e73, 0x1fb58a]),
    entry("gate-f", [0x7a4fbf, 0x7346b8], [0x8d68cf, 0xa98be0]),
    entry("gate-g", [0xb6840b, 0x876208], [0xb8860b, 0xc9971d]),
    entry("gate-o", [0xc2457d, 0xb83c73], [0xcf5a8e, 0xe07fab]),
];

/// The colours of everything except lanes and gates, in one theme.
#[derive(Clone, Copy, Debug)]
pub struct Ground {
    /// The background of cards and bars.
    pub page: Rgb,
    /// The background of charts.
    pub surface: Rgb,
    /// Plain text.
    pub text: Rgb,
    /// Quieter text: ticks, units.
    pub muted: Rgb,
    /// Grid lines.
    pub grid: Rgb,
    /// The zero line and the axis floor: between grid and text.
    pub axis: Rgb,
    /// The level of guessing, and targets.
    pub guess: Rgb,
    /// The two greys of the hatch where a value is not a number.
    pub hatch: [Rgb; 2],
    /// Signed values from −1 over 0 to 1 at equal distances: brown, the surface, indigo.
    pub diverging: [Rgb; 5],
}

const LIGHT: Ground = Ground {
    page: Rgb::hex(0xf7f7f3),
    surface: Rgb::hex(0xffffff),
    text: Rgb::hex(0x1b1f24),
    muted: Rgb::hex(0x5f6773),
    grid: Rgb::hex(0xe3e4e6),
    axis: Rgb::hex(0xa9aeb6),
    guess: Rgb::hex(0x6b7280),
    hatch: [Rgb::hex(0xc9ccd1), Rgb::hex(0x8b919b)],
    diverging: [Rgb::hex(0x7a4300), Rgb::hex(0xc9924a), Rgb::hex(0xffffff), Rgb::hex(0x9388cf), Rgb::hex(0x37278a)],
};

const DARK: Ground = Ground {
    page: Rgb::hex(0x0f1115),
    surface: Rgb::hex(0x16191e),
    text: Rgb::hex(0xe7e9ec),
    muted: Rgb::hex(0x9aa3b0),
    grid: Rgb::hex(0x2b3038),
    axis: Rgb::hex(0x5b6370),
    guess: Rgb::hex(0x8d96a4),
    hatch: [Rgb::hex(0x3d434c), Rgb::hex(0x6f7681)],
    diverging: [Rgb::hex(0xf0b45e), Rgb::hex(0x96652a), Rgb::hex(0x16191e), Rgb::hex(0x5a4fae), Rgb::hex(0xafa6ff)],
};

/// Background, text and grid of a theme.
pub const fn ground(theme: Theme) -> &'static Ground {
    match theme {
        Theme::Light => &LIGHT,
        Theme::Dark => &DARK,
    }
}

/// The key in [`ENTRIES`] of a lane code: every `lstm-*` variant is the LSTM's. `None` for a code without a colour.
pub fn lane_key(code: &str) -> Option<&'static str> {
    let stem = if code.starts_with("lstm-") { "lstm" } else { code };
    ENTRIES.iter().map(|e| e.key).find(|key| key.strip_prefix("lane-") == Some(stem))
}

/// The shades of a lane code, or of a key of [`ENTRIES`]; those of plain text for a code without a colour.
pub fn lane(code: &str, theme: Theme) -> Shades {
    shades(lane_key(code).unwrap_or(code), theme)
}

/// The shades of a gate: `i f g o`, a GRU's `r z n` (reset, update and candidate have the colours of the LSTM gates with the
/// same function: o, f, g), or anything else in the colour of plain text.
pub fn gate(name: &str, theme: Theme) -> Shades {
    match name {
        "i" => shades("gate-i", theme),
        "f" | "z" => shades("gate-f", theme),
        "g" | "n" => shades("gate-g", theme),
        "o" | "r" => shades("gate-o", theme),
        _ => plain(theme),
    }
}

/// The number of lanes before lane `k` that have its colour or a similar one, as the three browns of the plain RNNs are.
/// [`Dash`](super::dash::Dash) distinguishes them by it.
pub fn rank(codes: &[&str], k: usize) -> usize {
    let family = |code: &str| lane_key(code).and_then(|key| key.split('-').nth(1));
    codes.get(k).map_or(0, |code| codes.iter().take(k).filter(|c| family(c) == family(code)).count())
}

/// Writes all colours of a theme as CSS declarations, `--lane-lstm: #0072b2; --lane-lstm-text: #006aa6; …`.
pub fn css(theme: Theme) -> String {
    let mut out = String::new();
    for e in &ENTRIES {
        let s = pick(e, theme);
        let _ = write!(out, "--{k}: {}; --{k}-text: {}; ", s.line.css(), s.text.css(), k = e.key);
    }
    let g = ground(theme);
    for (name, colour) in [
        ("page", g.page),
        ("surface", g.surface),
        ("text", g.text),
        ("muted", g.muted),
        ("grid", g.grid),
        ("axis", g.axis),
        ("guess", g.guess),
    ] {
        let _ = write!(out, "--{name}: {}; ", colour.css());
    }
    out.truncate(out.trim_end().len());
    out
}

fn pick(entry: &Entry, theme: Theme) -> Shades {
    match theme {
        Theme::Light => entry.light,
        Theme::Dark => entry.dark,
    }
}

fn shades(key: &str, theme: Theme) -> Shades {
    ENTRIES.iter().find(|e| e.key == key).map_or_else(|| plain(theme), |e| pick(e, theme))
}

fn plain(theme: Theme) -> Shades {
    let g = ground(theme);
    Shades { line: g.text, text: g.text }
}
