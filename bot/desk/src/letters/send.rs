//! An answer goes out: made now from its message, to the address of its correspondence.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use metrics::counter;
use porter_kernel::clock::Clock;
use porter_kernel::jobs::{Failure, Handler, Job};
use porter_mail::{MailError, Mailer};

use super::compose;
use crate::store::{DeskError, DeskStore, SEND_REPLY, SendReply};

/// What answers by mail are made and sent with.
#[derive(Clone)]
pub struct ReplyParts {
    pub store: Arc<dyn DeskStore>,
    pub mailer: Arc<dyn Mailer>,
    pub clock: Arc<dyn Clock>,
    pub academy_name: String,
    /// When people answer.
    pub support_hours: String,
    /// How people reach the desk, without a slash at the end: links to articles begin with it.
    pub public_url: String,
    /// Ours, to which people answer.
    pub address: String,
}

impl fmt::Debug for ReplyParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyParts").field("public_url", &self.public_url).field("mailer", &self.mailer).finish_non_exhaustive()
    }
}

/// Sends what the desk's store enqueues.
#[must_use]
pub fn reply_handler(parts: ReplyParts) -> Arc<dyn Handler> {
    Arc::new(Send(parts))
}

struct Send(ReplyParts);

fn failure(error: DeskError) -> Failure {
    Failure::Retry(error.to_string())
}

/// What the job was given. A form that this version does not know will not be known on the next attempt either.
fn payload(job: &Job) -> Result<SendReply, Failure> {
    serde_json::from_value(job.payload.clone()).map_err(|error| Failure::Fail(format!("the payload is not this job's: {error}")))
}

/// Mail servers repeat the address in their refusals; logs and rows hold none.
fn without_addresses(text: &str) -> String {
    text.split(' ').map(|word| if word.contains('@') { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

#[async_trait]
impl Handler for Send {
    fn kind(&self) -> &'static str {
        SEND_REPLY
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(90)
    }

    /// A worker that is killed between the server's yes and the note of it makes the next attempt send again, with the same Message-ID.
    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let SendReply { mail: id } = payload(job)?;
        let Some(outgoing) = self.0.store.outgoing(id).await.map_err(failure)? else {
            return Err(Failure::Fail("there is no such mail".to_owned()));
        };
        if outgoing.sent_at.is_some() {
            return Ok(());
        }
        let mail = compose::mail(&self.0, &outgoing).map_err(|error| Failure::Fail(error.to_string()))?;
        let outcome = self.0.mailer.send(&mail).await;
        let word = match &outcome {
            Ok(()) => "sent",
            Err(MailError::Later(_)) => "later",
            Err(MailError::Never(_)) => "refused",
        };
        counter!("porter_replies_mailed_total", "author" => outgoing.author.as_str(), "outcome" => word).increment(1);
        match outcome {
            Ok(()) => Ok(self.0.store.reply_sent(job, id, self.0.clock.now()).await?),
            Err(MailError::Later(why)) => Err(Failure::Retry(without_addresses(&why))),
            Err(MailError::Never(why)) => Err(Failure::Fail(without_addresses(&why))),
        }
    }

    async fn buried(&self, job: &Job, reason: &str) -> Result<(), Failure> {
        let Ok(SendReply { mail }) = payload(job) else { return Ok(()) };
        tracing::warn!(job = %job.id, %mail, reason, "an answer could not be sent by mail");
        self.0.store.reply_failed(mail, &format!("Not sent: {reason}")).await.map(|_| ()).map_err(failure)
    }
}
