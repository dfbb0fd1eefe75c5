//! Doubles around the seams, each with its points. They tell what the ledger wants to know.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::{Clock, SystemClock, Timestamp};
use porter_kernel::db::DbError;
use porter_kernel::jobs::{DeadJob, Failure, Handler, Job, JobError, JobStore, NewJob, QueueDepth, Room, Unreported};
use porter_mail::{Mail, MailError, Mailer};
use uuid::Uuid;

use super::point::{Point, Trap, say};
use crate::store::jobs::{SEND_MAIL, SendMail, payload};

/// The system's clock, so many times as fast since `origin`: the same in all processes of a drill.
#[derive(Debug, Clone, Copy)]
pub(super) struct FastClock {
    pub(super) origin: Timestamp,
    pub(super) factor: u32,
}

impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        self.origin + SystemClock.now().since(self.origin) * self.factor
    }
}

/// The clock that handlers ask right before they change something.
#[derive(Debug)]
pub(super) struct TrapClock {
    pub(super) inner: FastClock,
    pub(super) trap: Trap,
}

impl Clock for TrapClock {
    fn now(&self) -> Timestamp {
        self.trap.at(Point::BeforeFence);
        self.inner.now()
    }
}

/// Jobs whose signs of life get lost on the way.
pub(super) type Silent = Arc<Mutex<HashSet<Uuid>>>;

/// A queue that tells who holds what.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) inner: Arc<dyn JobStore>,
    pub(super) trap: Trap,
    pub(super) silent: Silent,
}

/// The mail that a job sends.
fn mail_of(job: &Job) -> Option<Uuid> {
    let mail = (job.kind == SEND_MAIL).then(|| payload::<SendMail>(job).unwrap());
    mail.map(|payload| payload.mail)
}

#[async_trait]
impl JobStore for Queue {
    async fn enqueue(&self, job: &NewJob, now: Timestamp) -> Result<bool, DbError> {
        self.inner.enqueue(job, now).await
    }

    async fn take_within(
        &self,
        kinds: &[&str],
        owner: Uuid,
        now: Timestamp,
        lease: Duration,
        room: Room,
    ) -> Result<Vec<Job>, DbError> {
        let taken = self.inner.take_within(kinds, owner, now, lease, room).await?;
        for job in &taken {
            let mail = mail_of(job).map(|mail| mail.to_string()).unwrap_or_default();
            say(&format!("took {} {} {mail}", job.id, job.attempt));
        }
        if !taken.is_empty() {
            self.trap.at(Point::BeforeTakesAnswer);
        }
        Ok(taken)
    }

    async fn beat(&self, owner: Uuid, jobs: &[Uuid], now: Timestamp, lease: Duration) -> Result<Vec<Uuid>, DbError> {
        let (silent, heard): (Vec<Uuid>, Vec<Uuid>) = {
            let lost = self.silent.lock().unwrap();
            jobs.iter().copied().partition(|id| lost.contains(id))
        };
        let mut held = self.inner.beat(owner, &heard, now, lease).await?;
        held.extend(silent);
        Ok(held)
    }

    async fn done(&self, job: &Job, now: Timestamp) -> Result<(), JobError> {
        if let Some(mail) = mail_of(job) {
            say(&format!("noted {mail}"));
        }
        self.trap.at(Point::AfterCommit);
        let settled = self.inner.done(job, now).await;
        self.tell(job, &settled);
        settled
    }

    async fn failed(&self, job: &Job, failure: &Failure, now: Timestamp) -> Result<(), JobError> {
        let settled = self.inner.failed(job, failure, now).await;
        self.tell(job, &settled);
        settled
    }

    async fn take_unreported(
        &self,
        kinds: &[&str],
        owner: Uuid,
        now: Timestamp,
        lease: Duration,
        limit: i64,
    ) -> Result<Vec<Unreported>, DbError> {
        self.inner.take_unreported(kinds, owner, now, lease, limit).await
    }

    async fn reported(&self, job: &Job, now: Timestamp) -> Result<(), JobError> {
        self.inner.reported(job, now).await
    }

    async fn dead(&self, limit: i64) -> Result<Vec<DeadJob>, DbError> {
        self.inner.dead(limit).await
    }

    async fn revive(&self, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
        self.inner.revive(id, now).await
    }

    async fn revive_kind(&self, kind: &str, now: Timestamp) -> Result<u64, DbError> {
        self.inner.revive_kind(kind, now).await
    }

    async fn depth(&self) -> Result<Vec<QueueDepth>, DbError> {
        self.inner.depth().await
    }

    async fn forget_done(&self, before: Timestamp) -> Result<u64, DbError> {
        self.inner.forget_done(before).await
    }
}

impl Queue {
    /// The job is no longer this worker's, whoever says so.
    fn tell(&self, job: &Job, settled: &Result<(), JobError>) {
        if !matches!(settled, Err(JobError::Database(_))) {
            say(&format!("ended {} {}", job.id, job.attempt));
        }
    }
}

/// A mail server's client that tells when the server may have a mail.
#[derive(Debug)]
pub(super) struct Post<M> {
    pub(super) inner: M,
    pub(super) trap: Trap,
}

#[async_trait]
impl<M: Mailer> Mailer for Post<M> {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let id = mail.message_id.split('@').next().unwrap();
        say(&format!("sending {id}"));
        let sent = self.inner.send(mail).await;
        if sent.is_ok() {
            self.trap.at(Point::AfterFinalDot);
        }
        sent
    }
}

/// A handler with a point before it.
pub(super) struct Begun {
    pub(super) inner: Arc<dyn Handler>,
    pub(super) trap: Trap,
}

#[async_trait]
impl Handler for Begun {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn timeout(&self) -> Duration {
        self.inner.timeout()
    }

    async fn run(&self, job: &Job) -> Result<(), Failure> {
        self.trap.at(Point::AfterTake);
        self.inner.run(job).await
    }

    async fn buried(&self, job: &Job, reason: &str) -> Result<(), Failure> {
        self.inner.buried(job, reason).await
    }
}
