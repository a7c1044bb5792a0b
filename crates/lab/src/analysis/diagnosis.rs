//! The diagnosis of each lane: the facts about progress and gradient that the page's sentences state.
//!
//! All of it is computed from the snapshot. This file decides which case applies; the wording is the page's.

use crate::run::snapshot::{LaneSnapshot, Snapshot, Stopped};
use nn::{CellKind, Gate, LossAt, ProbeTrace, Truncation, math};
use tasks::{SOLVED_WINDOW, Task};

/// The facts about one lane.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneDiagnosis {
    /// Its cell.
    pub cell: CellKind,
    /// The update at which it diverged, if it did.
    pub stopped: Option<Stopped>,
    /// Its progress at the task.
    pub progress: Progress,
    /// The reach of its gradient.
    pub reach: Reach,
    /// The largest |c| in the first and in the second half of the sequence shown; `None` without a cell state.
    pub growth: Option<(f64, f64)>,
}

/// The progress of a lane, by the mean loss of its last 20 updates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// No update made.
    Untrained,
    /// Fewer than 20 updates made.
    Early,
    /// Below the loss at which the task is solved.
    Solved(f64),
    /// Better than guessing, not solved.
    Better(f64),
    /// Close to the level of guessing ([`NEAR_GUESS`]).
    Guessing(f64),
    /// Worse than guessing.
    Worse(f64),
}

/// The relative distance from the level of guessing within which a loss counts as guessing.
pub const NEAR_GUESS: f64 = 0.12;

/// The reach of the gradient of the last step's error.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// Each step has its own loss, so that nothing can be read from the curve alone.
    EveryStep,
    /// The gradient at the last step is exactly zero, so that there is nothing to compare with.
    NoError,
    /// A number of the pass is not finite.
    Overflow {
        /// The first step with such a state, or, where all states are finite, the last one with such a gradient; from 1.
        step: usize,
        /// Whether it is a gradient.
        back: bool,
    },
    /// A window network has no state and depends only on the inputs in its window.
    Window {
        /// Number of steps in the window.
        window: usize,
        /// The first step in the window of the last answer, from 1.
        from: usize,
        /// The first step that matters, from 1.
        step: usize,
        /// ‖∂L/∂x‖ at that step relative to the largest; `None` for a step outside the window, where it is exactly 0.
        share: Option<f64>,
    },
    /// The gradient at the first step that matters is zero.
    Lost {
        /// The first step that matters, from 1.
        step: usize,
        /// The latest step, from 1, of the stretch from there on in which the gradient is exactly zero.
        ends: usize,
        /// The reason why the gradient is zero at that step.
        loss: Loss,
        /// For an LSTM: the share left in c, if it is not zero.
        along_cell: Option<Kept>,
    },
    /// A share of the gradient reaches the first step that matters.
    Arrives {
        /// The first step that matters, from 1.
        step: usize,
        /// The share in h, and the part that each step keeps.
        kept: Kept,
        /// For an RNN: the factors that bound what one step can keep.
        bound: Option<Bound>,
        /// For an LSTM: the share in c through all paths, and the share that the forget gates alone would carry,
        /// `‖∏ diag(f) ∂L/∂c_T‖ / ‖∂L/∂c_T‖`.
        along_cell: Option<(Kept, f64)>,
    },
}

/// The reason why a gradient is zero from a step back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Truncated BPTT with this window cuts there.
    Cut(usize),
    /// Every slope in between is zero in f32: φ′ of an RNN's units, or of an LSTM's gates (switched off, or saturated).
    Dead,
    /// The gradient has become too small for f32.
    Below,
}

/// A share of the last step's gradient that is left `back` steps earlier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kept {
    /// ‖∂L/∂s_t‖ / ‖∂L/∂s_T‖; of h, s_T is that of the last layer, as in the gradient chart.
    pub ratio: f64,
    /// The share that is left at step T itself in a layer below the last; 1 for the last layer.
    pub depth: f64,
    /// Steps back, T − t.
    pub back: usize,
    /// The share that each step keeps on (geometric) average, rounded to [`Kept::digits`], so that `keep^back · depth` gives `ratio`
    /// to the two digits shown.
    pub keep: f64,
    /// Number of significant digits of `keep` and `depth` needed for that.
    pub digits: usize,
}

/// The bound on the share that one step back of an RNN keeps: at most max φ′ · σ_max(U). All three are rounded to enough digits
/// that the shown factors give the shown product, that this is on the same side of 1 as the exact product, and not below `keep`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// Largest φ′(z) over the units and steps in between.
    pub slope: f64,
    /// Largest singular value of U.
    pub sigma: f64,
    /// Their product.
    pub product: f64,
    /// Number of significant digits of all three.
    pub digits: usize,
}

