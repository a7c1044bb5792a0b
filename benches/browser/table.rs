//! The one table at the end: what was measured, what it is held against, and whether what is asked of it holds.

use serde_json::{Value, json};

/// What is asked of a ratio.
#[derive(Clone, Copy)]
pub enum Asked {
    /// At least.
    Least(f64),
    /// At most.
    Most(f64),
}

/// One line.
pub struct Row {
    /// What is measured, and what it is held against.
    pub what: String,
    /// Sizes, as people read them.
    pub shape: String,
    /// What was measured, in `unit`.
    pub ours: f64,
    /// What it is held against.
    pub theirs: f64,
    /// Of both.
    pub unit: &'static str,
    /// `theirs / ours`, or the other way round: as it is asked for.
    pub ratio: f64,
    /// What is asked of the ratio.
    pub asked: Asked,
}

impl Row {
    /// Whether it is as asked.
    pub fn holds(&self) -> bool {
        match self.asked {
            Asked::Least(least) => self.ratio >= least,
            Asked::Most(most) => self.ratio <= most,
        }
    }

    fn cells(&self) -> [String; 7] {
        let asked = match self.asked {
            Asked::Least(least) => format!("≥ {least}"),
            Asked::Most(most) => format!("≤ {most}"),
        };
        [
            self.what.clone(),
            self.shape.clone(),
            format!("{} {}", digits(self.ours), self.unit),
            format!("{} {}", digits(self.theirs), self.unit),
            digits(self.ratio),
            asked,
            if self.holds() { "yes" } else { "no" }.to_owned(),
        ]
    }

    /// For the report.
    pub fn json(&self) -> Value {
        let asked = match self.asked {
            Asked::Least(least) => json!({ "least": least }),
            Asked::Most(most) => json!({ "most": most }),
        };
        json!({
            "what": self.what, "shape": self.shape, "ours": self.ours, "theirs": self.theirs, "unit": self.unit,
            "ratio": self.ratio, "asked": asked, "holds": self.holds(),
        })
    }
}

/// Sizes of an update: batch, hidden units, steps.
pub fn shape(batch: u32, hidden: u32, len: u32) -> String {
    format!("B = {batch}, H = {hidden}, T = {len}")
}

/// All rows with aligned columns, as the table of docs/benchmarks.md.
pub fn text(rows: &[Row]) -> String {
    let head = ["what", "shape", "ours", "theirs", "ratio", "asked", "holds"].map(str::to_owned);
    let cells: Vec<_> = rows.iter().map(Row::cells).collect();
    let width = |column: usize| {
        let lengths = cells.iter().chain([&head]).map(|row| row[column].chars().count());
        lengths.max().unwrap_or_default()
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let rule = widths.map(|width| "-".repeat(width));
    let mut text = String::new();
    for row in [&head, &rule].into_iter().chain(&cells) {
        for (cell, width) in row.iter().zip(widths) {
            text += &format!("| {cell:<width$} ");
        }
        text += "|\n";
    }
    text
}

/// Three digits, or all before the point.
fn digits(number: f64) -> String {
    let decimals = match number.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{number:.decimals$}")
}
