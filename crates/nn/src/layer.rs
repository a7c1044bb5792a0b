//! A recurrent layer unrolled in time: every state, gate and gradient of a pass, allocated once.

use crate::CellKind;
use crate::LstmVariant;
use crate::Network;
use crate::NetworkConfig;
use crate::Parameters;
use crate::Scalar;
use crate::math;
use crate::panels::Panels;
use crate::product::{add_columns, outer_products};

mod backward;
mod forward;
mod gru;
mod numbers;
mod variant;
mod window;

/// The kind of pass that a cell needs, decided once per layer, so that each has its own loops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PassKind {
    /// An activation of z.
    Elman,
    /// Gates and a cell state.
    Lstm,
    /// Gates, and `U h` kept separate from the rest of z.
    Gru,
    /// A variant of the LSTM, computed column by column.
    Variant,
    /// All steps at once: none depends on the one before.
    Window,
}

impl PassKind {
    pub(super) const fn of(cell: CellKind) -> Self {
        match cell {
            CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu => Self::Elman,
            CellKind::Lstm => Self::Lstm,
            CellKind::Gru => Self::Gru,
            CellKind::Window => Self::Window,
            CellKind::LstmNfg
            | CellKind::LstmNig
            | CellKind::LstmNog
            | CellKind::LstmNiaf
            | CellKind::LstmNoaf
            | CellKind::LstmCifg
            | CellKind::LstmPeephole
            | CellKind::LstmFgr => Self::Variant,
        }
    }
}

/// All numbers of one layer in one forward and backward pass over T steps of B sequences.
///
/// Every matrix has T·B columns, step t of sequence b in column `t·B + b`. States before the first step are zero.
#[derive(Clone, Debug)]
pub struct LayerUnroll<S: Scalar> {
    cell: CellKind,
    pass_kind: PassKind,
    /// The index of the layer in the network, from 0.
    layer: usize,
    inputs: usize,
    hidden: usize,
    len: usize,
    batch: usize,
    /// W, U and Uᵀ of the current pass, in panels for products with the states; empty for a window network.
    w: Panels<S>,
    u: Panels<S>,
    u_transposed: Panels<S>,
    /// `w_gates` of a cell whose gates see the gates of the step before, forward `[4H × 4H]` and transposed `[3H × 4H]`.
    w_gates: Panels<S>,
    w_gates_transposed: Panels<S>,
    /// `[gates·H × T·B]`.
    z: Vec<S>,
    /// `[gates·H × T·B]`; empty for an RNN, which has no gates.
    gates: Vec<S>,
    /// `[H × (T+1)·B]`: B columns of zeros come first, the state before the first step.
    h: Vec<S>,
    /// As h; empty without a cell state, as are the next two.
    c: Vec<S>,
    /// `[H × T·B]`.
    tanh_c: Vec<S>,
    /// `[H × T·B]`.
    grad_c: Vec<S>,
    /// `∂L/∂c` of the current step through the step after, `f_{t+1} ⊙ ∂L/∂c_{t+1}` `[H × B]`.
    carried: Vec<S>,
    /// `[H × T·B]`.
    grad_h: Vec<S>,
    /// `[gates·H × T·B]`.
    grad_z: Vec<S>,
    /// `∂L/∂[i; f; o]` of the current step through the step after `[3H × B]`; empty where gates see no gates.
    grad_gates: Vec<S>,
    /// `U h_{t−1}` of a GRU, with `b_hn` in its last block, and its gradient `[3H × T·B]`; empty for others.
    recurrent: Vec<S>,
    grad_recurrent: Vec<S>,
    /// The power of two by which all gradients here are multiplied.
    raise: S,
    /// The inputs in each step's window of a window network, the step's own first `[window·D × T·B]`.
    seen: Vec<S>,
}

/// The values of one step of one sequence; empty where the cell has none.
pub(super) struct StepValues<'a, S> {
    /// `[gates·H]`.
    pub(super) gates: &'a [S],
    /// `U h_{t−1}` `[3H]` of a GRU, with `b_hn`.
    pub(super) recurrent: &'a [S],
    /// `h_{t−1}` `[H]`.
    pub(super) h_before: &'a [S],
    /// `c_{t−1}` `[H]`.
    pub(super) c_before: &'a [S],
    /// `tanh(c_t)` `[H]`.
    pub(super) tanh_c: &'a [S],
    /// `h_t` `[H]`.
    pub(super) h: &'a [S],
}

