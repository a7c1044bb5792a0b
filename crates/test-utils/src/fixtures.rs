//! The engine against PyTorch: every case of `tests/fixtures`, in f64 and in f32, within the
//! tolerances that the project states.
//!
//! The references were made by `tests/fixtures/generate.py` (PyTorch autograd, float64).

use std::{fs, path::PathBuf};

use lab::case::Precision;
use serde_json::Value;

/// Cases of one forward and backward pass.
pub const TRACES: [&str; 30] = [
    "rnn_sigmoid",
    "rnn_sigmoid_last_xent_ragged",
    "rnn_sigmoid_every_xent_ragged",
    "rnn_sigmoid_long",
    "rnn_tanh",
    "rnn_tanh_last_xent_ragged",
    "rnn_tanh_every_xent_ragged",
    "rnn_relu",
    "rnn_relu_last_xent_ragged",
    "rnn_relu_every_xent_ragged",
    "lstm",
    "lstm_last_xent_ragged",
    "lstm_every_xent_ragged",
    "lstm_long",
    "rnn_sigmoid_tbptt3",
    "rnn_tanh_tbptt3",
    "rnn_relu_tbptt3",
    "lstm_tbptt3",
    "gru",
    "gru_last_xent_ragged",
    "gru_every_xent_ragged",
    "gru_tbptt3",
    "lstm_nig",
    "lstm_nfg",
    "lstm_nog",
    "lstm_niaf",
    "lstm_noaf",
    "lstm_cifg",
    "lstm_peephole",
    "lstm_fgr",
];

/// Cases of the derivatives of a state and a step's loss with respect to the earlier states.
pub const JACOBIANS: [&str; 13] = [
    "rnn_sigmoid_jacobian",
    "rnn_tanh_jacobian",
    "rnn_relu_jacobian",
    "lstm_jacobian",
    "gru_jacobian",
    "lstm_nig_jacobian",
    "lstm_nfg_jacobian",
    "lstm_nog_jacobian",
    "lstm_niaf_jacobian",
    "lstm_noaf_jacobian",
    "lstm_cifg_jacobian",
    "lstm_peephole_jacobian",
    "lstm_fgr_jacobian",
];

/// Cases of training for a few updates.
pub const OPTIMISERS: [&str; 7] =
    ["opt_sgd", "opt_sgd_momentum", "opt_sgd_decay", "opt_rmsprop", "opt_adam", "opt_adamw_decay", "opt_clip"];

/// Returns the file of a case.
pub fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "tests", "fixtures", &format!("{name}.json")].iter().collect()
}

/// Reads the file of a case.
pub fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn expected(name: &str) -> Value {
    serde_json::from_str(&read(name)).unwrap()
}

/// A function that computes the case of this name.
pub type Answer = fn(name: &str, precision: Precision) -> Value;

/// The allowed deviation of an answer from the reference.
struct Tolerance {
    precision: Precision,
    /// `‖a − b‖∞ / ‖b‖∞` of a whole array.
    array: f64,
    /// The same for one timestep of `grad_h` and `grad_c`.
    step: f64,
    /// Entries of a timestep up to this magnitude are not compared.
    floor: f64,
}

const F64: Tolerance = Tolerance { precision: Precision::F64, array: 1e-9, step: 1e-9, floor: 0.0 };
const F32: Tolerance = Tolerance { precision: Precision::F32, array: 1e-4, step: 1e-3, floor: 1e-30 };

/// Collects all numbers of a nested list or a map, in order.
fn flat(value: &Value, into: &mut Vec<f64>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| flat(item, into)),
        Value::Object(map) => map.values().for_each(|item| flat(item, into)),
        number => into.push(number.as_f64().unwrap_or(f64::NAN)),
    }
}

fn numbers(value: &Value) -> Vec<f64> {
    let mut numbers = Vec::new();
    flat(value, &mut numbers);
    numbers
}

/// Describes the lengths of a nested list, or the names of a map with theirs.
fn shape(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}{}]", items.len(), items.first().map(shape).unwrap_or_default()),
        Value::Object(map) => {
            let mut names: Vec<String> = map.iter().map(|(name, item)| format!("{name}{}", shape(item))).collect();
            names.sort();
            names.join(" ")
        }
        _ => String::new(),
    }
}

fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |largest, value| if value.abs() > largest || value.is_nan() { value.abs() } else { largest })
}

