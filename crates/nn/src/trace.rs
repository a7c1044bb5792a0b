//! The probe: one sequence run forward and backward, with every number of the pass kept.

use nalgebra::DMatrixView;

use crate::Batch;
use crate::CellKind;
use crate::LayerUnroll;
use crate::LossKind;
use crate::LossSpec;
use crate::Network;
use crate::NetworkConfig;
use crate::Scalar;
use crate::Truncation;
use crate::Unroll;
use crate::largest_singular_value;
use crate::loss;
use crate::math;
use crate::rnn;

/// A number per step and unit of one gate.
#[derive(Clone, PartialEq, Debug)]
pub struct GateSeries<S> {
    /// The gate's letter, `z` for an RNN's only pre-activation, `dphi` for its slope.
    pub name: &'static str,
    /// `[t][unit]`: step t of unit u at index `t·H + u`.
    pub values: Vec<S>,
}

/// All numbers of one pass over one sequence.
///
/// Arrays are flat `[t][unit]`: step t (from 0) of unit u of n at index `t·n + u`.
#[derive(Clone, PartialEq, Debug)]
pub struct ProbeTrace<S> {
    /// The cell.
    pub cell: CellKind,
    /// T.
    pub len: usize,
    /// The layer of the trace, from 0; the answer is always that of the network.
    pub layer: usize,
    /// H.
    pub hidden: usize,
    /// `‖∂L/∂h_t‖₂` per step of every layer, lowest first; empty where there is only one.
    pub layer_norms: Vec<Vec<f64>>,
    /// The inputs of a layer above the first, the h of the one below `[t][H]`, or with dropout the masked inputs of any layer;
    /// else empty.
    pub below: Vec<S>,
    /// The dropout mask over each h, 0 or 1/(1 − p) `[t][H]`; empty without dropout.
    pub mask: Vec<S>,
    /// O.
    pub outputs: usize,
    /// Pre-activations: i, f, g, o of an LSTM, r, z, n of a GRU, z of an RNN.
    pub z: Vec<GateSeries<S>>,
    /// Gate activations i, f, g, o of an LSTM, r, z, n of a GRU; of an RNN one series `dphi`, the slope `φ′(z)`.
    pub gates: Vec<GateSeries<S>>,
    /// Hidden states `[t][H]`.
    pub h: Vec<S>,
    /// Cell states `[t][H]`; empty without them.
    pub c: Vec<S>,
    /// The readout `[t][O]`, before softmax.
    pub output: Vec<S>,
    /// The answer so far `[t][O]`: class probabilities for cross-entropy, else the prediction, as `output`.
    pub answer: Vec<S>,
    /// `∂L/∂y_t` `[t][O]`, of the readout before softmax; exactly zero at steps without a target.
    pub grad_output: Vec<S>,
    /// Total derivatives `∂L/∂h_t` `[t][H]`.
    pub grad_h: Vec<S>,
    /// Total derivatives `∂L/∂c_t` `[t][H]`; empty without cell states.
    pub grad_c: Vec<S>,
    /// `∂L/∂z_t` per gate, named as in `z`.
    pub grad_z: Vec<GateSeries<S>>,
    /// `‖∂L/∂h_t‖₂` per step.
    pub grad_h_norms: Vec<f64>,
    /// `‖∂L/∂c_t‖₂` per step; empty without cell states.
    pub grad_c_norms: Vec<f64>,
    /// `‖∂L/∂x_t‖₂` per step of a window network, which has no state through which a gradient could go back; else empty.
    pub grad_x_norms: Vec<f64>,
    /// The sequence's loss.
    pub loss: f64,
    /// `σ_max(U)` of an RNN, the factor in its bound `max φ′(z) · σ_max(U)` per step back. None for a cell whose step
    /// back is not such a product (an LSTM or GRU), and for weights that are not finite.
    pub sigma_max: Option<f64>,
}