impl<S: Scalar> LayerUnroll<S> {
    pub(super) fn new(config: &NetworkConfig, (layer, inputs): (usize, usize), len: usize, batch: usize) -> Self {
        let NetworkConfig { cell, hidden, window, .. } = *config;
        let (units, columns) = (cell.gates().len() * hidden, len * batch);
        let gate_columns = if cell.has_gates() { columns } else { 0 };
        let reset_columns = if cell.reset().is_some() { columns } else { 0 };
        let state_columns = if cell.has_cell_state() { columns } else { 0 };
        let zeros = |rows: usize, columns: usize| vec![S::ZERO; rows * columns];
        let panels = |rows, columns| if cell.is_recurrent() { Panels::new(rows, columns) } else { Panels::new(0, 0) };
        let gated = if cell.variant() == LstmVariant::Fgr { 3 * hidden } else { 0 };
        Self {
            cell,
            pass_kind: PassKind::of(cell),
            layer,
            inputs,
            hidden,
            len,
            batch,
            w: panels(units, inputs),
            u: panels(units, hidden),
            u_transposed: panels(hidden, units),
            w_gates: Panels::new(if gated > 0 { units } else { 0 }, units),
            w_gates_transposed: Panels::new(gated, units),
            z: zeros(units, columns),
            gates: zeros(units, gate_columns),
            h: zeros(hidden, columns + batch),
            c: zeros(hidden, if cell.has_cell_state() { columns + batch } else { 0 }),
            tanh_c: zeros(hidden, state_columns),
            grad_c: zeros(hidden, state_columns),
            carried: zeros(hidden, if cell.has_cell_state() { batch } else { 0 }),
            grad_h: zeros(hidden, columns),
            grad_z: zeros(units, columns),
            grad_gates: zeros(gated, batch),
            recurrent: zeros(units, reset_columns),
            grad_recurrent: zeros(units, reset_columns),
            raise: S::ONE,
            seen: zeros(if cell.is_recurrent() { 0 } else { inputs * window }, columns),
        }
    }

    /// Converts the pass to another number type.
    pub(super) fn cast<R: Scalar>(&self) -> LayerUnroll<R> {
        let Self { cell, pass_kind, layer, inputs, hidden, len, batch, .. } = *self;
        LayerUnroll {
            layer,
            cell,
            pass_kind,
            inputs,
            hidden,
            len,
            batch,
            w: self.w.empty(),
            u: self.u.empty(),
            u_transposed: self.u_transposed.empty(),
            w_gates: self.w_gates.empty(),
            w_gates_transposed: self.w_gates_transposed.empty(),
            z: math::cast(&self.z),
            gates: math::cast(&self.gates),
            h: math::cast(&self.h),
            c: math::cast(&self.c),
            tanh_c: math::cast(&self.tanh_c),
            grad_c: math::cast(&self.grad_c),
            carried: math::cast(&self.carried),
            grad_h: math::cast(&self.grad_h),
            grad_z: math::cast(&self.grad_z),
            grad_gates: math::cast(&self.grad_gates),
            recurrent: math::cast(&self.recurrent),
            grad_recurrent: math::cast(&self.grad_recurrent),
            raise: R::from_f64(self.raise.to_f64()),
            seen: math::cast(&self.seen),
        }
    }

