//! `porter lms`: the academy alone. As many of them as needed may run on one PostgreSQL database.

use std::process::ExitCode;

use crate::config::Config;
use crate::error::PorterError;
use crate::keys;
use crate::process::{self, Process};
use crate::roles::{academy, sandbox};
use crate::say;

pub(crate) async fn run(config: Config) -> Result<ExitCode, PorterError> {
    let mut process = Process::begin(&config)?;
    let listener = process::bind(config.lms.listen, "--lms-listen").await?;
    let address = listener.local_addr()?;
    let keys = keys::obtain(&config)?;
    let Some(database) = process.prepare(academy::open(&config)).await? else { return Ok(ExitCode::SUCCESS) };
    process.holds(&database);
    let payments = sandbox::payments(&config, None, &keys)?;
    let learners = academy::start(&mut process, &config, listener, &database, config.public_url.clone(), &keys, payments).await?;
    say::line(format_args!("\nThe academy is ready.\n\n  Academy, to sign in       http://{address}/"));
    if let Some(learners) = learners {
        say::line(format_args!("  Demo learners (the password of each is {})", learners.password));
    }
    say::line("\n  Ctrl-C stops it.\n");
    process.run().await?;
    Ok(ExitCode::SUCCESS)
}
