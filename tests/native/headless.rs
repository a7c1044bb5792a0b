//! The headless program as its users meet it.

use std::{
    fs,
    io::Read,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::fixtures;

fn headless(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_headless")).args(arguments).output().unwrap()
}

/// Runs a changed copy of a fixture.
fn trace_changed(name: &str, file: &str, change: impl FnOnce(&mut Value)) -> Output {
    let mut case: Value = serde_json::from_str(&fixtures::read(name)).unwrap();
    change(&mut case);
    trace_text(file, &case.to_string())
}

fn trace_text(file: &str, text: &str) -> Output {
    let path = std::env::temp_dir().join(format!("gatescope-{}-{file}.json", std::process::id()));
    fs::write(&path, text).unwrap();
    let output = headless(&["trace", path.to_str().unwrap()]);
    fs::remove_file(path).unwrap();
    output
}

fn refused(output: &Output) -> bool {
    let reason = String::from_utf8_lossy(&output.stderr);
    output.status.code() == Some(2) && reason.lines().count() == 1 && output.stdout.is_empty()
}

#[test]
fn a_case_comes_back_with_its_loss() {
    for name in ["lstm", "rnn_relu_every_xent_ragged", "rnn_sigmoid_long"] {
        let expected: Value = serde_json::from_str(&fixtures::read(name)).unwrap();
        for (flags, tolerance) in [(None, 1e-9), (Some("--f32"), 1e-4)] {
            let path = fixtures::path(name);
            let output = headless(&[&["trace", path.to_str().unwrap()], flags.as_slice()].concat());
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
            let (actual, expected) = (answer["loss"].as_f64().unwrap(), expected["loss"].as_f64().unwrap());
            assert!(((actual - expected) / expected).abs() < tolerance, "{name}: {actual}, expected {expected}");
        }
    }
}

#[test]
fn unusable_arguments_end_with_status_2_and_one_line() {
    let path = fixtures::path("lstm");
    let lstm = path.to_str().unwrap();
    let bad: [&[&str]; 11] = [
        &[],
        &["trace"],
        &["trace", "no-such-file.json"],
        &["trace", lstm, lstm],
        &["trace", lstm, "--f16"],
        &["run", "#task=order"],
        &["sing"],
        &["bench", "--hidden"],
        &["bench", "--hidden", "0"],
        &["bench", "--cell", "lstm\nor so"],
        &["bench", "--len", "1e9"],
    ];
    for arguments in bad {
        let output = headless(arguments);
        assert!(refused(&output), "{arguments:?}: {output:?}");
    }
}

#[test]
fn a_case_that_cannot_be_done_ends_with_status_2_and_one_line() {
    type Change = fn(&mut Value);
    let lstm: [(&str, Change); 19] = [
        ("kind", |case| case["kind"] = json!("jacobian")),
        ("cell", |case| case["cell"] = json!("gru")),
        ("variant", |case| case["variant"] = json!("peephole")),
        ("window", |case| case["tbptt_window"] = json!(3)),
        ("loss", |case| case["loss_kind"] = json!("hinge")),
        ("classes", |case| case["loss_kind"] = json!("xent")),
        ("at", |case| case["loss_at"] = json!("first")),
        ("size", |case| case["H"] = json!(6)),
        ("huge", |case| case["H"] = json!(u64::MAX)),
        ("negative", |case| case["T"] = json!(-1)),
        ("none", |case| {
            (case["T"], case["x"], case["target"]) = (json!(0), json!([]), json!([]));
        }),
        ("steps", |case| {
            case["x"].as_array_mut().unwrap().pop();
        }),
        ("width", |case| case["x"][2][1] = json!([1.0])),
        ("text", |case| case["x"][2][1][0] = json!("one")),
        ("length", |case| case["lengths"] = json!([7, 8, 7])),
        ("zero length", |case| case["lengths"] = json!([7, 0, 7])),
        ("lengths", |case| case["lengths"] = json!([7, 7])),
        ("row", |case| case["weights"]["w_hh"][3] = json!([])),
        ("weights", |case| case["weights"] = json!({})),
    ];
    for (name, change) in lstm {
        let output = trace_changed("lstm", &format!("lstm-{name}"), change);
        assert!(refused(&output), "{name}: {:?}", String::from_utf8_lossy(&output.stderr));
    }
    let class = |case: &mut Value| case["target"][0][0] = json!(3);
    let output = trace_changed("lstm_every_xent_ragged", "class", class);
    assert!(refused(&output), "{:?}", String::from_utf8_lossy(&output.stderr));
    let optimiser: [(&str, Change); 7] = [
        ("name", |case| case["optimiser"] = json!("RMSprop")),
        ("none", |case| case["optimiser"] = json!(null)),
        ("decay", |case| case["options"]["weight_decay"] = json!(0.1)),
        ("lr", |case| case["options"]["lr"] = json!("fast")),
        ("betas", |case| case["options"]["betas"] = json!([0.9, 1.0])),
        ("clip", |case| case["clip_norm"] = json!(-1.0)),
        ("updates", |case| case["updates"] = json!(u64::MAX)),
    ];
    for (name, change) in optimiser {
        let output = trace_changed("opt_adam", &format!("opt-{name}"), change);
        assert!(refused(&output), "{name}: {:?}", String::from_utf8_lossy(&output.stderr));
    }
    for (k, text) in ["", "[]", "{}", "{\"x\": NaN}", "\u{0}", "{\"kind\": \"trace\", \"T\": 1e999}"].iter().enumerate()
    {
        let output = trace_text(&format!("text-{k}"), text);
        assert!(refused(&output), "{text:?}: {:?}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_loss_that_overflows_is_null_and_no_panic() {
    let output = trace_changed("lstm", "overflow", |case| case["target"][0][0][0] = json!(1e300));
    assert!(output.status.success(), "{:?}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(answer["loss"].is_null());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_headless"))
        .args(["trace", fixtures::path("lstm_long").to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut complaints = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
    assert!(child.wait().unwrap().success(), "{complaints}");
    assert_eq!(complaints, "");
}

#[test]
fn the_benchmark_reports_updates_per_second() {
    let output = headless(&["bench", "--cell", "rnn-tanh", "--hidden", "4", "--len", "5", "--updates", "10"]);
    assert!(output.status.success(), "{:?}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(answer["updatesPerSecond"].as_f64().unwrap() > 0.0, "{answer}");
    assert!(answer["gflops"].as_f64().unwrap() > 0.0, "{answer}");
}
