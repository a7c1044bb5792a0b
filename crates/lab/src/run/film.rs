//! One update seen from inside: everything that the next update will do, computed in advance on a copy.
//!
//! The copy uses the same functions with the same batch, so every number equals that of the following update to the
//! bit, and the run itself does not change. One member of the batch is shown. The numbers belong to:
//!
//! - the member's own: inputs, states, gates, answers, its loss;
//! - the member's part of the batch's mean: all its gradients `∂L/∂h_t`, `∂L/∂c_t`, `∂L/∂z_t` and its shares. L is the mean
//!   over the batch of B, so they carry the factor 1/B that its own loss's gradient would not have;
//! - the batch's: the loss, the weights' gradient, its clipping, the optimiser's step, the new weights.

use serde::{Deserialize, Serialize};

use nn::math::norms;
use nn::{Block, CellKind, ClipMode, GateSeries, OptimizerState, Parameters, ProbeTrace};

/// Number of blocks of weights: W, U, b of the layer on show, W_out, b_out, and all others of its cell as one.
pub const BLOCKS: usize = 6;
/// Their names in [`Parameters`], except the last.
const NAMES: [&str; BLOCKS - 1] = ["w_ih", "w_hh", "b", "w_out", "b_out"];

/// The part of a report that exists while the page looks inside an update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inside {
    /// The sequence of the batch on show, from 0.
    pub member: usize,
    /// The window of truncation of the films, 0 for none: the run's own, or one that is tried.
    pub window: usize,
    /// The sequences of the batch.
    pub members: Vec<Member>,
    /// One film per lane; `None` for a lane that has stopped or will stop at this update.
    pub films: Vec<Option<Film>>,
}

/// A sequence of the batch, with the data that every member has.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Number of its steps with a target: the weight of its loss in the batch's mean.
    pub target_steps: f64,
    /// Its class, or the target value at its last step; `None` if every step has a target.
    pub target: Option<f64>,
}

/// The update of one lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Film {
    /// Loss of the batch.
    pub loss: f64,
    /// Norm of the gradient of all weights.
    pub norm: f64,
    /// The same after clipping.
    pub clipped_norm: f64,
    /// The factor of clipping; 1 if nothing was clipped, or each number separately.
    pub factor: f64,
    /// The angle, in degrees, between this gradient of all weights and the one without truncation; NaN if one of them
    /// is zero.
    pub angle: f64,
    /// This gradient's norm relative to that of the one without truncation.
    pub relative: f64,
    /// Number of steps of the batch with a target, over which the loss is the mean.
    pub target_steps: f64,
    /// Norms of each block of weights.
    pub blocks: [BlockNorms; BLOCKS],
    /// The member's `‖δ_t h_{t−1}ᵀ‖_F` per step, `δ_t = ∂L/∂z_t`.
    #[serde(with = "crate::packed::moved")]
    pub own_shares: Vec<f64>,
    /// The whole batch's `‖Σ_b δ_t h_{t−1}ᵀ‖_F` per step.
    #[serde(with = "crate::packed::moved")]
    pub shares: Vec<f64>,
    /// Each sequence's own loss `[B]`, the mean over its steps with a target.
    #[serde(with = "crate::packed::moved")]
    pub losses: Vec<f64>,
    /// For each unit u the weight `U[u, u]` of the [`followed_gate`]; for a window network the unit's weight with the
    /// largest gradient, as with many inputs most gradients of a batch are zero.
    pub followed: Vec<Followed>,
}

/// Norms of a block of weights and of what an update does to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BlockNorms {
    /// Its gradient.
    pub gradient: f64,
    /// Its gradient after clipping.
    pub clipped: f64,
    /// The weights before.
    pub before: f64,
    /// The change that the optimiser made.
    pub step: f64,
    /// The weights after.
    pub after: f64,
}

/// One weight through an update.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    /// Its column in U, or in W for a window network, from 0.
    pub column: usize,
    /// The weight before.
    pub before: f64,
    /// Its gradient.
    pub gradient: f64,
    /// Its gradient after clipping.
    pub clipped: f64,
    /// The optimiser's first and second moment before the update; `None` for one that it does not have.
    pub moments_before: [Option<f64>; 2],
    /// The same after it.
    pub moments: [Option<f64>; 2],
    /// The weight after.
    pub after: f64,
}

/// The results of a lane's update, for [`Film::new`].
pub(crate) struct Made<'a> {
    pub(crate) loss: f32,
    pub(crate) target_steps: usize,
    pub(crate) gradients: &'a Parameters<f32>,
    /// The gradient without truncation.
    pub(crate) full: &'a Parameters<f32>,
    pub(crate) clipped: &'a Parameters<f32>,
    pub(crate) before: &'a [f32],
    pub(crate) after: &'a Parameters<f32>,
    pub(crate) optimizer_before: &'a OptimizerState<f32>,
    pub(crate) optimizer: &'a OptimizerState<f32>,
    pub(crate) trace: &'a ProbeTrace<f32>,
    pub(crate) shares: Vec<f64>,
    pub(crate) losses: Vec<f64>,
    pub(crate) clip: f64,
    pub(crate) clip_mode: ClipMode,
}