impl<S: Scalar> ProbeTrace<S> {
    /// Makes a trace of this shape with every number zero.
    #[must_use]
    pub fn zeros(cell: CellKind, len: usize, hidden: usize, outputs: usize) -> Self {
        let letters: Vec<&'static str> = cell.gates().iter().map(|gate| gate.letter()).collect();
        let units = || vec![S::ZERO; len * hidden];
        let series = |names: &[&'static str]| names.iter().map(|&name| GateSeries { name, values: units() }).collect();
        let (memory, gated) = (cell.has_cell_state(), cell.has_gates());
        let cells = if memory { len } else { 0 };
        Self {
            cell,
            len,
            layer: 0,
            hidden,
            layer_norms: Vec::new(),
            below: Vec::new(),
            mask: Vec::new(),
            outputs,
            z: series(&letters),
            gates: if gated { series(&letters) } else { series(&["dphi"]) },
            h: units(),
            c: vec![S::ZERO; cells * hidden],
            output: vec![S::ZERO; len * outputs],
            answer: vec![S::ZERO; len * outputs],
            grad_output: vec![S::ZERO; len * outputs],
            grad_h: units(),
            grad_c: vec![S::ZERO; cells * hidden],
            grad_z: series(&letters),
            grad_h_norms: vec![0.0; len],
            grad_c_norms: vec![0.0; cells],
            grad_x_norms: vec![0.0; if cell.is_recurrent() { 0 } else { len }],
            loss: 0.0,
            sigma_max: None,
        }
    }
}

impl<S> ProbeTrace<S> {
    /// The norms that show how far back the error reaches: `‖∂L/∂h_t‖`, or `‖∂L/∂x_t‖` of a window network.
    #[must_use]
    pub fn reach_norms(&self) -> &[f64] {
        if self.cell.is_recurrent() { &self.grad_h_norms } else { &self.grad_x_norms }
    }

    /// A gate's activations `[t][unit]`, by its letter.
    #[must_use]
    pub fn gate(&self, letter: &str) -> Option<&[S]> {
        self.gates.iter().find(|series| series.name == letter).map(|series| series.values.as_slice())
    }

    /// The activations of the gate that multiplies `U h` in the pre-activation of this letter: the reset gate for a GRU's
    /// candidate.
    #[must_use]
    pub fn reset_of(&self, letter: &str) -> Option<&[S]> {
        self.gate(self.cell.reset_of(letter)?.letter())
    }

    /// The activations of the gate that keeps the state of the step before, c if there is one, else h; `None` where no gate does.
    #[must_use]
    pub fn keeps(&self) -> Option<&[S]> {
        self.gate(self.cell.keeps()?.letter())
    }
}

/// Buffers for tracing one sequence at a time; a trace allocates only its result.
#[derive(Clone, Debug)]
pub struct Probe<S: Scalar> {
    unroll: Unroll<S>,
    loss: LossSpec,
}

impl<S: Scalar> Probe<S> {
    /// Allocates buffers for a sequence of `len` steps.
    #[must_use]
    pub fn new(config: &NetworkConfig, len: usize, loss: LossSpec) -> Self {
        Self { unroll: Unroll::new(config, len, 1), loss }
    }

    /// Returns the same with a truncated gradient.
    #[must_use]
    pub fn truncated(self, truncation: Truncation) -> Self {
        Self { unroll: self.unroll.truncated(truncation), ..self }
    }

    /// Runs the network over the batch's only sequence and back.
    ///
    /// # Panics
    /// If the batch holds more than one sequence or does not suit network and loss; [`Batch::check_fits`] checks
    /// that.
    pub fn trace(&mut self, network: &Network<S>, batch: &Batch<S>) -> ProbeTrace<S> {
        self.trace_layer(network, batch, usize::MAX)
    }

    /// Traces a layer (from 0; the last where there are fewer). The sequence may have another length than the one before.
    ///
    /// # Panics
    /// As for [`trace`](Self::trace).
    pub fn trace_layer(&mut self, network: &Network<S>, batch: &Batch<S>, layer: usize) -> ProbeTrace<S> {
        if self.unroll.len() != batch.len() {
            self.unroll = Unroll::new(self.unroll.config(), batch.len(), 1).truncated(self.unroll.truncation());
        }
        S::probe(self, network, batch);
        ProbeTrace::of_layer(&self.unroll, network, self.loss, (0, layer, batch.len()))
    }

    pub(super) fn pass(&mut self, network: &Network<S>, batch: &Batch<S>) {
        self.unroll.forward(network, batch);
        self.unroll.loss(batch, self.loss);
        self.unroll.backward_states(network, batch);
    }
}

impl<S: Scalar> ProbeTrace<S> {
    /// Collects the numbers of sequence `member` (from 0) in the last pass over a batch: forward, loss and backward. Its
    /// gradients are those of the batch's loss, a mean over the batch; `loss` is the sequence's own.
    ///
    /// # Panics
    /// If the batch has no such sequence.
    pub fn of_member(unroll: &Unroll<S>, network: &Network<S>, spec: LossSpec, member: usize) -> Self {
        Self::of_layer(unroll, network, spec, (member, usize::MAX, unroll.len()))
    }

