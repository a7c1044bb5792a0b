//! The tasks: artificial sequences and their targets, one task per file.
//!
//! A task draws sequences from a keyed random stream and defines their targets and loss. It does not depend on any network.
//! To add one: write its file, then a variant of [`TaskKind`], an entry in `ALL`, and the arms that the compiler reports
//! missing.

mod adding;
mod order;
mod raw;
mod recall;
mod scaling;
mod sequence;
mod sine;
mod source;
mod stream;

pub use scaling::Scaling;
pub use sequence::{Sequence, Target, TargetAt};
pub use source::Source;

use nn::{Batch, BatchError, KeyedRng, LossSpec, Scalar};

/// A task: its shapes, its loss, and its sequences.
pub trait Task: Sync {
    /// Number of inputs per step.
    fn inputs(&self) -> usize;
    /// Number of outputs per step: classes, or values.
    fn outputs(&self) -> usize;
    /// The loss, and the steps that have one.
    fn loss(&self) -> LossSpec;
    /// The loss of always giving the best constant answer.
    fn guess_level(&self) -> f64;
    /// The mean loss of the last [`SOLVED_WINDOW`] updates below which a run has solved the task.
    fn solved_below(&self) -> f64;
    /// Symbols of a one-hot input, in the order of its components; empty where inputs are values.
    fn symbols(&self) -> &'static [&'static str] {
        &[]
    }
    /// Names of the classes; empty where the answer is a value.
    fn classes(&self) -> &'static [&'static str] {
        &[]
    }
    /// Draws one sequence of `len` ≥ 2 steps.
    fn draw(&self, rng: &mut KeyedRng, len: usize) -> Sequence;
}

/// Number of updates over which the loss is averaged to decide whether a task is solved.
pub const SOLVED_WINDOW: usize = 20;

/// The kinds of task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// Adding the two marked numbers.
    Adding,
    /// Naming the order of two markers.
    Order,
    /// Recalling the first symbol.
    Recall,
    /// Predicting the next sample of a curve.
    Sine,
    /// Adding the two marked numbers, which are far from 0.
    RawAdding,
    /// Repeating the number that opened the current sequence of a stream.
    Stream,
}

impl TaskKind {
    /// All tasks, in the order the page lists them.
    pub const ALL: [Self; 6] = [Self::Order, Self::Adding, Self::Recall, Self::Sine, Self::RawAdding, Self::Stream];

    /// The code in share links.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Adding => "adding",
            Self::Order => "order",
            Self::Recall => "recall",
            Self::Sine => "sine",
            Self::RawAdding => "adding-raw",
            Self::Stream => "stream",
        }
    }

    /// The task itself.
    pub fn task(self) -> &'static dyn Task {
        match self {
            Self::Adding => &adding::Adding,
            Self::Order => &order::Order,
            Self::Recall => &recall::Recall,
            Self::Sine => &sine::Sine,
            Self::RawAdding => &raw::RawAdding,
            Self::Stream => &stream::Stream,
        }
    }

    /// The task of a share link's code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Draws the sequences of update `update` (from 1), which depend only on the data seed and the update.
    pub fn batch_sequences(self, data_seed: u32, update: u64, len: usize, size: usize) -> Vec<Sequence> {
        let task = self.task();
        let mut rng = KeyedRng::new(data_seed, *b"data", self.code(), update.to_le_bytes());
        (0..size).map(|_| task.draw(&mut rng, len)).collect()
    }

    /// Draws the probe sequence with key `probe`, which depends on the data seed and is part of no batch.
    pub fn probe_sequence(self, data_seed: u32, probe: u32, len: usize) -> Sequence {
        let task = self.task();
        let mut rng = KeyedRng::new(data_seed, *b"prob", self.code(), u64::from(probe).to_le_bytes());
        task.draw(&mut rng, len)
    }

    /// Makes an engine batch of `sequences` of any lengths.
    ///
    /// # Errors
    /// If there is no sequence.
    pub fn batch<S: Scalar>(self, sequences: &[Sequence]) -> Result<Batch<S>, BatchError> {
        let len = sequences.iter().map(|sequence| sequence.len).max().unwrap_or(0);
        sequence::to_batch(self.task(), sequences, len)
    }
}
