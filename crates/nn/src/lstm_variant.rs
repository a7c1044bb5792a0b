//! Variants of the LSTM, each with one thing changed (Greff, Srivastava, Koutník, Steunebrink & Schmidhuber 2017, *LSTM: A
//! Search Space Odyssey*). Their baseline has peepholes; here the plain LSTM of `lstm.rs` has none, and a variant adds them:
//!
//! ```text
//! NIG   i = 1            NIAF  g = z_g                 CIFG      f = 1 − i
//! NFG   f = 1            NOAF  h_t = o ⊙ c_t           Peephole  z_i += p_i ⊙ c_{t−1},  z_f += p_f ⊙ c_{t−1},  z_o += p_o ⊙ c_t
//! NOG   o = 1            FGR   [z_i; z_f; z_o] += W_gates [i; f; o]_{t−1}
//! ```
//!
//! All keep the four blocks of z and of the weights; the rows of a gate that is switched off have a gradient of exactly zero.
//! Held gates replace the activations here, before the states are computed from them.

use crate::Gate;
use crate::Parameters;
use crate::Scalar;
use crate::clamps::{held, hold};
use crate::math;
use crate::product::add_elementwise;
use crate::table::kinds;

/// A change to the LSTM.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum LstmVariant {
    /// Nothing.
    #[default]
    Vanilla,
    /// No input gate.
    Nig,
    /// No forget gate, as in Hochreiter & Schmidhuber 1997.
    Nfg,
    /// No output gate.
    Nog,
    /// No activation function of the candidate.
    Niaf,
    /// No activation function of the cell state in `h`.
    Noaf,
    /// Coupled input and forget gate.
    Cifg,
    /// Gates see the cell state (Gers & Schmidhuber 2000).
    Peephole,
    /// Full gate recurrence: gates see the gates of the step before.
    Fgr,
}

const NAMES: [(LstmVariant, &str, &str); 9] = [
    (LstmVariant::Vanilla, "vanilla", "lstm"),
    (LstmVariant::Nig, "nig", "lstm-nig"),
    (LstmVariant::Nfg, "nfg", "lstm-nfg"),
    (LstmVariant::Nog, "nog", "lstm-nog"),
    (LstmVariant::Niaf, "niaf", "lstm-niaf"),
    (LstmVariant::Noaf, "noaf", "lstm-noaf"),
    (LstmVariant::Cifg, "cifg", "lstm-cifg"),
    (LstmVariant::Peephole, "peephole", "lstm-peephole"),
    (LstmVariant::Fgr, "fgr", "lstm-fgr"),
];

/// The blocks of z that see other gates under FGR: i, f and o.
const GATED: [usize; 3] = [0, 1, 3];

impl LstmVariant {
    /// Every variant, the plain one first.
    pub const ALL: [Self; NAMES.len()] = kinds!(NAMES, 0);

    /// Its name in reference cases: `vanilla`, `nig` …
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// The lane code: `lstm`, `lstm-nig` …
    #[must_use]
    pub const fn code(self) -> &'static str {
        NAMES[self as usize].2
    }

    /// The variant of this name, if it is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.name() == name)
    }

    /// Whether this variant computes the gate without its weights, so that those have no effect.
    #[must_use]
    pub const fn switches_off(self, gate: Gate) -> bool {
        matches!(
            (self, gate),
            (Self::Nig, Gate::Input) | (Self::Nfg | Self::Cifg, Gate::Forget) | (Self::Nog, Gate::Output)
        )
    }
}

/// The peepholes and held gates of a layer.
pub(super) struct Extra<'a, S> {
    variant: LstmVariant,
    /// `p_i`, `p_f`, `p_o` `[H]`; empty where the variant has none.
    peepholes: [&'a [S]; 3],
    /// Held gates: row, value.
    clamps: &'a [(usize, S)],
}

impl<'a, S: Scalar> Extra<'a, S> {
    pub(super) fn new(
        (variant, layer): (LstmVariant, usize),
        parameters: &'a Parameters<S>,
        clamps: &'a [(usize, S)],
    ) -> Self {
        let peepholes = ["p_i", "p_f", "p_o"].map(|name| parameters.of(layer, name));
        Self { variant, peepholes, clamps }
    }

    fn peephole(&self, gate: usize, u: usize) -> S {
        self.peepholes[gate].get(u).copied().unwrap_or(S::ZERO)
    }

