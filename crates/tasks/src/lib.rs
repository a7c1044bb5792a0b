//! The toy sequences, one a file.
//!
//! A task draws sequences from a keyed random stream and says what a network has to do with them. It knows no network.
//! To add one: write its file, then a variant of [`TaskKind`], a place in `ALL`, and an arm where the compiler asks for one.

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

/// What a task is: its shapes, its loss, and how one sequence is drawn.
pub trait Task: Sync {
    /// Numbers per step that a network reads.
    fn inputs(&self) -> usize;
    /// Numbers per step that a network's readout gives: classes, or values.
    fn outputs(&self) -> usize;
    /// Which loss, and at which steps.
    fn loss(&self) -> LossSpec;
    /// The loss of always giving the best constant answer.
    fn guess_level(&self) -> f64;
    /// A run has solved the task when the mean loss of its last [`SOLVED_WINDOW`] updates is under this.
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

/// Updates over which the loss is averaged to call a task solved.
pub const SOLVED_WINDOW: usize = 20;

/// Every task there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TaskKind {
    /// Add the two marked numbers.
    Adding,
    /// In which order did the two markers come?
    Order,
    /// Which symbol came first?
    Recall,
    /// What is the next sample of the curve?
    Sine,
    /// Add the two marked numbers, which lie far from 0.
    RawAdding,
    /// Which number opened the chained sequence?
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

    /// The sequences of update `update` (from 1): they depend on the data seed and the update alone.
    pub fn batch_sequences(self, data_seed: u32, update: u64, len: usize, size: usize) -> Vec<Sequence> {
        let task = self.task();
        let mut rng = KeyedRng::new(data_seed, *b"data", self.code(), update.to_le_bytes());
        (0..size).map(|_| task.draw(&mut rng, len)).collect()
    }

    /// The probe sequence with key `probe`: from the data seed, and part of no batch.
    pub fn probe_sequence(self, data_seed: u32, probe: u32, len: usize) -> Sequence {
        let task = self.task();
        let mut rng = KeyedRng::new(data_seed, *b"prob", self.code(), u64::from(probe).to_le_bytes());
        task.draw(&mut rng, len)
    }

    /// An engine batch that holds `sequences`, whatever their lengths.
    ///
    /// # Errors
    /// If there is no sequence.
    pub fn batch<S: Scalar>(self, sequences: &[Sequence]) -> Result<Batch<S>, BatchError> {
        let len = sequences.iter().map(|sequence| sequence.len).max().unwrap_or(0);
        sequence::to_batch(self.task(), sequences, len)
    }
}
