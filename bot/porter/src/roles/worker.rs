//! The academy's jobs: mail and certificates.

use std::net::SocketAddr;
use std::sync::Arc;

use porter_academy::http::Payments;
use porter_academy::jobs::{WorkerParts, handlers};
use porter_academy::store;
use porter_kernel::clock::SystemClock;
use porter_kernel::db::Database;
use porter_kernel::files::Stored;
use porter_kernel::ids::RandomIds;
use porter_kernel::jobs::{self, Worker};
use porter_mail::{SmtpMailer, SmtpSetting};

use super::academy;
use crate::config::Config;
use crate::error::PorterError;
use crate::keys::Keys;
use crate::process::Process;

/// Sends mail to `mail.smtp`, or to the mailbox at `mailbox`; and the address that it is from.
pub(crate) fn mailer(
    config: &Config,
    mailbox: SocketAddr,
    academy: &str,
    support: &str,
) -> Result<(SmtpMailer, String), PorterError> {
    let smtp = config.mail.smtp.as_ref().map_or_else(|| format!("smtp://{mailbox}"), |smtp| smtp.reveal().to_owned());
    let from = config.mail.from.clone().unwrap_or_else(|| format!("{academy} <{support}>"));
    let setting: SmtpSetting = smtp.parse().map_err(|error| PorterError::Usage(format!("mail.smtp: {error}")))?;
    let mailer =
        SmtpMailer::new(&setting, &from, Arc::new(SystemClock)).map_err(|error| PorterError::Usage(format!("mail: {error}")))?;
    let address = mailer.address().to_owned();
    Ok((mailer, address))
}

/// Works at the jobs of this database. Mail goes to `mail.smtp`, or to the mailbox at `mailbox`.
pub(crate) fn start(
    process: &mut Process,
    config: &Config,
    database: &Database,
    academy_url: String,
    mailbox: SocketAddr,
    keys: &Keys,
    payments: Option<Payments>,
) -> Result<(), PorterError> {
    let policy = academy::policy(config)?;
    let (mailer, _) = mailer(config, mailbox, &policy.academy_name, &policy.support_email)?;
    let parts = WorkerParts {
        store: store::open(database),
        mailer: Arc::new(mailer),
        payments: payments.map(|payments| payments.provider),
        policy,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        files: Arc::new(Stored::in_folder(&config.files())?),
        key: academy::signing_key(keys)?,
        public_url: academy_url,
    };
    let worker = Worker::new(jobs::open(database), Arc::new(SystemClock), Arc::new(RandomIds), handlers(parts));
    let stopped = process.stopped().clone();
    process.work(async move {
        worker.run(stopped).await;
        Ok(())
    });
    Ok(())
}
