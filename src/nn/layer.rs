//! A recurrent layer unrolled in time: every state, gate and gradient of a pass, allocated once.

use crate::{
    CellKind, LstmVariant, Network, NetworkConfig, Parameters, Scalar, Truncation, lstm, math,
    panels::{Panels, Term},
    product::{add_columns, outer_products},
    rnn,
};

mod numbers;
mod other;

/// All numbers of one layer in one forward and backward pass over T steps of B sequences.
///
/// Every matrix has T·B columns, step t of sequence b in column `t·B + b`. States before the first step are zero.
#[derive(Clone, Debug)]
pub struct LayerUnroll<S: Scalar> {
    cell: CellKind,
    variant: LstmVariant,
    /// Which layer of the network, from 0.
    layer: usize,
    inputs: usize,
    hidden: usize,
    len: usize,
    batch: usize,
    /// W, U and Uᵀ of the pass under way, as products with the states read them; of a window network none.
    w: Panels<S>,
    u: Panels<S>,
    u_transposed: Panels<S>,
    /// `[gates·H × T·B]`.
    z: Vec<S>,
    /// `[gates·H × T·B]`; empty for an RNN, whose one gate is none.
    gates: Vec<S>,
    /// `[H × (T+1)·B]`: B columns of zeros come first, the state before the first step.
    h: Vec<S>,
    /// As h; empty without a cell state, as are the next two.
    c: Vec<S>,
    /// `[H × T·B]`.
    tanh_c: Vec<S>,
    /// `[H × T·B]`.
    grad_c: Vec<S>,
    /// What the step after the one in hand passes back to its c, `f_{t+1} ⊙ ∂L/∂c_{t+1}` `[H × B]`.
    carried: Vec<S>,
    /// `[H × T·B]`.
    grad_h: Vec<S>,
    /// `[gates·H × T·B]`.
    grad_z: Vec<S>,
    /// `∂L/∂[i; f; o]` by way of the step after, of the step in hand `[3H × B]`; empty where gates see no gates.
    grad_gates: Vec<S>,
    /// `U h_{t−1}` of a GRU, with `b_hn` in its last block, and its gradient `[3H × T·B]`; empty for others.
    recurrent: Vec<S>,
    grad_recurrent: Vec<S>,
    /// The power of two by which all gradients here are raised.
    raise: S,
    /// Of a window network the inputs of all steps that each step sees, its own first `[window·D × T·B]`.
    seen: Vec<S>,
}

