//! What there is to do.

use std::sync::Arc;
use std::time::Duration;

use porter_kernel::clock::Clock as _;
use porter_kernel::db::Database;
use porter_kernel::jobs::{JobStore, NewJob, Priority};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::doubles::FastClock;
use super::effect::{self, FINISHED, KEYED, UNFENCED};
use super::point::Point;
use crate::domain::AccountId;
use crate::store::{AcademyStore, Seed, SeedAccount, SeedAttempt, SeedEnrolment, SeedProgress};
use crate::testing::{self, ANNA, COURSE};

/// Jobs come in so many waves, so that all kinds of them are there whenever a process is killed.
const WAVES: u128 = 10;
/// Attempts of a counting job: more than a drill can kill.
const ATTEMPTS: i64 = 1_000;

/// How large a drill is. A certificate and a reset are two jobs each: the second sends the mail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub(super) certificates: u128,
    pub(super) resets: u128,
    pub(super) effects: u128,
    /// Processes killed, or overtaken, before the rest is done in peace.
    pub(super) kills: u32,
    /// Processes at the same time.
    pub(super) workers: usize,
    /// How many times as fast as the system's the clock goes.
    pub(super) factor: u32,
    /// The most that a process does before it comes to its end, in visits of its point.
    pub(super) patience: i64,
}

impl Size {
    /// 20,000 jobs.
    pub(super) const FULL: Self =
        Self { certificates: 1_000, resets: 4_000, effects: 10_000, kills: 300, workers: 4, factor: 1, patience: 12 };
    pub(super) const SMALL: Self =
        Self { certificates: 20, resets: 60, effects: 140, kills: 27, workers: 3, factor: 4, patience: 2 };

    /// Jobs that this comes to.
    pub(super) fn jobs(&self) -> u128 {
        2 * self.certificates + 2 * self.resets + self.effects
    }
}

/// A size, and how its work is done and disturbed.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) size: Size,
    /// The kinds of the effects, in turn.
    kinds: &'static [&'static str],
    /// The ends of the processes, in turn.
    pub(super) points: &'static [Point],
}

impl Work {
    pub(super) fn fenced(size: Size) -> Self {
        Self { size, kinds: &[FINISHED, KEYED], points: &Point::ALL }
    }

    /// Effects without a fence, killed where it hurts.
    pub(super) fn unfenced() -> Self {
        let size = Size { certificates: 0, resets: 0, effects: 30, kills: 4, workers: 2, factor: 10, patience: 2 };
        Self { size, kinds: &[UNFENCED], points: &[Point::AfterCommit, Point::BehindFence] }
    }

    /// Learners who ask for a link, and others who have completed the course, all made of one that the tests know.
    pub(super) fn people(&self, clock: FastClock) -> Seed {
        let model = testing::seed(clock.now(), "$argon2id$none");
        let anna = model.accounts.iter().find(|account| account.id == ANNA).unwrap();
        let enrolment = model.enrolments.iter().find(|enrolment| enrolment.account == ANNA).unwrap();
        let mut seed = Seed { courses: model.courses, lessons: model.lessons, ..Seed::default() };
        for number in 0..self.size.resets + self.size.certificates {
            let account = learner(number);
            let email = format!("learner{number}@learner.example");
            seed.accounts.push(SeedAccount { id: account, email, ..anna.clone() });
            if number >= self.size.resets {
                seed.enrolments.push(SeedEnrolment { account, order: None, ..enrolment.clone() });
                let progress = model.progress.iter().filter(|progress| progress.account == ANNA);
                seed.progress.extend(progress.map(|progress| SeedProgress { account, ..progress.clone() }));
                let attempts = model.attempts.iter().filter(|attempt| attempt.account == ANNA);
                seed.attempts.extend(attempts.map(|attempt| SeedAttempt { account, ..attempt.clone() }));
            }
        }
        seed
    }

    /// Asks for everything, wave by wave, and waits until it is done.
    pub(super) async fn feed(&self, db: &Database, store: &Arc<dyn AcademyStore>, jobs: &Arc<dyn JobStore>, clock: FastClock) {
        for wave in 0..WAVES {
            self.wave(wave, db, store, clock).await;
            until_left(jobs, i64::try_from(self.size.jobs() / WAVES / 2).unwrap()).await;
        }
        until_left(jobs, 0).await;
    }

    async fn wave(&self, wave: u128, db: &Database, store: &Arc<dyn AcademyStore>, clock: FastClock) {
        let size = self.size;
        let part = |all: u128| all * wave / WAVES..all * (wave + 1) / WAVES;
        for number in part(size.resets) {
            patiently(async || store.ask_for_account(Uuid::from_u128(0xa000_0000 + number), learner(number), clock.now()).await)
                .await;
        }
        for number in part(size.certificates) {
            let (account, job) = (learner(size.resets + number), Uuid::from_u128(0xb000_0000 + number));
            patiently(async || store.request_certificate(account, COURSE, job, clock.now()).await).await;
        }
        let kinds = self.kinds.iter().cycle();
        let effects: Vec<NewJob> = part(size.effects).zip(kinds).map(|(number, kind)| self.effect(number, kind, clock)).collect();
        patiently(async || effect::enqueue(db, &effects, clock.now()).await).await;
    }

    fn effect(&self, number: u128, kind: &'static str, clock: FastClock) -> NewJob {
        NewJob {
            id: Uuid::from_u128(0xc000_0000 + number),
            kind,
            payload: serde_json::Value::Null,
            priority: match number % 5 {
                0 => Priority::Urgent,
                1 => Priority::Bulk,
                _ => Priority::Normal,
            },
            run_at: clock.now(),
            unique_key: None,
            max_attempts: ATTEMPTS,
        }
    }
}

fn learner(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(0x1_0000_0000 + number))
}

/// Again while the database is too busy to answer: what is asked for here is asked for under a key.
async fn patiently<T, E: std::fmt::Debug>(ask: impl AsyncFn() -> Result<T, E>) -> T {
    let mut tries = 0;
    loop {
        match ask().await {
            Ok(done) => return done,
            Err(error) => assert!(tries < 5, "{error:?}"),
        }
        tries += 1;
    }
}

/// Waits until no more than so many jobs wait or run.
async fn until_left(jobs: &Arc<dyn JobStore>, most: i64) {
    let mut look = interval(Duration::from_millis(100));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        look.tick().await;
        // A file that is being recovered after a kill is looked at again.
        let Ok(depths) = jobs.depth().await else { continue };
        if depths.iter().map(|depth| depth.waiting + depth.running).sum::<i64>() <= most {
            return;
        }
    }
}
