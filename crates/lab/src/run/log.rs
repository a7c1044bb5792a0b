//! Whole runs without a page, for the headless program and for tests.

use serde::Serialize;

use crate::experiment::link;
use crate::run::held_out;
use crate::run::trainer::Trainer;

/// The results of one lane.
#[derive(Clone, Debug, Serialize)]
pub struct LaneRun {
    /// Its code.
    pub code: &'static str,
    /// Number of trained parameters.
    pub parameters: usize,
    /// Updates made.
    pub update: u64,
    /// Loss of the last update.
    pub loss: f32,
    /// Mean loss of the last 20 updates; null before there are 20.
    pub recent_loss: Option<f64>,
    /// Loss of each update.
    pub losses: Vec<f32>,
    /// Held-out losses, each with its update; empty where nothing is held out.
    pub held_out: Vec<(u64, f32)>,
    /// The update at which it diverged, and the quantity that was no longer finite; null if it did not.
    pub stopped: Option<(u64, &'static str)>,
    /// The first quantity of that pass that was not finite, and its step (from 1); null where only a sum was not.
    pub first_overflow: Option<(&'static str, usize)>,
    /// `‖∂L/∂h_t‖` of the probe with the last weights, t = 1 … T.
    pub gradient_h: Vec<f64>,
    /// `‖∂L/∂c_t‖` likewise; empty without a cell.
    pub gradient_c: Vec<f64>,
    /// `‖∂L/∂h_t‖` of the probe before training.
    pub initial_gradient_h: Vec<f64>,
}

/// Trains a link's experiment up to `updates`, or to the link's own update if `None`.
///
/// # Errors
/// A line with every problem of the link.
pub fn run(hash: &str, updates: Option<u64>) -> Result<Vec<LaneRun>, String> {
    let (experiment, problems) = link::parse(hash);
    if !problems.is_empty() {
        return Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
    }
    let mut trainer = Trainer::new(&experiment);
    let before = trainer.snapshot(0, experiment.probe, 0, false);
    let until = updates.unwrap_or(experiment.update);
    while trainer.update() < until && !trainer.all_stopped() {
        trainer.step();
    }
    let after = trainer.snapshot(0, experiment.probe, 0, false);
    let every = held_out::every(&experiment).unwrap_or(0);
    let lanes = after.lanes.into_iter().zip(before.lanes);
    Ok(lanes
        .map(|(lane, first)| LaneRun {
            code: lane.cell.code(),
            parameters: lane.parameters,
            update: after.update,
            loss: lane.loss,
            recent_loss: lane.recent_loss,
            stopped: lane.stopped.map(|stopped| (stopped.update, stopped.reason.code())),
            first_overflow: lane
                .stopped
                .and_then(|stopped| stopped.first)
                .map(|(what, step)| (what.symbol(), step + 1)),
            losses: lane.new_losses.1,
            held_out: (1..).map(|k| k * every).zip(lane.held_out.1).collect(),
            gradient_h: lane.trace.grad_h_norms,
            gradient_c: lane.trace.grad_c_norms,
            initial_gradient_h: first.trace.grad_h_norms,
        })
        .collect())
}
