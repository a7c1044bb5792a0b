//! The headless program as its users meet it.

use std::{
    fs,
    io::Read,
    process::{Command, Output, Stdio},
};

use lab::case::Precision;
use serde_json::{Value, json};

use test_utils::fixtures;

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
fn every_case_goes_through_the_program_and_agrees_with_pytorch() {
    fixtures::compare_all(|name, precision| {
        let path = fixtures::path(name);
        let flags: &[&str] = if precision == Precision::F32 { &["--f32"] } else { &[] };
        let output = headless(&[&["trace", path.to_str().unwrap()], flags].concat());
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    });
}

#[test]
fn unusable_arguments_end_with_status_2_and_one_line() {
    let path = fixtures::path("lstm");
    let lstm = path.to_str().unwrap();
    let bad: [&[&str]; 10] = [
        &[],
        &["trace"],
        &["trace", "no-such-file.json"],
        &["trace", lstm, lstm],
        &["trace", lstm, "--f16"],
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
    let lstm: [(&str, Change); 23] = [
        ("kind", |case| case["kind"] = json!("hessian")),
        ("cell", |case| case["cell"] = json!("window")),
        ("variant", |case| case["variant"] = json!("two gates")),
        ("cell of a variant", |case| (case["cell"], case["variant"]) = (json!("gru"), json!("nig"))),
        ("peepholes", |case| case["variant"] = json!("peephole")),
        ("gate weights", |case| case["variant"] = json!("fgr")),
        ("layers", |case| case["layers"] = json!(2)),
        ("window", |case| case["tbptt_window"] = json!(-3)),
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
    let jacobian: [(&str, Change); 3] = [
        ("window", |case| case["tbptt_window"] = json!(3)),
        ("loss", |case| case["loss_kind"] = json!("hinge")),
        ("batch", |case| {
            case["B"] = json!(2);
            case["lengths"] = json!([6, 6]);
            for key in ["x", "target"] {
                for step in case[key].as_array_mut().unwrap() {
                    let one = step[0].clone();
                    step.as_array_mut().unwrap().push(one);
                }
            }
        }),
    ];
    for (name, change) in jacobian {
        let output = trace_changed("lstm_jacobian", &format!("jacobian-{name}"), change);
        assert!(refused(&output), "{name}: {:?}", String::from_utf8_lossy(&output.stderr));
    }
    let optimiser: [(&str, Change); 9] = [
        ("name", |case| case["optimiser"] = json!("Adagrad")),
        ("none", |case| case["optimiser"] = json!(null)),
        ("decay", |case| case["options"]["weight_decay"] = json!(-0.1)),
        ("lr", |case| case["options"]["lr"] = json!("fast")),
        ("betas", |case| case["options"]["betas"] = json!([0.9, 1.0])),
        ("amsgrad", |case| case["options"]["amsgrad"] = json!(true)),
        ("alpha", |case| case["options"]["alpha"] = json!(0.9)),
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

/// The answers of `headless run`, one a lane.
fn run(arguments: &[&str]) -> Vec<Value> {
    let output = headless(&[&["run"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_run_gives_one_line_a_lane_with_its_losses_and_gradient_norms() {
    let link = "#len=9&lanes=rnn-tanh,lstm,lstm&hidden=5&update=3";
    for (arguments, updates) in
        [(vec![link], 3), (vec![link, "--updates", "25"], 25), (vec![link, "--updates", "0"], 0)]
    {
        let lanes = run(&arguments);
        assert_eq!(
            lanes.iter().map(|lane| lane["code"].as_str().unwrap()).collect::<Vec<_>>(),
            ["rnn-tanh", "lstm", "lstm"]
        );
        for lane in &lanes {
            let memory = lane["code"] == "lstm";
            let losses = lane["losses"].as_array().unwrap();
            assert_eq!((lane["update"].as_u64(), losses.len()), (Some(updates), updates as usize));
            assert_eq!(lane["loss"].as_f64(), losses.last().map_or(lane["loss"].as_f64(), Value::as_f64));
            assert!(lane["loss"].as_f64().unwrap() > 0.0 && lane["stopped"].is_null());
            assert_eq!(lane["recent_loss"].is_null(), updates < 20);
            for (key, steps) in
                [("gradient_h", 9), ("gradient_c", if memory { 9 } else { 0 }), ("initial_gradient_h", 9)]
            {
                assert_eq!(lane[key].as_array().unwrap().len(), steps, "{key}");
            }
        }
        assert_eq!(lanes[1], lanes[2], "the same cell twice");
        assert_eq!(run(&arguments), lanes, "and the same again");
    }
}

#[test]
fn a_run_that_diverges_says_where() {
    let lanes = run(&["seed=7&data=4&task=adding&lanes=rnn-relu,lstm&lr=10&opt=sgd&clip=1&len=30", "--updates", "40"]);
    assert_eq!((&lanes[0]["stopped"], &lanes[1]["stopped"]), (&json!([9, "loss"]), &json!(null)));
    assert_eq!((lanes[0]["losses"].as_array().unwrap().len(), lanes[1]["losses"].as_array().unwrap().len()), (8, 40));
}

#[test]
fn a_link_that_is_not_taken_whole_is_refused_in_one_line() {
    let flood: String = (0..3000).map(|k| format!("&k{k}=1")).collect();
    let bad: [&[&str]; 10] = [
        &["len=1"],
        &["len=30&len=30"],
        &["colour=red\n&x"],
        &["tbptt=31"],
        &["#lanes=grus"],
        &["t=31"],
        &[&flood],
        &["len=9", "--updates"],
        &["len=9", "--updates", "1000001"],
        &["len=9", "--updates", "-1"],
    ];
    for arguments in bad {
        let output = headless(&[&["run"], arguments].concat());
        assert!(refused(&output), "{arguments:.60?}: {output:?}");
    }
    let named = headless(&["run", "len=1&hidden=0&colour=red"]);
    let reason = String::from_utf8(named.stderr).unwrap();
    assert!(["len=1", "2–200", "hidden=0", "1–128", "colour=red"].iter().all(|part| reason.contains(part)), "{reason}");
}