    /// Collects those of a layer (from 0; the last where there are fewer) in the sequence's first `len` steps.
    ///
    /// # Panics
    /// If the batch has no such sequence.
    pub fn of_layer(
        unroll: &Unroll<S>,
        network: &Network<S>,
        spec: LossSpec,
        (member, layer, len): (usize, usize, usize),
    ) -> Self {
        let NetworkConfig { cell, hidden, outputs, .. } = *network.config();
        let len = len.min(unroll.len());
        let of = Columns { member, batch: unroll.batch(), len };
        assert!(member < of.batch, "a member of the batch");
        let index = layer.min(unroll.layers().len() - 1);
        let layer = &unroll.layers()[index];
        let norms = |layer: &LayerUnroll<S>| math::norms(&of.flat(layer.grad_h().as_view()), hidden);
        let (read, mask, columns) = (unroll.read_by(index), unroll.mask_over(index), unroll.len() * unroll.batch());
        let letters: Vec<&'static str> = cell.gates().iter().map(|gate| gate.letter()).collect();
        let recurrent = if cell.has_gates() { None } else { network.parameters().view_of(index, "w_hh") };
        let gates = if cell.has_gates() {
            of.split(layer.gates(), &letters)
        } else {
            let mut slopes = vec![S::ZERO; hidden * len];
            rnn::slopes(cell, &of.flat(layer.h()), &mut slopes);
            vec![GateSeries { name: "dphi", values: slopes }]
        };
        let mut answer = of.flat(unroll.output());
        if spec.kind == LossKind::CrossEntropy {
            answer.chunks_exact_mut(outputs).for_each(loss::softmax);
        }
        let (grad_h, grad_c) = (of.flat(layer.grad_h().as_view()), of.flat(layer.grad_c().as_view()));
        Self {
            cell,
            len,
            layer: index,
            hidden,
            layer_norms: if unroll.layers().len() > 1 {
                unroll.layers().iter().map(norms).collect()
            } else {
                Vec::new()
            },
            below: of.flat(DMatrixView::from_slice(read, read.len() / columns, columns)),
            mask: of.flat(DMatrixView::from_slice(mask, mask.len() / columns, columns)),
            outputs,
            z: of.split(layer.z(), &letters),
            gates,
            h: of.flat(layer.h()),
            c: of.flat(layer.c()),
            output: of.flat(unroll.output()),
            answer,
            grad_output: of.flat(unroll.grad_output()),
            grad_h_norms: math::norms(&grad_h, hidden),
            grad_c_norms: math::norms(&grad_c, hidden),
            grad_x_norms: unroll.input_norms(network, member).into_iter().take(len).collect(),
            grad_h,
            grad_c,
            grad_z: of.split(layer.grad_z().as_view(), &letters),
            loss: unroll.own_loss(spec, member, len),
            sigma_max: recurrent.and_then(largest_singular_value),
        }
    }
}

/// The columns of one sequence in a batch.
struct Columns {
    member: usize,
    batch: usize,
    /// Number of its steps.
    len: usize,
}

impl Columns {
    /// Collects a matrix's numbers in these columns, column after column.
    fn flat<S: Scalar>(&self, matrix: DMatrixView<'_, S>) -> Vec<S> {
        let columns = (self.member..matrix.ncols()).step_by(self.batch).take(self.len);
        let mut values = Vec::with_capacity(columns.len() * matrix.nrows());
        for column in columns {
            values.extend(matrix.column(column).iter());
        }
        values
    }

    /// Collects the row blocks of a matrix in these columns, one series each.
    fn split<S: Scalar>(&self, matrix: DMatrixView<'_, S>, names: &[&'static str]) -> Vec<GateSeries<S>> {
        let units = matrix.nrows() / names.len();
        let block = |(k, &name): (usize, &&'static str)| GateSeries {
            name,
            values: self.flat(matrix.rows(k * units, units).as_view()),
        };
        names.iter().enumerate().map(block).collect()
    }
}
