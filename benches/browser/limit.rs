//! An update beside what bounds it, nalgebra's own product; and the engine's own kernel beside that same product.

use serde_json::{Value, json};

use crate::Sizes;
use crate::gatescope;
use crate::harness::Page;
use crate::table::{Asked, Row, shape};

/// Where the whole update is held against its products alone.
const LIMIT: Sizes = (32, 64, 100);
/// Where the engine's kernel, for single steps, is held against nalgebra's product: it must gain at each. And updates of a
/// sitting in the page.
const KERNEL: [(Sizes, u32); 3] = [((8, 16, 50), 150), ((32, 32, 100), 8), (LIMIT, 3)];
const ROUNDS: usize = 9;

/// Measures in benches/wasm; the page's worker beside it, for whoever doubts that it is the same engine.
pub async fn measure(page: &Page) -> (Vec<Row>, Value) {
    let (mut rows, mut report) = (Vec::new(), Vec::new());
    let (mut limit, mut update) = (0.0, 0.0);
    for (sizes @ (batch, hidden, len), updates) in KERNEL {
        let in_page = gatescope(page, sizes, updates).await;
        page.load("/bench/limit.html").await;
        page.until("typeof window.limit === 'function'", "the module of benches/wasm has started").await;
        let problem = json!({ "hidden": hidden, "batch": batch, "len": len, "rounds": ROUNDS });
        let answer = page.eval(&format!("limit({problem})")).await;
        let number = |key: &str| answer[key].as_f64().expect("milliseconds");
        let flops = |key: &str| answer["flops"][key].as_f64().expect("operations");
        // Operations a millisecond, in billions a second.
        let rate = |flops: f64, milliseconds: f64| flops / milliseconds / 1e6;
        if sizes == LIMIT {
            (update, limit) = (rate(flops("all"), number("update")), rate(flops("all"), number("gemm")));
        }
        let (ours, theirs) =
            (rate(flops("steps"), number("stepsByPanels")), rate(flops("steps"), number("stepsByGemm")));
        rows.push(Row {
            what: "steps' products: rate of our kernel by that of nalgebra's gemm".to_owned(),
            shape: shape(batch, hidden, len),
            ours,
            theirs,
            unit: "GFLOP/s",
            ratio: ours / theirs,
            asked: Asked::Least(1.0),
        });
        report.push(json!({
            "batch": batch, "hidden": hidden, "len": len, "module": answer, "page": { "milliseconds": in_page },
        }));
    }
    let (batch, hidden, len) = LIMIT;
    rows.insert(
        0,
        Row {
            what: "a whole update: rate by that of nalgebra's gemm alone".to_owned(),
            shape: shape(batch, hidden, len),
            ours: update,
            theirs: limit,
            unit: "GFLOP/s",
            ratio: update / limit,
            asked: Asked::Least(0.65),
        },
    );
    (rows, report.into())
}
