//! `porter mail deliver`: a mail server hands a mail to the desk, by a pipe.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use porter_kernel::clock::{Clock as _, SystemClock};
use porter_kernel::http::{SIGNATURE_HEADER, Secrets};
use porter_mail::inbound::MAX_BYTES;
use serde::Deserialize;

use crate::cli::Mail;
use crate::config::Config;
use crate::data_dir::{DataDir, Taken};
use crate::error::PorterError;
use crate::keys;
use crate::say;

/// What mail servers read as "keep it and try again" (`EX_TEMPFAIL` of sysexits.h).
const TRY_AGAIN: u8 = 75;
/// What they read as "send it back" (`EX_DATAERR`).
const SEND_BACK: u8 = 65;
const PATIENCE: Duration = Duration::from_secs(120);

/// As the desk answers.
#[derive(Debug, Deserialize)]
struct Answer {
    conversation: Option<String>,
    outcome: String,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    detail: String,
}

pub(crate) async fn run(config: &Config, command: Mail) -> Result<ExitCode, PorterError> {
    let Mail::Deliver { file, to } = command;
    let mail = read(&file)?;
    if mail.len() > MAX_BYTES {
        say::problem("the mail has more than 25 MB");
        return Ok(ExitCode::from(SEND_BACK));
    }
    let Some(desk) = to.or(running(config)?) else {
        say::problem(&format!("no porter serves {}; start it, or say where it is with --to", config.data_dir.display()));
        return Ok(ExitCode::from(TRY_AGAIN));
    };
    deliver(config, desk.trim_end_matches('/'), mail).await
}

fn read(file: &Path) -> Result<Vec<u8>, PorterError> {
    let failed = |cause| PorterError::Input { path: file.to_owned(), cause };
    // A byte more than is taken tells that there is more.
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut mail = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().take(most).read_to_end(&mut mail).map_err(failed)?;
    } else {
        std::fs::File::open(file).map_err(failed)?.take(most).read_to_end(&mut mail).map_err(failed)?;
    }
    Ok(mail)
}

/// Where the porter is that holds the data folder.
fn running(config: &Config) -> Result<Option<String>, PorterError> {
    Ok(match DataDir::take(&config.data_dir)? {
        Taken::Theirs(running) => running.map(|running| format!("http://{}", running.address)),
        Taken::Ours(_) => None,
    })
}

async fn deliver(config: &Config, desk: &str, mail: Vec<u8>) -> Result<ExitCode, PorterError> {
    let keys = keys::doors(config)?;
    let secrets = Secrets::parse(keys.inbound_secret.reveal()).ok_or_else(|| {
        PorterError::Usage("mail.inbound_secret must have 16 characters at least, several with commas between".to_owned())
    })?;
    let request = reqwest::Client::new()
        .post(format!("{desk}/api/v1/inbound-mail"))
        .header("content-type", "message/rfc822")
        .header(SIGNATURE_HEADER, secrets.sign(&mail, SystemClock.now()))
        .timeout(PATIENCE)
        .body(mail);
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) => {
            say::problem(&format!("the desk cannot be reached: {error}; the mail is to be sent again later"));
            return Ok(ExitCode::from(TRY_AGAIN));
        }
    };
    let status = response.status();
    let body = response.bytes().await.unwrap_or_default();
    if status.is_success() {
        let answer: Answer = serde_json::from_slice(&body).map_err(|error| PorterError::Remote(error.to_string()))?;
        match answer.conversation {
            Some(conversation) => say::line(format_args!("{}: conversation {conversation}", answer.outcome)),
            None => say::line(answer.outcome),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let detail = serde_json::from_slice::<Refusal>(&body).map_or_else(|_| status.to_string(), |refusal| refusal.detail);
    say::problem(&format!("the desk answered {}: {detail}", status.as_u16()));
    // A wrong secret or clock is the operator's to put right: the mail must not be lost meanwhile.
    let final_word = matches!(status.as_u16(), 413 | 422);
    Ok(ExitCode::from(if final_word { SEND_BACK } else { TRY_AGAIN }))
}