/// Diagnoses every lane of a run on this task with this truncation.
pub fn diagnose(snapshot: &Snapshot, task: &dyn Task, truncation: Truncation) -> Vec<LaneDiagnosis> {
    snapshot
        .lanes
        .iter()
        .map(|lane| LaneDiagnosis {
            cell: lane.cell,
            stopped: lane.stopped,
            progress: progress(lane, snapshot.update, task),
            growth: cell_growth(&lane.trace),
            reach: reach(lane, &snapshot.sequence.marks, task.loss().at, truncation),
        })
        .collect()
}

/// Whether a run with these losses has solved the task at `update`: the mean of the 20 losses up to it is below
/// [`Task::solved_below`]. `None` where there are fewer than 20.
pub fn solved_at(losses: &[f32], update: usize, task: &dyn Task) -> Option<bool> {
    let window = losses.get(update.checked_sub(SOLVED_WINDOW)?..update)?;
    let mean = window.iter().map(|&loss| f64::from(loss)).sum::<f64>() / SOLVED_WINDOW as f64;
    Some(mean < task.solved_below())
}

fn progress(lane: &LaneSnapshot, update: u64, task: &dyn Task) -> Progress {
    match lane.recent_loss {
        _ if update == 0 => Progress::Untrained,
        None => Progress::Early,
        Some(mean) => judged(mean, task),
    }
}

/// Judges a loss by the task's levels.
pub fn judged(loss: f64, task: &dyn Task) -> Progress {
    let guess = task.guess_level();
    match loss {
        _ if loss < task.solved_below() => Progress::Solved(loss),
        _ if loss < guess * (1.0 - NEAR_GUESS) => Progress::Better(loss),
        _ if loss > guess * (1.0 + NEAR_GUESS) => Progress::Worse(loss),
        _ => Progress::Guessing(loss),
    }
}

/// Whether a training set is learnt by heart: the task is solved on it, and other sequences have a loss no better than guessing.
pub fn by_heart(trained: Progress, held_out: Progress) -> bool {
    matches!((trained, held_out), (Progress::Solved(_), Progress::Guessing(_) | Progress::Worse(_)))
}

fn reach(lane: &LaneSnapshot, marks: &[usize], at: LossAt, truncation: Truncation) -> Reach {
    let trace = &lane.trace;
    if let Some((step, back)) = overflow(trace) {
        return Reach::Overflow { step: step + 1, back };
    }
    let (LossAt::Last, Some(&mark)) = (at, marks.first()) else { return Reach::EveryStep };
    let norms = &trace.grad_h_norms;
    let Some(&last) = norms.last() else { return Reach::NoError };
    let top = trace.layer_norms.last().and_then(|norms| norms.last().copied()).unwrap_or(last);
    if top == 0.0 {
        return Reach::NoError;
    }
    if !trace.cell.is_recurrent() {
        let from = trace.len.saturating_sub(lane.window);
        let most = trace.grad_x_norms.iter().copied().fold(0.0, f64::max);
        // All are 0 where the network is saturated.
        let share = (mark >= from).then(|| trace.grad_x_norms[mark] / most.max(f64::MIN_POSITIVE));
        return Reach::Window { window: lane.window, from: from + 1, step: mark + 1, share };
    }
    let back = trace.len - 1 - mark;
    let along_cell = cell_share(trace, mark);
    if norms[mark] == 0.0 {
        let ends = mark + norms[mark..].iter().take_while(|&&norm| norm == 0.0).count() - 1;
        let loss = lost(trace, ends, truncation);
        return Reach::Lost { step: mark + 1, ends: ends + 1, loss, along_cell };
    }
    let mut kept = Kept::new(norms[mark] / top, back, if last > 0.0 { last / top } else { 1.0 });
    // Into a layer below others the gradient also comes through their time steps.
    let has_layer_above = trace.layer + 1 < trace.layer_norms.len();
    let bound = slopes(trace).zip(trace.sigma_max).filter(|_| !has_layer_above).map(|(slopes, sigma)| {
        let slope = slopes[(mark + 1) * trace.hidden..].iter().fold(0.0_f64, |most, &slope| most.max(f64::from(slope)));
        let bound;
        (kept, bound) = Bound::over(slope, sigma, kept);
        bound
    });
    let along_cell = along_cell.map(|kept| (kept, share_by_gates_alone(trace, mark)));
    Reach::Arrives { step: mark + 1, kept, bound, along_cell }
}

