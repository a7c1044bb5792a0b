//! Batches of a task's own sequences, which cannot fail.

use nn::{Batch, BatchError};
use tasks::{Sequence, Source};

/// The training batch of an update.
pub(crate) fn training(source: &Source, update: u64) -> Batch<f32> {
    several(source, &source.batch_sequences(update))
}

/// A batch of these sequences, as long as the longest that the source makes.
pub(crate) fn several(source: &Source, sequences: &[Sequence]) -> Batch<f32> {
    valid(source.batch(sequences))
}

/// A batch of one sequence, as long as the sequence.
pub(crate) fn alone(source: &Source, sequence: &Sequence) -> Batch<f32> {
    valid(source.task.batch(std::slice::from_ref(sequence)))
}

fn valid(batch: Result<Batch<f32>, BatchError>) -> Batch<f32> {
    match batch {
        Ok(batch) => batch,
        Err(error) => unreachable!("a task's own sequences make a batch: {error}"),
    }
}
