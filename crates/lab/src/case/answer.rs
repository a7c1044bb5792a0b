//! Answers of cases, in the form of the references.

use nalgebra::DMatrixView;
use serde_json::{Map, Value, json};

use super::CaseError;
use super::read::{Case, Setup, read_settings};
use crate::experiment::limits::MAX_UPDATE;
use nn::{Block, NetworkConfig, Optimizer, Parameters, Scalar, clip_global_norm, largest_singular_value};

/// Answers with one pass: every state, gradient and loss.
pub(super) fn trace<S: Scalar>(_: &Case, setup: Setup<S>) -> Result<Map<String, Value>, CaseError> {
    let mut unroll = setup.unroll();
    let Setup { network, batch, loss, .. } = setup;
    let NetworkConfig { cell, hidden, .. } = *network.config();
    let mut gradients = Parameters::zeros(network.config());
    unroll.forward(&network, &batch);
    let mean = unroll.loss(&batch, loss);
    unroll.backward(&network, &batch, &mut gradients);

    let width = batch.batch();
    // Without rows the references have [], not T empty lists.
    let states = |matrix: DMatrixView<'_, S>| {
        if matrix.is_empty() { json!([]) } else { steps(matrix, width) }
    };
    let shown = if cell.has_gates() { unroll.gates() } else { unroll.z() };
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
    let mut second = bias.clone();
    if let (Value::Array(second), Some(Value::Array(b_hn))) = (&mut second, grads.remove("b_hn")) {
        second.truncate(second.len() - b_hn.len());
        second.extend(b_hn);
    }
    grads.insert("b_ih".to_owned(), bias);
    grads.insert("b_hh".to_owned(), second);
    let answer = json!({
        "h": steps(unroll.h(), width),
        "c": states(unroll.c()),
        "gates": gates,
        "output": steps(unroll.output(), width),
        "loss": mean,
        "loss_per_step": unroll.loss_per_step().chunks(width).collect::<Vec<_>>(),
        "grads": grads,
        "grad_h": steps(unroll.grad_h().as_view(), width),
        "grad_c": states(unroll.grad_c().as_view()),
    });
    Ok(into_map(answer))
}

/// Answers with the derivatives of the last state, and of each step's loss, by the states before, for one sequence and without
/// truncation.
pub(super) fn jacobian<S: Scalar>(case: &Case, setup: Setup<S>) -> Result<Map<String, Value>, CaseError> {
    let unsupported =
        |what: &str, found: usize, expected| CaseError::Number { what: what.to_owned(), found: found as f64, expected };
    match case.tbptt_window {
        None | Some(0) => {}
        Some(window) => return Err(unsupported("tbptt_window", window, "none in a jacobian case")),
    }
    let mut unroll = setup.unroll();
    let Setup { network, batch, loss, .. } = setup;
    if batch.batch() != 1 {
        return Err(unsupported("B", batch.batch(), "1 in a jacobian case"));
    }
    unroll.forward(&network, &batch);
    unroll.loss(&batch, loss);
    let credit = unroll.credit(&network, &batch, loss, 0);
    let jacobians = unroll.state_jacobians(&network, 0);
    Ok(into_map(json!({
        "jacobian": jacobians.iter().map(|jacobian| rows(jacobian.as_view())).collect::<Vec<_>>(),
        "spectral_norm": jacobians.iter().map(|jacobian| largest_singular_value(jacobian.as_view())).collect::<Vec<_>>(),
        "credit": credit.h,
        "credit_c": credit.c,
    })))
}