/// Finds the first number of a pass that is not finite: its step (from 0), and whether it is a gradient.
fn overflow(trace: &ProbeTrace<f32>) -> Option<(usize, bool)> {
    let overflows = |values: &[f32], t: usize| {
        let step = values.get(t * trace.hidden..(t + 1) * trace.hidden).unwrap_or_default();
        !math::all_finite(step)
    };
    let forward = (0..trace.len).find(|&t| overflows(&trace.h, t) || overflows(&trace.c, t));
    let backward = || (0..trace.len).rev().find(|&t| overflows(&trace.grad_h, t) || overflows(&trace.grad_c, t));
    forward.map(|t| (t, false)).or_else(|| Some((backward()?, true)))
}

/// Whether a lane's gradient is zero from some step back because it has become too small for f32, and not because of a cut or of
/// slopes that are zero.
pub fn fell_below(lane: &LaneSnapshot, truncation: Truncation) -> bool {
    let trace = &lane.trace;
    let zeros = trace.grad_h_norms.iter().take_while(|&&norm| norm == 0.0).count();
    let is_partly_zero = trace.cell.is_recurrent() && zeros > 0 && zeros < trace.len;
    is_partly_zero && lost(trace, zeros - 1, truncation) == Loss::Below
}

/// Finds the reason why the gradient at step `ends` (from 0) is zero, though that of the step after is not.
fn lost(trace: &ProbeTrace<f32>, ends: usize, truncation: Truncation) -> Loss {
    // A cut sets the gradient to zero whatever the slopes and sizes.
    if truncation.cuts_before(ends + 1) {
        Loss::Cut(truncation.window())
    } else if is_dead(trace, ends) {
        Loss::Dead
    } else {
        Loss::Below
    }
}

/// The largest |c| in each half of a sequence.
fn cell_growth(trace: &ProbeTrace<f32>) -> Option<(f64, f64)> {
    let most = |values: &[f32]| values.iter().fold(0.0, |most: f64, &c| most.max(f64::from(c.abs())));
    let (first, second) = trace.c.split_at(trace.len / 2 * trace.hidden.min(trace.c.len()));
    (!trace.c.is_empty()).then(|| (most(first), most(second)))
}

/// The largest number of digits of a factor in a sentence.
const MOST_DIGITS: usize = 7;

impl Kept {
    /// Computes the keep of a `ratio` > 0 over `back` ≥ 1 steps, from a share `depth` > 0 at the last one.
    pub fn new(ratio: f64, back: usize, depth: f64) -> Self {
        // Where the ratio is on the edge between two roundings, the nearest number may not explain it, but its neighbour does.
        let neighbour = |units: f64| Self::rounded(ratio, back, depth, MOST_DIGITS, units);
        (numbers::DIGITS..=MOST_DIGITS)
            .map(|digits| Self::rounded(ratio, back, depth, digits, 0.0))
            .chain([neighbour(1.0), neighbour(-1.0)])
            .find(Self::explains)
            .unwrap_or_else(|| neighbour(0.0))
    }

    /// Rounds the keep to so many digits, moved by `units` in the last of [`MOST_DIGITS`] digits.
    fn rounded(ratio: f64, back: usize, depth: f64, digits: usize, units: f64) -> Self {
        let exact = (ratio / depth).powf(1.0 / back.max(1) as f64);
        let keep = numbers::round(exact + units * last_digit(exact, MOST_DIGITS), digits);
        Self { ratio, depth, back, keep, digits }
    }

    /// Whether the shown share is the power of the shown keep, times the shown depth.
    fn explains(&self) -> bool {
        let shown = |ratio: f64| numbers::round(ratio, numbers::DIGITS);
        shown(self.keep.powi(self.back as i32) * numbers::round(self.depth, self.digits)) == shown(self.ratio)
    }

    /// Lists this and the versions with more digits that explain the share as well.
    fn with_more_digits(self) -> impl Iterator<Item = Self> {
        let with_digits = move |digits| Self::rounded(self.ratio, self.back, self.depth, digits, 0.0);
        let more = (self.digits + 1..=MOST_DIGITS).map(with_digits);
        std::iter::once(self).chain(more.filter(Self::explains))
    }
}

