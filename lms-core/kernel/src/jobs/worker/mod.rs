//! The loop that takes jobs and has them done.
//!
//! Three things go on beside each other, so that none waits for another: this loop takes jobs and starts a task for each ([`attempt`]);
//! a second one keeps the leases ([`heartbeat`]); a third counts and tidies ([`upkeep`]). The table decides everything: a worker that is
//! wrong about what it holds finds out at its next statement.

mod attempt;
mod heartbeat;
mod held;
mod report;
mod upkeep;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use super::{Handler, JobStore, LEASE, Wake};
use crate::clock::Clock;
use crate::db::DbError;
use crate::ids::Ids;
use crate::shutdown::Shutdown;
use attempt::Attempt;
use heartbeat::Heart;
use held::Held;
use report::Report;

/// Jobs done at the same time, one of them urgent.
const SLOTS: i64 = 8;
/// Reports of dead jobs under way at the same time.
const REPORTS: usize = 4;

/// How often a worker does what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How often the table is looked at when nobody rings.
    pub poll: Duration,
    /// How long a job is this worker's without a sign of life.
    pub lease: Duration,
    /// How often it gives one. Much less than `lease`.
    pub beat: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { poll: Duration::from_secs(1), lease: LEASE, beat: LEASE / 4 }
    }
}

/// Has jobs done by their handlers, until it is told to end.
///
/// * Up to a number of jobs run at the same time; one slot is kept for urgent ones.
/// * A job that is no longer this worker's is stopped; one that takes too long or panics is tried again later.
/// * A database that is away is waited for.
/// * What died is reported to its handler: see [`Handler::buried`].
#[derive(Clone)]
pub struct Worker {
    store: Arc<dyn JobStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
    wake: Wake,
    slots: i64,
    timing: Timing,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("kinds", &self.handlers.keys())
            .field("slots", &self.slots)
            .field("timing", &self.timing)
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker for the kinds of these handlers; jobs of other kinds wait for another. Of two handlers of a kind the first counts.
    #[must_use]
    pub fn new(store: Arc<dyn JobStore>, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>, handlers: Vec<Arc<dyn Handler>>) -> Self {
        let mut by_kind: BTreeMap<&'static str, Arc<dyn Handler>> = BTreeMap::new();
        for handler in handlers {
            let kind = handler.kind();
            if by_kind.contains_key(kind) {
                tracing::error!(kind, "two handlers for one kind of job: the second is ignored");
            } else {
                by_kind.insert(kind, handler);
            }
        }
        Self { store, clock, ids, handlers: by_kind, wake: Wake::default(), slots: SLOTS, timing: Timing::default() }
    }

    /// Listens to this bell.
    #[must_use]
    pub fn woken_by(self, wake: Wake) -> Self {
        Self { wake, ..self }
    }

    /// Does so many jobs at the same time; two at least, for one is kept for urgent jobs.
    #[must_use]
    pub fn with_slots(self, slots: u32) -> Self {
        Self { slots: i64::from(slots).max(2), ..self }
    }

    /// Keeps this time instead of the default.
    #[must_use]
    pub fn with_timing(self, timing: Timing) -> Self {
        Self { timing, ..self }
    }

    /// Works until shutdown, and returns when the jobs that run then have ended; the caller decides how long it waits for that. Dropped
    /// before, it stops them where they are, and another worker takes them up when their leases have run out.
    ///
    /// Each call is a worker of its own, with a new id: it never gets what an earlier one has left before the lease has run out.
    pub async fn run(self, shutdown: Shutdown) {
        let owner = self.ids.uuid();
        let held = Held::default();
        // They end with this function, and not before the last job.
        let mut aside = JoinSet::new();
        let heart = Heart { store: self.store.clone(), clock: self.clock.clone(), owner, held: held.clone(), timing: self.timing };
        aside.spawn(heart.clone().keep());
        aside.spawn(upkeep::keep(self.store.clone(), self.clock.clone(), self.handlers.keys().copied().collect()));
        let mut work =
            Work { worker: self, owner, held, heart, shutdown, attempts: JoinSet::new(), reports: JoinSet::new(), away: false };
        work.until_shutdown().await;
        work.drain().await;
    }
}

/// A worker that runs.
struct Work {
    worker: Worker,
    owner: Uuid,
    held: Held,
    heart: Heart,
    shutdown: Shutdown,
    attempts: JoinSet<()>,
    reports: JoinSet<()>,
    /// The database did not answer last time.
    away: bool,
}

impl Work {
    async fn until_shutdown(&mut self) {
        let mut poll = interval(self.worker.timing.poll);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (wake, shutdown) = (self.worker.wake.clone(), self.shutdown.clone());
        loop {
            let polled = tokio::select! {
                () = shutdown.triggered() => return,
                _ = poll.tick() => true,
                () = wake.rung() => false,
                Some(_) = self.attempts.join_next() => false,
                Some(_) = self.reports.join_next() => false,
            };
            // While the database is away, only the poll tries again: everything else would hammer it.
            if polled || !self.away {
                self.look().await;
            }
        }
    }

    async fn drain(&mut self) {
        while self.attempts.join_next().await.is_some() {}
        while self.reports.join_next().await.is_some() {}
    }

    async fn look(&mut self) {
        // A statement that hangs must not keep the loop from its shutdown for long. What a take has taken whose answer is not
        // awaited is never beaten for, so it goes to another.
        let patience = self.worker.timing.lease / 4;
        let failure = match timeout(patience, self.take()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("no answer in time".to_owned()),
        };
        match &failure {
            Some(error) if !self.away => {
                tracing::warn!(error, "jobs cannot be taken; they stay in the queue, and it is tried again")
            }
            None if self.away => tracing::info!("jobs can be taken again"),
            _ => {}
        }
        self.away = failure.is_some();
    }

    async fn take(&mut self) -> Result<(), DbError> {
        let worker = &self.worker;
        // After an outage its own leases have run out: whoever is alive keeps what it is working at, instead of taking it anew.
        if self.held.is_silent(worker.clock.now(), worker.timing.lease / 2) {
            self.heart.beat().await?;
        }
        let kinds: Vec<&str> = worker.handlers.keys().copied().collect();
        let room = self.held.room(worker.slots);
        if room.any > 0 {
            let now = worker.clock.now();
            let jobs = worker.store.take_within(&kinds, self.owner, now, worker.timing.lease, room).await?;
            for job in jobs {
                // Only kinds that have a handler were asked for.
                let Some(handler) = worker.handlers.get(job.kind.as_str()).cloned() else { continue };
                let hold = self.held.begin(&job, now);
                let (store, clock) = (worker.store.clone(), worker.clock.clone());
                let attempt =
                    Attempt { store, clock, handler, job, hold, pause: worker.timing.poll, shutdown: self.shutdown.clone() };
                self.attempts.spawn(attempt.run());
            }
        }
        let limit = REPORTS.saturating_sub(self.reports.len());
        if limit > 0 {
            let (now, lease) = (worker.clock.now(), worker.timing.lease);
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            for unreported in worker.store.take_unreported(&kinds, self.owner, now, lease, limit).await? {
                let Some(handler) = worker.handlers.get(unreported.job.kind.as_str()).cloned() else { continue };
                let (store, clock) = (worker.store.clone(), worker.clock.clone());
                self.reports.spawn(Report { store, clock, handler, unreported, limit: lease }.run());
            }
        }
        Ok(())
    }
}