    /// Computes the weight gradients from `∂L/∂z`, each as one product over all steps: `∂L/∂W = Σ ∂L/∂z_t x_tᵀ`,
    /// `∂L/∂U = Σ ∂L/∂z_t h_{t−1}ᵀ`, `∂L/∂b = Σ ∂L/∂z_t`; overwritten, and multiplied by the same power of two.
    pub(super) fn backward_weights(&self, gradients: &mut Parameters<S>, inputs: &[S], lengths: &[usize]) {
        let (units, columns) = (self.units(), self.len * self.batch);
        let (inputs, width) =
            if self.cell.is_recurrent() { (inputs, self.inputs) } else { (&*self.seen, self.seen_rows()) };
        if self.is_variant() {
            self.gradients_of_variant(gradients, lengths);
        }
        if lengths.iter().all(|&length| length == self.len) {
            return self.sum_weight_gradients(
                gradients,
                (&self.grad_z, self.grad_recurrent_values()),
                inputs,
                &self.h,
                columns,
            );
        }
        // Steps beyond a sequence's length stay out of the sums: their ∂L/∂z is zero, but a state that overflowed there
        // would make NaN of it.
        let (mut grad_z, mut grad_recurrent) = (Vec::new(), Vec::new());
        let (mut below, mut before) = (Vec::new(), Vec::new());
        let valid = (0..columns).filter(|column| column / self.batch < lengths[column % self.batch]);
        for column in valid.clone() {
            grad_z.extend_from_slice(&self.grad_z[column * units..][..units]);
            if self.is_gru() {
                grad_recurrent.extend_from_slice(&self.grad_recurrent[column * units..][..units]);
            }
            below.extend_from_slice(&inputs[column * width..][..width]);
            before.extend_from_slice(&self.h[column * self.hidden..][..self.hidden]);
        }
        let grad_recurrent = if self.is_gru() { &grad_recurrent } else { &grad_z };
        self.sum_weight_gradients(gradients, (&grad_z, grad_recurrent), &below, &before, valid.count());
    }

    /// Sums the weight gradients over columns, from `∂L/∂z`, `∂L/∂(U h)`, the inputs and the h before.
    fn sum_weight_gradients(
        &self,
        gradients: &mut Parameters<S>,
        (grad_z, grad_recurrent): (&[S], &[S]),
        inputs: &[S],
        before: &[S],
        columns: usize,
    ) {
        let units = self.units();
        if self.is_gru() {
            self.gradient_of_b_hn(gradients, grad_recurrent);
        }
        let (width, hidden) = if self.cell.is_recurrent() { (self.inputs, self.hidden) } else { (self.seen_rows(), 0) };
        outer_products(gradients.of_mut(self.layer, "w_ih"), grad_z, inputs, units, width, columns);
        if hidden > 0 {
            // Before the first step all states are zero.
            let (grad_recurrent, before) = (&grad_recurrent[self.batch * units..], &before[self.batch * hidden..]);
            outer_products(
                gradients.of_mut(self.layer, "w_hh"),
                grad_recurrent,
                before,
                units,
                hidden,
                columns - self.batch,
            );
        }
        let bias = gradients.of_mut(self.layer, "b");
        bias.fill(S::ZERO);
        add_columns(bias, grad_z, &[S::ONE], 0);
    }

    /// The values of step t of one sequence (both from 0), for derivatives that go back through it.
    pub(super) fn step_values(&self, t: usize, member: usize) -> StepValues<'_, S> {
        let column = t * self.batch + member;
        let of = |values: &[S], rows: usize, column: usize| -> std::ops::Range<usize> {
            if values.is_empty() { 0..0 } else { column * rows..(column + 1) * rows }
        };
        let (units, hidden) = (self.units(), self.hidden);
        StepValues {
            gates: &self.gates[of(&self.gates, units, column)],
            recurrent: &self.recurrent[of(&self.recurrent, units, column)],
            h_before: &self.h[of(&self.h, hidden, column)],
            c_before: &self.c[of(&self.c, hidden, column)],
            tanh_c: &self.tanh_c[of(&self.tanh_c, hidden, column)],
            h: &self.h[of(&self.h, hidden, column + self.batch)],
        }
    }

    /// The held gates of this layer.
    pub(super) fn clamps<'a>(&self, network: &'a Network<S>) -> &'a [(usize, S)] {
        network.clamps(self.layer)
    }

    /// The index of the layer in the network, from 0.
    pub(super) fn index(&self) -> usize {
        self.layer
    }

    /// Rows of z: gates · H.
    fn units(&self) -> usize {
        self.cell.gates().len() * self.hidden
    }

    /// The limit below which gradients are set to zero in the backward pass.
    fn smallest(&self) -> S {
        self.raise * S::MIN_POSITIVE
    }
}
