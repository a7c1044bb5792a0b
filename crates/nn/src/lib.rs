//! The engine: recurrent networks, their loss, backpropagation through time, optimisers and probes.
//!
//! Everything is a matrix whose columns are the steps of sequences: with B sequences of T steps, column `t·B + b` is step t
//! of sequence b. Products over all steps are then one product, and a step is a run of B neighbouring columns. Matrices
//! are column-major, so a column (one step of one sequence, all units) is contiguous.
//!
//! This crate depends on no browser, clock, thread or screen, and on no task: a [`Batch`] comes in, numbers come out.
//!
//! | file | concept |
//! |---|---|
//! | `scalar` `math` `product` `rng` | number types; exp, tanh, σ; matrix products; named random numbers |
//! | `passes` | loops that are always compiled in this crate, for speed |
//! | `table` `cell` `rnn` `lstm` `lstm_variant` `gru` `layer` | tables of kinds; the table of cells; one cell a file; a layer unrolled in time |
//! | `parameters` `init` `network` | flat weights with named blocks; initial weights; weights with their sizes |
//! | `batch` `loss` `readout` `unroll` | input; error; output; forward and backward through all of it |
//! | `truncation` | the steps at which the gradient is cut |
//! | `dropout` `clip` `optimizer` | dropout; clipping of gradients; updates of the weights |
//! | `trace` `share` `spectral` `gradcheck` `overflow` | all numbers of one pass; each step's share of a gradient; σ_max; gradient check; first number that is not finite |
//! | `state_derivatives` `jacobian` `reasons` | derivatives of a state, and of each step's loss, by the states before; the factors of a gradient |

mod batch;
mod cell;
mod clamps;
mod clip;
mod dropout;
mod gradcheck;
mod gru;
mod init;
mod jacobian;
mod layer;
mod loss;
mod lstm;
mod lstm_variant;
pub mod math;
mod network;
mod optimizer;
mod overflow;
mod panels;
mod parameters;
mod passes;
pub mod product;
mod readout;
mod reasons;
mod rng;
mod rnn;
mod scalar;
mod share;
mod spectral;
mod state_derivatives;
mod table;
mod trace;
mod truncation;
mod unroll;

pub use batch::{Batch, BatchError, BatchSlots, TargetSlots, Targets};
pub use cell::{CellKind, ExtraBlock, Gate};
pub use clip::{ClipMode, clip, clip_global_norm};
pub use gradcheck::{BlockCheck, GradientCheck, gradient_check, gradient_check_of};
pub use init::Init;
pub use jacobian::Credit;
pub use layer::LayerUnroll;
pub use loss::{LossAt, LossKind, LossSpec, softmax};
pub use lstm_variant::LstmVariant;
pub use network::{Network, NetworkConfig, NetworkError};
pub use optimizer::{Optimizer, OptimizerKind, OptimizerSettings, OptimizerState};
pub use overflow::Quantity;
pub use parameters::{Block, Parameters};
pub use passes::{Passes, Products};
pub use reasons::{CreditWalk, Factors, FactorsWalk};
pub use rng::KeyedRng;
pub use scalar::Scalar;
pub use spectral::largest_singular_value;
pub use trace::{GateSeries, Probe, ProbeTrace};
pub use truncation::Truncation;
pub use unroll::Unroll;
