//! Random histories against a model: two workers, leases that run out, and handles on jobs that are long lost.

use std::collections::BTreeMap;
use std::time::Duration;

use porter_kernel::clock::Timestamp;
use porter_kernel::db::Database;
use porter_kernel::jobs::{Failure, Job, JobTx, LEASE, NewJob, Priority};
use porter_testkit::Engine;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use crate::{KIND, Queue, Row, in_tx};

const ATTEMPTS: i64 = 3;

/// Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    Enqueue { priority: Priority, key: Option<u8> },
    Take { worker: usize, limit: i64 },
    Beat(usize),
    Fence(usize),
    Finish(usize),
    Done(usize),
    Fail { handle: usize, never: bool },
    TakeUnreported(usize),
    Reported(usize),
    Revive(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let any = 0..64_usize;
    let worker = 0..2_usize;
    let priority = prop_oneof![Just(Priority::Bulk), Just(Priority::Normal), Just(Priority::Urgent)];
    let key = prop_oneof![2 => Just(None), 1 => (0..4_u8).prop_map(Some)];
    prop_oneof![
        4 => (priority, key).prop_map(|(priority, key)| Step::Enqueue { priority, key }),
        6 => (worker.clone(), 1..4_i64).prop_map(|(worker, limit)| Step::Take { worker, limit }),
        2 => worker.clone().prop_map(Step::Beat),
        1 => any.clone().prop_map(Step::Fence),
        2 => any.clone().prop_map(Step::Finish),
        2 => any.clone().prop_map(Step::Done),
        4 => (any.clone(), prop::bool::weighted(0.2)).prop_map(|(handle, never)| Step::Fail { handle, never }),
        1 => worker.prop_map(Step::TakeUnreported),
        1 => any.clone().prop_map(Step::Reported),
        1 => any.prop_map(Step::Revive),
        3 => (1..45_u64).prop_map(Step::Wait),
    ]
}

/// What a job must be like.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    state: &'static str,
    priority: Priority,
    run_at: Timestamp,
    owner: Option<Uuid>,
    lease_until: Option<Timestamp>,
    attempt: i64,
    max_attempts: i64,
    ended_at: Option<Timestamp>,
    reported: bool,
}

impl Known {
    fn is_held_by(&self, job: &Job) -> bool {
        self.state == "running" && (self.owner, self.attempt) == (Some(job.owner), job.attempt)
    }

    fn end(&mut self, state: &'static str, now: Timestamp) {
        (self.state, self.lease_until, self.ended_at) = (state, None, Some(now));
        if state == "dead" {
            self.owner = None;
        }
    }
}

struct World<'q> {
    queue: &'q Queue,
    jobs: BTreeMap<Uuid, Known>,
    keys: BTreeMap<u8, Uuid>,
    workers: [Uuid; 2],
    /// Every job that any worker was ever given, also those lost since.
    handles: Vec<Job>,
    reports: Vec<Job>,
}

fn pick<T: Clone>(items: &[T], number: usize) -> Option<T> {
    items.get(number.checked_rem(items.len())?).cloned()
}

