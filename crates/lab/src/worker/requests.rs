//! The requests that wait for an answer.

/// Requests by their ids: each is answered once, with a report.
#[derive(Default)]
pub(crate) struct Requests {
    /// Requests to be answered when the run has reached an update: id and update.
    waiting: Vec<(u32, u64)>,
    /// Requests to be answered with the next report.
    due: Vec<u32>,
}

impl Requests {
    /// Answers a request with the next report.
    pub(crate) fn answer(&mut self, id: u32) {
        self.due.push(id);
    }

    /// Answers a request when the run has reached `update`.
    pub(crate) fn answer_at(&mut self, update: u64, id: u32) {
        self.waiting.push((id, update));
    }

    /// Marks the requests up to `update` as due.
    pub(crate) fn reached(&mut self, update: u64) {
        self.due.extend(self.waiting.extract_if(.., |(_, awaited)| *awaited <= update).map(|(id, _)| id));
    }

    /// Marks all requests as due, because of a newer command.
    pub(crate) fn answer_all(&mut self) {
        self.reached(u64::MAX);
    }

    /// The ids that a report answers.
    pub(crate) fn take_due(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.due)
    }
}
