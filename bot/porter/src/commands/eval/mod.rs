//! Porter measured: one file an eval.

mod rephrase;
mod retrieval;
mod triage;

use std::process::ExitCode;

use crate::cli;
use crate::config::Config;
use crate::error::PorterError;

pub(crate) async fn run(config: &Config, command: cli::Eval) -> Result<ExitCode, PorterError> {
    match command {
        cli::Eval::Triage { input } => triage::run(config, input.as_deref()).await,
        cli::Eval::Rephrase { input, limit, model } => rephrase::run(config, input.as_deref(), limit, &model).await,
        cli::Eval::Retrieval { dataset, encoder } => retrieval::run(config, &dataset, &encoder).await,
    }
}