impl<'q> World<'q> {
    /// Empties the database for the next history.
    async fn new(queue: &'q Queue) -> Self {
        match &queue.db.db {
            Database::Sqlite(db) => {
                let mut tx = db.write().await.unwrap();
                sqlx::query("DELETE FROM job").execute(&mut *tx).await.unwrap();
                tx.commit().await.unwrap();
            }
            Database::Postgres(db) => {
                let mut tx = db.write().await.unwrap();
                sqlx::query("DELETE FROM job").execute(&mut *tx).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
        let workers = [queue.uuid(), queue.uuid()];
        Self { queue, jobs: BTreeMap::new(), keys: BTreeMap::new(), workers, handles: vec![], reports: vec![] }
    }

    /// Does one step, and to the model what the step must do.
    async fn take(&mut self, step: &Step) -> Option<()> {
        let now = self.queue.tick();
        let store = self.queue.store.clone();
        match *step {
            Step::Enqueue { priority, key } => {
                let unique_key = key.map(|key| key.to_string());
                let job = NewJob { priority, unique_key, max_attempts: ATTEMPTS, ..self.queue.job() };
                let fresh = key.is_none_or(|key| !self.keys.contains_key(&key));
                assert_eq!(store.enqueue(&job, now).await.unwrap(), fresh, "unique keys");
                if fresh {
                    self.keys.extend(key.map(|key| (key, job.id)));
                    let known = Known {
                        state: "waiting",
                        priority,
                        run_at: job.run_at,
                        owner: None,
                        lease_until: None,
                        attempt: 0,
                        max_attempts: ATTEMPTS,
                        ended_at: None,
                        reported: false,
                    };
                    self.jobs.insert(job.id, known);
                }
            }
            Step::Take { worker, limit } => {
                let owner = self.workers[worker];
                let expected = self.due(owner, now, usize::try_from(limit).unwrap());
                let taken = store.take(&[KIND], owner, now, LEASE, limit).await.unwrap();
                let got: Vec<_> = taken.iter().map(|job| (job.id, job.attempt)).collect();
                assert_eq!(got, expected, "which jobs are taken");
                self.handles.extend(taken);
            }
            Step::Beat(worker) => {
                let owner = self.workers[worker];
                let mut named: Vec<Uuid> = self.handles.iter().filter(|job| job.owner == owner).map(|job| job.id).collect();
                named.sort_unstable();
                named.dedup();
                let mut expected = Vec::new();
                for id in &named {
                    let known = self.jobs.get_mut(id)?;
                    if known.owner == Some(owner) && matches!(known.state, "running" | "done") {
                        known.lease_until = (known.state == "running").then(|| now + LEASE);
                        expected.push(*id);
                    }
                }
                assert_eq!(store.beat(owner, &named, now, LEASE).await.unwrap(), expected, "what is held");
            }
            Step::Fence(handle) => {
                let (job, known) = self.handle(handle)?;
                let passed = in_tx!(self.queue, tx => tx.fence(&job, now).await.is_ok());
                assert_eq!(passed, known.is_held_by(&job), "fence");
                if passed {
                    self.jobs.get_mut(&job.id)?.lease_until = known.lease_until.max(Some(now + LEASE));
                }
            }
            Step::Finish(handle) => {
                let (job, known) = self.handle(handle)?;
                let finished = in_tx!(self.queue, tx => tx.finish(&job, now).await.is_ok());
                assert_eq!(finished, known.is_held_by(&job), "finished by one who did not hold it, or not by one who did");
                if finished {
                    self.jobs.get_mut(&job.id)?.end("done", now);
                }
            }
            Step::Done(handle) => {
                let (job, known) = self.handle(handle)?;
                let done_before = known.state == "done" && (known.owner, known.attempt) == (Some(job.owner), job.attempt);
                assert_eq!(store.done(&job, now).await.is_ok(), known.is_held_by(&job) || done_before, "done");
                if known.is_held_by(&job) {
                    self.jobs.get_mut(&job.id)?.end("done", now);
                }
            }
            Step::Fail { handle, never } => {
                let (job, known) = self.handle(handle)?;
                let failure = if never { Failure::Fail("no".to_owned()) } else { Failure::Retry("later".to_owned()) };
                let failed = store.failed(&job, &failure, now).await.is_ok();
                assert_eq!(failed, known.is_held_by(&job), "failed");
                if failed {
                    let run_at = self.queue.row(job.id).await.run_at;
                    let known = self.jobs.get_mut(&job.id)?;
                    if never || known.attempt >= known.max_attempts {
                        known.end("dead", now);
                    } else {
                        assert!((now + Duration::from_secs(2)..=now + Duration::from_secs(300)).contains(&run_at), "backoff");
                        (known.state, known.run_at, known.owner, known.lease_until) = ("waiting", run_at, None, None);
                    }
                }
            }
            Step::TakeUnreported(worker) => {
                let owner = self.workers[worker];
                let waits =
                    |known: &Known| known.state == "dead" && !known.reported && known.lease_until.is_none_or(|until| until <= now);
                let mut expected: Vec<_> =
                    self.jobs.iter().filter(|(_, known)| waits(known)).map(|(id, known)| (known.ended_at, *id)).collect();
                expected.sort_unstable();
                expected.truncate(2);
                let taken = store.take_unreported(&[KIND], owner, now, LEASE, 2).await.unwrap();
                let got: Vec<_> = taken.iter().map(|report| report.job.id).collect();
                assert_eq!(got, expected.iter().map(|(_, id)| *id).collect::<Vec<_>>(), "what is reported");
                for report in taken {
                    let known = self.jobs.get_mut(&report.job.id)?;
                    (known.owner, known.lease_until) = (Some(owner), Some(now + LEASE));
                    self.reports.push(report.job);
                }
            }
            Step::Reported(report) => {
                let job = pick(&self.reports, report)?;
                let known = self.jobs.get_mut(&job.id)?;
                let expected = known.state == "dead" && (known.owner, known.attempt) == (Some(job.owner), job.attempt);
                assert_eq!(store.reported(&job, now).await.is_ok(), expected, "reported");
                if expected {
                    (known.reported, known.owner, known.lease_until) = (true, None, None);
                }
            }
            Step::Revive(number) => {
                let ids: Vec<Uuid> = self.jobs.keys().copied().collect();
                let id = pick(&ids, number)?;
                let known = self.jobs.get_mut(&id)?;
                assert_eq!(store.revive(id, now).await.unwrap(), known.state == "dead", "revived");
                if known.state == "dead" {
                    let max_attempts = known.attempt + ATTEMPTS;
                    *known = Known {
                        state: "waiting",
                        run_at: now,
                        owner: None,
                        lease_until: None,
                        max_attempts,
                        ended_at: None,
                        reported: false,
                        ..*known
                    };
                }
            }
            Step::Wait(seconds) => {
                self.queue.clock.advance(Duration::from_secs(seconds));
            }
        }
        Some(())
    }

    /// A handle, held or lost, and what its job is like now.
    fn handle(&self, number: usize) -> Option<(Job, Known)> {
        // The newest are the most interesting, and the old ones must come up too.
        let newest: Vec<Job> = self.handles.iter().rev().take(6).cloned().collect();
        let job = if number.is_multiple_of(4) { pick(&self.handles, number / 4)? } else { pick(&newest, number)? };
        let known = self.jobs.get(&job.id)?.clone();
        Some((job, known))
    }

    /// What a take must give, and what it does to the jobs.
    fn due(&mut self, owner: Uuid, now: Timestamp, limit: usize) -> Vec<(Uuid, i64)> {
        for known in self.jobs.values_mut().filter(|known| known.state == "running" && known.lease_until <= Some(now)) {
            (known.owner, known.lease_until) = (None, None);
            if known.attempt < known.max_attempts {
                known.state = "waiting";
            } else {
                known.end("dead", now);
            }
        }
        let due = |known: &Known| known.state == "waiting" && known.run_at <= now;
        let mut found: Vec<(Uuid, &mut Known)> =
            self.jobs.iter_mut().filter(|(_, known)| due(known)).map(|(id, known)| (*id, known)).collect();
        found.sort_unstable_by_key(|(id, known)| (std::cmp::Reverse(known.priority), known.run_at, *id));
        let mut taken = Vec::new();
        for (id, known) in found.into_iter().take(limit) {
            (known.state, known.owner, known.lease_until) = ("running", Some(owner), Some(now + LEASE));
            known.attempt += 1;
            taken.push((id, known.attempt));
        }
        taken
    }

    /// The table is as the model says, and nothing is lost.
    async fn check(&self) -> Result<(), TestCaseError> {
        let rows = self.queue.rows().await;
        prop_assert_eq!(rows.len(), self.jobs.len(), "a job is lost, or there is one too many");
        for Row { id, state, run_at, owner, lease_until, attempt, max_attempts, ended_at, reported_at, .. } in rows {
            let known = &self.jobs[&id];
            prop_assert!(attempt <= max_attempts, "attempt {} of {}", attempt, max_attempts);
            let found = Known {
                state: ["waiting", "running", "done", "dead"].into_iter().find(|word| *word == state).unwrap(),
                priority: known.priority,
                run_at,
                owner,
                lease_until,
                attempt,
                max_attempts,
                ended_at,
                reported: reported_at.is_some(),
            };
            prop_assert_eq!(&found, known);
        }
        Ok(())
    }

    /// Both workers are killed and a third comes: everything ends.
    async fn drain(&mut self) -> Result<(), TestCaseError> {
        let owner = self.queue.uuid();
        for _ in 0..200 {
            let now = self.queue.clock.advance(Duration::from_secs(600));
            let expected = self.due(owner, now, 100);
            let taken = self.queue.store.take(&[KIND], owner, now, LEASE, 100).await.unwrap();
            prop_assert_eq!(taken.len(), expected.len());
            for job in &taken {
                self.queue.store.done(job, now).await.unwrap();
                self.jobs.get_mut(&job.id).unwrap().end("done", now);
            }
            if taken.is_empty() {
                break;
            }
        }
        prop_assert!(self.jobs.values().all(|known| matches!(known.state, "done" | "dead")), "left behind: {:?}", self.jobs);
        self.check().await
    }
}

async fn history(queue: &Queue, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut world = World::new(queue).await;
    for step in steps {
        world.take(step).await;
        world.check().await?;
    }
    world.drain().await
}

/// Histories on one database, one after the other.
fn no_history_breaks_the_queue(engine: Engine, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let database = runtime.block_on(async { porter_testkit::databases(engine).await });
    let queue = runtime.block_on(Queue::open(database));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let steps = proptest::collection::vec(step(), 1..60);
    let outcome = TestRunner::new(config).run(&steps, |steps| runtime.block_on(history(&queue, &steps)));
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn no_history_breaks_the_queue_on_sqlite() {
    no_history_breaks_the_queue(Engine::Sqlite, 48);
}

#[test]
fn no_history_breaks_the_queue_on_postgres() {
    no_history_breaks_the_queue(Engine::Postgres, 16);
}
