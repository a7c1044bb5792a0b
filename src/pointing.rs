//! Choosing a timestep and a unit by pointer or arrow keys, with the same behaviour in every chart.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent};

use crate::narration::Narrator;
use crate::state::Lab;
use charts::step_at;

/// A place in a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The step, from 0.
    pub step: usize,
    /// The unit, from 0, in a chart with one row per unit.
    pub unit: Option<usize>,
    /// Index of the chart in its lane, from 0.
    pub row: Option<usize>,
}

/// The handlers of a chart for pointers and keys.
#[derive(Clone, Copy)]
pub struct Pointing {
    lab: Lab,
    narrator: Narrator,
}

impl Pointing {
    /// Creates the handlers for the charts of `lane`, or for the gradient chart.
    pub fn new(lab: Lab, lane: Option<usize>) -> Self {
        Self { lab, narrator: Narrator::new(lab, lane) }
    }

    /// Highlights the place under the pointer.
    pub fn hover(self, point: Option<Point>) {
        let step = point.map(|point| point.step);
        if self.lab.hover.get_untracked() != step {
            self.lab.hover.set(step);
        }
    }

    /// Removes the highlight when the pointer leaves the chart.
    pub fn leave(self) {
        self.hover(None);
    }

    /// Chooses the place that was clicked or tapped.
    pub fn choose(self, point: Option<Point>) {
        let Some(point) = point else { return };
        self.lab.view("t", &(point.step + 1).to_string());
        if let Some(unit) = point.unit {
            self.lab.view("unit", &(unit + 1).to_string());
        }
        self.narrator.tell(point.row);
    }

    /// Moves the chosen step or unit by one with an arrow key, or to the first or last step with Home or End.
    pub fn key(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let (step, unit) = (untrack(|| self.lab.step()) + 1, untrack(|| self.lab.unit()) + 1);
        let (len, hidden) =
            (untrack(|| self.lab.steps()), self.lab.experiment.with_untracked(|experiment| experiment.units()));
        let (key, value) = match event.key().as_str() {
            "ArrowLeft" => ("t", step.saturating_sub(1).max(1)),
            "ArrowRight" => ("t", (step + 1).min(len)),
            "Home" => ("t", 1),
            "End" => ("t", len),
            "ArrowUp" => ("unit", unit.saturating_sub(1).max(1)),
            "ArrowDown" => ("unit", (unit + 1).min(hidden)),
            letter => return self.narrator.letter(letter),
        };
        event.prevent_default();
        self.lab.hover.set(None);
        self.lab.view(key, &value.to_string());
        self.narrator.tell(None);
    }
}

/// Returns the place under the pointer in a chart that fills its canvas; the attribute `data-plot` gives its number of
/// rows.
pub fn point_of_row(event: &MouseEvent, lab: Lab) -> Option<Point> {
    let target: HtmlElement = event.target()?.dyn_into().ok()?;
    let rows: usize = target.dataset().get("plot")?.parse().ok()?;
    let (width, height) = (f64::from(target.client_width()), f64::from(target.client_height()));
    let len = untrack(|| lab.steps());
    let step = step_at(f64::from(event.offset_x()) / width.max(1.0), len) - 1;
    let unit = (rows > 0).then(|| step_at(f64::from(event.offset_y()) / height.max(1.0), rows) - 1);
    let row = target.closest("[data-row]").ok().flatten().and_then(|row| row.get_attribute("data-row"));
    Some(Point { step, unit, row: row.and_then(|row| row.parse().ok()) })
}
