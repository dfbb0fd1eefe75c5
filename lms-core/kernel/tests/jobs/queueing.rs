//! What comes out of the queue, and in which order.

use std::time::Duration;

use porter_kernel::jobs::{LEASE, NewJob, Priority, QueueDepth, Room};
use serde_json::json;

use crate::{KIND, Queue};

async fn a_job_comes_out_as_it_went_in(queue: Queue) {
    let owner = queue.uuid();
    let enqueued_at = queue.now();
    let payload = json!({"account": queue.uuid(), "words": ["grüße", null, 1.5, {"deep": "\0"}]});
    let new = NewJob { payload, priority: Priority::Urgent, max_attempts: 7, ..queue.job() };
    queue.add(new.clone()).await;
    queue.tick();
    let job = queue.take_one(owner).await;
    assert_eq!((job.id, job.kind.as_str(), job.priority), (new.id, KIND, Priority::Urgent));
    assert_eq!((job.owner, job.attempt, job.max_attempts, job.enqueued_at), (owner, 1, 7, enqueued_at));
    assert_eq!(job.payload["account"], new.payload["account"]);
    assert_eq!(job.payload["words"], json!(["grüße", null, 1.5, {"deep": "\u{fffd}"}]));
    assert_eq!(queue.take(owner, 10).await, [], "it is held");
}

async fn a_job_is_not_taken_before_its_time(queue: Queue) {
    let owner = queue.uuid();
    let id = queue.add(NewJob { run_at: queue.now() + Duration::from_secs(60), ..queue.job() }).await;
    queue.clock.advance(Duration::from_micros(59_999_999));
    assert_eq!(queue.take(owner, 10).await, []);
    queue.clock.advance(Duration::from_micros(1));
    assert_eq!(queue.take_one(owner).await.id, id);
}

async fn only_the_kinds_that_were_asked_for_are_taken(queue: Queue) {
    let owner = queue.uuid();
    let other = queue.add(NewJob { kind: "deliver", priority: Priority::Urgent, ..queue.job() }).await;
    let own = queue.added().await;
    assert_eq!(queue.take_one(owner).await.id, own);
    assert_eq!(queue.store.take(&[], owner, queue.now(), LEASE, 10).await.unwrap(), []);
    let taken = queue.store.take(&[KIND, "deliver"], owner, queue.now(), LEASE, 10).await.unwrap();
    assert_eq!(taken.iter().map(|job| job.id).collect::<Vec<_>>(), [other]);
}

async fn the_most_urgent_comes_first_then_the_oldest(queue: Queue) {
    let mut added = Vec::new();
    for (priority, seconds) in [
        (Priority::Bulk, 0),
        (Priority::Normal, 3),
        (Priority::Urgent, 5),
        (Priority::Normal, 1),
        (Priority::Urgent, 4),
        (Priority::Urgent, 4),
    ] {
        added.push(queue.add(NewJob { priority, run_at: queue.now() + Duration::from_secs(seconds), ..queue.job() }).await);
    }
    queue.clock.advance(Duration::from_secs(10));
    let owner = queue.uuid();
    let mut order = Vec::new();
    for limit in [2, 3, 3] {
        let taken = queue.take(owner, limit).await;
        order.extend(taken.iter().map(|job| added.iter().position(|id| *id == job.id).unwrap()));
    }
    assert_eq!(order, [4, 5, 2, 3, 1, 0]);
}

async fn room_for_urgent_jobs_is_not_filled_by_others(queue: Queue) {
    for priority in [Priority::Normal, Priority::Bulk, Priority::Normal, Priority::Urgent, Priority::Normal] {
        queue.add(NewJob { priority, ..queue.job() }).await;
    }
    let owner = queue.uuid();
    let take = async |any, ordinary| {
        let taken = queue.store.take_within(&[KIND], owner, queue.now(), LEASE, Room { any, ordinary }).await.unwrap();
        taken.into_iter().map(|job| job.priority).collect::<Vec<_>>()
    };
    assert_eq!(take(0, 0).await, []);
    assert_eq!(take(4, 2).await, [Priority::Urgent, Priority::Normal, Priority::Normal]);
    assert_eq!(take(4, 0).await, []);
    assert_eq!(take(4, 4).await, [Priority::Normal, Priority::Bulk]);
}

