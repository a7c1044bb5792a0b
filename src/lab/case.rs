//! A reference case: read its inputs, compute what it asks for, give the answers in the same form.
//!
//! The form is that of `tests/fixtures/*.json`, whose answers come from PyTorch: nested lists, time first,
//! `[T][B][features]`; `tests/fixtures/generate.py` documents every key. Answers in a case are never read.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DMatrixView};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::nn::{
    Batch, BatchError, CellKind, LossAt, LossKind, LossSpec, Network, NetworkConfig, NetworkError, Optimizer,
    OptimizerKind, OptimizerSettings, Parameters, Scalar, Targets, Truncation, Unroll, clip_global_norm,
};

/// The number type to compute in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// As the page trains.
    F32,
    /// As the references were made.
    F64,
}

/// Why a case cannot be done; each message is one line.
#[derive(Debug, Error)]
pub enum CaseError {
    /// Not a case at all.
    #[error("not a case: {0}")]
    Json(#[from] serde_json::Error),
    /// Something that this build does not know.
    #[error("{what} {found:?} is not built; known: {known}")]
    Unknown {
        /// The key.
        what: &'static str,
        /// Its value.
        found: String,
        /// The values that would do.
        known: &'static str,
    },
    /// A key that this kind of case needs is not there.
    #[error("key {0:?} is missing")]
    Missing(&'static str),
    /// An array has another shape than the sizes say.
    #[error("{what} has {found} entries where {expected} are expected")]
    Shape {
        /// The array.
        what: String,
        /// The length by the case's sizes.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// A number is out of range, or not finite in the number type asked for.
    #[error("{what} is {found}, expected {expected}")]
    Number {
        /// Which number.
        what: String,
        /// What it is.
        found: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// The targets are not what the loss needs.
    #[error("target does not suit loss_kind {loss:?}: {source}")]
    Target {
        /// The case's loss.
        loss: &'static str,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// The weights do not make a network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The sequences do not make a batch, or not one for the network.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

/// What is read of a case.
#[derive(Deserialize)]
struct Case {
    kind: String,
    #[serde(default)]
    name: Value,
    cell: String,
    #[serde(default = "vanilla")]
    variant: String,
    #[serde(rename = "T")]
    len: usize,
    #[serde(rename = "B")]
    batch: usize,
    #[serde(rename = "D")]
    inputs: usize,
    #[serde(rename = "H")]
    hidden: usize,
    #[serde(rename = "O")]
    outputs: usize,
    loss_kind: String,
    loss_at: String,
    tbptt_window: Option<usize>,
    lengths: Option<Vec<usize>>,
    weights: Weights,
    x: Vec<Vec<Vec<f64>>>,
    target: Value,
    optimiser: Option<String>,
    options: Option<BTreeMap<String, Value>>,
    clip_norm: Option<f64>,
    updates: Option<u64>,
}

fn vanilla() -> String {
    "vanilla".to_owned()
}

/// Weights in PyTorch's layout, rows first, with its two biases.
#[derive(Deserialize)]
struct Weights {
    w_ih: Vec<Vec<f64>>,
    w_hh: Vec<Vec<f64>>,
    b_ih: Vec<f64>,
    b_hh: Vec<f64>,
    w_out: Vec<Vec<f64>>,
    b_out: Vec<f64>,
}

/// The most updates that an optimiser case may ask for, as in a share link.
const MOST_UPDATES: u64 = 1_000_000;

/// Computes what a case asks for: `trace` and `optimiser`.
///
/// A number that is not finite (a loss that overflows, say) is `null` in the answer: JSON has no such number.
///
/// # Errors
/// If the text is no case, or asks for something that this build cannot do.
pub fn evaluate(text: &str, precision: Precision) -> Result<Value, CaseError> {
    let case: Case = serde_json::from_str(text)?;
    match precision {
        Precision::F32 => evaluate_in::<f32>(&case),
        Precision::F64 => evaluate_in::<f64>(&case),
    }
}

fn evaluate_in<S: Scalar>(case: &Case) -> Result<Value, CaseError> {
    let answer = match case.kind.as_str() {
        "trace" => trace::<S>,
        "optimiser" => optimise::<S>,
        _ => return Err(unknown("kind", &case.kind, "trace, optimiser")),
    };
    let setup = Setup::<S>::new(case)?;
    let mut result = answer(case, setup)?;
    result.insert("kind".to_owned(), json!(case.kind));
    result.insert("name".to_owned(), case.name.clone());
    Ok(Value::Object(result))
}

fn unknown(what: &'static str, found: &str, known: &'static str) -> CaseError {
    CaseError::Unknown { what, found: found.to_owned(), known }
}

/// A case's network, batch and loss.
struct Setup<S: Scalar> {
    network: Network<S>,
    batch: Batch<S>,
    loss: LossSpec,
    truncation: Truncation,
}

impl<S: Scalar> Setup<S> {
    /// Room for a pass.
    fn unroll(&self) -> Unroll<S> {
        Unroll::new(self.network.config(), self.batch.len(), self.batch.batch()).truncated(self.truncation)
    }

    fn new(case: &Case) -> Result<Self, CaseError> {
        let cell = CellKind::from_code(&case.cell.replace('_', "-"))
            .ok_or_else(|| unknown("cell", &case.cell, "rnn_sigmoid, rnn_tanh, rnn_relu, lstm"))?;
        if case.variant != "vanilla" {
            return Err(unknown("variant", &case.variant, "vanilla"));
        }
        let kind = match case.loss_kind.as_str() {
            "mse" => LossKind::SquaredError,
            "xent" => LossKind::CrossEntropy,
            found => return Err(unknown("loss_kind", found, "mse, xent")),
        };
        let at = match case.loss_at.as_str() {
            "last" => LossAt::Last,
            "every" => LossAt::Every,
            found => return Err(unknown("loss_at", found, "last, every")),
        };
        let loss = LossSpec { kind, at };
        let config =
            NetworkConfig { cell, inputs: case.inputs, hidden: case.hidden, outputs: case.outputs, forget_bias: 0.0 };
        let network = read_network(&config, &case.weights)?;
        let batch = read_batch(case, kind)?;
        batch.check_fits(&config, loss)?;
        let truncation = Truncation::new(case.tbptt_window.unwrap_or(0));
        Ok(Self { network, batch, loss, truncation })
    }
}

fn read_network<S: Scalar>(config: &NetworkConfig, weights: &Weights) -> Result<Network<S>, CaseError> {
    let NetworkConfig { cell, inputs, hidden, outputs, .. } = *config;
    let units = cell.gates().len().saturating_mul(hidden);
    // Every shape is checked against the file before anything of that size is allocated.
    check_rows("w_ih", &weights.w_ih, units, inputs)?;
    check_rows("w_hh", &weights.w_hh, units, hidden)?;
    check_rows("w_out", &weights.w_out, outputs, hidden)?;
    check_len("b_ih", &weights.b_ih, units)?;
    check_len("b_hh", &weights.b_hh, units)?;
    check_len("b_out", &weights.b_out, outputs)?;

    let mut parameters = Parameters::zeros(config);
    for (name, rows) in [("w_ih", &weights.w_ih), ("w_hh", &weights.w_hh), ("w_out", &weights.w_out)] {
        let block = parameters.slice_mut(name);
        for (r, row) in rows.iter().enumerate() {
            for (c, &value) in row.iter().enumerate() {
                block[c * rows.len() + r] = scalar(name, value)?;
            }
        }
    }
    let both = weights.b_ih.iter().zip(&weights.b_hh).map(|(ih, hh)| ih + hh);
    for (bias, value) in parameters.slice_mut("b").iter_mut().zip(both) {
        *bias = scalar("b_ih + b_hh", value)?;
    }
    for (bias, &value) in parameters.slice_mut("b_out").iter_mut().zip(&weights.b_out) {
        *bias = scalar("b_out", value)?;
    }
    Ok(Network::with_parameters(config, parameters)?)
}

fn read_batch<S: Scalar>(case: &Case, kind: LossKind) -> Result<Batch<S>, CaseError> {
    let (len, batch) = (case.len, case.batch);
    let inputs = read_sequences("x", &case.x, len, batch, case.inputs)?;
    let lengths = match &case.lengths {
        Some(lengths) => lengths.clone(),
        None => vec![len; batch],
    };
    check_len("lengths", &lengths, batch)?;
    let targets = match kind {
        LossKind::SquaredError => {
            let values: Vec<Vec<Vec<f64>>> =
                Deserialize::deserialize(&case.target).map_err(|source| CaseError::Target { loss: "mse", source })?;
            Targets::Values(read_sequences("target", &values, len, batch, case.outputs)?)
        }
        LossKind::CrossEntropy => {
            let classes: Vec<Vec<usize>> =
                Deserialize::deserialize(&case.target).map_err(|source| CaseError::Target { loss: "xent", source })?;
            check_rows("target", &classes, len, batch)?;
            Targets::Classes(classes.concat())
        }
    };
    Ok(Batch::new(inputs, targets, lengths, len)?)
}

/// `[T][B][width]` to `[width × T·B]`.
fn read_sequences<S: Scalar>(
    what: &str,
    steps: &[Vec<Vec<f64>>],
    len: usize,
    batch: usize,
    width: usize,
) -> Result<DMatrix<S>, CaseError> {
    check_len(what, steps, len)?;
    let mut values = Vec::new();
    for (t, step) in steps.iter().enumerate() {
        check_rows(&format!("{what}[{t}]"), step, batch, width)?;
        for &value in step.iter().flatten() {
            values.push(scalar(what, value)?);
        }
    }
    Ok(DMatrix::from_vec(width, len * batch, values))
}

fn check_len<T>(what: &str, values: &[T], expected: usize) -> Result<(), CaseError> {
    if values.len() == expected {
        return Ok(());
    }
    Err(CaseError::Shape { what: what.to_owned(), expected, found: values.len() })
}

fn check_rows<T>(what: &str, rows: &[Vec<T>], expected: usize, cols: usize) -> Result<(), CaseError> {
    check_len(what, rows, expected)?;
    rows.iter().enumerate().try_for_each(|(r, row)| check_len(&format!("{what}[{r}]"), row, cols))
}

fn scalar<S: Scalar>(what: &str, found: f64) -> Result<S, CaseError> {
    let value = S::from_f64(found);
    if value.finite() {
        return Ok(value);
    }
    Err(CaseError::Number { what: what.to_owned(), found, expected: "a number that the number type can hold" })
}

/// One pass: every state, gradient and loss.
fn trace<S: Scalar>(_: &Case, setup: Setup<S>) -> Result<Map<String, Value>, CaseError> {
    let mut unroll = setup.unroll();
    let Setup { network, batch, loss, .. } = setup;
    let NetworkConfig { cell, hidden, .. } = *network.config();
    let mut gradients = Parameters::zeros(network.config());
    unroll.forward(&network, &batch);
    let mean = unroll.loss(&batch, loss);
    unroll.backward(&network, &batch, &mut gradients);

    let width = batch.batch();
    // Without rows the references hold [], not T empty lists.
    let states = |matrix: DMatrixView<'_, S>| {
        if matrix.is_empty() { json!([]) } else { steps(matrix, width) }
    };
    let shown = if cell.has_cell_state() { unroll.gates() } else { unroll.z() };
    let mut per_gate: Vec<_> = cell
        .gates()
        .iter()
        .enumerate()
        .map(|(k, gate)| (gate.letter(), steps_of(shown.rows(k * hidden, hidden).as_view(), width)))
        .collect();
    let gates: Vec<Value> = (0..batch.len())
        .map(|t| per_gate.iter_mut().map(|(letter, steps)| ((*letter).to_owned(), steps[t].take())).collect())
        .collect();
    let mut grads = named(&gradients);
    let bias = grads.remove("b").unwrap_or_default();
    grads.insert("b_ih".to_owned(), bias.clone());
    grads.insert("b_hh".to_owned(), bias);
    let answer = json!({
        "h": steps(unroll.h(), width),
        "c": states(unroll.c()),
        "gates": gates,
        "output": steps(unroll.output(), width),
        "loss": mean,
        "loss_per_step": unroll.loss_per_step().chunks(width).collect::<Vec<_>>(),
        "grads": grads,
        "grad_h": steps(unroll.grad_h(), width),
        "grad_c": states(unroll.grad_c()),
    });
    Ok(into_map(answer))
}

/// Full-batch training on the case's one batch: the loss and the gradient norm before each update, and the weights
/// after the last.
fn optimise<S: Scalar>(case: &Case, setup: Setup<S>) -> Result<Map<String, Value>, CaseError> {
    let mut unroll = setup.unroll();
    let Setup { mut network, batch, loss, .. } = setup;
    let settings = read_settings(case)?;
    let clip = case.clip_norm.unwrap_or(0.0);
    if clip < 0.0 {
        return Err(CaseError::Number { what: "clip_norm".to_owned(), found: clip, expected: "at least 0" });
    }
    let updates = case.updates.ok_or(CaseError::Missing("updates"))?;
    if updates > MOST_UPDATES {
        return Err(unknown("updates", &updates.to_string(), "0 to 1000000"));
    }
    let mut gradients = Parameters::zeros(network.config());
    let mut optimizer = Optimizer::with_settings(settings, network.parameter_count());
    let (mut losses, mut norms) = (Vec::new(), Vec::new());
    for _ in 0..updates {
        unroll.forward(&network, &batch);
        losses.push(unroll.loss(&batch, loss));
        unroll.backward(&network, &batch, &mut gradients);
        norms.push(clip_global_norm(gradients.values_mut(), clip));
        optimizer.step(network.parameters_mut().values_mut(), gradients.values());
    }
    // One bias is trained, the sum of the case's two; its b_hh stays as it was.
    let trained = network.parameters().slice("b");
    let b_ih: Vec<f64> = trained.iter().zip(&case.weights.b_hh).map(|(b, b_hh)| b.to_f64() - b_hh).collect();
    let mut weights = named(network.parameters());
    weights.remove("b");
    weights.insert("b_ih".to_owned(), json!(b_ih));
    weights.insert("b_hh".to_owned(), json!(case.weights.b_hh));
    Ok(into_map(json!({ "losses": losses, "grad_norms_before_clip": norms, "weights_after": weights })))
}

fn read_settings(case: &Case) -> Result<OptimizerSettings, CaseError> {
    let name = case.optimiser.as_deref().ok_or(CaseError::Missing("optimiser"))?;
    let kind = match name {
        "SGD" => OptimizerKind::Sgd,
        "Adam" => OptimizerKind::Adam,
        _ => return Err(unknown("optimiser", name, "SGD, Adam")),
    };
    // PyTorch's default learning rate of both.
    let mut settings = OptimizerSettings::new(kind, 0.001);
    for (key, value) in case.options.iter().flatten() {
        let bad = || unknown("options", &format!("{key}: {value}"), "lr; momentum (SGD); betas, eps (Adam)");
        match (key.as_str(), name) {
            ("lr", _) => settings.lr = within(value, 0.0, f64::MAX).ok_or_else(bad)?,
            ("eps", "Adam") => settings.epsilon = within(value, 0.0, f64::MAX).ok_or_else(bad)?,
            ("momentum", "SGD") => {
                settings.momentum = within(value, 0.0, f64::MAX).ok_or_else(bad)?;
                if settings.momentum > 0.0 {
                    settings.kind = OptimizerKind::Momentum;
                }
            }
            ("betas", "Adam") => {
                let below_one = |k: usize| within(value.get(k)?, 0.0, 1.0_f64.next_down());
                settings.betas = below_one(0).zip(below_one(1)).ok_or_else(bad)?;
            }
            // Written out but off.
            _ if value.is_null() || *value == json!(false) || value.as_f64() == Some(0.0) => {}
            _ => return Err(bad()),
        }
    }
    Ok(settings)
}

fn within(value: &Value, low: f64, high: f64) -> Option<f64> {
    value.as_f64().filter(|number| (low..=high).contains(number))
}

fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// `[rows × T·B]` as `[T][B][rows]`.
fn steps<S: Scalar>(matrix: DMatrixView<'_, S>, batch: usize) -> Value {
    Value::Array(steps_of(matrix, batch))
}

fn steps_of<S: Scalar>(matrix: DMatrixView<'_, S>, batch: usize) -> Vec<Value> {
    let columns: Vec<Value> =
        matrix.column_iter().map(|column| column.iter().map(|value| value.to_f64()).collect()).collect();
    columns.chunks(batch).map(|step| Value::Array(step.to_vec())).collect()
}

/// Every block under its name: rows of numbers, or numbers for a bias.
fn named<S: Scalar>(parameters: &Parameters<S>) -> Map<String, Value> {
    let rows = |matrix: DMatrixView<'_, S>| -> Value {
        matrix.row_iter().map(|row| row.iter().map(|value| value.to_f64()).collect::<Value>()).collect()
    };
    let mut blocks = Map::new();
    for block in parameters.blocks() {
        let value = if block.name.starts_with('b') {
            parameters.slice(block.name).iter().map(|value| value.to_f64()).collect()
        } else {
            parameters.view(block.name).map(rows).unwrap_or_default()
        };
        blocks.insert(block.name.to_owned(), value);
    }
    blocks
}
