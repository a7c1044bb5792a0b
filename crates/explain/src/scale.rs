//! Logarithmic scales on which the drawings place numbers.

/// Powers of ten that hold all positive values, at least one apart.
pub fn decades(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.filter(|value| *value > 0.0 && value.is_finite()) {
        (low, high) = (low.min(value.log10().floor()), high.max(value.log10().ceil()));
    }
    if low.is_finite() { (low, high.max(low + 1.0)) } else { (-1.0, 0.0) }
}

/// The place of a value between two powers of ten, 0 to 1; none for zero.
pub fn place(value: f64, (low, high): (f64, f64)) -> Option<f64> {
    (value > 0.0).then(|| ((value.log10() - low) / (high - low)).clamp(0.0, 1.0))
}
