//! One conformance suite, run on both engines; the schemas compared; what must hold when many do the same at once.

mod accounts;
mod administration;
mod announcements;
mod assignments;
mod attempts;
mod attempts_drill;
mod authoring;
mod catalogue;
mod certificates;
mod coverage;
mod events;
mod inviting;
mod learning;
mod limits;
mod mails;
mod money;
mod own_account;
mod privacy;
mod progressing;
mod quizzes;
mod races;
mod read_your_writes;
mod recovery;
mod revocations;
mod seeding;
mod sequences;
mod sign_up;
mod teaching;

use std::sync::Arc;
use std::time::Duration;

use porter_kernel::clock::{Clock as _, ManualClock, Timestamp};
use porter_kernel::db::{Database, Freshness};
use porter_kernel::ids::{Ids as _, SequentialIds, Token};
use porter_kernel::jobs::{self as queue, Job, JobError, JobStore, LEASE};
use porter_testkit::TestDb;
use uuid::Uuid;

use super::*;
use crate::domain::*;

/// Everything that the store puts into the queue.
const KINDS: &[&str] = &[
    jobs::PASSWORD_RESET_BY_ADDRESS,
    jobs::PASSWORD_RESET_FOR_ACCOUNT,
    jobs::SEND_MAIL,
    jobs::SEND_INVITATION,
    jobs::ISSUE_CERTIFICATE,
    jobs::CLOSE_ATTEMPT,
    jobs::ANNOUNCE,
    jobs::SEND_REFUND,
    jobs::RECONCILE_ORDER,
];
/// Has a certificate of the first course, and is half-way through the second.
const ANNA: AccountId = AccountId(Uuid::from_u128(0xa1));
/// Has completed the first course, without a certificate.
const BRUNO: AccountId = AccountId(Uuid::from_u128(0xb1));
/// Is locked.
const HANNA: AccountId = AccountId(Uuid::from_u128(0xc1));
const FIRST: CourseId = CourseId(Uuid::from_u128(0xe1));
const SECOND: CourseId = CourseId(Uuid::from_u128(0xe2));
const ANNAS_CERTIFICATE: CertificateId = CertificateId(Uuid::from_u128(0xd1));
const OLD_HASH: &str = "$argon2id$old";

/// A small academy with everything that a test asks of it.
struct World {
    store: Arc<dyn AcademyStore>,
    jobs: Arc<dyn JobStore>,
    clock: ManualClock,
    ids: SequentialIds,
    db: TestDb,
}

impl World {
    async fn open(db: TestDb) -> Self {
        let world = Self::empty(db).await;
        world.store.seed(&seed(world.now())).await.unwrap();
        world
    }

    async fn empty(db: TestDb) -> Self {
        queue::migrate(&db.db).await.unwrap();
        migrate(&db.db).await.unwrap();
        let (store, jobs) = (open(&db.db), queue::open(&db.db));
        Self { store, jobs, clock: ManualClock::default(), ids: SequentialIds::default(), db }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A second later than the last time it was asked.
    fn tick(&self) -> Timestamp {
        self.clock.advance(Duration::from_secs(1))
    }

    fn uuid(&self) -> Uuid {
        self.ids.uuid()
    }

    fn token(&self) -> Token {
        self.ids.token()
    }

    /// Takes everything that waits.
    async fn take(&self) -> Vec<Job> {
        self.jobs.take(KINDS, self.uuid(), self.now(), LEASE, 1_000).await.unwrap()
    }

    /// Takes the only job that waits, and checks its name.
    async fn take_one(&self, kind: &str) -> Job {
        let mut jobs = self.take().await;
        assert_eq!(jobs.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), [kind]);
        jobs.remove(0)
    }

    /// How many rows a table has.
    async fn rows(&self, table: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        match &self.db.db {
            Database::Sqlite(db) => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(db.read_fresh()).await.unwrap(),
            Database::Postgres(db) => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(db.read_fresh()).await.unwrap(),
        }
    }

