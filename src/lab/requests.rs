//! Who waits for an answer, and for which update.

/// Requests by their ids: each is answered once, with a report.
#[derive(Default)]
pub(super) struct Requests {
    /// To be answered when the run has got to an update: id and update.
    waiting: Vec<(u32, u64)>,
    /// To be answered with the next report.
    due: Vec<u32>,
}

impl Requests {
    /// Answers with the next report.
    pub(super) fn answer(&mut self, id: u32) {
        self.due.push(id);
    }

    /// Answers when the run has got to `update`.
    pub(super) fn answer_at(&mut self, update: u64, id: u32) {
        self.waiting.push((id, update));
    }

    /// The run has got to `update`.
    pub(super) fn reached(&mut self, update: u64) {
        self.due.extend(self.waiting.extract_if(.., |(_, awaited)| *awaited <= update).map(|(id, _)| id));
    }

    /// Something newer overtakes all that wait: they are answered as things stand.
    pub(super) fn overtake(&mut self) {
        self.reached(u64::MAX);
    }

    /// The ids that a report answers.
    pub(super) fn take_due(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.due)
    }
}
