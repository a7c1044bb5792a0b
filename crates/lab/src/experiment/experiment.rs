//! The validated experiment.

use std::ops::Deref;

use crate::experiment::check;
use crate::experiment::edit;
use crate::experiment::keys::{self, Allowed, KEYS, Problem, Reason, Role};
use crate::experiment::place::Place;
use crate::experiment::settings::Settings;
use nn::{CellKind, NetworkConfig, OptimizerSettings};
use tasks::{Scaling, Source};

/// A validated experiment. Its values are read as fields (it dereferences to [`Settings`]) and changed by
/// [`Experiment::with`], which is what links, controls and the script interface all go through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Experiment(Settings);

impl Deref for Experiment {
    type Target = Settings;
    fn deref(&self) -> &Settings {
        &self.0
    }
}

impl Experiment {
    /// Returns this experiment with one key changed. A chosen step or unit that the new sizes lack is given up; a truncation
    /// window longer than the sequence becomes the whole of it. Edits are dropped where what they change is no longer the
    /// same: all, if the task or the sizes of the networks changed; those of a lane that has another network; those of layers
    /// that are gone; those of steps beyond the sequence.
    ///
    /// # Errors
    /// The problem with the key or its value.
    pub fn with(&self, key: &str, value: &str) -> Result<Self, Problem> {
        self.with_all(&[(key, Some(value))]).map_err(|mut problems| problems.remove(0))
    }

    /// Returns this experiment with one key as if the link had left it out.
    ///
    /// # Errors
    /// If there is no such key.
    pub fn without(&self, key: &str) -> Result<Self, Problem> {
        self.with_all(&[(key, None)]).map_err(|mut problems| problems.remove(0))
    }

