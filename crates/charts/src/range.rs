//! Axis ranges that fit the data and do not follow its small changes.

/// The kind of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// −bound … bound, on a bound that reads well: cell states.
    Symmetric,
    /// 0 … top, on a top that reads well: losses.
    FromZero,
    /// Powers of ten; `low` and `high` are whole exponents: gradient norms.
    Decades,
}

/// A range that grows at once to fit the data, by round steps, and shrinks only after the data have filled less than
/// [`StableRange::FILL`] of it for [`StableRange::PATIENCE`] calls of [`look`](Self::look) in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StableRange {
    kind: Kind,
    low: f64,
    high: f64,
    /// Whether there have been data since the last reset.
    seen: bool,
    /// Number of looks in a row for which a shorter range would have been enough.
    idle: u32,
}

impl StableRange {
    /// The range shrinks only when the one that fits is shorter than this part of it.
    pub const FILL: f64 = 0.55;
    /// … for so many looks in a row (half a second at 60 frames a second).
    pub const PATIENCE: u32 = 30;

    /// Makes a range before any data: ±1, 0 … 1, or 10⁻² … 1.
    pub fn new(kind: Kind) -> Self {
        let (low, high) = match kind {
            Kind::Symmetric => (-1.0, 1.0),
            Kind::FromZero => (0.0, 1.0),
            Kind::Decades => (-2.0, 0.0),
        };
        Self { kind, low, high, seen: false, idle: 0 }
    }

    /// The lower end; a whole exponent for [`Kind::Decades`].
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The upper end; a whole exponent for [`Kind::Decades`]. Above [`low`](Self::low).
    pub fn high(&self) -> f64 {
        self.high
    }

    /// The position of `value`, 0 at the lower end, 1 at the upper, below or above outside; for [`Kind::Decades`] of its logarithm.
    pub fn fraction(&self, value: f64) -> f64 {
        let at = if self.kind == Kind::Decades { value.log10() } else { value };
        (at - self.low) / (self.high - self.low)
    }

    /// Forgets all data, so that the next look fits exactly: for a new run, another sequence, a jump in training.
    pub fn reset(&mut self) {
        *self = Self::new(self.kind);
    }

    /// Adapts the range to data; returns whether it changed. Values that are not finite, and for [`Kind::Decades`] those not above
    /// zero, are ignored.
    pub fn look(&mut self, values: impl IntoIterator<Item = f64>) -> bool {
        let positive = self.kind == Kind::Decades;
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for v in values.into_iter().filter(|v| v.is_finite() && (!positive || *v > 0.0)) {
            least = least.min(v);
            greatest = greatest.max(v);
        }
        least <= greatest && self.fit(least, greatest)
    }

    fn fit(&mut self, least: f64, greatest: f64) -> bool {
        let (low, high) = match self.kind {
            Kind::Symmetric => {
                let bound = nice_bound(least.abs().max(greatest.abs()));
                (-bound, bound)
            }
            Kind::FromZero => (0.0, nice_bound(greatest)),
            Kind::Decades => decades(least, greatest),
        };
        let before = (self.low, self.high);
        if !self.seen {
            (self.low, self.high, self.seen) = (low, high, true);
        } else if low < self.low || high > self.high {
            self.low = self.low.min(low);
            self.high = self.high.max(high);
            self.idle = 0;
        } else if high - low < Self::FILL * (self.high - self.low) {
            self.idle += 1;
            if self.idle >= Self::PATIENCE {
                (self.low, self.high, self.idle) = (low, high, 0);
            }
        } else {
            self.idle = 0;
        }
        before != (self.low, self.high)
    }
}

/// Finds the smallest of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 × 10^k at or above `value`; 1 if it is not a positive number.
pub fn nice_bound(value: f64) -> f64 {
    const MANTISSAS: [f64; 11] = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let exponent = value.log10().floor() as i32;
    // Dividing by a positive power keeps numbers such as 0.3 = 3/10 exact.
    let scaled = |m: f64| if exponent < 0 { m / 10f64.powi(-exponent) } else { m * 10f64.powi(exponent) };
    MANTISSAS.iter().map(|m| scaled(*m)).find(|bound| *bound >= value * (1.0 - 1e-12)).unwrap_or(value)
}

/// Finds whole exponents around two positive numbers, at least two apart, the lower one on a grid that coarsens with the span (1, 2, 5,
/// 10 decades), so that a slowly falling line rarely moves the axis.
fn decades(least: f64, greatest: f64) -> (f64, f64) {
    // A value just above a power of ten by rounding does not need the next decade.
    const SLACK: f64 = 1e-9;
    let (floor, high) = ((least.log10() + SLACK).floor(), (greatest.log10() - SLACK).ceil());
    let span = high - floor;
    let grid = if span <= 4.0 {
        1.0
    } else if span <= 12.0 {
        2.0
    } else if span <= 25.0 {
        5.0
    } else {
        10.0
    };
    let low = ((floor / grid).floor() * grid).min(high - 2.0);
    (low, high)
}
