use std::process::ExitCode;

use crate::cli;
use crate::config::Config;
use crate::error::PorterError;
use crate::say;

/// Loading has already found every mistake of form; what remains is to print.
pub(crate) fn run(config: &Config, command: cli::Config) -> Result<ExitCode, PorterError> {
    match command {
        cli::Config::Check => say::line("The configuration is right."),
        cli::Config::Show => {
            say::line(toml::to_string_pretty(config).map_err(std::io::Error::other)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}