impl Film {
    pub(crate) fn new(made: &Made<'_>) -> Self {
        let (gradients, clipped, after) = (made.gradients.values(), made.clipped.values(), made.after.values());
        let whole = norm(gradients);
        let mut blocks = [BlockNorms::default(); BLOCKS];
        let layer = made.trace.layer;
        let place = |name: &str| {
            let layer = if name.ends_with("_out") { 0 } else { layer };
            made.after.block_of(layer, name).map_or(0..0, Block::range)
        };
        // The other blocks of a cell are between b and the end of the layer.
        let bias_end = place("b").end;
        let of_layer = made.after.blocks().iter().filter(|block| block.layer == layer && !block.name.ends_with("_out"));
        let others = bias_end..of_layer.map(|block| block.range().end).max().unwrap_or(bias_end);
        for (norms, range) in blocks.iter_mut().zip(NAMES.map(place).into_iter().chain([others])) {
            let step: Vec<f32> =
                after[range.clone()].iter().zip(&made.before[range.clone()]).map(|(a, b)| a - b).collect();
            *norms = BlockNorms {
                gradient: norm(&gradients[range.clone()]),
                clipped: norm(&clipped[range.clone()]),
                before: norm(&made.before[range.clone()]),
                step: norm(&step),
                after: norm(&after[range]),
            };
        }
        let of = if made.trace.cell.is_recurrent() { "w_hh" } else { "w_ih" };
        let followed_block = made.after.block_of(made.trace.layer, of).copied();
        let follow = |u: usize| {
            let row = followed_gate(made.trace.cell) * made.trace.hidden + u;
            let place = |column: usize| followed_block.map_or(0, |block| block.offset + column * block.rows + row);
            let column = if made.trace.cell.is_recurrent() {
                u
            } else {
                let by_size = |a: &usize, b: &usize| gradients[place(*a)].abs().total_cmp(&gradients[place(*b)].abs());
                // The first of equal ones.
                (0..followed_block.map_or(1, |block| block.cols)).rev().max_by(by_size).unwrap_or(0)
            };
            let at = place(column);
            let moment = |of: &OptimizerState<f32>, k: usize| of.moments.get(k).map(|moments| f64::from(moments[at]));
            Followed {
                column,
                before: f64::from(made.before[at]),
                gradient: f64::from(gradients[at]),
                clipped: f64::from(clipped[at]),
                moments_before: [moment(made.optimizer_before, 0), moment(made.optimizer_before, 1)],
                moments: [moment(made.optimizer, 0), moment(made.optimizer, 1)],
                after: f64::from(after[at]),
            }
        };
        Self {
            loss: f64::from(made.loss),
            norm: whole,
            clipped_norm: norm(clipped),
            factor: if made.clip_mode == ClipMode::Norm { factor(whole, made.clip) } else { 1.0 },
            angle: angle(gradients, made.full.values()),
            relative: whole / norm(made.full.values()),
            target_steps: made.target_steps as f64,
            blocks,
            own_shares: own_shares(made.trace),
            shares: made.shares[..made.trace.len].to_vec(),
            losses: made.losses.clone(),
            followed: (0..made.trace.hidden).map(follow).collect(),
        }
    }
}

/// Returns the gate whose weight from a unit to itself is followed: the first one that is not switched off (for an RNN,
/// its z).
pub fn followed_gate(cell: CellKind) -> usize {
    cell.gates().iter().position(|gate| !cell.switches_off(*gate)).unwrap_or(0)
}

/// Computes the factor of clipping by the global norm, as in [`clip_global_norm`](nn::clip_global_norm).
fn factor(norm: f64, clip: f64) -> f64 {
    if clip > 0.0 { (clip / (norm + 1e-6)).min(1.0) } else { 1.0 }
}

/// Computes the angle between two vectors in degrees, exactly 0 for equal ones; NaN if one of them is zero. Uses the
/// chord between the unit vectors (Kahan), which is accurate for small angles.
fn angle(a: &[f32], b: &[f32]) -> f64 {
    let (a_norm, b_norm) = (norm(a), norm(b));
    let (mut apart, mut together) = (0.0, 0.0);
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (f64::from(a) / a_norm, f64::from(b) / b_norm);
        apart += (a - b) * (a - b);
        together += (a + b) * (a + b);
    }
    2.0 * apart.sqrt().atan2(together.sqrt()).to_degrees()
}

/// Computes `‖δ_t h_{t−1}ᵀ‖_F` of one sequence; for a product of two vectors that is `‖δ_t‖ ‖h_{t−1}‖`. For a GRU's
/// candidate, δ is multiplied by the reset gate that acts on `U h`.
fn own_shares(trace: &ProbeTrace<f32>) -> Vec<f64> {
    let of_step = |values: &[f32], t: usize| norm(&values[t * trace.hidden..(t + 1) * trace.hidden]);
    let share = |t: usize| {
        let by_product = |series: &GateSeries<f32>| match trace.reset_of(series.name) {
            Some(reset) => {
                let step = t * trace.hidden..(t + 1) * trace.hidden;
                let products = series.values[step.clone()].iter().zip(&reset[step]).map(|(delta, r)| delta * r);
                norm(&products.collect::<Vec<f32>>())
            }
            None => of_step(&series.values, t),
        };
        let delta = trace.grad_z.iter().map(|series| by_product(series).powi(2)).sum::<f64>().sqrt();
        if t == 0 || !trace.cell.is_recurrent() { 0.0 } else { delta * of_step(&trace.h, t - 1) }
    };
    (0..trace.len).map(share).collect()
}

/// Computes the norm of some numbers with the optimised code of the engine.
fn norm(values: &[f32]) -> f64 {
    norms(values, values.len().max(1)).first().copied().unwrap_or_default()
}