    /// Changes something that no method of the store changes.
    async fn execute(&self, sql: &'static str) {
        match &self.db.db {
            Database::Sqlite(db) => {
                let mut tx = db.write().await.unwrap();
                sqlx::query(sql).execute(&mut *tx).await.unwrap();
                tx.commit().await.unwrap();
            }
            Database::Postgres(db) => {
                let mut tx = db.write().await.unwrap();
                sqlx::query(sql).execute(&mut *tx).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    }

    /// Signs in and gives the secret.
    async fn signed_in(&self, account: AccountId) -> Token {
        let token = self.token();
        let now = self.now();
        self.store.create_session(self.uuid(), &token.hash(), account, now, now + Duration::from_secs(3_600)).await.unwrap();
        token
    }

    /// A live link of the account.
    async fn link(&self, account: AccountId) -> Token {
        self.store.ask_for_account(self.uuid(), account, self.tick()).await.unwrap();
        let job = self.take_one(jobs::PASSWORD_RESET_FOR_ACCOUNT).await;
        let token = self.token();
        let (reset, mail) = self.reset(account, &token);
        self.store.issue_reset(&job, &reset, &mail, self.now()).await.unwrap();
        token
    }

    /// What [`Recovery::issue_reset`] takes.
    fn reset(&self, account: AccountId, token: &Token) -> (NewReset, NewMail) {
        let id = self.uuid();
        let expires_at = self.now() + Duration::from_secs(1_800);
        let mail = NewMail { id: self.uuid(), account, letter: Letter::PasswordReset { reset: id } };
        (NewReset { id, account, token: token.hash(), expires_at }, mail)
    }

    /// A job whose worker was overtaken by another.
    async fn lost(&self, job: &Job) -> Job {
        self.clock.advance(LEASE + Duration::from_secs(60));
        let taken = self.take().await;
        assert!(taken.iter().any(|taken| taken.id == job.id && taken.attempt == 2), "{taken:?}");
        job.clone()
    }
}

fn lesson(course: CourseId, number: u128) -> LessonId {
    LessonId(Uuid::from_u128((course.0.as_u128() << 8) + number))
}

fn account(id: AccountId, email: &str, name: &str, now: Timestamp) -> SeedAccount {
    SeedAccount {
        id,
        email: email.to_owned(),
        name: name.to_owned(),
        role: Role::Learner,
        status: if id == HANNA { AccountStatus::Locked } else { AccountStatus::Active },
        password_hash: OLD_HASH.to_owned(),
        created_at: now,
    }
}

/// Three accounts; two courses of a text, a video and a quiz each, the second of them not published.
fn seed(now: Timestamp) -> Seed {
    let mut seed = Seed {
        accounts: vec![
            account(ANNA, "anna@learner.example", "Anna Keller", now),
            account(BRUNO, "bruno@learner.example", "Bruno Costa", now),
            account(HANNA, "hanna@learner.example", "Hanna Berg", now),
        ],
        ..Seed::default()
    };
    for (course, slug) in [(FIRST, "first"), (SECOND, "second")] {
        seed.courses.push(SeedCourse {
            id: course,
            slug: slug.to_owned(),
            title: format!("The {slug} course"),
            summary: "About this and that.".to_owned(),
            signatory: "Maren Holt".to_owned(),
            signatory_role: "Head of Data".to_owned(),
            price: Money { minor: 14_900, currency: "EUR".to_owned() },
            pass_percent: 70,
            starts_at: None,
            published: course == FIRST,
        });
        for (position, kind) in [(1, LessonKind::Text), (2, LessonKind::Video), (3, LessonKind::Quiz)] {
            seed.lessons.push(SeedLesson {
                id: lesson(course, position),
                course,
                position: i64::try_from(position).unwrap(),
                title: format!("Lesson {position}"),
                kind,
                minutes: 10,
            });
        }
    }
    for (person, course, done) in [(ANNA, FIRST, 3), (ANNA, SECOND, 1), (BRUNO, FIRST, 3), (HANNA, FIRST, 1)] {
        seed.enrolments.push(SeedEnrolment {
            account: person,
            course,
            order: None,
            status: EnrolmentStatus::Active,
            enrolled_at: now - Duration::from_secs(if course == FIRST { 200 } else { 100 }),
            activated_at: Some(now),
            access_until: None,
            stuck_reason: None,
        });
        for number in 1..=done {
            let lesson = lesson(course, number);
            seed.progress.push(SeedProgress { account: person, lesson, percent: 100, completed_at: Some(now), updated_at: now });
        }
        if done == 3 {
            for (attempt, percent) in [(1, 55), (2, 90), (3, 80)] {
                let lesson = lesson(course, 3);
                seed.attempts.push(SeedAttempt { account: person, lesson, attempt, percent, submitted_at: now });
            }
        }
    }
    seed.certificates.push(SeedCertificate {
        id: ANNAS_CERTIFICATE.0,
        account: ANNA,
        course: FIRST,
        code: "NL-7F3K-9QWD".to_owned(),
        issued_at: now,
    });
    seed
}

#[test]
fn both_engines_have_the_same_schema() {
    porter_testkit::run(async {
        let (_folder, sqlite) = porter_testkit::sqlite().await;
        let postgres = porter_testkit::postgres_db().await;
        sqlite.migrate("academy", &academy::SQLITE).await.unwrap();
        postgres.migrate("academy", &academy::POSTGRES).await.unwrap();
        porter_testkit::assert_same_schema(&sqlite, &postgres).await;
    });
}

#[test]
fn the_twin_folders_have_the_same_migrations() {
    let names = |migrator: &sqlx::migrate::Migrator| {
        migrator.iter().map(|step| (step.version, step.description.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(names(&academy::SQLITE), names(&academy::POSTGRES));
}

async fn migrations_can_be_applied_again(world: World) {
    migrate(&world.db.db).await.unwrap();
    assert_eq!(world.store.account_count().await.unwrap(), 3);
}

porter_testkit::both_engines!(World::open; migrations_can_be_applied_again);
