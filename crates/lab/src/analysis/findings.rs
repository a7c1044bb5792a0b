//! The findings about the gradients of a run, computed in addition to training, panel by panel.

use serde::{Deserialize, Serialize};

use crate::experiment::why::Why;
use nn::Factors;

/// Findings, with the weights and the sequence that they are about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// The run.
    pub run: u32,
    /// The update after which the weights were read.
    pub update: u64,
    /// The key of the sequence.
    pub probe: u32,
    /// The findings, lane by lane.
    pub found: Found,
}

/// The findings of one panel, one entry per lane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Found {
    /// The factors of each step back.
    Factors(Vec<Factors>),
    /// The dependence of each step on those before it.
    Credit(Vec<CreditTriangles>),
    /// The comparison of backpropagation with differences.
    Check(Check),
}

/// How much each step τ of one network depends on the states up to it. Triangles are
/// `[τ(τ − 1)/2 + t − 1]` for t = 1 … τ, τ = 1 … T.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreditTriangles {
    /// `‖∂L_τ/∂h_t‖₂`; see [`nn::Credit`].
    #[serde(with = "crate::packed::moved")]
    pub h: Vec<f64>,
    /// `‖∂L_τ/∂c_t‖₂`; empty without a cell state.
    #[serde(with = "crate::packed::moved")]
    pub c: Vec<f64>,
}

/// A part of a network's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The hidden state h.
    Hidden,
    /// The cell state c.
    Cell,
}

impl CreditTriangles {
    /// The triangle of this state.
    pub fn of(&self, state: State) -> &[f64] {
        match state {
            State::Hidden => &self.h,
            State::Cell => &self.c,
        }
    }
}

/// A gradient check, complete or in progress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The completed part, 0 to 1.
    pub done: f64,
    /// The blocks of weights of every lane that was begun, in the order of its [`Parameters`](nn::Parameters).
    pub lanes: Vec<Vec<CheckedBlock>>,
}

/// The check of one block of weights; see [`nn::BlockCheck`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckedBlock {
    /// The relative difference between backpropagation and differences.
    pub error: f64,
    /// The uncertainty of the differences.
    pub unsure: f64,
    /// Number of weights that were compared.
    pub compared: usize,
    /// Number of weights that were left out.
    pub left_out: usize,
}

impl Findings {
    /// Returns the panel that these findings are for.
    pub fn why(&self) -> Why {
        match self.found {
            Found::Factors(_) => Why::Factors,
            Found::Credit(_) => Why::Credit,
            Found::Check(_) => Why::Check,
        }
    }

    /// Returns the factors of a lane, if these are factors.
    pub fn factors(&self, lane: usize) -> Option<&Factors> {
        if let Found::Factors(lanes) = &self.found { lanes.get(lane) } else { None }
    }

    /// Returns the credit triangles of a lane, if these are such.
    pub fn credit(&self, lane: usize) -> Option<&CreditTriangles> {
        if let Found::Credit(lanes) = &self.found { lanes.get(lane) } else { None }
    }

    /// Returns the gradient check, if this is one.
    pub fn check(&self) -> Option<&Check> {
        if let Found::Check(check) = &self.found { Some(check) } else { None }
    }
}
