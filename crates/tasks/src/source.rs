//! The source of a run's sequences: the batches of its updates, the probe, and the held-out sequences.

use super::Sequence;
use super::TaskKind;
use super::scaling::Scaling;
use super::sequence;
use nn::{Batch, BatchError, KeyedRng, Scalar};

/// The sequences that a run draws from a task. Every sequence depends only on the data seed and its own index, so another batch
/// size, probe or update changes no other sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The task.
    pub task: TaskKind,
    /// The data seed.
    pub data: u32,
    /// T, the largest number of steps of a sequence.
    pub len: usize,
    /// Number of sequences in a batch.
    pub size: usize,
    /// Whether sequences differ in length, uniform from ⌈T/2⌉ (at least 2) to T.
    pub ragged: bool,
    /// Number of sequences in the training set; 0 for new ones in each batch.
    pub train: usize,
    /// The normalisation of inputs, if any.
    pub scaling: Option<Scaling>,
}

impl Source {
    /// Draws the sequences of update `update` (from 1), which depend only on the data seed and the update. From a training set
    /// each sequence is drawn with the same probability, independently of the others in the batch.
    pub fn batch_sequences(&self, update: u64) -> Vec<Sequence> {
        if self.train > 0 {
            let mut random = KeyedRng::new(self.data, *b"pick", self.task.code(), update.to_le_bytes());
            return (0..self.size).map(|_| self.training(random.below(self.train as u64))).collect();
        }
        let mut random = KeyedRng::new(self.data, *b"data", self.task.code(), update.to_le_bytes());
        (0..self.size).map(|_| self.draw(&mut random)).collect()
    }

    /// Draws sequence `index` of the training set.
    pub fn training(&self, index: u64) -> Sequence {
        self.named(*b"trai", index)
    }

    /// Draws sequence `index` of the held-out sequences, which no update uses.
    pub fn held_out(&self, index: u64) -> Sequence {
        self.named(*b"held", index)
    }

    /// Draws the probe sequence with key `probe`, which is part of no batch.
    pub fn probe(&self, probe: u32) -> Sequence {
        self.named(*b"prob", u64::from(probe))
    }

    /// Makes an engine batch of `len` steps of `sequences`.
    ///
    /// # Errors
    /// If there is no sequence or one is longer.
    pub fn batch<S: Scalar>(&self, sequences: &[Sequence]) -> Result<Batch<S>, BatchError> {
        sequence::to_batch(self.task.task(), sequences, self.len)
    }

    fn named(&self, domain: [u8; 4], index: u64) -> Sequence {
        self.draw(&mut KeyedRng::new(self.data, domain, self.task.code(), index.to_le_bytes()))
    }

    /// Draws the next sequence of a random stream.
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