    /// Returns `slope`, or zero where the row is held or its gate switched off.
    fn slope(&self, gate: Gate, row: usize, slope: S) -> S {
        if self.variant.switches_off(gate) || held(self.clamps, row).is_some() { S::ZERO } else { slope }
    }
}

/// Expands `w_gates` `[3H × 3H]`, with rows and columns i, f, o, to rows of all four gates, those of g zero: `[4H × 3H]`; with
/// `columns` = 4H to columns of all four, too, so that it can be multiplied with the gates of a step: `[4H × 4H]`.
pub(super) fn with_all_gates<S: Scalar>(w_gates: &[S], units: usize, columns: usize) -> Vec<S> {
    let mut all = vec![S::ZERO; 4 * units * columns];
    for (k, from) in w_gates.chunks_exact(3 * units).enumerate() {
        let column = if columns > 3 * units { GATED[k / units] * units + k % units } else { k };
        for (block, from) in GATED.iter().zip(from.chunks_exact(units)) {
            all[(4 * column + block) * units..][..units].copy_from_slice(from);
        }
    }
    all
}

/// Extracts `w_gates` `[3H × 3H]` from such a matrix `[4H × 4H]`.
pub(super) fn without_candidate<S: Scalar>(all: &[S], units: usize, w_gates: &mut [S]) {
    for (k, to) in w_gates.chunks_exact_mut(3 * units).enumerate() {
        let column = GATED[k / units] * units + k % units;
        for (block, to) in GATED.iter().zip(to.chunks_exact_mut(units)) {
            to.copy_from_slice(&all[(4 * column + block) * units..][..units]);
        }
    }
}

/// The values of one column that the forward pass writes.
pub(super) struct Forward<'a, S> {
    /// `[4H]`: comes in as `W x + U h_{t−1} + b`, with `W_gates [i; f; o]_{t−1}` of FGR, and goes out with the peepholes' terms.
    pub(super) z: &'a mut [S],
    /// i, f, g, o `[4H]`.
    pub(super) gates: &'a mut [S],
    /// `[H]`.
    pub(super) c: &'a mut [S],
    /// `tanh(c_t)`, or `c_t` itself under NOAF `[H]`.
    pub(super) squashed: &'a mut [S],
    /// `[H]`.
    pub(super) h: &'a mut [S],
}

/// Computes one column from its z and the cell state before.
pub(super) fn forward<S: Scalar>(extra: &Extra<'_, S>, c_before: &[S], values: Forward<'_, S>) {
    let Forward { z, gates, c, squashed, h } = values;
    let (units, variant) = (h.len(), extra.variant);
    let [p_in, p_forget, p_out] = extra.peepholes;
    let (z, z_out) = z.split_at_mut(3 * units);
    let (gates, out_gate) = gates.split_at_mut(3 * units);
    add_elementwise(z, p_in, c_before);
    add_elementwise(&mut z[units..], p_forget, c_before);
    math::sigmoids(&z[..2 * units], &mut gates[..2 * units]);
    if variant == LstmVariant::Niaf {
        gates[2 * units..].copy_from_slice(&z[2 * units..]);
    } else {
        math::tanhs(&z[2 * units..], &mut gates[2 * units..]);
    }
    for (block, gate) in gates.chunks_exact_mut(units).zip([Gate::Input, Gate::Forget]) {
        if variant.switches_off(gate) {
            block.fill(S::ONE);
        }
    }
    hold(extra.clamps, 0, gates);
    if variant == LstmVariant::Cifg {
        let (in_gate, rest) = gates.split_at_mut(units);
        rest.iter_mut().zip(in_gate).for_each(|(forget, input)| *forget = S::ONE - *input);
        hold(extra.clamps, 0, gates);
    }
    for u in 0..units {
        c[u] = gates[units + u] * c_before[u] + gates[u] * gates[2 * units + u];
    }
    if variant == LstmVariant::Noaf {
        squashed.copy_from_slice(c);
    } else {
        math::tanhs(c, squashed);
    }
    add_elementwise(z_out, p_out, c);
    if variant == LstmVariant::Nog {
        out_gate.fill(S::ONE);
    } else {
        math::sigmoids(z_out, out_gate);
    }
    hold(extra.clamps, 3 * units, out_gate);
    for ((h, o), squashed) in h.iter_mut().zip(out_gate).zip(squashed) {
        *h = *o * *squashed;
    }
}