/// The numbers of one step of one sequence; empty where the cell has none such.
pub(super) struct Moment<'a, S> {
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
        let variant = cell.variant();
        let (units, columns) = (cell.gates().len() * hidden, len * batch);
        let gate_columns = if cell.has_gates() { columns } else { 0 };
        let reset_columns = if cell == CellKind::Gru { columns } else { 0 };
        let state_columns = if cell.has_cell_state() { columns } else { 0 };
        let zeros = |rows: usize, columns: usize| vec![S::ZERO; rows * columns];
        let panels = |rows, columns| if cell.is_recurrent() { Panels::new(rows, columns) } else { Panels::new(0, 0) };
        Self {
            cell,
            variant,
            layer,
            inputs,
            hidden,
            len,
            batch,
            w: panels(units, inputs),
            u: panels(units, hidden),
            u_transposed: panels(hidden, units),
            z: zeros(units, columns),
            gates: zeros(units, gate_columns),
            h: zeros(hidden, columns + batch),
            c: zeros(hidden, if cell.has_cell_state() { columns + batch } else { 0 }),
            tanh_c: zeros(hidden, state_columns),
            grad_c: zeros(hidden, state_columns),
            carried: zeros(hidden, if cell.has_cell_state() { batch } else { 0 }),
            grad_h: zeros(hidden, columns),
            grad_z: zeros(units, columns),
            grad_gates: zeros(if variant == LstmVariant::Fgr { 3 * hidden } else { 0 }, batch),
            recurrent: zeros(units, reset_columns),
            grad_recurrent: zeros(units, reset_columns),
            raise: S::ONE,
            seen: zeros(if cell.is_recurrent() { 0 } else { inputs * window }, columns),
        }
    }

    /// The same pass in another number type.
    pub(super) fn cast<R: Scalar>(&self) -> LayerUnroll<R> {
        let Self { cell, variant, layer, inputs, hidden, len, batch, .. } = *self;
        LayerUnroll {
            layer,
            cell,
            variant,
            inputs,
            hidden,
            len,
            batch,
            w: self.w.empty(),
            u: self.u.empty(),
            u_transposed: self.u_transposed.empty(),
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

    /// All states from `inputs` `[D × T·B]`: `z_t = W x_t + b + U h_{t−1}`, the first two for all steps at once.
    ///
    /// Where truncation cuts, the step behind the cut takes the state before it from `held`, if that is given: a state
    /// held still is what the truncated gradient takes it for.
    pub(super) fn forward(&mut self, network: &Network<S>, inputs: &[S], truncation: Truncation, held: Option<&Self>) {
        let units = self.units();
        let parameters = network.parameters();
        let bias = parameters.of(self.layer, "b");
        if !self.cell.is_recurrent() {
            for z in self.z.chunks_exact_mut(units) {
                z.copy_from_slice(bias);
            }
            return self.forward_window(network, inputs);
        }
        self.w.fill(parameters.of(self.layer, "w_ih"));
        self.u.fill(parameters.of(self.layer, "w_hh"));
        let gru = self.is_gru();
        let bias_of_recurrent = if gru { self.bias_of_recurrent(parameters) } else { Vec::new() };
        for t in 0..self.len {
            let held = held.filter(|_| truncation.cuts_before(t));
            let now = t * units * self.batch..(t + 1) * units * self.batch;
            let x = &inputs[t * self.inputs * self.batch..];
            let before = &held.map_or(&self.h, |held| &held.h)[t * self.hidden * self.batch..];
            // At the first step there is no state before.
            let terms: [Term<'_, S>; 2] = [(&self.w, x), (&self.u, before)];
            if gru {
                S::add_products(&mut self.z[now.clone()], units, Some(bias), &terms[..1]);
                S::add_products(&mut self.recurrent[now], units, Some(&bias_of_recurrent), &terms[1..]);
            } else {
                S::add_products(&mut self.z[now], units, Some(bias), &terms[..2.min(t + 1)]);
            }
            self.step(t, network, held);
        }
    }

    /// The states of step t from its z and the states before, or those held. Clamps are laid over what the cell makes,
    /// so that its loops know nothing of them.
    fn step(&mut self, t: usize, network: &Network<S>, held: Option<&Self>) {
        if self.is_gru() {
            return self.step_gru(t, network, held);
        }
        if self.is_variant() {
            return self.step_variant(t, network, held);
        }
        let clamps = self.clamps(network);
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        let (now, next) = (t * hidden * batch, (t + 1) * hidden * batch);
        let z = &self.z[t * units * batch..(t + 1) * units * batch];
        let h = &mut self.h[next..next + hidden * batch];
        match self.cell {
            CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => {
                rnn::forward(self.cell, z, h);
            }
            CellKind::Gru => {}
            _ => {
                let (before, c) = self.c[now..next + hidden * batch].split_at_mut(hidden * batch);
                let before = held.map_or(&*before, |held| &held.c[now..next]);
                let gates = &mut self.gates[t * units * batch..(t + 1) * units * batch];
                let tanh_c = &mut self.tanh_c[now..next];
                lstm::activate(hidden, z, gates);
                lstm::states(hidden, gates, before, c, tanh_c, h);
                for b in 0..if clamps.is_empty() { 0 } else { batch } {
                    let column = b * hidden..(b + 1) * hidden;
                    lstm::hold_and_follow(
                        clamps,
                        &before[column.clone()],
                        &mut gates[b * units..(b + 1) * units],
                        &mut c[column.clone()],
                        &mut tanh_c[column.clone()],
                        &mut h[column],
                    );
                }
            }
        }
    }

    /// `∂L/∂h` `[H × T·B]`, for the layer above or the readout to fill before [`Self::backward_states`].
    pub(super) fn grad_h_mut(&mut self) -> &mut [S] {
        &mut self.grad_h
    }

    /// From `∂L/∂h` by way of what reads h at its own step, to the total `∂L/∂h`, `∂L/∂c` and `∂L/∂z` of every step:
    /// back in time, `∂L/∂h_{t−1} += Uᵀ ∂L/∂z_t`, except where truncation cuts. All three are exactly zero beyond a
    /// sequence's length, whatever its states are there; so is `∂L/∂z` of a gate that is held.
    ///
    /// All are `raise` times what they are called, as the `∂L/∂h` that is there already; whoever reads them lowers them.
    pub(super) fn backward_states(
        &mut self,
        network: &Network<S>,
        truncation: Truncation,
        lengths: &[usize],
        raise: S,
    ) {
        self.raise = raise;
        if self.cell.is_recurrent() {
            self.u_transposed.fill_transposed(network.parameters().of(self.layer, "w_hh"));
        }
        let clamps = self.clamps(network);
        let (hidden, batch, units) = (self.hidden, self.batch, self.units());
        self.carried.fill(S::ZERO);
        self.grad_gates.fill(S::ZERO);
        for t in (0..self.len).rev() {
            if self.is_gru() {
                self.step_back_gru(t, network, lengths);
            } else if self.is_variant() {
                self.step_back_variant(t, network, lengths);
            } else {
                self.step_back(t, lengths);
            }
            let columns = self.grad_z[t * units * batch..(t + 1) * units * batch].chunks_exact_mut(units);
            if !clamps.is_empty() {
                columns.for_each(|column| clamps.iter().for_each(|(row, _)| column[*row] = S::ZERO));
            }
            if truncation.cuts_before(t) {
                self.carried.fill(S::ZERO);
                self.grad_gates.fill(S::ZERO);
            } else if t > 0 && self.cell.is_recurrent() {
                let sum = if self.is_gru() { &self.grad_recurrent } else { &self.grad_z };
                let grad_z = &sum[t * units * batch..(t + 1) * units * batch];
                let before = &mut self.grad_h[(t - 1) * hidden * batch..t * hidden * batch];
                S::add_products(before, hidden, None, &[(&self.u_transposed, grad_z)]);
                if self.is_gru() {
                    self.keep_back(t, lengths);
                }
            }
        }
    }

    /// `∂L/∂z` (and `∂L/∂c`) of step t from its total `∂L/∂h`.
    fn step_back(&mut self, t: usize, lengths: &[usize]) {
        let (hidden, batch, units, smallest) = (self.hidden, self.batch, self.units(), self.smallest());
        let now = t * hidden * batch..(t + 1) * hidden * batch;
        let grad_h = &self.grad_h[now.clone()];
        let grad_z = &mut self.grad_z[t * units * batch..(t + 1) * units * batch];
        let padded = |b: &usize| lengths[*b] <= t;
        match self.cell {
            CellKind::RnnSigmoid | CellKind::RnnTanh | CellKind::RnnRelu | CellKind::Window => {
                rnn::backward(self.cell, smallest, &self.h[now.end..now.end + hidden * batch], grad_h, grad_z);
                // A state that overflowed would make 0 · ∞ of it.
                for b in (0..batch).filter(padded) {
                    grad_z[b * units..(b + 1) * units].fill(S::ZERO);
                }
            }
            CellKind::Gru => {}
            _ => {
                let grad_c = &mut self.grad_c[now.clone()];
                for b in 0..batch {
                    let column = |rows: usize| b * rows..(b + 1) * rows;
                    let (carried, grad_c) = (&mut self.carried[column(hidden)], &mut grad_c[column(hidden)]);
                    if padded(&b) {
                        for zero in [carried, grad_c, &mut grad_z[column(units)]] {
                            zero.fill(S::ZERO);
                        }
                        continue;
                    }
                    let moment = lstm::Moment {
                        gates: &self.gates[t * units * batch..][column(units)],
                        c_before: &self.c[now.clone()][column(hidden)],
                        tanh_c: &self.tanh_c[now.clone()][column(hidden)],
                        grad_h: &grad_h[column(hidden)],
                        smallest,
                    };
                    lstm::backward(&moment, carried, grad_c, &mut grad_z[column(units)]);
                }
            }
        }
    }

    /// Weight gradients from `∂L/∂z`, each one product over all steps: `∂L/∂W = Σ ∂L/∂z_t x_tᵀ`,
    /// `∂L/∂U = Σ ∂L/∂z_t h_{t−1}ᵀ`, `∂L/∂b = Σ ∂L/∂z_t`; overwritten, and raised as those.
    pub(super) fn backward_weights(&self, gradients: &mut Parameters<S>, inputs: &[S], lengths: &[usize]) {
        let (units, columns) = (self.units(), self.len * self.batch);
        let (inputs, width) =
            if self.cell.is_recurrent() { (inputs, self.inputs) } else { (&*self.seen, self.seen_rows()) };
        if self.is_variant() {
            self.gradients_of_variant(gradients, lengths);
        }
        if lengths.iter().all(|&length| length == self.len) {
            return self.add_up(gradients, (&self.grad_z, self.grad_recurrent_values()), inputs, &self.h, columns);
        }
        // Steps beyond a sequence's length stay out of the sums: their ∂L/∂z is zero, but a state that overflowed there
        // would make NaN of it.
        let (mut grad_z, mut by_product) = (Vec::new(), Vec::new());
        let (mut below, mut before) = (Vec::new(), Vec::new());
        let valid = (0..columns).filter(|column| column / self.batch < lengths[column % self.batch]);
        for column in valid.clone() {
            grad_z.extend_from_slice(&self.grad_z[column * units..][..units]);
            if self.is_gru() {
                by_product.extend_from_slice(&self.grad_recurrent[column * units..][..units]);
            }
            below.extend_from_slice(&inputs[column * width..][..width]);
            before.extend_from_slice(&self.h[column * self.hidden..][..self.hidden]);
        }
        let by_product = if self.is_gru() { &by_product } else { &grad_z };
        self.add_up(gradients, (&grad_z, by_product), &below, &before, valid.count());
    }

    /// The sums over columns of `∂L/∂z` and `∂L/∂(U h)`, of what comes from below, and of the h before.
    fn add_up(
        &self,
        gradients: &mut Parameters<S>,
        (grad_z, by_product): (&[S], &[S]),
        inputs: &[S],
        before: &[S],
        columns: usize,
    ) {
        let units = self.units();
        if self.is_gru() {
            self.gradient_of_b_hn(gradients, by_product);
        }
        let (width, hidden) = if self.cell.is_recurrent() { (self.inputs, self.hidden) } else { (self.seen_rows(), 0) };
        outer_products(gradients.of_mut(self.layer, "w_ih"), grad_z, inputs, units, width, columns);
        if hidden > 0 {
            // Before the first step all states are zero.
            let (by_product, before) = (&by_product[self.batch * units..], &before[self.batch * hidden..]);
            outer_products(
                gradients.of_mut(self.layer, "w_hh"),
                by_product,
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

    /// What one step of one sequence (from 0 both) left behind, for a derivative that goes back through it.
    pub(super) fn moment(&self, t: usize, member: usize) -> Moment<'_, S> {
        let column = t * self.batch + member;
        let of = |values: &[S], rows: usize, column: usize| -> std::ops::Range<usize> {
            if values.is_empty() { 0..0 } else { column * rows..(column + 1) * rows }
        };
        let (units, hidden) = (self.units(), self.hidden);
        Moment {
            gates: &self.gates[of(&self.gates, units, column)],
            recurrent: &self.recurrent[of(&self.recurrent, units, column)],
            h_before: &self.h[of(&self.h, hidden, column)],
            c_before: &self.c[of(&self.c, hidden, column)],
            tanh_c: &self.tanh_c[of(&self.tanh_c, hidden, column)],
            h: &self.h[of(&self.h, hidden, column + self.batch)],
        }
    }

    /// Its gates that are held.
    pub(super) fn clamps<'a>(&self, network: &'a Network<S>) -> &'a [(usize, S)] {
        network.clamps(self.layer)
    }

    /// Which layer of the network it is, from 0.
    pub(super) fn index(&self) -> usize {
        self.layer
    }

    /// Rows of z: gates · H.
    fn units(&self) -> usize {
        self.cell.gates().len() * self.hidden
    }

    /// Gradients below this are zero on the way back.
    fn smallest(&self) -> S {
        self.raise * S::MIN_POSITIVE
    }
}