impl Bound {
    /// Computes the bound of one step, and the keep with more digits where it would otherwise be shown above its bound.
    pub fn over(slope: f64, sigma: f64, kept: Kept) -> (Kept, Self) {
        let exact = slope * sigma;
        let rounded = |digits: usize| {
            let (slope, sigma) = (numbers::round(slope, digits), numbers::round(sigma, digits));
            Self { slope, sigma, product: numbers::round(slope * sigma, digits), digits }
        };
        let holds = |bound: &Self, keep: f64| (bound.product < 1.0) == (exact < 1.0) && bound.product >= keep;
        for kept in kept.with_more_digits() {
            let bound = (numbers::DIGITS..=MOST_DIGITS).map(rounded).find(|bound| holds(bound, kept.keep));
            if let Some(bound) = bound {
                return (kept, bound);
            }
        }
        // The product is so near to 1, or to the keep, that seven digits do not distinguish them: the next number up is a bound, too.
        let kept = kept.with_more_digits().last().unwrap_or(kept);
        let up = numbers::round_up(exact.max(kept.keep), MOST_DIGITS);
        let below = 1.0 - 10_f64.powi(-(MOST_DIGITS as i32));
        let product = if exact < 1.0 && kept.keep <= below { up.min(below) } else { up };
        (kept, Self { product, ..rounded(MOST_DIGITS) })
    }
}

/// The size of one unit in the last of `digits` significant digits of a value of at least 0.
fn last_digit(value: f64, digits: usize) -> f64 {
    10_f64.powi(value.max(f64::MIN_POSITIVE).log10().floor() as i32 + 1 - digits as i32)
}

/// φ′(z) of an RNN, `[T × units]`.
fn slopes(trace: &ProbeTrace<f32>) -> Option<&[f32]> {
    trace.gate("dphi")
}

/// Whether the gradient at step `t` is zero because of slopes that are zero at step t + 1, and not because it was too small for f32.
fn is_dead(trace: &ProbeTrace<f32>, t: usize) -> bool {
    let step = (t + 1) * trace.hidden..(t + 2) * trace.hidden;
    !step.into_iter().any(|index| passes_gradient(trace, index))
}

/// Whether a unit at a step (index `t·H + u`) has both a gradient and a slope that passes it further back, however small.
fn passes_gradient(trace: &ProbeTrace<f32>, index: usize) -> bool {
    let by_h = trace.grad_h[index] != 0.0;
    if let Some(slopes) = slopes(trace) {
        return by_h && slopes[index] != 0.0;
    }
    let gate = |name: &str| trace.gate(name).map_or(0.0, |values| values[index]);
    if trace.cell == CellKind::Gru {
        let (r, z, n) = (gate("r"), gate("z"), gate("n"));
        return by_h && (z != 0.0 || (1.0 - z) * (1.0 - n * n) * r != 0.0);
    }
    let (i, f, g, o) = (gate("i"), gate("f"), gate("g"), gate("o"));
    let c_before = index.checked_sub(trace.hidden).map_or(0.0, |before| trace.c[before]);
    let slope = |gate: f32| gate * (1.0 - gate);
    let slope_of_g = if trace.cell.is_linear(Gate::Candidate) { 1.0 } else { 1.0 - g * g };
    let by_c = trace.grad_c[index] != 0.0;
    by_c && (g * slope(i) != 0.0 || c_before * slope(f) != 0.0 || i * slope_of_g != 0.0)
        || by_h && trace.c[index] * slope(o) != 0.0
}

fn cell_share(trace: &ProbeTrace<f32>, mark: usize) -> Option<Kept> {
    let norms = &trace.grad_c_norms;
    let last = norms.last().copied().filter(|&norm| norm > 0.0)?;
    let here = norms.get(mark).copied().filter(|&norm| norm > 0.0)?;
    Some(Kept::new(here / last, trace.len - 1 - mark, 1.0))
}

/// Computes the share of `‖∂L/∂c_T‖` that the product of the forget gates alone carries back to step `mark`.
fn share_by_gates_alone(trace: &ProbeTrace<f32>, mark: usize) -> f64 {
    let Some(forget) = trace.keeps() else { return f64::NAN };
    let last = (trace.len - 1) * trace.hidden;
    let squares = (0..trace.hidden).map(|unit| {
        let gradient = f64::from(trace.grad_c[last + unit]);
        let gates = (mark + 1..trace.len).map(|t| f64::from(forget[t * trace.hidden + unit]));
        let carried = gates.product::<f64>() * gradient;
        (carried * carried, gradient * gradient)
    });
    let (carried, all) = squares.fold((0.0, 0.0), |(carried, all), (c, a)| (carried + c, all + a));
    (carried / all).sqrt()
}
