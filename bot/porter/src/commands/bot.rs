//! `porter bot`: the desk alone. The academy may be down: then nothing is changed, and people get the cases.

use std::process::ExitCode;

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::error::PorterError;
use crate::keys;
use crate::process::{self, Process};
use crate::roles::bot;
use crate::say;

pub(crate) async fn run(config: Config) -> Result<ExitCode, PorterError> {
    let Some(url) = config.lms.url.clone() else {
        return Err(PorterError::Usage("porter bot needs to know where the academy is: set lms.url (PORTER_LMS__URL)".to_owned()));
    };
    let mut process = Process::begin(&config)?;
    let folder = DataDir::take_alone(&config.data_dir)?;
    let listener = process::bind(config.listen, "--listen").await?;
    let address = listener.local_addr()?;
    let keys = keys::obtain(&config)?;
    let public_url = config.lms.public_url.clone().unwrap_or_else(|| url.clone());
    let academy = bot::Academy { url, public_url };
    let Some(accounts) = bot::start(&mut process, &config, &folder, listener, &academy, config.mailbox.smtp, &keys).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    say::line(format_args!("\nThe desk is ready.\n\n  Demo page with the chat   http://{address}/"));
    for account in &accounts {
        say::line(format_args!("    {:34} {}", account.email, account.password));
    }
    say::line("\n  Ctrl-C stops it.\n");
    process.run().await?;
    drop(folder);
    Ok(ExitCode::SUCCESS)
}
