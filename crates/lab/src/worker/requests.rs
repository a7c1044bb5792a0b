//! Who waits for an answer, and for which update.

/// Requests by their ids: each is answered once, with a report.
#[derive(Default)]
pub(crate) struct Requests {
    /// To be answered when the run has got to an update: id and update.
    waiting: Vec<(u32, u64)>,
    /// To be answered with the next report.
    due: Vec<u32>,
}

impl Requests {
    /// Answers with the next report.
    pub(crate) fn answer(&mut self, id: u32) {
        self.due.push(id);
    }

    /// Answers when the run has got to `update`.
    pub(crate) fn answer_at(&mut self, update: u64, id: u32) {
        self.waiting.push((id, update));
    }

    /// The run has got to `update`.
    pub(crate) fn reached(&mut self, update: u64) {
        self.due.extend(self.waiting.extract_if(.., |(_, awaited)| *awaited <= update).map(|(id, _)| id));
    }

    /// Something newer overtakes all that wait: they are answered as things stand.
    pub(crate) fn overtake(&mut self) {
        self.reached(u64::MAX);
    }

    /// The ids that a report answers.
    pub(crate) fn take_due(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.due)
    }
}
