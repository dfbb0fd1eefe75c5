//! Who gets a slot, and when.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use porter_kernel::jobs::{JobTx, LEASE, NewJob, Priority, Timing, Wake};
use tokio::sync::Semaphore;

use super::{OFTEN, Running, fake::Event, fake::Fake};
use crate::{Queue, in_tx};

/// A handler that waits for a permit before it is done.
pub(crate) fn gated() -> (Fake, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let waiting = gate.clone();
    let fake = Fake::new(move |_| {
        let gate = waiting.clone();
        async move {
            gate.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    (fake, gate)
}

async fn a_job_is_done(queue: Queue) {
    let fake = Fake::new(|_| async { Ok(()) });
    let id = queue.added().await;
    let running = Running::start(queue.worker(&fake));
    assert_eq!(fake.next().await, Event::Began(id, 1));
    let row = queue.until(id, "done").await;
    assert_eq!((row.attempt, row.ended_at), (1, Some(queue.now())));
    running.stop().await;
    assert_eq!(fake.rest(), [Event::Ended(id, 1)]);
}

async fn a_handler_may_finish_in_its_own_transaction(queue: Queue) {
    let queue = Arc::new(queue);
    let own = queue.clone();
    let fake = Fake::new(move |job| {
        let queue = own.clone();
        async move {
            in_tx!(queue, tx => tx.finish(&job, queue.now()).await?);
            Ok(())
        }
    });
    let id = queue.added().await;
    let running = Running::start(queue.worker(&fake));
    queue.until(id, "done").await;
    running.stop().await;
    assert_eq!(fake.rest(), [Event::Began(id, 1), Event::Ended(id, 1)]);
    assert_eq!(queue.state(id).await, "done");
}

async fn the_bell_wakes_a_worker_that_hardly_ever_looks(queue: Queue) {
    let (fake, gate) = gated();
    let wake = Wake::default();
    let rarely = Timing { poll: Duration::from_secs(3_600), ..OFTEN };
    let first = queue.added().await;
    let running = Running::start(queue.worker(&fake).with_timing(rarely).woken_by(wake.clone()));
    // While the first one runs nothing but the bell makes the worker look.
    assert_eq!(fake.next().await, Event::Began(first, 1));
    let second = queue.added().await;
    wake.ring();
    assert_eq!(fake.next().await, Event::Began(second, 1));
    gate.add_permits(2);
    running.stop().await;
}

async fn an_urgent_job_starts_while_others_fill_the_slots(queue: Queue) {
    let (fake, gate) = gated();
    let mut ordinary = Vec::new();
    for priority in [Priority::Normal, Priority::Bulk, Priority::Normal] {
        ordinary.push(queue.add(NewJob { priority, ..queue.job() }).await);
    }
    let running = Running::start(queue.worker(&fake).with_slots(3));
    let began = [fake.next().await, fake.next().await];
    assert!(began.contains(&Event::Began(ordinary[0], 1)) && began.contains(&Event::Began(ordinary[2], 1)), "{began:?}");
    let urgent = queue.add(NewJob { priority: Priority::Urgent, ..queue.job() }).await;
    assert_eq!(fake.next().await, Event::Began(urgent, 1));
    assert_eq!(queue.state(ordinary[1]).await, "waiting", "the last slot was not for this one");
    gate.add_permits(4);
    for id in ordinary {
        queue.until(id, "done").await;
    }
    running.stop().await;
}

async fn jobs_of_other_kinds_are_left_alone(queue: Queue) {
    let fake = Fake::new(|_| async { Ok(()) });
    let other = queue.add(NewJob { kind: "deliver", priority: Priority::Urgent, ..queue.job() }).await;
    let own = queue.added().await;
    let running = Running::start(queue.worker(&fake));
    queue.until(own, "done").await;
    running.stop().await;
    assert_eq!((queue.state(other).await.as_str(), queue.row(other).await.attempt), ("waiting", 0));
}

async fn several_workers_do_each_job_once(queue: Queue) {
    let fake = Fake::new(|_| async { Ok(()) });
    let mut ids = BTreeSet::new();
    for _ in 0..40 {
        ids.insert(queue.added().await);
    }
    let workers: Vec<Running> = (0..3).map(|_| Running::start(queue.worker(&fake).with_slots(3))).collect();
    let mut began = Vec::new();
    while began.len() < ids.len() {
        if let Event::Began(id, attempt) = fake.next().await {
            assert_eq!(attempt, 1);
            began.push(id);
        }
    }
    for worker in workers {
        worker.stop().await;
    }
    assert_eq!(began.into_iter().collect::<BTreeSet<_>>(), ids);
    assert!(!fake.rest().iter().any(|event| matches!(event, Event::Began(..))), "one was done twice");
    assert!(queue.rows().await.iter().all(|row| row.state == "done"));
}

async fn a_long_job_is_kept_by_heartbeats(queue: Queue) {
    let (fake, gate) = gated();
    let id = queue.added().await;
    let running = Running::start(queue.worker(&fake));
    assert_eq!(fake.next().await, Event::Began(id, 1));
    for _ in 0..3 {
        let now = queue.clock.advance(LEASE / 2);
        queue.until_row(id, |row| row.lease_until >= Some(now + LEASE)).await;
    }
    assert_eq!(queue.take(queue.uuid(), 1).await, []);
    gate.add_permits(1);
    queue.until(id, "done").await;
    running.stop().await;
}

porter_testkit::both_engines!(
    Queue::open;
    a_job_is_done,
    a_handler_may_finish_in_its_own_transaction,
    the_bell_wakes_a_worker_that_hardly_ever_looks,
    an_urgent_job_starts_while_others_fill_the_slots,
    jobs_of_other_kinds_are_left_alone,
    several_workers_do_each_job_once,
    a_long_job_is_kept_by_heartbeats,
);
