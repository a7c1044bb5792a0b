//! Reading a case: network, batch, loss and optimiser, each shape and number checked.

use std::collections::BTreeMap;

use nalgebra::DMatrix;
use serde::Deserialize;
use serde_json::{Value, json};

use super::CaseError;
use super::unknown;
use nn::{
    Batch, CellKind, Init, LossAt, LossKind, LossSpec, LstmVariant, Network, NetworkConfig, OptimizerKind,
    OptimizerSettings, Parameters, Scalar, Targets, Truncation, Unroll,
};

/// The keys of a case that are read.
#[derive(Deserialize)]
pub(super) struct Case {
    pub(super) kind: String,
    #[serde(default)]
    pub(super) name: Value,
    cell: String,
    #[serde(default = "vanilla")]
    variant: String,
    /// Number of layers; only 1 is supported.
    layers: Option<Value>,
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
    pub(super) tbptt_window: Option<usize>,
    lengths: Option<Vec<usize>>,
    pub(super) weights: Weights,
    x: Vec<Vec<Vec<f64>>>,
    target: Value,
    optimiser: Option<String>,
    options: Option<BTreeMap<String, Value>>,
    pub(super) clip_norm: Option<f64>,
    pub(super) updates: Option<u64>,
}

fn vanilla() -> String {
    "vanilla".to_owned()
}

/// Weights in PyTorch's layout, rows first, with its two biases.
#[derive(Deserialize)]
pub(super) struct Weights {
    w_ih: Vec<Vec<f64>>,
    w_hh: Vec<Vec<f64>>,
    pub(super) b_ih: Vec<f64>,
    pub(super) b_hh: Vec<f64>,
    w_out: Vec<Vec<f64>>,
    b_out: Vec<f64>,
    p_i: Option<Vec<f64>>,
    p_f: Option<Vec<f64>>,
    p_o: Option<Vec<f64>>,
    w_gates: Option<Vec<Vec<f64>>>,
}

/// A case's network, batch and loss.
pub(super) struct Setup<S: Scalar> {
    pub(super) network: Network<S>,
    pub(super) batch: Batch<S>,
    pub(super) loss: LossSpec,
    truncation: Truncation,
}

impl<S: Scalar> Setup<S> {
    /// Allocates the buffers of a pass.
    pub(super) fn unroll(&self) -> Unroll<S> {
        Unroll::new(self.network.config(), self.batch.len(), self.batch.batch()).truncated(self.truncation)
    }

