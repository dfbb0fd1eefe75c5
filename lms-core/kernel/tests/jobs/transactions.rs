//! Jobs in the transactions of others.

use porter_kernel::db::Database;
use porter_kernel::jobs::{JobError, JobTx, LEASE, NewJob};
use porter_testkit::Engine;

use crate::{Queue, in_tx};

async fn a_job_goes_with_its_transaction(queue: Queue) {
    let job = queue.job();
    match &queue.db.db {
        Database::Sqlite(db) => {
            let mut tx = db.write().await.unwrap();
            assert!(tx.enqueue(&job, queue.now()).await.unwrap());
            tx.rollback().await.unwrap();
        }
        Database::Postgres(db) => {
            let mut tx = db.write().await.unwrap();
            assert!(tx.enqueue(&job, queue.now()).await.unwrap());
            tx.rollback().await.unwrap();
        }
    }
    assert_eq!(queue.rows().await, []);
    assert!(in_tx!(queue, tx => tx.enqueue(&job, queue.now()).await.unwrap()));
    assert_eq!(queue.take_one(queue.uuid()).await.id, job.id);
}

async fn a_duplicate_key_leaves_the_transaction_alive(queue: Queue) {
    let with_key = || NewJob { unique_key: Some("reset:7".to_owned()), ..queue.job() };
    let added = in_tx!(queue, tx => {
        let first = tx.enqueue(&with_key(), queue.now()).await.unwrap();
        let second = tx.enqueue(&with_key(), queue.now()).await.unwrap();
        let other = tx.enqueue(&queue.job(), queue.now()).await.unwrap();
        [first, second, other]
    });
    assert_eq!(added, [true, false, true]);
    assert_eq!(queue.rows().await.len(), 2);
}

async fn the_holder_passes_the_fence_and_finishes_once(queue: Queue) {
    let job = queue.taken(queue.uuid()).await;
    let ended_at = queue.tick();
    in_tx!(queue, tx => {
        tx.fence(&job, queue.now()).await.unwrap();
        tx.finish(&job, ended_at).await.unwrap();
    });
    let row = queue.row(job.id).await;
    assert_eq!((row.state.as_str(), row.ended_at, row.lease_until), ("done", Some(ended_at), None));

    let again = in_tx!(queue, tx => (tx.fence(&job, queue.tick()).await, tx.finish(&job, queue.now()).await));
    assert!(matches!(again, (Err(JobError::LeaseLost), Err(JobError::LeaseLost))), "{again:?}");
    queue.store.done(&job, queue.tick()).await.unwrap();
    assert_eq!(queue.row(job.id).await.ended_at, Some(ended_at), "the worker's own mark changes nothing");
}

async fn who_lost_the_job_does_not_pass(queue: Queue) {
    let (first, second) = (queue.uuid(), queue.uuid());
    let lost = queue.taken(first).await;
    queue.clock.advance(LEASE);
    let job = queue.take_one(second).await;
    assert_eq!((job.id, job.attempt), (lost.id, 2));
    let refused = in_tx!(queue, tx => (tx.fence(&lost, queue.now()).await, tx.finish(&lost, queue.now()).await));
    assert!(matches!(refused, (Err(JobError::LeaseLost), Err(JobError::LeaseLost))), "{refused:?}");
    assert!(matches!(queue.store.done(&lost, queue.now()).await, Err(JobError::LeaseLost)));
    in_tx!(queue, tx => tx.finish(&job, queue.now()).await.unwrap());
    assert!(matches!(queue.store.done(&lost, queue.now()).await, Err(JobError::LeaseLost)), "another has done it");
}

async fn the_same_worker_does_not_pass_with_an_older_attempt(queue: Queue) {
    let owner = queue.uuid();
    let older = queue.taken(owner).await;
    queue.clock.advance(LEASE);
    let newer = queue.take_one(owner).await;
    assert_eq!((newer.id, newer.owner), (older.id, older.owner));
    let refused = in_tx!(queue, tx => tx.fence(&older, queue.now()).await);
    assert!(matches!(refused, Err(JobError::LeaseLost)), "{refused:?}");
    in_tx!(queue, tx => tx.fence(&newer, queue.now()).await.unwrap());
}

async fn a_late_worker_may_finish_what_nobody_took(queue: Queue) {
    let job = queue.taken(queue.uuid()).await;
    queue.clock.advance(LEASE * 3);
    in_tx!(queue, tx => tx.finish(&job, queue.now()).await.unwrap());
    assert_eq!(queue.take(queue.uuid(), 10).await, []);
    assert_eq!(queue.state(job.id).await, "done");
}

async fn a_fence_is_a_sign_of_life(queue: Queue) {
    let job = queue.taken(queue.uuid()).await;
    queue.clock.advance(LEASE / 2);
    in_tx!(queue, tx => tx.fence(&job, queue.now()).await.unwrap());
    queue.clock.advance(LEASE / 2);
    assert_eq!(queue.take(queue.uuid(), 10).await, []);
    queue.clock.advance(LEASE / 2);
    assert_eq!(queue.take_one(queue.uuid()).await.id, job.id);
}

/// SQLite lets nobody else write meanwhile, so there it cannot happen at all.
async fn nobody_takes_a_job_whose_holder_is_behind_the_fence(queue: Queue) {
    let Database::Postgres(db) = &queue.db.db else { return assert_eq!(queue.db.engine, Engine::Sqlite) };
    let job = queue.taken(queue.uuid()).await;
    queue.clock.advance(LEASE * 2);
    let mut tx = db.write().await.unwrap();
    tx.fence(&job, queue.now() - LEASE * 2).await.unwrap();
    assert_eq!(queue.take(queue.uuid(), 10).await, [], "taken behind the holder's back");
    tx.finish(&job, queue.now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(queue.state(job.id).await, "done");
}

porter_testkit::both_engines!(
    Queue::open;
    a_job_goes_with_its_transaction,
    a_duplicate_key_leaves_the_transaction_alive,
    the_holder_passes_the_fence_and_finishes_once,
    who_lost_the_job_does_not_pass,
    the_same_worker_does_not_pass_with_an_older_attempt,
    a_late_worker_may_finish_what_nobody_took,
    a_fence_is_a_sign_of_life,
    nobody_takes_a_job_whose_holder_is_behind_the_fence,
);
