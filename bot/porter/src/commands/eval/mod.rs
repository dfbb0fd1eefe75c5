//! Porter measured: one file an eval.

mod answers;
mod encoded;
mod intents;
mod retrieval;
mod triage;

use std::process::ExitCode;

use crate::cli;
use crate::config::Config;
use crate::error::PorterError;

pub(crate) async fn run(config: &Config, command: cli::Eval) -> Result<ExitCode, PorterError> {
    match command {
        cli::Eval::Intents { dataset, encoder } => intents::run(config, &dataset, &encoder).await,
        cli::Eval::Triage { input } => triage::run(config, input.as_deref()).await,
        cli::Eval::Retrieval { dataset, encoder, mode } => retrieval::run(config, &dataset, &encoder, mode).await,
        cli::Eval::Answers { input, encoder, trace } => answers::run(config, input.as_deref(), &encoder, trace.as_deref()).await,
    }
}
