//! Many at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use porter_kernel::jobs::{Job, JobError, LEASE, NewJob};

use crate::{KIND, Queue};

async fn takers_never_get_the_same_job(queue: Queue) {
    const JOBS: usize = 60;
    for _ in 0..JOBS {
        queue.added().await;
    }
    let now = queue.now();
    let takers = (0..6).map(|_| {
        let (store, owner) = (queue.store.clone(), queue.uuid());
        tokio::spawn(async move {
            let mut mine: Vec<Job> = Vec::new();
            loop {
                let taken = store.take(&[KIND], owner, now, LEASE, 3).await.unwrap();
                assert!(taken.len() <= 3, "more than asked for: {}", taken.len());
                if taken.is_empty() {
                    return mine;
                }
                mine.extend(taken);
            }
        })
    });
    let mut seen = BTreeMap::new();
    for job in join_all(takers).await.into_iter().flat_map(|taken| taken.unwrap()) {
        assert_eq!(job.attempt, 1);
        assert_eq!(seen.insert(job.id, job.owner), None, "taken twice");
    }
    // One that was locked by another at the wrong moment is still in the queue.
    let left = queue.take(queue.uuid(), 100).await.len();
    assert_eq!(seen.len() + left, JOBS);
}

async fn of_many_who_take_up_what_was_left_one_gets_it(queue: Queue) {
    let mut left = Vec::new();
    for _ in 0..10 {
        left.push(queue.taken(queue.uuid()).await);
    }
    queue.clock.advance(LEASE);
    let now = queue.now();
    let takers = (0..6).map(|_| {
        let (store, owner) = (queue.store.clone(), queue.uuid());
        tokio::spawn(async move { store.take(&[KIND], owner, now, LEASE, 10).await.unwrap() })
    });
    let mut taken: Vec<Job> = join_all(takers).await.into_iter().flat_map(|taken| taken.unwrap()).collect();
    taken.extend(queue.take(queue.uuid(), 10).await);
    let mut ids: Vec<_> = taken.iter().map(|job| job.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, left.iter().map(|job| job.id).collect::<Vec<_>>());
    assert!(taken.iter().all(|job| job.attempt == 2));
}

async fn of_two_ends_at_once_one_counts(queue: Queue) {
    let lost = queue.taken(queue.uuid()).await;
    queue.clock.advance(LEASE);
    let now = queue.now();
    let (store, late) = (queue.store.clone(), lost.clone());
    let finishing = tokio::spawn(async move { store.done(&late, now).await });
    let taken = queue.take(queue.uuid(), 1).await;
    let finished = finishing.await.unwrap();
    match taken.as_slice() {
        [] => finished.unwrap(),
        [job] => {
            assert_eq!((job.id, job.attempt), (lost.id, 2));
            assert!(matches!(finished, Err(JobError::LeaseLost)), "{finished:?}");
        }
        more => panic!("{more:?}"),
    }
}

async fn a_key_that_many_use_at_once_is_used_once(queue: Queue) {
    let now = queue.now();
    let store = Arc::clone(&queue.store);
    let added = (0..8).map(|_| {
        let (store, job) = (store.clone(), NewJob { unique_key: Some("mail:1".to_owned()), ..queue.job() });
        tokio::spawn(async move { store.enqueue(&job, now).await.unwrap() })
    });
    let added = join_all(added).await.into_iter().filter(|added| *added.as_ref().unwrap()).count();
    assert_eq!((added, queue.rows().await.len()), (1, 1));
}

porter_testkit::both_engines!(
    Queue::open;
    takers_never_get_the_same_job,
    of_many_who_take_up_what_was_left_one_gets_it,
    of_two_ends_at_once_one_counts,
    a_key_that_many_use_at_once_is_used_once,
);
