//! An axis that fits its data and does not jitter while training plays.

use charts::range::{Kind, StableRange};
use lab::worker::event::{Activity, Report};

/// A stable range that is reset by another run, sequence or layer, and when training pauses.
pub struct Steady {
    range: StableRange,
    of: Option<((u32, u32, usize), Activity)>,
}

impl Steady {
    /// Creates a range without data.
    pub fn new(kind: Kind) -> Self {
        Self { range: StableRange::new(kind), of: None }
    }

    /// Fits the range to the values of a report.
    pub fn look(&mut self, report: &Report, values: impl IntoIterator<Item = f64>) -> &StableRange {
        let snapshot = &report.snapshot;
        let layer = snapshot.lanes.iter().map(|lane| lane.trace.layer).max().unwrap_or(0);
        let of = ((snapshot.run, snapshot.sequence.probe, layer), report.activity);
        let same =
            self.of.is_some_and(|(shown, activity)| shown == of.0 && (activity == of.1 || of.1 != Activity::Idle));
        if !same {
            self.range.reset();
        }
        self.of = Some(of);
        self.range.look(values);
        &self.range
    }

    /// Returns the range as last fitted.
    pub fn range(&self) -> &StableRange {
        &self.range
    }

    /// Resets the range at the next report.
    pub fn forget(&mut self) {
        self.of = None;
    }
}
