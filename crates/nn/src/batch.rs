//! A batch of sequences with their targets.

use nalgebra::DMatrix;
use thiserror::Error;

use crate::LossKind;
use crate::LossSpec;
use crate::NetworkConfig;
use crate::Scalar;
use crate::math;

/// The right answers for each column; only columns that the loss counts are read.
#[derive(Clone, PartialEq, Debug)]
pub enum Targets<S: Scalar> {
    /// A class per column `t·B + b`, for cross-entropy.
    Classes(Vec<usize>),
    /// Numbers `[outputs × T·B]`, column `t·B + b`, for the squared error.
    Values(DMatrix<S>),
}

/// An error in the numbers of a batch, or a mismatch with a network.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum BatchError {
    /// No step or no sequence.
    #[error("a batch needs at least 1 step and 1 sequence, found {len} and {batch}")]
    Empty {
        /// Steps found.
        len: usize,
        /// Sequences found.
        batch: usize,
    },
    /// The inputs do not have T·B columns.
    #[error("expected {expected} input columns (steps times sequences), found {found}")]
    Inputs {
        /// T·B.
        expected: usize,
        /// Columns found.
        found: usize,
    },
    /// The targets do not have T·B columns.
    #[error("expected {expected} target columns (steps times sequences), found {found}")]
    Targets {
        /// T·B.
        expected: usize,
        /// Columns found.
        found: usize,
    },
    /// A sequence's length is not within the batch.
    #[error("sequence {sequence} has length {found}, expected 1 to {len}")]
    Length {
        /// The sequence, from 0.
        sequence: usize,
        /// Its length.
        found: usize,
        /// T.
        len: usize,
    },
    /// An input or a target is infinite or no number.
    #[error("the {what} at step {step} of sequence {sequence} is not finite")]
    NotFinite {
        /// `input` or `target`.
        what: &'static str,
        /// The step, from 0.
        step: usize,
        /// The sequence, from 0.
        sequence: usize,
    },
    /// The network has another number of inputs.
    #[error("expected {expected} inputs per step, found {found}")]
    Width {
        /// Inputs of the network.
        expected: usize,
        /// Number found in the batch.
        found: usize,
    },
    /// Classes for a squared error, or numbers for cross-entropy.
    #[error("{loss} needs {expected} as targets")]
    TargetKind {
        /// The loss.
        loss: &'static str,
        /// The kind of targets that it needs.
        expected: &'static str,
    },
    /// Targets of another height than the network's answer.
    #[error("expected {expected} target values per step, found {found}")]
    TargetWidth {
        /// The network's outputs.
        expected: usize,
        /// Number found in the batch.
        found: usize,
    },
    /// A class that the network has no output for.
    #[error("the target at step {step} of sequence {sequence} is class {class}, expected one below {outputs}")]
    Class {
        /// The step, from 0.
        step: usize,
        /// The sequence, from 0.
        sequence: usize,
        /// The class found.
        class: usize,
        /// The network's outputs.
        outputs: usize,
    },
}

/// B sequences of up to T steps, step t of sequence b in column `t·B + b`.
///
/// A sequence may be shorter than T: its steps from its length on still run through the network, but have no loss and
/// pass no gradient.
#[derive(Clone, PartialEq, Debug)]
pub struct Batch<S: Scalar> {
    inputs: DMatrix<S>,
    targets: Targets<S>,
    lengths: Vec<usize>,
    len: usize,
}

/// The numbers of a batch, to be overwritten; see [`Batch::refill`].
#[derive(Debug)]
pub struct BatchSlots<'a, S> {
    /// `[D × T·B]`, column-major, column `t·B + b`.
    pub inputs: &'a mut [S],
    /// The targets, of the kind that the batch was made with.
    pub targets: TargetSlots<'a, S>,
    /// The length of each sequence, 1 to T.
    pub lengths: &'a mut [usize],
}

