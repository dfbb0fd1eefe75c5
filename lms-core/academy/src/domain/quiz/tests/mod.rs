//! What must hold for any question, any answer and any sequence of events.

mod drill;
mod file;
mod grading;
pub(crate) mod model;
mod numbers;
pub(crate) mod samples;
