//! Letters for tests: a mailer that keeps what it is given, and a worker that does one job after another.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{self, Failure};
use porter_mail::{Mail, MailError, Mailer};

use super::World;
use crate::letters::{ReplyParts, reply_handler};

pub(crate) const OWN_ADDRESS: &str = "support@northlight.example";
pub(crate) const MAIL_SECRET: &str = "the secret of the mail server, the old one of it";
pub(crate) const API_KEY: &str = "the key of the contact form";

/// Keeps what it is given, or refuses it.
#[derive(Debug, Default)]
pub(crate) struct Posted {
    mails: Mutex<Vec<Mail>>,
    refusal: Mutex<Option<MailError>>,
}

impl Posted {
    pub(crate) fn mails(&self) -> Vec<Mail> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn refuses(&self, error: Option<MailError>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = error;
    }
}

#[async_trait]
impl Mailer for Posted {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if let Some(error) = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Err(error);
        }
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
        Ok(())
    }
}

impl World {
    /// Does every job that is due, once; how many there were.
    pub(crate) async fn post(&self, mailer: &Arc<Posted>) -> usize {
        let handler = reply_handler(ReplyParts {
            store: Arc::clone(&self.store),
            mailer: Arc::clone(mailer) as Arc<dyn Mailer>,
            clock: Arc::new(self.clock.clone()),
            academy_name: "Northlight".to_owned(),
            support_hours: "Monday to Friday".to_owned(),
            public_url: "https://help.example".to_owned(),
            address: OWN_ADDRESS.to_owned(),
        });
        let queue = jobs::open(&self.db.db);
        let now = self.now();
        let taken = queue.take(&[handler.kind()], self.uuid(), now, Duration::from_secs(60), 100).await.unwrap();
        for job in &taken {
            match handler.run(job).await {
                Ok(()) => queue.done(job, now).await.unwrap(),
                Err(failure) => {
                    queue.failed(job, &failure, now).await.unwrap();
                    if let Failure::Fail(reason) = &failure {
                        handler.buried(job, reason).await.unwrap();
                    }
                }
            }
        }
        taken.len()
    }
}
