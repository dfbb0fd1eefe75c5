//! The built-in mailbox: catches mail where there is no mail server, on loopback only.

use std::net::SocketAddr;
use std::sync::Arc;

use porter_kernel::clock::SystemClock;
use porter_kernel::ids::RandomIds;
use porter_mail::mailbox;
use porter_mail::sink::Sink;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::error::PorterError;
use crate::process::{self, Process};

/// Its two ports, taken.
#[derive(Debug)]
pub(crate) struct Ports {
    page: TcpListener,
    smtp: TcpListener,
}

impl Ports {
    /// Takes them. Whoever reaches the page reads everybody's mail, links for new passwords included: so only this machine may.
    pub(crate) async fn take(config: &Config) -> Result<Self, PorterError> {
        for (address, name) in [(config.mailbox.listen, "mailbox.listen"), (config.mailbox.smtp, "mailbox.smtp")] {
            if !address.ip().is_loopback() {
                let why = "the mailbox shows everybody's mail, so it listens on this machine only: use 127.0.0.1, or set mail.smtp";
                return Err(PorterError::Usage(format!("{name} = {address}: {why}")));
            }
        }
        Ok(Self {
            page: process::bind(config.mailbox.listen, "PORTER_MAILBOX__LISTEN").await?,
            smtp: process::bind(config.mailbox.smtp, "PORTER_MAILBOX__SMTP").await?,
        })
    }

    /// Where the page and the SMTP server are.
    pub(crate) fn addresses(&self) -> Result<(SocketAddr, SocketAddr), PorterError> {
        Ok((self.page.local_addr()?, self.smtp.local_addr()?))
    }
}

/// Serves both.
pub(crate) fn start(process: &mut Process, config: &Config, ports: Ports) -> Result<(), PorterError> {
    let sink = Sink::new(ports.smtp, &config.data_dir.join("mailbox"), Arc::new(SystemClock), Arc::new(RandomIds))?;
    process.serve_plainly(ports.page, mailbox::router(sink.folder()), config.capacity());
    let stopped = process.stopped().clone();
    process.work(async move {
        sink.serve(stopped).await;
        Ok(())
    });
    Ok(())
}