/// The values of one column that the backward pass reads.
pub(super) struct StepValues<'a, S> {
    /// i, f, g, o `[4H]`.
    pub(super) gates: &'a [S],
    /// `c_{t−1}` `[H]`.
    pub(super) c_before: &'a [S],
    /// As [`Forward::squashed`] `[H]`.
    pub(super) squashed: &'a [S],
    /// The total `∂L/∂h_t` `[H]`.
    pub(super) grad_h: &'a [S],
    /// Gradients below this are zero.
    pub(super) smallest: S,
}

/// Computes the gradients of one column. `carried` `[H]` comes in as the gradient of c from the step after and goes out as that
/// for the step before; `grad_gates` `[3H]` (FGR, else empty) is `∂L/∂[i; f; o]_t` through the step after.
/// `grad_c` `[H]`, the total `∂L/∂c_t`, and `grad_z` `[4H]` are overwritten.
///
/// ```text
/// ∂L/∂o = ∂L/∂h ⊙ φ(c) + …     ∂L/∂c = … + ∂L/∂h ⊙ o ⊙ φ′(c) + p_o ⊙ ∂L/∂z_o
/// ∂L/∂f = ∂L/∂c ⊙ c_{t−1} + …  ∂L/∂i = ∂L/∂c ⊙ g + …  (CIFG: − ∂L/∂f)      ∂L/∂g = ∂L/∂c ⊙ i
/// ∂L/∂c_{t−1} = f ⊙ ∂L/∂c + p_i ⊙ ∂L/∂z_i + p_f ⊙ ∂L/∂z_f                  ∂L/∂[i; f; o]_{t−1} = W_gatesᵀ ∂L/∂[z_i; z_f; z_o]
/// ```
pub(super) fn backward<S: Scalar>(
    extra: &Extra<'_, S>,
    values: &StepValues<'_, S>,
    grad_gates: &[S],
    carried: &mut [S],
    grad_c: &mut [S],
    grad_z: &mut [S],
) {
    let (units, variant) = (grad_c.len(), extra.variant);
    let StepValues { gates, c_before, squashed, grad_h, smallest } = *values;
    for u in 0..units {
        let (input, forget, candidate, output) = (u, units + u, 2 * units + u, 3 * units + u);
        let (i, f, g, o) = (gates[input], gates[forget], gates[candidate], gates[output]);
        let later = |gate: usize| grad_gates.get(gate * units + u).copied().unwrap_or(S::ZERO);
        let slope = if variant == LstmVariant::Noaf { S::ONE } else { S::ONE - squashed[u] * squashed[u] };
        let by_o = grad_h[u] * squashed[u] + later(2);
        let z_o = (by_o * extra.slope(Gate::Output, output, o * (S::ONE - o))).flushed_below(smallest);
        let by_c = (carried[u] + grad_h[u] * o * slope + extra.peephole(2, u) * z_o).flushed_below(smallest);
        let by_f = by_c * c_before[u] + later(1);
        let mut by_i = by_c * g + later(0);
        if variant == LstmVariant::Cifg && held(extra.clamps, forget).is_none() {
            by_i -= by_f;
        }
        let z_i = (by_i * extra.slope(Gate::Input, input, i * (S::ONE - i))).flushed_below(smallest);
        let z_f = (by_f * extra.slope(Gate::Forget, forget, f * (S::ONE - f))).flushed_below(smallest);
        let linear = if variant == LstmVariant::Niaf { S::ONE } else { S::ONE - g * g };
        let z_g = (by_c * i * extra.slope(Gate::Candidate, candidate, linear)).flushed_below(smallest);
        grad_c[u] = by_c;
        for (row, grad) in [(input, z_i), (forget, z_f), (candidate, z_g), (output, z_o)] {
            grad_z[row] = grad;
        }
        carried[u] = (f * by_c + extra.peephole(0, u) * z_i + extra.peephole(1, u) * z_f).flushed_below(smallest);
    }
}

/// Adds one column's part to the gradients of the peepholes.
pub(super) fn add_gradients<S: Scalar>(
    (gradients, layer): (&mut Parameters<S>, usize),
    grad_z: &[S],
    (c_before, c): (&[S], &[S]),
) {
    let units = c.len();
    for (name, gate, cell) in [("p_i", 0, c_before), ("p_f", 1, c_before), ("p_o", 3, c)] {
        let rows = grad_z[gate * units..].iter().zip(cell);
        gradients.of_mut(layer, name).iter_mut().zip(rows).for_each(|(sum, (&grad, &c))| *sum += grad * c);
    }
}
