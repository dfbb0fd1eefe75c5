//! What is checked of the source itself, the cheapest first.

use crate::{
    failure::Failure,
    process::{self, cargo},
    stages::Stages,
};

/// Checks the format and has clippy find nothing.
pub(crate) fn run(stages: &mut Stages) -> Result<(), Failure> {
    stages.run("format", || process::run(cargo().args(["fmt", "--all", "--check"])))?;
    stages.run("clippy", || process::run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])))
}