    /// Reads and checks everything, so that the passes need not.
    pub(super) fn new(case: &Case) -> Result<Self, CaseError> {
        let cell = CellKind::from_code(&case.cell.replace('_', "-"))
            .filter(|cell| cell.is_recurrent())
            .ok_or_else(|| unknown("cell", &case.cell, "rnn_sigmoid, rnn_tanh, rnn_relu, lstm, gru"))?;
        let known = "vanilla; of an lstm also nig, nfg, nog, niaf, noaf, cifg, peephole, fgr";
        let variant = LstmVariant::from_name(&case.variant)
            .filter(|&variant| cell == CellKind::Lstm || variant == LstmVariant::Vanilla)
            .ok_or_else(|| unknown("variant", &case.variant, known))?;
        let cell = if cell == CellKind::Lstm { CellKind::from_code(variant.code()).unwrap_or(cell) } else { cell };
        if let Some(layers) = case.layers.as_ref().filter(|layers| layers.as_u64() != Some(1)) {
            return Err(unknown("layers", &layers.to_string(), "1"));
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
        let config = NetworkConfig {
            cell,
            inputs: case.inputs,
            hidden: case.hidden,
            outputs: case.outputs,
            forget_bias: 0.0,
            window: 1,
            layers: 1,
            init: Init::Uniform,
        };
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

    let mut matrices = vec![("w_ih", &weights.w_ih), ("w_hh", &weights.w_hh), ("w_out", &weights.w_out)];
    let mut vectors = vec![("b_out", &weights.b_out)];
    match config.cell.variant() {
        LstmVariant::Peephole => {
            for (name, given) in [("p_i", &weights.p_i), ("p_f", &weights.p_f), ("p_o", &weights.p_o)] {
                let given = given.as_ref().ok_or(CaseError::Missing(name))?;
                check_len(name, given, hidden)?;
                vectors.push((name, given));
            }
        }
        LstmVariant::Fgr => {
            let given = weights.w_gates.as_ref().ok_or(CaseError::Missing("w_gates"))?;
            check_rows("w_gates", given, 3 * hidden, 3 * hidden)?;
            matrices.push(("w_gates", given));
        }
        _ => {}
    }
    let mut parameters = Parameters::zeros(config);
    for (name, rows) in matrices {
        let block = parameters.slice_mut(name);
        for (r, row) in rows.iter().enumerate() {
            for (c, &value) in row.iter().enumerate() {
                block[c * rows.len() + r] = scalar(name, value)?;
            }
        }
    }
    // The second bias of a GRU's candidate stays separate.
    let merged = if config.cell.reset().is_some() { units - hidden } else { units };
    let both = weights.b_ih.iter().zip(&weights.b_hh).enumerate();
    let both = both.map(|(row, (ih, hh))| if row < merged { ih + hh } else { *ih });
    for (bias, value) in parameters.slice_mut("b").iter_mut().zip(both) {
        *bias = scalar("b_ih + b_hh", value)?;
    }
    let b_hn = weights.b_hh[merged..].to_vec();
    vectors.push(("b_hn", &b_hn));
    for (name, given) in vectors {
        for (number, &value) in parameters.slice_mut(name).iter_mut().zip(given) {
            *number = scalar(name, value)?;
        }
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

/// Reads `[T][B][width]` as `[width × T·B]`.
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

/// Reads the optimiser of a case, under PyTorch's names.
pub(super) fn read_settings(case: &Case) -> Result<OptimizerSettings, CaseError> {
    let name = case.optimiser.as_deref().ok_or(CaseError::Missing("optimiser"))?;
    // Momentum is an option of SGD in PyTorch.
    let kind = OptimizerKind::ALL
        .into_iter()
        .find(|kind| kind.name() == name && *kind != OptimizerKind::Momentum)
        .ok_or_else(|| unknown("optimiser", name, "SGD, RMSprop, Adam, AdamW"))?;
    // PyTorch's default learning rates.
    let mut settings = OptimizerSettings::new(kind, if kind == OptimizerKind::RmsProp { 0.01 } else { 0.001 });
    for (key, value) in case.options.iter().flatten() {
        let known = "lr, weight_decay; momentum (SGD); alpha, eps (RMSprop); betas, eps (Adam, AdamW)";
        let bad = || unknown("options", &format!("{key}: {value}"), known);
        match (key.as_str(), name) {
            ("lr", _) => settings.lr = within(value, 0.0, f64::MAX).ok_or_else(bad)?,
            ("weight_decay", _) => settings.decay = within(value, 0.0, f64::MAX).ok_or_else(bad)?,
            ("alpha", "RMSprop") => settings.alpha = within(value, 0.0, 1.0).ok_or_else(bad)?,
            ("eps", "RMSprop" | "Adam" | "AdamW") => settings.epsilon = within(value, 0.0, f64::MAX).ok_or_else(bad)?,
            ("momentum", "SGD") => {
                settings.momentum = within(value, 0.0, f64::MAX).ok_or_else(bad)?;
                if settings.momentum > 0.0 {
                    settings.kind = OptimizerKind::Momentum;
                }
            }
            ("betas", "Adam" | "AdamW") => {
                let below_one = |k: usize| within(value.get(k)?, 0.0, 1.0_f64.next_down());
                settings.betas = below_one(0).zip(below_one(1)).ok_or_else(bad)?;
            }
            // Options that are given but switched off.
            _ if value.is_null() || *value == json!(false) || value.as_f64() == Some(0.0) => {}
            _ => return Err(bad()),
        }
    }
    Ok(settings)
}

fn within(value: &Value, low: f64, high: f64) -> Option<f64> {
    value.as_f64().filter(|number| (low..=high).contains(number))
}
