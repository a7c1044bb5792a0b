//! What a run is: its settings, the table of keys that validates them, and the link that says them.

mod allowed;
pub mod edit;
pub mod keys;
mod lanes;
pub mod link;
pub mod place;
pub mod settings;
pub mod why;
