//! `porter models serve`: models lent to other processes, such as desks that share one encoder.

use std::process::ExitCode;

use crate::config::Config;
use crate::error::PorterError;
use crate::process::{self, Process};
use crate::roles::models;
use crate::say;

pub(crate) async fn run(config: &Config) -> Result<ExitCode, PorterError> {
    let mut process = Process::begin(config)?;
    let listener = process::bind(config.models.listen, "PORTER_MODELS__LISTEN").await?;
    let address = listener.local_addr()?;
    let Some(names) = models::start(&mut process, config, listener).await? else { return Ok(ExitCode::SUCCESS) };
    say::line(format_args!("\nThe models are ready.\n\n  API like OpenAI's         http://{address}/v1"));
    for name in names {
        say::line(format_args!("    {name}"));
    }
    say::line("\n  Ctrl-C stops it.\n");
    process.run().await?;
    Ok(ExitCode::SUCCESS)
}
