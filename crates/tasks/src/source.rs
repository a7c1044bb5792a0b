//! Where the sequences of a run come from: the batches of its updates, the probe, and what is held out.

use super::Sequence;
use super::TaskKind;
use super::scaling::Scaling;
use super::sequence;
use nn::{Batch, BatchError, KeyedRng, Scalar};

/// How a run draws the sequences of a task. Every sequence depends on the data seed and on its own number alone, so
/// another batch size, probe or update changes no other one.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The task.
    pub task: TaskKind,
    /// The data seed.
    pub data: u32,
    /// T, the most steps of a sequence.
    pub len: usize,
    /// Sequences in a batch.
    pub size: usize,
    /// Whether sequences have lengths of their own, uniform from ⌈T/2⌉ (at least 2) to T.
    pub ragged: bool,
    /// How many sequences there are to train on; 0 for new ones in each batch.
    pub train: usize,
    /// What inputs are brought to mean 0 and deviation 1 with, if they are.
    pub scaling: Option<Scaling>,
}

impl Source {
    /// The sequences of update `update` (from 1): they depend on the data seed and the update alone. Of a training set each
    /// is drawn with the same probability, whatever else is in the batch.
    pub fn batch_sequences(&self, update: u64) -> Vec<Sequence> {
        if self.train > 0 {
            let mut random = KeyedRng::new(self.data, *b"pick", self.task.code(), update.to_le_bytes());
            return (0..self.size).map(|_| self.training(random.below(self.train as u64))).collect();
        }
        let mut random = KeyedRng::new(self.data, *b"data", self.task.code(), update.to_le_bytes());
        (0..self.size).map(|_| self.draw(&mut random)).collect()
    }

    /// Sequence `index` of the training set.
    pub fn training(&self, index: u64) -> Sequence {
        self.named(*b"trai", index)
    }

    /// Sequence `index` of those that no update ever sees.
    pub fn held_out(&self, index: u64) -> Sequence {
        self.named(*b"held", index)
    }

    /// The probe sequence with key `probe`: part of no batch.
    pub fn probe(&self, probe: u32) -> Sequence {
        self.named(*b"prob", u64::from(probe))
    }

    /// An engine batch of `len` steps that holds `sequences`.
    ///
    /// # Errors
    /// If there is no sequence or one is longer.
    pub fn batch<S: Scalar>(&self, sequences: &[Sequence]) -> Result<Batch<S>, BatchError> {
        sequence::to_batch(self.task.task(), sequences, self.len)
    }

    fn named(&self, domain: [u8; 4], index: u64) -> Sequence {
        self.draw(&mut KeyedRng::new(self.data, domain, self.task.code(), index.to_le_bytes()))
    }

    /// The next sequence of a stream.
    pub(super) fn draw(&self, random: &mut KeyedRng) -> Sequence {
        let least = self.len.div_ceil(2).max(2).min(self.len);
        let len = if self.ragged { least + random.below((self.len - least + 1) as u64) as usize } else { self.len };
        let mut sequence = self.task.task().draw(random, len);
        if let Some(scaling) = &self.scaling {
            scaling.apply(&mut sequence.inputs);
        }
        sequence
    }
}