async fn a_key_is_taken_once_even_when_its_job_is_done(queue: Queue) {
    let owner = queue.uuid();
    let with_key = |key: &str| NewJob { unique_key: Some(key.to_owned()), ..queue.job() };
    queue.add(with_key("mail:1")).await;
    queue.add(with_key("mail:2")).await;
    assert!(!queue.store.enqueue(&with_key("mail:1"), queue.now()).await.unwrap());
    for job in queue.take(owner, 10).await {
        queue.store.done(&job, queue.now()).await.unwrap();
    }
    assert!(!queue.store.enqueue(&with_key("mail:1"), queue.now()).await.unwrap());
    assert_eq!(queue.rows().await.len(), 2);

    let later = queue.tick();
    assert_eq!(queue.store.forget_done(later).await.unwrap(), 2);
    queue.add(with_key("mail:1")).await;
}

async fn the_same_id_again_changes_nothing(queue: Queue) {
    let job = queue.job();
    queue.add(job.clone()).await;
    let again = NewJob { priority: Priority::Urgent, ..job };
    assert!(!queue.store.enqueue(&again, queue.tick()).await.unwrap());
    assert_eq!(queue.take_one(queue.uuid()).await.priority, Priority::Normal);
}

async fn the_depth_tells_what_waits_runs_and_is_dead(queue: Queue) {
    assert_eq!(queue.store.depth().await.unwrap(), []);
    let (owner, first) = (queue.uuid(), queue.now());
    let done = queue.taken(owner).await;
    queue.store.done(&done, queue.now()).await.unwrap();
    let dead = queue.taken(owner).await;
    queue.store.failed(&dead, &porter_kernel::jobs::Failure::Fail("no flour".to_owned()), queue.now()).await.unwrap();
    queue.taken(owner).await;
    let later = queue.add(NewJob { run_at: first + Duration::from_secs(9), ..queue.job() }).await;
    queue.add(NewJob { run_at: first + Duration::from_secs(5), ..queue.job() }).await;
    queue.add(NewJob { kind: "deliver", ..queue.job() }).await;
    assert_eq!(queue.state(later).await, "waiting");
    let depth = |kind: &str, counts: [i64; 3], oldest: u64| QueueDepth {
        kind: kind.to_owned(),
        waiting: counts[0],
        running: counts[1],
        dead: counts[2],
        oldest_run_at: Some(first + Duration::from_secs(oldest)),
    };
    assert_eq!(queue.store.depth().await.unwrap(), [depth(KIND, [2, 1, 1], 5), depth("deliver", [1, 0, 0], 0)]);
}

async fn only_jobs_that_were_done_long_ago_are_forgotten(queue: Queue) {
    let owner = queue.uuid();
    let old = queue.taken(owner).await;
    queue.store.done(&old, queue.tick()).await.unwrap();
    let cut = queue.tick();
    let new = queue.taken(owner).await;
    queue.store.done(&new, queue.now()).await.unwrap();
    let held = queue.taken(owner).await;
    assert_eq!(queue.store.forget_done(cut).await.unwrap(), 1);
    assert_eq!(queue.rows().await.iter().map(|row| row.id).collect::<Vec<_>>(), [new.id, held.id]);
}

porter_testkit::both_engines!(
    Queue::open;
    a_job_comes_out_as_it_went_in,
    a_job_is_not_taken_before_its_time,
    only_the_kinds_that_were_asked_for_are_taken,
    the_most_urgent_comes_first_then_the_oldest,
    room_for_urgent_jobs_is_not_filled_by_others,
    a_key_is_taken_once_even_when_its_job_is_done,
    the_same_id_again_changes_nothing,
    the_depth_tells_what_waits_runs_and_is_dead,
    only_jobs_that_were_done_long_ago_are_forgotten,
);
