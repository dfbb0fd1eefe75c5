use std::process::ExitCode;

use porter_embeddings::catalogue::{self, Model};
use porter_embeddings::{fetch, verify};

use super::models_serve;
use crate::assemble;
use crate::bars::Bars;
use crate::cli;
use crate::config::Config;
use crate::error::PorterError;
use crate::say;

pub(crate) async fn run(config: &Config, command: cli::Models) -> Result<ExitCode, PorterError> {
    match command {
        cli::Models::Fetch { name: None } => {
            for model in used(config) {
                get(config, model).await?;
            }
        }
        cli::Models::Fetch { name: Some(name) } => get(config, assemble::model(&name)?).await?,
        cli::Models::List => catalogue::ALL.iter().for_each(|model| show(config, model)),
        cli::Models::Serve => return models_serve::run(config).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// Those that `porter up` needs with this configuration.
fn used(config: &Config) -> impl Iterator<Item = &'static Model> {
    let encoder = config.models.encoder_url.is_none().then_some(&catalogue::MINILM);
    let answers = config.answers.local.then_some(&catalogue::SMOLLM2);
    encoder.into_iter().chain(answers)
}

async fn get(config: &Config, model: &Model) -> Result<(), PorterError> {
    let files = fetch(model, &config.cache_dir, &config.sources(), &Bars::default()).await?;
    say::line(format_args!("{} is complete and verified in {}", model.name, files.folder.display()));
    Ok(())
}

fn show(config: &Config, model: &Model) {
    let folder = config.cache_dir.join("models").join(model.name);
    let state = if verify(model, &folder) { "verified" } else { "not fetched" };
    say::line(format_args!("{} ({}, {}): {state}", model.name, model.about, model.licence));
    say::line(format_args!("  folder   {}", folder.display()));
    say::line(format_args!("  wheel    {} {} sha256 {}", model.wheel.package, model.wheel.version, model.wheel.sha256));
    for file in model.files {
        say::line(format_args!("  {:24} {:>11} bytes  sha256 {}", file.name, file.bytes, file.sha256));
    }
}
