//! The [`Mailer`] over SMTP.

mod compose;
mod outcome;
mod setting;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use porter_kernel::clock::Clock;

use crate::{Mail, MailError, Mailer};

pub use setting::{SmtpSetting, SmtpSettingError};

/// For connecting to one of the server's addresses.
const CONNECT: Duration = Duration::from_secs(10);
/// For a whole mail. lettre waits for an answer without end, and a server may never give one.
const WHOLE: Duration = Duration::from_secs(60);
/// How many connections are kept open for the next mail.
const KEPT: usize = 4;

type Line = AsyncSmtpTransport<Tokio1Executor>;

/// Sends over SMTP and keeps a few connections open.
///
/// A sending that is given up half-way (the time is up, the job was cancelled) leaves a connection that owes an answer. Handed to
/// the next mail, that answer would be taken for the next mail's own: a refused mail would count as sent. So a connection belongs
/// to one sending at a time, and comes back to the others only when that has ended.
pub struct SmtpMailer {
    setting: SmtpSetting,
    from: Mailbox,
    clock: Arc<dyn Clock>,
    whole: Duration,
    idle: Mutex<Vec<Line>>,
}

impl SmtpMailer {
    /// A mailer to this server. `from` is a mailbox: `Northlight Academy <support@northlight.example>`. Connects when there is mail.
    pub fn new(setting: &SmtpSetting, from: &str, clock: Arc<dyn Clock>) -> Result<Self, SmtpSettingError> {
        let from = from.parse().map_err(|_| SmtpSettingError::From)?;
        Ok(Self { setting: setting.clone(), from, clock, whole: WHOLE, idle: Mutex::default() })
    }

    /// The address that mail is from.
    #[must_use]
    pub fn address(&self) -> &str {
        self.from.email.as_ref()
    }

    /// With another limit for a whole mail than 60 seconds.
    #[must_use]
    pub fn with_time_limit(self, whole: Duration) -> Self {
        Self { whole, ..self }
    }

    fn line(&self) -> Result<Line, MailError> {
        if let Some(line) = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            return Ok(line);
        }
        let builder = self.setting.transport().map_err(MailError::Later)?;
        Ok(builder.timeout(Some(CONNECT)).pool_config(PoolConfig::new().max_size(1)).build())
    }

    fn put_back(&self, line: Line) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(line);
        }
    }
}

impl std::fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpMailer").field("setting", &self.setting).finish_non_exhaustive()
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = compose::message(mail, &self.from, self.clock.now())?;
        let line = self.line()?;
        // When this future is dropped, or the time is up, the line goes with it.
        match tokio::time::timeout(self.whole, line.send(message)).await {
            Ok(ended) => {
                self.put_back(line);
                ended.map(drop).map_err(|error| outcome::failed(&error))
            }
            Err(_) => Err(MailError::Later("it did not answer in time".to_owned())),
        }
    }
}
