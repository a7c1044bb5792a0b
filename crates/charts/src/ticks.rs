//! Positions and labels of an axis' ticks: multiples of 1, 2, 5 × 10^k on a linear axis, powers of ten on a logarithmic one, with
//! no more digits than distinguish neighbours.

/// One tick of an axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// The value; the exponent on a logarithmic axis.
    pub at: f64,
    /// The label.
    pub label: String,
}

/// Finds the smallest of 1, 2, 5 × 10^k that divides `span` into at most `most` pieces. `span` > 0, `most` ≥ 1; 1 for anything else.
pub fn nice_step(span: f64, most: usize) -> f64 {
    if !span.is_finite() || span <= 0.0 {
        return 1.0;
    }
    let raw = span / most.max(1) as f64;
    let power = 10f64.powi(raw.log10().floor() as i32);
    let nearly = raw / power * (1.0 - 1e-9);
    let mantissa = if nearly <= 1.0 {
        1.0
    } else if nearly <= 2.0 {
        2.0
    } else if nearly <= 5.0 {
        5.0
    } else {
        10.0
    };
    mantissa * power
}

/// Computes the ticks of a linear axis from `low` to `high`, at most `most` + 1, with `decimal` as separator. Empty unless `low` < `high`.
pub fn linear(low: f64, high: f64, most: usize, decimal: char) -> Vec<Tick> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return Vec::new();
    }
    let step = nice_step(span, most);
    let digits = (-step.log10().floor()).max(0.0) as usize;
    let slack = 1e-9;
    let (first, last) = ((low / step - slack).ceil(), (high / step + slack).floor());
    let count = (last - first) as usize + 1;
    (0..count)
        .map(|k| (first + k as f64) * step)
        .map(|at| Tick { at, label: numbers::fixed(at, digits, decimal) })
        .collect()
}

/// Computes the ticks of a logarithmic axis from 10^`low` to 10^`high`, at most `most` + 1: every decade, or every 2nd, 5th, 10th, 20th …,
/// always counted from 10⁰, so that `1` is a tick wherever it is in range. `at` is the exponent.
pub fn decades(low: i32, high: i32, most: usize) -> Vec<Tick> {
    if low > high {
        return Vec::new();
    }
    let every = nice_step(f64::from(high - low), most).max(1.0) as i32;
    let first = low.div_euclid(every) + i32::from(low.rem_euclid(every) != 0);
    (first..=high.div_euclid(every))
        .map(|k| k * every)
        .map(|e| Tick { at: f64::from(e), label: numbers::power_of_ten(e) })
        .collect()
}

/// Selects the timesteps to label on an axis t = 1 … `length` that is `width` wide when a label with its gap takes `label` (same unit):
/// 1, multiples of 1, 2, 5 × 10^k (never 1's or T's close neighbours), and T. Labels sit at the middle of each step's cell.
pub fn steps(length: usize, width: f64, label: f64) -> Vec<usize> {
    if length <= 1 {
        return vec![1; length];
    }
    let cell = width / length as f64;
    let has_room = |a: usize, b: usize| (b - a) as f64 * cell >= label;
    if !has_room(1, length) {
        return vec![length];
    }
    // More than a few numbers are distracting, unless every step can have its own.
    let most = if length <= 12 { 12 } else { 8 };
    let room = ((width / label).floor() as usize).clamp(1, most);
    let every = nice_step(length as f64, room).max(1.0) as usize;
    let mut out = vec![1];
    out.extend(
        (1..=length / every)
            .map(|k| k * every)
            .filter(|t| *t > 1 && *t < length && has_room(1, *t) && has_room(*t, length)),
    );
    out.push(length);
    out
}

/// Computes the ticks of an axis of updates from 0 to `last`, at most `most` + 1, grouped by thousands: 0, 5000, 10 000.
pub fn updates(last: u32, most: usize) -> Vec<Tick> {
    let step = nice_step(f64::from(last.max(1)), most).max(1.0) as u32;
    (0..=last / step)
        .map(|k| k * step)
        .map(|u| Tick { at: f64::from(u), label: numbers::grouped(u64::from(u)) })
        .collect()
}
