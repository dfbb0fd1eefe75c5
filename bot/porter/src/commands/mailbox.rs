//! `porter mailbox`: the built-in mailbox alone.

use std::process::ExitCode;

use crate::config::Config;
use crate::error::PorterError;
use crate::process::Process;
use crate::roles::mailbox;
use crate::say;

pub(crate) async fn run(config: Config) -> Result<ExitCode, PorterError> {
    let mut process = Process::begin(&config)?;
    let ports = mailbox::Ports::take(&config).await?;
    let (page, smtp) = ports.addresses()?;
    mailbox::start(&mut process, &config, ports)?;
    say::line(format_args!(
        "\nThe mailbox is ready.\n\n  Mailbox                   http://{page}/\n  SMTP                      {smtp}\n\n  Ctrl-C stops it.\n"
    ));
    process.run().await?;
    Ok(ExitCode::SUCCESS)
}
