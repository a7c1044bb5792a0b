//! One update of an LSTM beside others' who make the same: TensorFlow.js in the same browser, PyTorch on one thread of the same
//! machine.

use std::{env, process::Command};

use serde_json::{Value, json};

use crate::Sizes;
use crate::gatescope;
use crate::harness::Page;
use crate::median;
use crate::median_ratio;
use crate::table::{Asked, Row, shape};

/// Sizes, updates of a sitting, and what is asked of the two ratios: how many times TensorFlow.js's speed is ours, and
/// PyTorch's.
const PROBLEMS: [(Sizes, u32, Asked, Asked); 2] = [
    ((8, 16, 50), 150, Asked::Least(150.0), Asked::Least(3.0)),
    // There PyTorch's vectors, four times as wide, tell: what is asked is our time by its time.
    ((32, 32, 100), 8, Asked::Least(18.0), Asked::Most(1.6)),
];
const ROUNDS: usize = 9;

/// Measures and says every ratio.
pub async fn measure(page: &Page) -> (Vec<Row>, Value) {
    let python = env::var("GATESCOPE_TORCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let torch = has_torch(&python);
    if !torch {
        println!(
            "PyTorch is left out: {python} has none. `make bench TORCH=1` fetches it; GATESCOPE_TORCH_PYTHON names a Python that has it."
        );
    }
    let (mut by_tensorflow, mut by_pytorch, mut report) = (Vec::new(), Vec::new(), Vec::new());
    for (sizes @ (batch, hidden, len), updates, asked_of_tensorflow, asked_of_pytorch) in PROBLEMS {
        let (mut ours, mut tensorflows, mut pytorchs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            ours.push(gatescope(page, sizes, updates).await);
            tensorflows.push(tensorflow(page, sizes).await);
            if torch {
                pytorchs.push(pytorch(&python, sizes));
            }
        }
        let row = |rival: &str, rounds: &[Value], asked: Asked| {
            let theirs: Vec<f64> =
                rounds.iter().map(|round| round["milliseconds"].as_f64().expect("milliseconds")).collect();
            let (what, ratio) = match asked {
                Asked::Least(_) => (format!("an update: times as fast as {rival}"), median_ratio(&theirs, &ours)),
                Asked::Most(_) => (format!("an update: time by that of {rival}"), median_ratio(&ours, &theirs)),
            };
            let (ours, theirs) = (median(&ours), median(&theirs));
            Row { what, shape: shape(batch, hidden, len), ours, theirs, unit: "ms", ratio, asked }
        };
        by_tensorflow.push(row("TensorFlow.js (wasm)", &tensorflows, asked_of_tensorflow));
        if torch {
            by_pytorch.push(row("PyTorch (one thread)", &pytorchs, asked_of_pytorch));
        }
        report.push(json!({
            "batch": batch, "hidden": hidden, "len": len,
            "gatescope": { "milliseconds": ours }, "tfjs": tensorflows, "pytorch": pytorchs,
        }));
    }
    by_tensorflow.append(&mut by_pytorch);
    (by_tensorflow, report.into())
}

/// One round of benches/browser/tfjs.js.
async fn tensorflow(page: &Page, (batch, hidden, len): Sizes) -> Value {
    page.load("/bench/tfjs.html").await;
    let problem = json!({ "hidden": hidden, "batch": batch, "len": len, "updates": 20 });
    let answer = page.eval(&format!("await bench({problem})")).await;
    assert_eq!(answer["backend"], "wasm", "{answer}");
    assert_eq!(answer["simd"], true, "{answer}");
    assert_eq!(answer["leakedTensors"], 0, "{answer}");
    answer
}

/// One round of benches/browser/pytorch.py, while the browser rests.
fn pytorch(python: &str, (batch, hidden, len): Sizes) -> Value {
    let output = Command::new(python)
        .arg(format!("{}/pytorch.py", crate::FOLDER))
        .args([hidden, batch, len, 300].map(|number| number.to_string()))
        .output()
        .expect("it ran before");
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("pytorch.py: {}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(answer["threads"], 1, "{answer}");
    answer
}

fn has_torch(python: &str) -> bool {
    Command::new(python).args(["-c", "import torch"]).output().is_ok_and(|output| output.status.success())
}
