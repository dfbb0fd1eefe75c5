//! Porter measured: one file an eval.

mod all;
mod answers;
mod attacks;
mod dialogues;
pub(super) mod encoded;
mod intents;
pub(super) mod outcome;
mod rephrase;
mod retrieval;
pub(super) mod triage;

use std::process::ExitCode;

use crate::cli;
use crate::config::Config;
use crate::error::PorterError;
use outcome::Outcome;

pub(crate) async fn run(config: &Config, command: cli::Eval) -> Result<ExitCode, PorterError> {
    match command {
        cli::Eval::Triage { input, own, reporting } => {
            let outcome = Outcome::begin(config, reporting)?;
            outcome.one(triage::run(config, input.as_deref(), own).await?).await
        }
        cli::Eval::Attacks { input, reporting } => {
            let outcome = Outcome::begin(config, reporting)?;
            outcome.one(attacks::run(config, input.as_deref()).await?).await
        }
        cli::Eval::Dialogues { input, repetitions, seed, reporting } => {
            let outcome = Outcome::begin(config, reporting)?;
            outcome.one(dialogues::run(config, input.as_deref(), repetitions, seed).await?).await
        }
        cli::Eval::All { reporting } => {
            let outcome = Outcome::begin(config, reporting)?;
            outcome.all(all::run(config).await?).await
        }
        cli::Eval::Intents { dataset, encoder, reporting } => {
            let outcome = Outcome::begin(config, reporting)?;
            outcome.one(intents::run(config, &dataset, &encoder).await?).await
        }
        cli::Eval::Answers { input, encoder, reporting } => {
            let outcome = Outcome::begin(config, reporting)?;
            outcome.one(answers::run(config, input.as_deref(), &encoder).await?).await
        }
        cli::Eval::Retrieval { dataset, encoder, mode, reporting } => {
            let outcome = Outcome::begin(config, reporting)?;
            outcome.one(retrieval::run(config, &dataset, &encoder, mode).await?).await
        }
        cli::Eval::Rephrase { input, limit, model, reporting } => {
            let outcome = Outcome::begin(config, reporting)?;
            outcome.one(rephrase::run(config, input.as_deref(), limit, &model).await?).await
        }
    }
}
