//! The terms of ∂L/∂h.

use super::forward::symbols;
use super::{Term, Weight};
use crate::cells::names::{Weights, delta, loss_by, output};
use crate::quantity::Quantity;
use crate::step::At;
use crate::tree::{Expr, Label, Symbol};

impl At<'_> {
    /// `Uᵀ δ_{t+1} + W_outᵀ ∂L/∂y_t` of the unit, the latter under dropout's mask.
    pub(super) fn hidden_gradient_terms(&self) -> Vec<Term> {
        let trace = &self.lane.trace;
        let mut terms = if self.receives_gradient() { self.recurrent_gradient_terms(self.t + 1) } else { Vec::new() };
        let cell = trace.cell;
        if let (Some(gate), Some(values), false, true) =
            (cell.keeps(), trace.keeps(), cell.has_cell_state(), self.receives_gradient())
        {
            let at = (self.t + 1) * trace.hidden + self.u;
            let name = Expr::product([
                self.state_of(Symbol::gate(gate), self.t + 1, self.u).into(),
                loss_by(self.state_of(Symbol::hidden(), self.t + 1, self.u)),
            ]);
            let kept = Weight::unnamed(f64::from(values[at]));
            terms.push(Term::product(name, kept, f64::from(trace.grad_h[at]), Some((self.t + 1, self.u))));
        }
        if let Some(layer) = self.layer_above() {
            // The readout reads another layer; this one's gradient comes from the layer above, whose weights are not here.
            let weights = Weights::Input.symbol().of_layer(Some(layer)).transposed();
            let product = symbols([weights, delta().of_layer(Some(layer))]);
            let entry = Expr::Entry(Box::new(product), Label::Number(self.u + 1));
            let name = Expr::product(self.mask_symbol(self.u).map(Expr::Symbol).into_iter().chain([entry]));
            let known = terms.iter().map(|term| term.value).sum::<f64>();
            terms.push(Term::bare(name, Weight::unnamed(self.value(Quantity::HiddenGradient) - known)));
            return terms;
        }
        for o in 0..trace.outputs {
            let label = self.output_label(o);
            let weight = Weights::Readout.symbol().of(label).of(Label::Number(self.u + 1));
            let factors = [Some(weight), self.mask_symbol(self.u)].into_iter().flatten().map(Expr::Symbol);
            let gradient = loss_by(output().at(self.t + 1).of(label));
            let value = self.mask(self.t, self.u) * f64::from(trace.grad_output[self.t * trace.outputs + o]);
            let name = Expr::product(factors.chain([gradient]));
            terms.push(Term::product(name, self.weight_to_set("w_out", o, self.u), value, None));
        }
        terms
    }

    /// `Uᵀ δ` of step t, for the unit of the step before.
    fn recurrent_gradient_terms(&self, t: usize) -> Vec<Term> {
        let hidden = self.lane.trace.hidden;
        let mut terms = Vec::new();
        for (k, &gate) in self.lane.cell.gates().iter().enumerate() {
            let reset = super::reset_of(self.lane.cell, gate).map(Symbol::gate);
            for j in 0..hidden {
                let from = self.unit_of(gate, j);
                let weight = Weights::Recurrent.symbol().of(from).of(Label::Number(self.u + 1));
                let delta_name = delta().at(t + 1).of(from);
                let name = symbols([Some(weight), reset.clone(), Some(delta_name)].into_iter().flatten());
                let weight = self.weight_to_set("w_hh", k * hidden + j, self.u);
                terms.push(Term::product(name, weight, self.delta(k, t, j), Some((t, j))));
            }
        }
        terms
    }
}
