//! The engine in a terminal: reference cases and speed, without a browser.

use std::{
    env, fs,
    io::{self, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use gatescope::{
    lab::{
        bench::{BenchRun, BenchSpec},
        case::{self, Precision},
    },
    nn::CellKind,
};
use serde_json::json;

const USAGE: &str = "usage: headless trace CASE.json [--f32] | headless bench [--cell CODE] [--hidden N] [--batch N] [--len N] [--updates N]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["trace", rest @ ..] => trace(rest),
        ["bench", rest @ ..] => bench(rest),
        ["run", ..] => Err("headless run is not built yet".to_owned()),
        ["help" | "--help" | "-h"] => Ok(USAGE.to_owned()),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(answer) => print(&answer),
        Err(reason) => {
            // One line, whatever a file name or a case holds.
            let line: String = reason
                .chars()
                .map(|letter| if letter.is_control() { ' ' } else { letter })
                .collect();
            // Nothing is left to tell anyone if standard error is closed.
            let _ = writeln!(io::stderr(), "headless: {line}");
            ExitCode::from(2)
        }
    }
}

/// Prints an answer; a reader that has gone away (`| head`) is no error.
fn print(answer: &str) -> ExitCode {
    let mut output = io::stdout().lock();
    match writeln!(output, "{answer}").and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// `trace CASE.json [--f32]`: the case's answers as JSON.
fn trace(words: &[&str]) -> Result<String, String> {
    let (mut path, mut precision) = (None, Precision::F64);
    for &word in words {
        match word {
            "--f32" => precision = Precision::F32,
            _ if word.starts_with("--") || path.is_some() => return Err(USAGE.to_owned()),
            _ => path = Some(word),
        }
    }
    let path = path.ok_or(USAGE)?;
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let answer = case::evaluate(&text, precision).map_err(|error| format!("{path}: {error}"))?;
    Ok(answer.to_string())
}

/// `bench`: updates per second of one network, after 200 ms of warm-up.
fn bench(words: &[&str]) -> Result<String, String> {
    let mut spec = BenchSpec {
        cell: CellKind::Lstm,
        hidden: 16,
        batch: 8,
        len: 50,
    };
    let mut updates = 1_000;
    let (pairs, rest) = words.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(USAGE.to_owned());
    }
    for &[key, value] in pairs {
        if key == "--cell" {
            spec.cell = CellKind::from_code(value).ok_or_else(|| {
                format!(
                    "--cell {value}: expected one of {}",
                    CellKind::ALL.map(CellKind::code).join(", ")
                )
            })?;
            continue;
        }
        let (target, most) = match key {
            "--hidden" => (&mut spec.hidden, 128),
            "--batch" => (&mut spec.batch, 128),
            "--len" => (&mut spec.len, 200),
            "--updates" => (&mut updates, 1_000_000),
            _ => return Err(USAGE.to_owned()),
        };
        *target = match value.parse() {
            Ok(number) if (1..=most).contains(&number) => number,
            _ => return Err(format!("{key} {value}: expected 1 to {most}")),
        };
    }
    let mut run = BenchRun::new(&spec).map_err(|error| error.to_string())?;
    let warm = Instant::now();
    while warm.elapsed() < Duration::from_millis(200) {
        run.update();
    }
    let start = Instant::now();
    for _ in 0..updates {
        run.update();
    }
    let per_second = updates as f64 / start.elapsed().as_secs_f64();
    let answer = json!({
        "cell": spec.cell.code(), "hidden": spec.hidden, "batch": spec.batch, "len": spec.len, "updates": updates,
        "updatesPerSecond": per_second, "gflops": per_second * spec.flops() / 1e9,
    });
    Ok(answer.to_string())
}
