//! A database that goes away.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use porter_kernel::jobs::{DeadJob, Failure, Job, JobError, JobStore, LEASE, NewJob, QueueDepth, Room, Timing, Unreported};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{OFTEN, Running, fake::Event, fake::Fake};
use crate::Queue;

/// A queue that does not answer while it is away.
#[derive(Debug)]
struct Unsteady {
    inner: Arc<dyn JobStore>,
    away: AtomicBool,
    /// A permit for each call in vain.
    refused: Semaphore,
}

impl Unsteady {
    fn new(queue: &Queue, away: bool) -> Arc<Self> {
        let inner = queue.store.clone();
        Arc::new(Self { inner, away: AtomicBool::new(away), refused: Semaphore::new(0) })
    }

    fn go_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Waits until so many more calls were refused.
    async fn refused(&self, calls: u32) {
        self.refused.acquire_many(calls).await.unwrap().forget();
    }

    fn there(&self) -> Result<&dyn JobStore, DbError> {
        if self.away.load(Ordering::SeqCst) {
            self.refused.add_permits(1);
            return Err(DbError::Unavailable(sqlx::Error::PoolTimedOut));
        }
        Ok(self.inner.as_ref())
    }
}

#[async_trait]
impl JobStore for Unsteady {
    async fn enqueue(&self, job: &NewJob, now: Timestamp) -> Result<bool, DbError> {
        self.there()?.enqueue(job, now).await
    }

    async fn take_within(
        &self,
        kinds: &[&str],
        owner: Uuid,
        now: Timestamp,
        lease: Duration,
        room: Room,
    ) -> Result<Vec<Job>, DbError> {
        self.there()?.take_within(kinds, owner, now, lease, room).await
    }

    async fn beat(&self, owner: Uuid, jobs: &[Uuid], now: Timestamp, lease: Duration) -> Result<Vec<Uuid>, DbError> {
        self.there()?.beat(owner, jobs, now, lease).await
    }

    async fn done(&self, job: &Job, now: Timestamp) -> Result<(), JobError> {
        self.there()?.done(job, now).await
    }

    async fn failed(&self, job: &Job, failure: &Failure, now: Timestamp) -> Result<(), JobError> {
        self.there()?.failed(job, failure, now).await
    }

    async fn take_unreported(
        &self,
        kinds: &[&str],
        owner: Uuid,
        now: Timestamp,
        lease: Duration,
        limit: i64,
    ) -> Result<Vec<Unreported>, DbError> {
        self.there()?.take_unreported(kinds, owner, now, lease, limit).await
    }

    async fn reported(&self, job: &Job, now: Timestamp) -> Result<(), JobError> {
        self.there()?.reported(job, now).await
    }

    async fn dead(&self, limit: i64) -> Result<Vec<DeadJob>, DbError> {
        self.there()?.dead(limit).await
    }

    async fn revive(&self, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
        self.there()?.revive(id, now).await
    }

    async fn revive_kind(&self, kind: &str, now: Timestamp) -> Result<u64, DbError> {
        self.there()?.revive_kind(kind, now).await
    }

    async fn depth(&self) -> Result<Vec<QueueDepth>, DbError> {
        self.there()?.depth().await
    }

    async fn forget_done(&self, before: Timestamp) -> Result<u64, DbError> {
        self.there()?.forget_done(before).await
    }
}

async fn a_worker_waits_for_its_database(queue: Queue) {
    let fake = Fake::new(|_| async { Ok(()) });
    let id = queue.added().await;
    let store = Unsteady::new(&queue, true);
    let running = Running::start(queue.worker_on(store.clone(), &fake));
    store.refused(5).await;
    assert_eq!(fake.rest(), []);
    store.go_away(false);
    assert_eq!(queue.until(id, "done").await.attempt, 1);
    running.stop().await;
}

async fn an_outcome_is_written_when_the_database_is_back(queue: Queue) {
    let store = Unsteady::new(&queue, false);
    let breaking = store.clone();
    let fake = Fake::new(move |_| {
        breaking.go_away(true);
        async { Ok(()) }
    });
    let id = queue.added().await;
    let running = Running::start(queue.worker_on(store.clone(), &fake));
    assert_eq!((fake.next().await, fake.next().await), (Event::Began(id, 1), Event::Ended(id, 1)));
    store.refused(8).await;
    assert_eq!(queue.state(id).await, "running");
    store.go_away(false);
    assert_eq!(queue.until(id, "done").await.attempt, 1);
    running.stop().await;
    assert_eq!(fake.rest(), [], "the work is not done again");
}

async fn a_worker_keeps_its_jobs_over_an_outage(queue: Queue) {
    let (store, gate) = (Unsteady::new(&queue, false), Arc::new(Semaphore::new(0)));
    let waiting = gate.clone();
    let fake = Fake::new(move |_| {
        let gate = waiting.clone();
        async move {
            gate.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    let id = queue.added().await;
    // Without a heartbeat in time, as when the first thing that works again is the take.
    let rarely = Timing { beat: Duration::from_secs(3_600), ..OFTEN };
    let running = Running::start(queue.worker_on(store.clone(), &fake).with_timing(rarely));
    assert_eq!(fake.next().await, Event::Began(id, 1));
    store.go_away(true);
    store.refused(4).await;
    let now = queue.clock.advance(LEASE * 2);
    store.refused(4).await;
    store.go_away(false);
    queue.until_row(id, |row| row.lease_until == Some(now + LEASE)).await;
    gate.add_permits(1);
    assert_eq!(queue.until(id, "done").await.attempt, 1);
    running.stop().await;
    assert_eq!(fake.rest(), [Event::Ended(id, 1)]);
}

async fn a_worker_without_a_database_still_ends(queue: Queue) {
    let store = Unsteady::new(&queue, false);
    let breaking = store.clone();
    let fake = Fake::new(move |_| {
        breaking.go_away(true);
        async { Ok(()) }
    });
    let id = queue.added().await;
    let running = Running::start(queue.worker_on(store.clone(), &fake));
    store.refused(3).await;
    running.stop().await;
    assert_eq!(queue.state(id).await, "running", "its lease runs out, and another does it");
}

porter_testkit::both_engines!(
    Queue::open;
    a_worker_waits_for_its_database,
    an_outcome_is_written_when_the_database_is_back,
    a_worker_keeps_its_jobs_over_an_outage,
    a_worker_without_a_database_still_ends,
);
