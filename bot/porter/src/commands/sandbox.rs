//! `porter payments-sandbox`: the payment sandbox alone.

use std::process::ExitCode;

use crate::config::Config;
use crate::error::PorterError;
use crate::keys;
use crate::process::Process;
use crate::roles::{academy, sandbox};
use crate::say;

pub(crate) async fn run(config: Config) -> Result<ExitCode, PorterError> {
    let mut process = Process::begin(&config)?;
    let listener = sandbox::bind(&config).await?;
    let address = listener.local_addr()?;
    let academy = academy::public_url(&config, config.lms.listen);
    let keys = keys::obtain(&config)?;
    sandbox::start(&mut process, &config, listener, &academy, &keys)?;
    say::line(format_args!(
        "\nThe payment sandbox is ready.\n\n  Payment sandbox           http://{address}/\n  Webhooks go to            {academy}/payments/webhook\n\n  Ctrl-C stops it.\n"
    ));
    process.run().await?;
    Ok(ExitCode::SUCCESS)
}
