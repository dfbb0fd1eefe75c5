//! `porter worker`: the academy's jobs alone. As many of them as needed may run; a killed one's jobs go to another.

use std::process::ExitCode;

use crate::config::Config;
use crate::error::PorterError;
use crate::keys;
use crate::process::Process;
use crate::roles::{academy, sandbox, worker};
use crate::say;

pub(crate) async fn run(config: Config) -> Result<ExitCode, PorterError> {
    let mut process = Process::begin(&config)?;
    let keys = keys::obtain(&config)?;
    let Some(database) = process.prepare(academy::open(&config)).await? else { return Ok(ExitCode::SUCCESS) };
    process.holds(&database);
    let academy_url = academy::public_url(&config, config.lms.listen);
    let payments = sandbox::payments(&config, None, &keys)?;
    worker::start(&mut process, &config, &database, academy_url, config.mailbox.smtp, &keys, payments)?;
    say::line("\nThe worker is ready.\n\n  Ctrl-C stops it.\n");
    process.run().await?;
    Ok(ExitCode::SUCCESS)
}
