//! Dead jobs, and who tells their handlers.

use porter_kernel::jobs::{Failure, Job, JobError, LEASE, NewJob, Unreported};
use uuid::Uuid;

use crate::{KIND, Queue};

impl Queue {
    async fn dies(&self) -> Job {
        let job = self.taken(self.uuid()).await;
        self.store.failed(&job, &Failure::Fail("burnt".to_owned()), self.tick()).await.unwrap();
        job
    }

    async fn unreported(&self, owner: Uuid, limit: i64) -> Vec<Unreported> {
        self.store.take_unreported(&[KIND], owner, self.now(), LEASE, limit).await.unwrap()
    }
}

async fn each_dead_job_is_reported_until_it_is_known(queue: Queue) {
    let (first, second) = (queue.uuid(), queue.uuid());
    let dead = queue.dies().await;
    let taken = queue.unreported(first, 10).await;
    assert_eq!((taken.len(), taken[0].job.id, taken[0].job.owner), (1, dead.id, first));
    assert_eq!((taken[0].job.attempt, taken[0].reason.as_str()), (1, "burnt"));
    assert_eq!(taken[0].job.payload, dead.payload);
    assert_eq!(queue.unreported(second, 10).await, [], "somebody is at it");

    queue.clock.advance(LEASE);
    let again = queue.unreported(second, 10).await;
    assert_eq!(again[0].job.id, dead.id, "the first one was killed");
    let late = queue.store.reported(&taken[0].job, queue.now()).await;
    assert!(matches!(late, Err(JobError::LeaseLost)), "{late:?}");
    queue.store.reported(&again[0].job, queue.now()).await.unwrap();
    queue.clock.advance(LEASE);
    assert_eq!(queue.unreported(first, 10).await, []);
    assert_eq!(queue.row(dead.id).await.reported_at, Some(queue.now() - LEASE));
    assert_eq!(queue.store.dead(10).await.unwrap().len(), 1, "it stays on the list");
}

async fn one_that_was_left_at_its_last_attempt_is_reported_too(queue: Queue) {
    let id = queue.add(NewJob { max_attempts: 1, ..queue.job() }).await;
    queue.take_one(queue.uuid()).await;
    queue.clock.advance(LEASE);
    assert_eq!(queue.take(queue.uuid(), 10).await, []);
    let taken = queue.unreported(queue.uuid(), 10).await;
    assert_eq!((taken[0].job.id, taken[0].reason.as_str()), (id, "its worker was lost"));
}

async fn the_oldest_are_reported_first_and_only_of_the_kinds_asked_for(queue: Queue) {
    let owner = queue.uuid();
    let first = queue.dies().await;
    let second = queue.dies().await;
    queue.dies().await;
    assert_eq!(queue.store.take_unreported(&["deliver"], owner, queue.now(), LEASE, 10).await.unwrap(), []);
    let order: Vec<_> = queue.unreported(owner, 2).await.iter().map(|unreported| unreported.job.id).collect();
    assert_eq!(order, [first.id, second.id]);
}

async fn a_revived_job_is_not_reported_before_it_dies_again(queue: Queue) {
    let owner = queue.uuid();
    let dead = queue.dies().await;
    let taken = queue.unreported(owner, 10).await;
    assert!(queue.store.revive(dead.id, queue.now()).await.unwrap());
    assert!(matches!(queue.store.reported(&taken[0].job, queue.now()).await, Err(JobError::LeaseLost)));
    assert_eq!(queue.unreported(owner, 10).await, []);
    let job = queue.take_one(owner).await;
    assert!(matches!(queue.store.reported(&taken[0].job, queue.now()).await, Err(JobError::LeaseLost)));
    queue.store.failed(&job, &Failure::Fail("burnt again".to_owned()), queue.now()).await.unwrap();
    assert_eq!(queue.unreported(owner, 10).await[0].reason, "burnt again");
}

async fn a_report_is_no_lease_on_the_work(queue: Queue) {
    let owner = queue.uuid();
    queue.dies().await;
    let report = queue.unreported(owner, 10).await.remove(0).job;
    assert!(matches!(queue.store.done(&report, queue.now()).await, Err(JobError::LeaseLost)));
    assert!(matches!(queue.store.failed(&report, &Failure::Retry(String::new()), queue.now()).await, Err(JobError::LeaseLost)));
    assert_eq!(queue.store.beat(owner, &[report.id], queue.now(), LEASE).await.unwrap(), Vec::<Uuid>::new());
    assert_eq!(queue.state(report.id).await, "dead");
}

porter_testkit::both_engines!(
    Queue::open;
    each_dead_job_is_reported_until_it_is_known,
    one_that_was_left_at_its_last_attempt_is_reported_too,
    the_oldest_are_reported_first_and_only_of_the_kinds_asked_for,
    a_revived_job_is_not_reported_before_it_dies_again,
    a_report_is_no_lease_on_the_work,
);
