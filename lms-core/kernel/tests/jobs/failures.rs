//! Retries, dead jobs and their revival.

use std::time::Duration;

use porter_kernel::jobs::{Failure, JobError, JobTx, LEASE, NewJob};

use crate::{KIND, Queue, in_tx};

fn retry() -> Failure {
    Failure::Retry("the oven is cold".to_owned())
}

fn never() -> Failure {
    Failure::Fail("no such bread".to_owned())
}

async fn a_failed_job_waits_longer_each_time(queue: Queue) {
    let (owner, id) = (queue.uuid(), queue.add(NewJob { max_attempts: 12, ..queue.job() }).await);
    let mut waits = Vec::new();
    for attempt in 1..=11 {
        let job = queue.take_one(owner).await;
        assert_eq!(job.attempt, attempt);
        queue.store.failed(&job, &retry(), queue.now()).await.unwrap();
        let row = queue.row(id).await;
        assert_eq!((row.state.as_str(), row.last_failure.as_deref(), row.owner), ("waiting", Some("the oven is cold"), None));
        waits.push(row.run_at.since(queue.now()));
        queue.clock.set(row.run_at - Duration::from_micros(1));
        assert_eq!(queue.take(owner, 10).await, []);
        queue.clock.set(row.run_at);
    }
    assert!(waits[0] >= Duration::from_secs(2) && waits[0] <= Duration::from_millis(2_500), "{waits:?}");
    assert!(waits.is_sorted() && waits[..8].is_sorted_by(|one, next| next > one), "{waits:?}");
    assert!(waits[10] >= Duration::from_secs(240) && waits[10] <= Duration::from_secs(300), "{waits:?}");
}

async fn after_the_last_attempt_a_job_is_dead(queue: Queue) {
    let owner = queue.uuid();
    let id = queue.add(NewJob { max_attempts: 2, ..queue.job() }).await;
    for _ in 0..2 {
        let job = queue.take_one(owner).await;
        queue.store.failed(&job, &retry(), queue.now()).await.unwrap();
        queue.clock.advance(Duration::from_secs(600));
    }
    assert_eq!(queue.take(owner, 10).await, []);
    let dead = queue.store.dead(10).await.unwrap();
    assert_eq!((dead[0].id, dead[0].attempts, dead[0].reason.as_str()), (id, 2, "the oven is cold"));
}

async fn what_can_never_work_is_dead_at_once(queue: Queue) {
    let job = queue.taken(queue.uuid()).await;
    queue.store.failed(&job, &never(), queue.tick()).await.unwrap();
    let row = queue.row(job.id).await;
    assert_eq!((row.state.as_str(), row.attempt, row.ended_at), ("dead", 1, Some(queue.now())));
    assert_eq!(row.last_failure.as_deref(), Some("no such bread"));
}

async fn a_failure_counts_only_from_the_holder(queue: Queue) {
    let lost = queue.taken(queue.uuid()).await;
    queue.clock.advance(LEASE);
    let job = queue.take_one(queue.uuid()).await;
    for failure in [retry(), never()] {
        let refused = queue.store.failed(&lost, &failure, queue.now()).await;
        assert!(matches!(refused, Err(JobError::LeaseLost)), "{refused:?}");
    }
    assert_eq!(queue.row(job.id).await.owner, Some(job.owner));
    queue.store.done(&job, queue.now()).await.unwrap();
    let refused = queue.store.failed(&job, &never(), queue.now()).await;
    assert!(matches!(refused, Err(JobError::LeaseLost)), "done is done: {refused:?}");
    assert_eq!(queue.state(job.id).await, "done");
}

async fn the_dead_are_listed_newest_first(queue: Queue) {
    let mut died = Vec::new();
    for _ in 0..3 {
        let job = queue.taken(queue.uuid()).await;
        queue.store.failed(&job, &never(), queue.tick()).await.unwrap();
        died.insert(0, job.id);
    }
    let listed = async |limit| queue.store.dead(limit).await.unwrap().iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(listed(10).await, died);
    assert_eq!(listed(2).await, died[..2]);
}

async fn a_revived_job_has_all_its_attempts_again(queue: Queue) {
    let owner = queue.uuid();
    let first = queue.taken(owner).await;
    assert!(!queue.store.revive(first.id, queue.now()).await.unwrap(), "it runs");
    queue.store.failed(&first, &never(), queue.now()).await.unwrap();
    for life in 1..=2 {
        assert!(queue.store.revive(first.id, queue.tick()).await.unwrap());
        assert!(!queue.store.revive(first.id, queue.now()).await.unwrap(), "it waits");
        assert_eq!(queue.store.dead(10).await.unwrap(), []);
        for attempt in 0..3 {
            let job = queue.take_one(owner).await;
            assert_eq!((job.attempt, job.max_attempts), ((life - 1) * 3 + 2 + attempt, life * 3 + 1));
            let refused = in_tx!(queue, tx => tx.fence(&first, queue.now()).await);
            assert!(matches!(refused, Err(JobError::LeaseLost)), "an attempt of the first life: {refused:?}");
            queue.store.failed(&job, &retry(), queue.now()).await.unwrap();
            let row = queue.row(first.id).await;
            if attempt == 0 {
                assert!(row.run_at.since(queue.now()) < Duration::from_secs(3), "the pauses begin anew");
            }
            queue.clock.set(row.run_at.max(queue.now()));
        }
        assert_eq!(queue.state(first.id).await, "dead");
    }
    assert!(!queue.store.revive(queue.uuid(), queue.now()).await.unwrap(), "there is no such job");
}

async fn all_of_a_kind_are_revived_and_no_others(queue: Queue) {
    let mut dead = Vec::new();
    for kind in [KIND, "deliver", KIND] {
        let id = queue.add(NewJob { kind, ..queue.job() }).await;
        let job = queue.store.take(&[kind], queue.uuid(), queue.now(), LEASE, 1).await.unwrap().remove(0);
        assert_eq!(job.id, id);
        queue.store.failed(&job, &never(), queue.tick()).await.unwrap();
        dead.push(id);
    }
    let held = queue.taken(queue.uuid()).await;
    assert_eq!(queue.store.revive_kind(KIND, queue.tick()).await.unwrap(), 2);
    assert_eq!(queue.store.revive_kind(KIND, queue.tick()).await.unwrap(), 0, "again changes nothing");
    assert_eq!(queue.store.dead(10).await.unwrap().iter().map(|job| job.id).collect::<Vec<_>>(), [dead[1]]);
    assert_eq!(queue.state(held.id).await, "running");
    for job in queue.take(queue.uuid(), 10).await {
        assert!(dead.contains(&job.id));
        assert_eq!((job.attempt, job.max_attempts), (2, 4), "all its attempts again");
    }
}

porter_testkit::both_engines!(
    Queue::open;
    a_failed_job_waits_longer_each_time,
    after_the_last_attempt_a_job_is_dead,
    what_can_never_work_is_dead_at_once,
    a_failure_counts_only_from_the_holder,
    the_dead_are_listed_newest_first,
    a_revived_job_has_all_its_attempts_again,
    all_of_a_kind_are_revived_and_no_others,
);
