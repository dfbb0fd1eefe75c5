//! Handlers that fail, panic, hang or lose their job; workers that end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use porter_kernel::db::Database;
use porter_kernel::jobs::{Failure, LEASE, NewJob};
use tokio::sync::Notify;
use uuid::Uuid;

use super::{LONG, Running, fake::Event, fake::Fake};
use crate::Queue;

/// Fails in the first attempt with what `first` does.
fn at_first<F>(first: impl Fn() -> F + Send + Sync + 'static) -> Fake
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let first = Arc::new(first);
    Fake::new(move |job| {
        let first = first.clone();
        async move { if job.attempt == 1 { first().await } else { Ok(()) } }
    })
}

/// The first attempt fails for this reason, and the second is good.
async fn recovers(queue: Queue, fake: Fake, reason: &str) {
    let id = queue.added().await;
    let running = Running::start(queue.worker(&fake));
    let row = queue.until_row(id, |row| row.state == "waiting" && row.attempt == 1).await;
    assert_eq!(row.last_failure.as_deref(), Some(reason));
    assert!(row.run_at > queue.now());
    queue.clock.advance(LONG);
    assert_eq!(queue.until(id, "done").await.attempt, 2);
    running.stop().await;
}

async fn a_failure_is_tried_again_later(queue: Queue) {
    recovers(queue, at_first(|| async { Err(Failure::Retry("no yeast".to_owned())) }), "no yeast").await;
}

async fn a_panic_is_tried_again_later(queue: Queue) {
    recovers(queue, at_first(|| async { panic!("burnt") }), "its handler panicked").await;
}

async fn a_handler_that_hangs_is_stopped_and_tried_again(queue: Queue) {
    let fake = at_first(std::future::pending).with_timeout(Duration::from_millis(20));
    recovers(queue, fake.clone(), "it took longer than 20ms").await;
    let events = fake.rest();
    assert!(
        matches!(events.as_slice(), [Event::Began(_, 1), Event::Stopped(_, 1), Event::Began(_, 2), Event::Ended(_, 2)]),
        "{events:?}"
    );
}

async fn a_handler_that_has_lost_its_job_is_stopped(queue: Queue) {
    let fake = Fake::new(|_| std::future::pending());
    let id = queue.added().await;
    let running = Running::start(queue.worker(&fake));
    assert_eq!(fake.next().await, Event::Began(id, 1));
    let other = queue.uuid();
    steal(&queue, id, other).await;
    assert_eq!(fake.next().await, Event::Stopped(id, 1));
    running.stop().await;
    let row = queue.row(id).await;
    assert_eq!((row.state.as_str(), row.owner, row.attempt), ("running", Some(other), 2), "the loser has changed nothing");
}