/// Answers with full-batch training on the case's one batch: the loss and the gradient norm before each update, and the weights
/// after the last.
pub(super) fn optimise<S: Scalar>(case: &Case, setup: Setup<S>) -> Result<Map<String, Value>, CaseError> {
    let mut unroll = setup.unroll();
    let Setup { mut network, batch, loss, .. } = setup;
    let settings = read_settings(case)?;
    let clip = case.clip_norm.unwrap_or(0.0);
    if clip < 0.0 {
        return Err(CaseError::Number { what: "clip_norm".to_owned(), found: clip, expected: "at least 0" });
    }
    let updates = case.updates.ok_or(CaseError::Missing("updates"))?;
    if updates > MAX_UPDATE {
        return Err(CaseError::Updates(updates));
    }
    let mut gradients = Parameters::zeros(network.config());
    // Of the case's two biases b_ih is trained, and b_hh stays as it was: weight decay applies to b_ih, not to the sum.
    let parameters = network.parameters_mut();
    let bias = parameters.block("b").map_or(0..0, Block::range);
    // A GRU's b_hn, which is part of b_hh, stays, too.
    let constant = parameters.block("b_hn").map_or(0..0, Block::range);
    let without = |values: &[S]| [&values[..constant.start], &values[constant.end..]].concat();
    let b_hh: Vec<S> = case.weights.b_hh.iter().map(|&b_hh| S::from_f64(b_hh)).collect();
    let b_hh = &b_hh[..b_hh.len() - constant.len()];
    let mut trained = without(parameters.values());
    for (b, &b_ih) in trained[bias.clone()].iter_mut().zip(&case.weights.b_ih) {
        *b = S::from_f64(b_ih);
    }
    let mut optimizer = Optimizer::with_settings(settings, trained.len());
    let (mut losses, mut norms) = (Vec::new(), Vec::new());
    for _ in 0..updates {
        unroll.forward(&network, &batch);
        losses.push(unroll.loss(&batch, loss));
        unroll.backward(&network, &batch, &mut gradients);
        let mut gradients = without(gradients.values());
        norms.push(clip_global_norm(&mut gradients, clip));
        optimizer.step(&mut trained, &gradients);
        let values = network.parameters_mut().values_mut();
        values[..constant.start].copy_from_slice(&trained[..constant.start]);
        values[constant.end..].copy_from_slice(&trained[constant.start..]);
        for (b, &b_hh) in network.parameters_mut().slice_mut("b").iter_mut().zip(b_hh) {
            *b += b_hh;
        }
    }
    let b_ih: Vec<f64> = trained[bias].iter().map(|b| b.to_f64()).collect();
    let mut weights = named(network.parameters());
    weights.remove("b");
    weights.remove("b_hn");
    weights.insert("b_ih".to_owned(), json!(b_ih));
    weights.insert("b_hh".to_owned(), json!(case.weights.b_hh));
    Ok(into_map(json!({ "losses": losses, "grad_norms_before_clip": norms, "weights_after": weights })))
}

fn into_map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Writes `[rows × T·B]` as `[T][B][rows]`.
fn steps<S: Scalar>(matrix: DMatrixView<'_, S>, batch: usize) -> Value {
    Value::Array(steps_of(matrix, batch))
}

fn steps_of<S: Scalar>(matrix: DMatrixView<'_, S>, batch: usize) -> Vec<Value> {
    let columns: Vec<Value> =
        matrix.column_iter().map(|column| column.iter().map(|value| value.to_f64()).collect()).collect();
    columns.chunks(batch).map(|step| Value::Array(step.to_vec())).collect()
}

/// Writes a matrix as its rows.
fn rows<S: Scalar>(matrix: DMatrixView<'_, S>) -> Value {
    matrix.row_iter().map(|row| row.iter().map(|value| value.to_f64()).collect::<Value>()).collect()
}

/// Writes every block under its name: rows of numbers, or numbers for a bias or a peephole.
fn named<S: Scalar>(parameters: &Parameters<S>) -> Map<String, Value> {
    let mut blocks = Map::new();
    for block in parameters.blocks() {
        let value = if !block.name.starts_with('w') {
            parameters.slice(block.name).iter().map(|value| value.to_f64()).collect()
        } else {
            parameters.view(block.name).map(rows).unwrap_or_default()
        };
        blocks.insert(block.name.to_owned(), value);
    }
    blocks
}
