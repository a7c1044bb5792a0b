//! The engine against PyTorch: every case of `tests/fixtures`, in f64 and in f32.

use std::fs;

use lab::case::{Precision, evaluate};
use serde_json::Value;
use test_utils::fixtures::{JACOBIANS, OPTIMISERS, TRACES, compare_all, path, read};

#[test]
fn every_number_agrees_with_pytorch() {
    compare_all(|name, precision| evaluate(&read(name), precision).unwrap_or_else(|error| panic!("{name}: {error}")));
}

#[test]
fn no_fixture_is_missing_or_unknown_to_the_tests() {
    let mut found: Vec<String> = fs::read_dir(path("lstm").parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    let mut known: Vec<&str> = [TRACES.as_slice(), &JACOBIANS, &OPTIMISERS].concat();
    found.sort();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn answers_in_a_case_are_never_read() {
    let mut case: Value = serde_json::from_str(&read("lstm")).unwrap();
    let truth = evaluate(&case.to_string(), Precision::F64).unwrap();
    for key in ["h", "c", "gates", "output", "loss", "loss_per_step", "grads", "grad_h", "grad_c"] {
        case[key] = Value::from("nonsense");
    }
    assert_eq!(evaluate(&case.to_string(), Precision::F64).unwrap(), truth);
}
