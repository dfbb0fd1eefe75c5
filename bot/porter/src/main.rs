//! `porter`: one binary, roles as subcommands. The composition root: the only place that names concrete implementations.

mod assemble;
mod bars;
mod cli;
mod commands;
mod config;
mod data_dir;
mod demo;
mod error;
mod keys;
mod process;
mod reports;
mod reword;
mod roles;
mod say;
mod secret;
mod triage_model;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::error::PorterError;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say::problem(&format!("the async runtime cannot start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(run(cli));
    // The encoder's thread and blocking reads end with the process.
    runtime.shutdown_background();
    match result {
        Ok(code) => code,
        Err(error) => {
            say::problem(&error.to_string());
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(cli: Cli) -> Result<ExitCode, PorterError> {
    // One TLS provider for the whole process. It is the first, so it is not refused.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = config::load(&cli)?;
    match cli.command.unwrap_or_default() {
        Command::Up => commands::up::run(config).await,
        Command::Bot => commands::bot::run(config).await,
        Command::Lms { command: None } => commands::lms::run(config).await,
        Command::Lms { command: Some(cli::Lms::Seed { learners, password }) } => {
            commands::lms_seed::run(&config, learners, password).await
        }
        Command::Worker => commands::worker::run(config).await,
        Command::Mail { command } => commands::mail::run(&config, command).await,
        Command::Mailbox => commands::mailbox::run(config).await,
        Command::PaymentsSandbox => commands::sandbox::run(config).await,
        Command::Triage { input } => commands::triage::run(&config, &input).await,
        Command::Train { training, command } => commands::train::run(&config, training, command).await,
        Command::Kb { command } => commands::kb::run(&config, command).await,
        Command::Models { command } => commands::models::run(&config, command).await,
        Command::Eval { command } => commands::eval::run(&config, command).await,
        Command::Config { command } => commands::config::run(&config, command),
    }
}