/// As another worker does after the lease has run out.
async fn steal(queue: &Queue, id: Uuid, owner: Uuid) {
    const SQL: &str = "UPDATE job SET owner = $2, attempt = attempt + 1 WHERE id = $1";
    match &queue.db.db {
        Database::Sqlite(db) => {
            let mut tx = db.write().await.unwrap();
            sqlx::query(SQL).bind(id).bind(owner).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
        Database::Postgres(db) => {
            let mut tx = db.write().await.unwrap();
            sqlx::query(SQL).bind(id).bind(owner).execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

async fn shutdown_takes_nothing_new_and_lets_the_running_end(queue: Queue) {
    let gate = Arc::new(Notify::new());
    let waiting = gate.clone();
    let fake = Fake::new(move |_| {
        let gate = waiting.clone();
        async move {
            gate.notified().await;
            Ok(())
        }
    });
    let first = queue.added().await;
    let running = Running::start(queue.worker(&fake).with_slots(2));
    assert_eq!(fake.next().await, Event::Began(first, 1));
    let second = queue.added().await;
    running.shutdown.trigger();
    // Heartbeats go on until the last one has ended.
    let now = queue.clock.advance(LEASE / 2);
    queue.until_row(first, |row| row.lease_until == Some(now + LEASE)).await;
    gate.notify_one();
    running.task.await.unwrap();
    assert_eq!(fake.rest(), [Event::Ended(first, 1)]);
    assert_eq!((queue.state(first).await.as_str(), queue.state(second).await.as_str()), ("done", "waiting"));
}

async fn what_a_killed_worker_leaves_is_done_by_another(queue: Queue) {
    let fake = at_first(std::future::pending);
    let id = queue.added().await;
    let running = Running::start(queue.worker(&fake));
    assert_eq!(fake.next().await, Event::Began(id, 1));
    running.kill().await;
    assert_eq!(fake.next().await, Event::Stopped(id, 1), "nothing of it goes on");
    let left = queue.row(id).await;
    assert_eq!(left.state, "running");
    queue.clock.advance(LEASE);
    let running = Running::start(queue.worker(&fake));
    let done = queue.until(id, "done").await;
    assert_eq!(done.attempt, 2);
    assert_ne!(done.owner, left.owner, "each start of a worker is somebody new");
    running.stop().await;
}

async fn a_job_that_fails_for_good_is_reported_once(queue: Queue) {
    let fake = Fake::new(|_| async { Err(Failure::Fail("no such bread".to_owned())) });
    let id = queue.added().await;
    let running = Running::start(queue.worker(&fake));
    queue.until_row(id, |row| row.reported_at.is_some()).await;
    queue.clock.advance(LONG);
    let other = queue.added().await;
    queue.until_row(other, |row| row.reported_at.is_some()).await;
    running.stop().await;
    let buried = |id| Event::Buried(id, "no such bread".to_owned());
    let events =
        [Event::Began(id, 1), Event::Ended(id, 1), buried(id), Event::Began(other, 1), Event::Ended(other, 1), buried(other)];
    assert_eq!(fake.rest(), events);
}

async fn a_job_that_was_left_at_its_last_attempt_is_reported(queue: Queue) {
    let fake = Fake::new(|_| std::future::pending());
    let id = queue.add(NewJob { max_attempts: 1, ..queue.job() }).await;
    let running = Running::start(queue.worker(&fake));
    assert_eq!(fake.next().await, Event::Began(id, 1));
    running.kill().await;
    assert_eq!(fake.next().await, Event::Stopped(id, 1));
    queue.clock.advance(LEASE);
    let running = Running::start(queue.worker(&fake));
    assert_eq!(fake.next().await, Event::Buried(id, "its worker was lost".to_owned()));
    queue.until_row(id, |row| row.reported_at.is_some()).await;
    running.stop().await;
}

async fn a_report_that_fails_is_made_again(queue: Queue) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let fake = Fake::new(|_| async { Err(Failure::Fail("burnt".to_owned())) }).with_funeral(move |_| {
        let call = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            match call {
                0 => Err(Failure::Retry("no database".to_owned())),
                1 => panic!("no coffin"),
                _ => Ok(()),
            }
        }
    });
    let id = queue.added().await;
    let running = Running::start(queue.worker(&fake));
    assert_eq!((fake.next().await, fake.next().await), (Event::Began(id, 1), Event::Ended(id, 1)));
    for call in 0..3 {
        assert_eq!(fake.next().await, Event::Buried(id, "burnt".to_owned()));
        if call < 2 {
            queue.clock.advance(LEASE);
        }
    }
    queue.until_row(id, |row| row.reported_at.is_some()).await;
    running.stop().await;
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

porter_testkit::both_engines!(
    Queue::open;
    a_failure_is_tried_again_later,
    a_panic_is_tried_again_later,
    a_handler_that_hangs_is_stopped_and_tried_again,
    a_handler_that_has_lost_its_job_is_stopped,
    shutdown_takes_nothing_new_and_lets_the_running_end,
    what_a_killed_worker_leaves_is_done_by_another,
    a_job_that_fails_for_good_is_reported_once,
    a_job_that_was_left_at_its_last_attempt_is_reported,
    a_report_that_fails_is_made_again,
);