    /// Returns this experiment with several keys changed at once, in any order; a key without a value is as if the link had
    /// left it out. Edits among them are taken as given, or refused.
    ///
    /// # Errors
    /// A problem for each key or value that is not allowed.
    pub fn with_all(&self, changes: &[(&str, Option<&str>)]) -> Result<Self, Vec<Problem>> {
        let mut changed = self.clone();
        let mut problems = Vec::new();
        for (key, value) in changes {
            let set = match value {
                Some(value) => keys::set(&mut changed.0, key, value),
                None => keys::unset(&mut changed.0, key),
            };
            problems.extend(set.err().map(|problem| match *key {
                // A window that the table refuses is answered with the bound of this sequence, too.
                "tbptt" => Problem { reason: Reason::NotAllowed(Allowed::Whole(0, changed.len as u64)), ..problem },
                _ => problem,
            }));
        }
        if !changes.iter().any(|(key, _)| *key == "edit") {
            self.drop_stale_edits(&mut changed.0);
        }
        // Bounds are checked once all sizes are known.
        for (key, value) in changes {
            problems.extend(changed.check(key, value.unwrap_or_default()).err());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        changed.clamp_to_sizes();
        Ok(changed)
    }

    /// Drops the edits whose network or step is no longer the same in `changed`.
    fn drop_stale_edits(&self, changed: &mut Settings) {
        let now = changed.clone();
        changed.edits.retain(|edit| {
            let lane = edit.place.lane;
            let network = |of: &Settings| (of.task, of.lanes.get(lane).copied(), of.hidden_of(lane), of.window);
            let step_is_gone = edit.place.is_input() && edit.place.at[0] > now.len;
            network(&now) == network(self) && edit.place.layer < now.layers_of(lane) && !step_is_gone
        });
    }

    /// Checks a key against the bounds that the sizes set.
    fn check(&self, key: &str, value: &str) -> Result<(), Problem> {
        if let Some(allowed) = check::exceeded(self, key) {
            return Err(Problem::new(key, value, Reason::NotAllowed(allowed)));
        }
        if key == "edit" {
            for edit in &self.edits {
                let refused = |allowed| Problem::new(key, &edit.to_string(), Reason::NotAllowed(allowed));
                edit.check(self).map_err(refused)?;
            }
        }
        Ok(())
    }

    /// Clamps `t`, `unit`, `layer` and `tbptt` to the sizes.
    fn clamp_to_sizes(&mut self) {
        let (len, units, layers) = (self.len, self.units(), self.layers);
        let settings = &mut self.0;
        settings.step = settings.step.filter(|step| *step <= len);
        settings.unit = settings.unit.min(units);
        settings.layer = settings.layer.min(layers);
        settings.truncation = settings.truncation.min(len);
    }

    /// Makes an experiment of settings whose values and bounds the link's reader has checked.
    pub(crate) fn from_settings(settings: Settings) -> Self {
        Self(settings)
    }

    /// Returns the same without the build that its link names, as from here on it is this build's.
    pub fn without_build(mut self) -> Self {
        self.0.build = None;
        self
    }

    /// The value of a key, as a link would write it.
    pub fn get(&self, key: &str) -> Option<String> {
        keys::find(key).map(|key| (key.get)(&self.0))
    }

    /// Whether both are the same run, apart from edits, view keys and the update.
    pub fn same_run(&self, other: &Self) -> bool {
        KEYS.iter().filter(|key| key.role == Role::Run).all(|key| (key.get)(&self.0) == (key.get)(&other.0))
    }

    /// The layer of a lane that is shown, from 0: its last where it has fewer.
    pub fn layer_of(&self, lane: usize) -> usize {
        self.layer.min(self.layers_of(lane)) - 1
    }

    /// The units at which a gate (by its letter) of a lane's layer on show is held at an update, from 1, 0 for all, each with its
    /// value. A later edit replaces an earlier one.
    pub fn held(&self, lane: usize, gate: &str, update: u64) -> Vec<(usize, f64)> {
        let (mut held, layer) = (edit::of_lane(&self.edits, lane), self.layer_of(lane));
        held.retain(|edit| (edit.place.name, edit.place.layer) == (gate, layer) && edit.update <= update);
        let mut units: Vec<(usize, f64)> = Vec::new();
        for edit in held {
            let unit = edit.place.at[0];
            units.retain(|(other, _)| unit != 0 && *other != unit);
            units.push((unit, edit.value));
        }
        units
    }

    /// Whether a gate of a lane's unit (from 0) is held at an update.
    pub fn holds(&self, lane: usize, gate: &str, unit: usize, update: u64) -> bool {
        self.held(lane, gate, update).iter().any(|&(held, _)| held == 0 || held == unit + 1)
    }

    /// The lane that the inspector shows where none is chosen: the first with a cell state.
    pub fn usual_lane(&self) -> usize {
        self.lanes.iter().position(|cell| cell.has_cell_state()).unwrap_or(0)
    }

    /// The place that the form for edits begins with, in the layer on show: the gate that keeps the state, of all units, of the
    /// first lane with such a gate, preferably one with a cell state; else a weight.
    pub fn first_place(&self) -> Place {
        let place = |lane, name, at| Place { lane, layer: self.layer_of(lane), name, at };
        let gate = |of_cell_state: bool| {
            self.lanes.iter().enumerate().find_map(|(lane, cell)| {
                let place = place(lane, cell.keeps()?.letter(), [0, 0]);
                (cell.has_cell_state() == of_cell_state && place.gate_of(*cell).is_some()).then_some(place)
            })
        };
        gate(true).or_else(|| gate(false)).unwrap_or_else(|| place(0, "w", [1, 1]))
    }

    /// The update from which a lane trains differently in the other experiment, which is the same run with other edits; `None`
    /// where it never does.
    pub fn parts_from(&self, other: &Self, lane: usize) -> Option<u64> {
        edit::first_difference(&edit::of_lane(&self.edits, lane), &edit::of_lane(&other.edits, lane))
    }

    /// Floating-point operations of the matrix products of one lane's update, for the largest cell: a measure of how long the
    /// worker may not answer.
    pub fn lane_flops(&self) -> f64 {
        let (hidden, inputs) = (self.units() as f64, self.task.task().inputs() as f64);
        // Beside an edited lane its unedited twin trains, too.
        let networks = if self.edits.is_empty() { 1.0 } else { 2.0 };
        let above = (self.layers - 1) as f64 * 2.0 * hidden;
        let seen = (4.0 * (hidden + inputs + above)).max(inputs * self.window as f64);
        networks * 6.0 * hidden * seen * (self.len * self.batch) as f64
    }

    /// The sizes of the network of a cell in this experiment, in a lane without values of its own.
    pub fn network(&self, cell: CellKind) -> NetworkConfig {
        self.shape(cell, self.hidden)
    }

    /// The sizes of a lane's network.
    pub fn lane_network(&self, lane: usize) -> NetworkConfig {
        let cell = self.lanes.get(lane).copied().unwrap_or(CellKind::RnnTanh);
        let own = self.own(lane);
        let (forget_bias, init) = (own.forget.unwrap_or(self.forget), own.init.unwrap_or(self.init));
        NetworkConfig { forget_bias, init, ..self.shape(cell, self.hidden_of(lane)) }
    }

    /// The optimiser with its settings.
    pub fn optimizer_settings(&self) -> OptimizerSettings {
        let settings = OptimizerSettings::new(self.optimizer, self.lr);
        OptimizerSettings { decay: self.decay.unwrap_or(settings.decay), ..settings }
    }

    /// The source of its sequences.
    pub fn source(&self) -> Source {
        let source = Source {
            task: self.task,
            data: self.data,
            len: self.len,
            size: self.batch,
            ragged: self.ragged,
            train: self.train,
            scaling: None,
        };
        Source { scaling: self.norm.then(|| Scaling::of(&source)), ..source }
    }
}
