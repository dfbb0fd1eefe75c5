//! `porter up`: every role in one process on embedded parts.

use std::net::SocketAddr;
use std::process::ExitCode;

use crate::config::Config;
use crate::data_dir::DataDir;
use crate::demo::{Account, Learners};
use crate::error::PorterError;
use crate::keys;
use crate::process::{self, Process};
use crate::roles::{academy, bot, mailbox, sandbox, worker};
use crate::say;

pub(crate) async fn run(config: Config) -> Result<ExitCode, PorterError> {
    let mut process = Process::begin(&config)?;
    let folder = DataDir::take_alone(&config.data_dir)?;
    let desk = process::bind(config.listen, "--listen").await?;
    let lms = process::bind(config.lms.listen, "--lms-listen").await?;
    let mailbox = if config.mail.smtp.is_none() { Some(mailbox::Ports::take(&config).await?) } else { None };
    let sandbox = if config.payments.provider_url.is_none() { Some(sandbox::bind(&config).await?) } else { None };
    let places = Places {
        sandbox: sandbox.as_ref().map(tokio::net::TcpListener::local_addr).transpose()?,
        desk: desk.local_addr()?,
        lms: lms.local_addr()?,
        mailbox: mailbox.as_ref().map(mailbox::Ports::addresses).transpose()?.map(|(page, _)| page),
    };
    let smtp = mailbox.as_ref().map(mailbox::Ports::addresses).transpose()?.map_or(config.mailbox.smtp, |(_, smtp)| smtp);
    let keys = keys::obtain(&config)?;

    let Some(database) = process.prepare(academy::open(&config)).await? else { return Ok(ExitCode::SUCCESS) };
    process.holds(&database);
    if let Some(ports) = mailbox {
        mailbox::start(&mut process, &config, ports)?;
    }
    let academy_url = academy::public_url(&config, places.lms);
    if let Some(listener) = sandbox {
        // Webhooks reach the academy here, whatever its public address is.
        sandbox::start(&mut process, &config, listener, &format!("http://{}", places.lms), &keys)?;
    }
    let payments = sandbox::payments(&config, places.sandbox, &keys)?;
    worker::start(&mut process, &config, &database, academy_url.clone(), smtp, &keys, payments.clone())?;
    let desk_url = bot::public_url(&config, places.desk);
    let learners = academy::start(&mut process, &config, lms, &database, Some(desk_url), &keys, payments).await?;
    let academy =
        bot::Academy { url: config.lms.url.clone().unwrap_or_else(|| format!("http://{}", places.lms)), public_url: academy_url };
    let Some(accounts) = bot::start(&mut process, &config, &folder, desk, &academy, smtp, &keys).await? else {
        return Ok(ExitCode::SUCCESS);
    };
    welcome(&places, &config, &accounts, learners.as_ref());
    process.run().await?;
    drop(folder);
    Ok(ExitCode::SUCCESS)
}

struct Places {
    desk: SocketAddr,
    lms: SocketAddr,
    mailbox: Option<SocketAddr>,
    sandbox: Option<SocketAddr>,
}

fn welcome(places: &Places, config: &Config, accounts: &[Account], learners: Option<&Learners>) {
    let (desk, lms) = (places.desk, places.lms);
    say::line(format_args!(
        "\nPorter is ready.\n\n  Academy, to sign in       http://{lms}/\n  Demo page with the chat   http://{desk}/\n  Help centre               http://{desk}/help\n  Agents' inbox             http://{desk}/inbox"
    ));
    match places.mailbox {
        Some(page) => say::line(format_args!("  Mailbox                   http://{page}/")),
        None => say::line("  Mail                      goes to the server in mail.smtp"),
    }
    if let Some(page) = places.sandbox {
        say::line(format_args!("  Payment sandbox           http://{page}/"));
    }
    say::line(format_args!(
        "  API descriptions          http://{desk}/openapi.json and http://{lms}/openapi.json\n  Data                      {}",
        config.data_dir.display()
    ));
    if let Some(learners) = learners {
        say::line(format_args!("\n  Demo learners (the password of each is {})", learners.password));
        for (email, what) in &learners.shown {
            say::line(format_args!("    {email:34} {what}"));
        }
    }
    if !accounts.is_empty() {
        say::line("\n  Demo accounts for the inbox");
        for account in accounts {
            say::line(format_args!("    {:34} {}", account.email, account.password));
        }
    }
    say::line("\n  Ctrl-C stops it.\n");
}