/// Adds a fault for an array that differs: by more than `tolerance` relative to its own largest entry, or by
/// another number where the reference is exactly zero.
fn compare(what: &str, actual: &Value, expected: &Value, tolerance: f64, floor: f64, faults: &mut Vec<String>) {
    if shape(actual) != shape(expected) {
        faults.push(format!("{what}: actual shape {}, expected {}", shape(actual), shape(expected)));
        return;
    }
    let (actual, expected) = (numbers(actual), numbers(expected));
    assert_eq!(actual.len(), expected.len(), "{what}: numbers");
    let scale = largest(expected.iter().copied());
    for (index, (&a, &e)) in actual.iter().zip(&expected).enumerate() {
        let error = (a - e).abs() / if scale > 0.0 { scale } else { 1.0 };
        let zero_broken = e == 0.0 && a != 0.0;
        let compared = e.abs() > floor || e == 0.0;
        if zero_broken || (compared && (error.is_nan() || error > tolerance)) {
            faults.push(format!("{what}[flat {index}]: actual {a:e}, expected {e:e}, relative error {error:e}"));
            return;
        }
    }
}

fn compare_trace(name: &str, answer: Answer, tolerance: &Tolerance, faults: &mut Vec<String>) {
    let (actual, expected) = (answer(name, tolerance.precision), expected(name));
    for key in ["h", "c", "output", "loss", "loss_per_step"] {
        compare(&format!("{name} {key}"), &actual[key], &expected[key], tolerance.array, 0.0, faults);
    }
    let (gates, expected_gates) = (by_gate(&actual["gates"]), by_gate(&expected["gates"]));
    compare_names(&format!("{name} gates"), &gates, &expected_gates, tolerance, faults);
    compare_names(&format!("{name} grads"), &actual["grads"], &expected["grads"], tolerance, faults);
    for key in ["grad_h", "grad_c"] {
        compare(&format!("{name} {key}"), &actual[key], &expected[key], tolerance.array, 0.0, faults);
        let steps = actual[key].as_array().unwrap().iter().zip(expected[key].as_array().unwrap());
        for (t, (actual, expected)) in steps.enumerate() {
            compare(&format!("{name} {key}[{t}]"), actual, expected, tolerance.step, tolerance.floor, faults);
        }
    }
}

fn compare_shape(what: &str, actual: &Value, expected: &Value, faults: &mut Vec<String>) {
    if shape(actual) != shape(expected) {
        faults.push(format!("{what}: actual shape {}, expected {}", shape(actual), shape(expected)));
    }
}

fn compare_names(what: &str, actual: &Value, expected: &Value, tolerance: &Tolerance, faults: &mut Vec<String>) {
    compare_shape(what, actual, expected, faults);
    for (name, expected) in expected.as_object().unwrap() {
        compare(&format!("{what} {name}"), &actual[name], expected, tolerance.array, 0.0, faults);
    }
}

/// Converts `[T]{gate: …}` to `{gate: [T]…}`, so that each gate is an array of its own.
fn by_gate(steps: &Value) -> Value {
    let steps = steps.as_array().unwrap();
    let names = steps[0].as_object().unwrap().keys();
    names.map(|name| (name.clone(), steps.iter().map(|step| step[name].clone()).collect::<Value>())).collect()
}

fn compare_training(name: &str, answer: Answer, tolerance: &Tolerance, faults: &mut Vec<String>) {
    let (actual, expected) = (answer(name, tolerance.precision), expected(name));
    for key in ["losses", "grad_norms_before_clip"] {
        compare(&format!("{name} {key}"), &actual[key], &expected[key], tolerance.array, 0.0, faults);
    }
    let key = "weights_after";
    compare_names(&format!("{name} {key}"), &actual[key], &expected[key], tolerance, faults);
}

fn compare_jacobians(name: &str, answer: Answer, tolerance: &Tolerance, faults: &mut Vec<String>) {
    let (actual, expected) = (answer(name, tolerance.precision), expected(name));
    for key in ["jacobian", "spectral_norm", "credit", "credit_c"] {
        compare(&format!("{name} {key}"), &actual[key], &expected[key], tolerance.array, 0.0, faults);
        assert_eq!(shape_of_each(&actual[key]), shape_of_each(&expected[key]), "{name} {key}");
    }
}

/// Returns the length of every item, as the rows of a triangle grow.
fn shape_of_each(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(shape).collect()
}

/// Compares every case with this answer, in f64 and f32.
pub fn compare_all(answer: Answer) {
    for tolerance in [F64, F32] {
        let mut faults = Vec::new();
        TRACES.iter().for_each(|name| compare_trace(name, answer, &tolerance, &mut faults));
        JACOBIANS.iter().for_each(|name| compare_jacobians(name, answer, &tolerance, &mut faults));
        OPTIMISERS.iter().for_each(|name| compare_training(name, answer, &tolerance, &mut faults));
        let precision = tolerance.precision;
        assert!(faults.is_empty(), "{} arrays differ in {precision:?}:\n{}", faults.len(), faults.join("\n"));
    }
}
