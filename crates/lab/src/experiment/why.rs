//! The questions about a gradient that the page answers, one panel for each.

use serde::{Deserialize, Serialize};

/// A question about why a gradient shrinks or grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The factors of each step back.
    Factors,
    /// How much each step depends on those before it.
    Credit,
    /// How gates and slopes are spread; out of the report, without a computation of its own.
    Saturation,
    /// Backpropagation against differences; computed when asked for.
    Check,
}

impl Why {
    /// The codes of all, as a link writes them.
    pub const CODES: &[&str] = &["factors", "credit", "saturation", "check"];
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Factors, Self::Credit, Self::Saturation, Self::Check];

    /// Its code in a link.
    pub fn code(self) -> &'static str {
        match self {
            Self::Factors => "factors",
            Self::Credit => "credit",
            Self::Saturation => "saturation",
            Self::Check => "check",
        }
    }

    /// The one with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.code() == code)
    }
}
