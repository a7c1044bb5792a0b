//! The engine in a terminal: reference cases and speed, without a browser.

use std::{
    env, fs,
    io::{self, Write},
    process::ExitCode,
    time::Instant,
};

use lab::analysis::bench::{BenchRun, BenchSpec};
use lab::case::{self, Precision};
use lab::experiment::limits;
use lab::run::log;
use serde_json::json;

const USAGE: &str = "usage: headless trace CASE.json [--f32] | headless run LINK [--updates N] | headless bench [--cell CODE] [--hidden N] [--batch N] [--len N] [--updates N]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["trace", rest @ ..] => trace(rest),
        ["bench", rest @ ..] => bench(rest),
        ["run", rest @ ..] => run_link(rest),
        ["help" | "--help" | "-h"] => Ok(USAGE.to_owned()),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(answer) => print(&answer),
        Err(reason) => {
            // One line, whatever a file name or a case holds.
            let line: String = reason.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
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

/// `run LINK [--updates N]`: trains, and prints one JSON line a lane.
fn run_link(words: &[&str]) -> Result<String, String> {
    let (hash, updates) = match words {
        [hash] => (hash, None),
        [hash, "--updates", count] => {
            let allowed = 0..=limits::MAX_UPDATE;
            let count = count.parse().ok().filter(|count| allowed.contains(count));
            (hash, Some(count.ok_or_else(|| format!("--updates: expected 0 to {}", limits::MAX_UPDATE))?))
        }
        _ => return Err(USAGE.to_owned()),
    };
    let lines: Vec<String> = log::run(hash, updates)?
        .iter()
        .map(|lane| serde_json::to_string(lane).map_err(|error| error.to_string()))
        .collect::<Result<_, _>>()?;
    Ok(lines.join("\n"))
}

/// `bench`: updates per second of one network, after 200 ms of warm-up.
fn bench(words: &[&str]) -> Result<String, String> {
    let mut spec = BenchSpec { cell: "lstm".to_owned(), hidden: 16, batch: 8, len: 50, updates: 1_000 };
    let (pairs, rest) = words.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(USAGE.to_owned());
    }
    for &[key, value] in pairs {
        let number = || value.parse::<usize>().map_err(|_| format!("{key} {value:.32}: expected a whole number"));
        match key {
            "--cell" => spec.cell = value.to_owned(),
            "--hidden" => spec.hidden = number()?,
            "--batch" => spec.batch = number()?,
            "--len" => spec.len = number()?,
            "--updates" => spec.updates = number()? as u64,
            _ => return Err(USAGE.to_owned()),
        }
    }
    let mut run = BenchRun::new(&spec)?;
    let clock = Instant::now();
    let now = || clock.elapsed().as_secs_f64() * 1000.0;
    let result = loop {
        if let Some(result) = run.slice(1000.0, &now) {
            break result;
        }
    };
    let answer = json!({
        "cell": spec.cell, "hidden": spec.hidden, "batch": spec.batch, "len": spec.len, "updates": spec.updates,
        "updatesPerSecond": result.updates_per_second, "gflops": result.gflops,
    });
    Ok(answer.to_string())
}
