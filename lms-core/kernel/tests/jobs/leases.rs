//! Workers that fall silent, and those that do not.

use std::time::Duration;

use porter_kernel::jobs::{LEASE, NewJob, Priority};
use uuid::Uuid;

use crate::Queue;

async fn a_job_goes_to_another_when_the_lease_has_run_out(queue: Queue) {
    let (first, second) = (queue.uuid(), queue.uuid());
    let job = queue.taken(first).await;
    queue.clock.advance(LEASE - Duration::from_micros(1));
    assert_eq!(queue.take(second, 10).await, []);
    queue.clock.advance(Duration::from_micros(1));
    let taken = queue.take_one(second).await;
    assert_eq!((taken.id, taken.owner, taken.attempt), (job.id, second, 2));
}

async fn what_was_left_keeps_its_place(queue: Queue) {
    let owner = queue.uuid();
    let urgent = queue.add(NewJob { priority: Priority::Urgent, ..queue.job() }).await;
    queue.take_one(owner).await;
    queue.clock.advance(LEASE);
    let ordinary = queue.added().await;
    let order: Vec<_> = queue.take(owner, 10).await.iter().map(|job| job.id).collect();
    assert_eq!(order, [urgent, ordinary]);
}

async fn a_worker_that_beats_keeps_its_jobs(queue: Queue) {
    let (first, second) = (queue.uuid(), queue.uuid());
    let job = queue.taken(first).await;
    for _ in 0..8 {
        queue.clock.advance(LEASE / 2);
        assert_eq!(queue.store.beat(first, &[job.id], queue.now(), LEASE).await.unwrap(), [job.id]);
        assert_eq!(queue.take(second, 10).await, []);
    }
    assert_eq!(queue.store.beat(first, &[], queue.now(), LEASE).await.unwrap(), Vec::<Uuid>::new());
}

async fn a_beat_keeps_only_the_jobs_it_names(queue: Queue) {
    let owner = queue.uuid();
    let kept = queue.taken(owner).await;
    let forgotten = queue.taken(owner).await;
    queue.clock.advance(LEASE / 2);
    assert_eq!(queue.store.beat(owner, &[kept.id], queue.now(), LEASE).await.unwrap(), [kept.id]);
    queue.clock.advance(LEASE / 2);
    assert_eq!(queue.take_one(queue.uuid()).await.id, forgotten.id);
}

async fn a_beat_tells_what_is_lost(queue: Queue) {
    let (first, second) = (queue.uuid(), queue.uuid());
    let lost = queue.taken(first).await;
    queue.clock.advance(LEASE);
    let taken = queue.take_one(second).await;
    let done = queue.taken(first).await;
    queue.store.done(&done, queue.now()).await.unwrap();
    let held = queue.taken(first).await;
    let named = [lost.id, done.id, held.id, queue.uuid()];
    assert_eq!(queue.store.beat(first, &named, queue.now(), LEASE).await.unwrap(), [done.id, held.id]);
    assert_eq!(queue.row(lost.id).await.owner, Some(second));
    assert_eq!(queue.row(lost.id).await.lease_until, Some(queue.now() + LEASE), "a stranger's beat does not count");
    assert_eq!(queue.row(done.id).await.lease_until, None);
    queue.store.done(&taken, queue.now()).await.unwrap();
    assert_eq!(queue.store.beat(first, &[lost.id], queue.now(), LEASE).await.unwrap(), Vec::<Uuid>::new(), "another has done it");
}

async fn a_job_left_at_its_last_attempt_is_buried(queue: Queue) {
    let id = queue.add(NewJob { max_attempts: 2, ..queue.job() }).await;
    for attempt in 1..=2 {
        assert_eq!(queue.take_one(queue.uuid()).await.attempt, attempt);
        queue.clock.advance(LEASE);
    }
    let other = queue.added().await;
    assert_eq!(queue.take_one(queue.uuid()).await.id, other, "the others go on");
    let row = queue.row(id).await;
    assert_eq!((row.state.as_str(), row.attempt, row.owner, row.ended_at), ("dead", 2, None, Some(queue.now())));
    let dead = queue.store.dead(10).await.unwrap();
    assert_eq!((dead.len(), dead[0].id, dead[0].attempts, dead[0].died_at), (1, id, 2, queue.now()));
    assert_eq!(dead[0].reason, "its worker was lost");
}

async fn a_job_of_a_kind_that_nobody_does_is_freed_too(queue: Queue) {
    let id = queue.add(NewJob { kind: "retired", ..queue.job() }).await;
    queue.store.take(&["retired"], queue.uuid(), queue.now(), LEASE, 1).await.unwrap();
    queue.clock.advance(LEASE);
    assert_eq!(queue.take(queue.uuid(), 10).await, []);
    assert_eq!(queue.state(id).await, "waiting");
}

porter_testkit::both_engines!(
    Queue::open;
    a_job_goes_to_another_when_the_lease_has_run_out,
    what_was_left_keeps_its_place,
    a_worker_that_beats_keeps_its_jobs,
    a_beat_keeps_only_the_jobs_it_names,
    a_beat_tells_what_is_lost,
    a_job_left_at_its_last_attempt_is_buried,
    a_job_of_a_kind_that_nobody_does_is_freed_too,
);
