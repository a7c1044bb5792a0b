//! The speed of training, in updates per second.

/// Milliseconds over which updates are counted.
const WINDOW_MS: f64 = 500.0;

/// The rate of updates over about the last half second.
#[derive(Default)]
pub(crate) struct Rate {
    since: Option<f64>,
    count: u32,
    per_second: f64,
}

impl Rate {
    /// Counts an update, made by the time `now` in milliseconds.
    pub(crate) fn count(&mut self, now: f64) {
        let Some(since) = self.since else {
            self.since = Some(now);
            return;
        };
        self.count += 1;
        let elapsed = now - since;
        if elapsed >= WINDOW_MS {
            self.per_second = f64::from(self.count) * 1000.0 / elapsed;
            (self.since, self.count) = (Some(now), 0);
        } else if self.per_second == 0.0 && elapsed > 0.0 && self.count >= 3 {
            self.per_second = f64::from(self.count) * 1000.0 / elapsed;
        }
    }

    /// Updates per second; 0 before a few are counted.
    pub(crate) fn per_second(&self) -> f64 {
        self.per_second
    }
}