/// The targets of a batch, to be overwritten.
#[derive(Debug)]
pub enum TargetSlots<'a, S> {
    /// Index `t·B + b`.
    Classes(&'a mut [usize]),
    /// `[outputs × T·B]`, column-major, column `t·B + b`.
    Values(&'a mut [S]),
}

impl<S: Scalar> Batch<S> {
    /// Makes a batch of `lengths.len()` sequences of up to `len` steps; `inputs` is `[D × T·B]`.
    ///
    /// # Errors
    /// If the sizes disagree, a length is not in 1 … T, or a number is not finite.
    pub fn new(inputs: DMatrix<S>, targets: Targets<S>, lengths: Vec<usize>, len: usize) -> Result<Self, BatchError> {
        let batch = lengths.len();
        let expected = match len.checked_mul(batch) {
            None | Some(0) => return Err(BatchError::Empty { len, batch }),
            Some(expected) => expected,
        };
        if inputs.ncols() != expected {
            return Err(BatchError::Inputs { expected, found: inputs.ncols() });
        }
        let found = match &targets {
            Targets::Classes(classes) => classes.len(),
            Targets::Values(values) => values.ncols(),
        };
        if found != expected {
            return Err(BatchError::Targets { expected, found });
        }
        let batch = Self { inputs, targets, lengths, len };
        batch.check_content()?;
        Ok(batch)
    }

    /// Lets `fill` write other sequences of the same sizes into the batch, without allocating.
    ///
    /// # Errors
    /// If a length is not in 1 … T or a number is not finite. The batch then holds zeros and full lengths, so that it
    /// stays valid.
    pub fn refill(&mut self, fill: impl FnOnce(BatchSlots<'_, S>)) -> Result<(), BatchError> {
        fill(BatchSlots {
            inputs: self.inputs.as_mut_slice(),
            targets: match &mut self.targets {
                Targets::Classes(classes) => TargetSlots::Classes(classes),
                Targets::Values(values) => TargetSlots::Values(values.as_mut_slice()),
            },
            lengths: &mut self.lengths,
        });
        let outcome = self.check_content();
        if outcome.is_err() {
            self.inputs.fill(S::ZERO);
            match &mut self.targets {
                Targets::Classes(classes) => classes.fill(0),
                Targets::Values(values) => values.fill(S::ZERO),
            }
            self.lengths.fill(self.len);
        }
        outcome
    }

    fn check_content(&self) -> Result<(), BatchError> {
        for (sequence, &found) in self.lengths.iter().enumerate() {
            if found == 0 || found > self.len {
                return Err(BatchError::Length { sequence, found, len: self.len });
            }
        }
        self.check_finite("input", &self.inputs)?;
        match &self.targets {
            Targets::Classes(_) => Ok(()),
            Targets::Values(values) => self.check_finite("target", values),
        }
    }

    fn check_finite(&self, what: &'static str, matrix: &DMatrix<S>) -> Result<(), BatchError> {
        if math::all_finite(matrix.as_slice()) {
            return Ok(());
        }
        match matrix.as_slice().iter().position(|value| !value.finite()) {
            None => Ok(()),
            Some(index) => {
                let column = index / matrix.nrows();
                let (step, sequence) = (column / self.batch(), column % self.batch());
                Err(BatchError::NotFinite { what, step, sequence })
            }
        }
    }

    /// Checks that a network of these sizes can be trained on this batch with this loss.
    ///
    /// # Errors
    /// If inputs or targets do not fit the network, or the targets' form does not fit the loss.
    pub fn check_fits(&self, config: &NetworkConfig, loss: LossSpec) -> Result<(), BatchError> {
        if self.inputs.nrows() != config.inputs {
            return Err(BatchError::Width { expected: config.inputs, found: self.inputs.nrows() });
        }
        match (&self.targets, loss.kind) {
            (Targets::Classes(classes), LossKind::CrossEntropy) => {
                match classes.iter().position(|&class| class >= config.outputs) {
                    None => Ok(()),
                    Some(column) => Err(BatchError::Class {
                        step: column / self.batch(),
                        sequence: column % self.batch(),
                        class: classes[column],
                        outputs: config.outputs,
                    }),
                }
            }
            (Targets::Values(values), LossKind::SquaredError) if values.nrows() == config.outputs => Ok(()),
            (Targets::Values(values), LossKind::SquaredError) => {
                Err(BatchError::TargetWidth { expected: config.outputs, found: values.nrows() })
            }
            (Targets::Classes(_), LossKind::SquaredError) => {
                Err(BatchError::TargetKind { loss: "squared error", expected: "numbers" })
            }
            (Targets::Values(_), LossKind::CrossEntropy) => {
                Err(BatchError::TargetKind { loss: "cross-entropy", expected: "classes" })
            }
        }
    }

    /// The inputs `[D × T·B]`.
    #[must_use]
    pub fn inputs(&self) -> &DMatrix<S> {
        &self.inputs
    }

    /// The targets.
    #[must_use]
    pub fn targets(&self) -> &Targets<S> {
        &self.targets
    }

    /// The length of each sequence, 1 to T.
    #[must_use]
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// T, the steps of the longest sequence that fits.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a batch is never empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// B, the number of sequences.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.lengths.len()
    }

    /// Converts the batch to another number type; a number too large for it becomes infinite.
    #[must_use]
    pub fn cast<R: Scalar>(&self) -> Batch<R> {
        let cast = |matrix: &DMatrix<S>| matrix.map(|value| R::from_f64(value.to_f64()));
        Batch {
            inputs: cast(&self.inputs),
            targets: match &self.targets {
                Targets::Classes(classes) => Targets::Classes(classes.clone()),
                Targets::Values(values) => Targets::Values(cast(values)),
            },
            lengths: self.lengths.clone(),
            len: self.len,
        }
    }
}
