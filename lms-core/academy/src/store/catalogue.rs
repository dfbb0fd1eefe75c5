//! What is offered, and how learners get in and out.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use uuid::Uuid;

use super::enrolling::{COHORTS, CohortRow};
use super::{AcademyError, Result};
use crate::domain::catalogue::{
    Admission, Cohort, CohortId, CourseCard, CourseOutline, Entry, LessonCard, Level, Module, ModuleId, Prerequisite, Refusal,
};
use crate::domain::enrolment::Seat;
use crate::domain::{AccountId, CourseId, EnrolmentStatus, LessonId, LessonKind, Money};

/// What is offered, and how learners get in and out. Fresh, as things are decided on it.
#[async_trait]
pub trait Catalogue: Send + Sync {
    /// The course of this name with everything that its page shows, whether published or not: lessons that are not published too.
    async fn outline(&self, slug: &str, now: Timestamp) -> Result<Option<CourseOutline>>;

    /// Where the learner stands before the course.
    async fn entry(&self, account: AccountId, course: CourseId) -> Result<Entry>;

    /// Whether this learner may pay for the course now: it is published and paid, not open to them yet, and nothing is missing that one must have
    /// completed first. Errors: [`AcademyError::NotFound`], [`AcademyError::Refused`].
    async fn may_buy(&self, account: AccountId, course: CourseId, now: Timestamp) -> Result<()>;

    /// Joins a free course, with a seat in a cohort when the course has some. In already: changes nothing.
    async fn join(&self, account: AccountId, course: CourseId, cohort: Option<CohortId>, now: Timestamp) -> Result<()>;

    /// Keeps a seat for who goes to pay, until then. A second one replaces the first.
    async fn hold_seat(
        &self,
        account: AccountId,
        course: CourseId,
        cohort: CohortId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<()>;

    /// Leaves a course that was not paid; what was done is kept.
    async fn leave(&self, account: AccountId, course: CourseId, now: Timestamp) -> Result<()>;
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct CardRow {
    id: Uuid,
    slug: String,
    title: String,
    summary: String,
    description: String,
    #[sqlx(try_from = "String")]
    level: Level,
    language: String,
    signatory: String,
    signatory_role: String,
    #[sqlx(try_from = "String")]
    admission: Admission,
    price_minor: i64,
    currency: String,
    pass_percent: i64,
    starts_at: Option<Timestamp>,
    published: bool,
}

impl From<CardRow> for CourseCard {
    fn from(row: CardRow) -> Self {
        Self {
            id: CourseId(row.id),
            slug: row.slug,
            title: row.title,
            summary: row.summary,
            description: row.description,
            level: row.level,
            language: row.language,
            signatory: row.signatory,
            signatory_role: row.signatory_role,
            admission: row.admission,
            price: Money { minor: row.price_minor, currency: row.currency },
            pass_percent: row.pass_percent,
            starts_at: row.starts_at,
            published: row.published,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct LessonCardRow {
    id: Uuid,
    module_id: Option<Uuid>,
    title: String,
    #[sqlx(try_from = "String")]
    kind: LessonKind,
    minutes: i64,
    opens_at: Option<Timestamp>,
    published: bool,
}

impl From<LessonCardRow> for LessonCard {
    fn from(row: LessonCardRow) -> Self {
        Self {
            id: LessonId(row.id),
            module: row.module_id.map(ModuleId),
            title: row.title,
            kind: row.kind,
            minutes: row.minutes,
            opens_at: row.opens_at,
            published: row.published,
        }
    }
}

/// The prerequisites of course `$2`, and whether account `$1` has them: completed, or with a certificate.
const PREREQUISITES: &str = "SELECT c.slug, c.title, CASE WHEN EXISTS (SELECT 1 FROM enrolment e WHERE e.account_id = $1 AND e.course_id = c.id AND e.status = 'completed') \
     OR EXISTS (SELECT 1 FROM certificate t WHERE t.account_id = $1 AND t.course_id = c.id) THEN 1 ELSE 0 END AS met \
     FROM course_prerequisite n JOIN course c ON c.id = n.needs_id WHERE n.course_id = $2 ORDER BY c.title, c.id";

#[derive(Debug, sqlx::FromRow)]
struct DoorRow {
    #[sqlx(try_from = "String")]
    admission: Admission,
    published: bool,
}

/// The seat in the cohort that was chosen; in a course without cohorts none is needed.
pub(super) fn seat(cohorts: &[Cohort], chosen: Option<CohortId>, now: Timestamp) -> Result<Option<CohortId>> {
    if cohorts.is_empty() {
        return Ok(None);
    }
    let chosen = chosen.ok_or(AcademyError::Refused(Refusal::NoGroup))?;
    let cohort = cohorts.iter().find(|cohort| cohort.id == chosen).ok_or(AcademyError::NotFound)?;
    match cohort {
        cohort if !cohort.is_open(now) => Err(AcademyError::Refused(Refusal::GroupClosed)),
        cohort if cohort.left() == Some(0) => Err(AcademyError::Refused(Refusal::NoSeat)),
        cohort => Ok(Some(cohort.id)),
    }
}

porter_kernel::for_both_engines! {
    siblings academy, completing, enrolling;

    #[async_trait]
    impl Catalogue for academy::Academy {
        async fn outline(&self, slug: &str, now: Timestamp) -> Result<Option<CourseOutline>> {
            const COURSE: &str = "SELECT id, slug, title, summary, description, level, language, signatory, signatory_role, admission, price_minor, \
                 currency, pass_percent, starts_at, published FROM course WHERE slug = $1";
            let db = self.db.read_fresh();
            let Some(card) = sqlx::query_as::<_, CardRow>(COURSE).bind(storable(slug)).fetch_optional(db).await? else { return Ok(None) };
            let course = CourseCard::from(card);
            let modules: Vec<(Uuid, String)> =
                sqlx::query_as("SELECT id, title FROM module WHERE course_id = $1 ORDER BY place").bind(course.id.0).fetch_all(db).await?;
            let lessons: Vec<LessonCardRow> = sqlx::query_as(
                "SELECT id, module_id, title, kind, minutes, opens_at, published FROM lesson WHERE course_id = $1 ORDER BY place",
            )
            .bind(course.id.0)
            .fetch_all(db)
            .await?;
            let cohorts: Vec<CohortRow> =
                sqlx::query_as(COHORTS).bind(course.id.0).bind(now).bind(Uuid::nil()).fetch_all(db).await?;
            let instructors: Vec<String> = sqlx::query_scalar(
                "SELECT a.name FROM course_instructor i JOIN account a ON a.id = i.account_id WHERE i.course_id = $1 ORDER BY a.name, a.id",
            )
            .bind(course.id.0)
            .fetch_all(db)
            .await?;
            Ok(Some(CourseOutline {
                course,
                modules: modules.into_iter().map(|(id, title)| Module { id: ModuleId(id), title }).collect(),
                lessons: lessons.into_iter().map(Into::into).collect(),
                cohorts: cohorts.into_iter().map(Into::into).collect(),
                instructors,
            }))
        }

        async fn entry(&self, account: AccountId, course: CourseId) -> Result<Entry> {
            let db = self.db.read_fresh();
            let row: Option<(String, Option<Uuid>, Option<Uuid>)> =
                sqlx::query_as("SELECT status, order_id, cohort_id FROM enrolment WHERE account_id = $1 AND course_id = $2")
                    .bind(account.0)
                    .bind(course.0)
                    .fetch_optional(db)
                    .await?;
            let needs: Vec<(String, String, i32)> = sqlx::query_as(PREREQUISITES).bind(account.0).bind(course.0).fetch_all(db).await?;
            let enrolment = row.as_ref().map(|(status, ..)| status.parse()).transpose().map_err(DbError::unreadable)?;
            Ok(Entry {
                enrolment,
                bought: row.as_ref().is_some_and(|(_, order, _)| order.is_some()),
                cohort: row.and_then(|(_, _, cohort)| cohort).map(CohortId),
                prerequisites: needs.into_iter().map(|(slug, title, met)| Prerequisite { slug, title, met: met != 0 }).collect(),
            })
        }

        async fn may_buy(&self, account: AccountId, course: CourseId, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            door(&mut tx, account, course, Admission::Paid).await?;
            let cohorts = enrolling::cohorts(&mut tx, account, course, now).await?;
            let some_seat = cohorts.iter().any(|cohort| cohort.is_open(now) && cohort.left() != Some(0));
            if !cohorts.is_empty() && !some_seat { Err(AcademyError::Refused(Refusal::NoSeat)) } else { Ok(()) }
        }

        async fn join(&self, account: AccountId, course: CourseId, cohort: Option<CohortId>, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            // The course before the enrolment, as everywhere: nobody waits in a circle.
            let cohorts = enrolling::cohorts(&mut tx, account, course, now).await?;
            if is_in(completing::lock(&mut tx, account, course).await?) {
                return Ok(());
            }
            door(&mut tx, account, course, Admission::Free).await?;
            let cohort = seat(&cohorts, cohort, now)?;
            enrolling::enter(&mut tx, account, course, (None, cohort, Seat::Taken), now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn hold_seat(&self, account: AccountId, course: CourseId, cohort: CohortId, until: Timestamp, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            door(&mut tx, account, course, Admission::Paid).await?;
            let cohorts = enrolling::cohorts(&mut tx, account, course, now).await?;
            let cohort = seat(&cohorts, Some(cohort), now)?.ok_or(AcademyError::NotFound)?;
            sqlx::query(
                "INSERT INTO seat_hold (account_id, course_id, cohort_id, held_until) VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, course_id) \
                 DO UPDATE SET cohort_id = excluded.cohort_id, held_until = excluded.held_until",
            )
            .bind(account.0)
            .bind(course.0)
            .bind(cohort.0)
            .bind(until)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn leave(&self, account: AccountId, course: CourseId, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let status = completing::lock(&mut tx, account, course).await?;
            if !is_in(status) {
                return Err(AcademyError::Refused(Refusal::NotEnrolled));
            }
            let order: Option<Uuid> = sqlx::query_scalar("SELECT order_id FROM enrolment WHERE account_id = $1 AND course_id = $2")
                .bind(account.0)
                .bind(course.0)
                .fetch_one(&mut *tx)
                .await?;
            if order.is_some() {
                return Err(AcademyError::Refused(Refusal::LeaveByRefund));
            }
            enrolling::close(&mut tx, account, course, now).await?;
            tx.commit().await?;
            Ok(())
        }
    }

    fn is_in(status: Option<EnrolmentStatus>) -> bool {
        matches!(status, Some(EnrolmentStatus::Active | EnrolmentStatus::Completed))
    }

    /// Lets through who may come in by this way.
    async fn door(tx: &mut engine::Tx, account: AccountId, course: CourseId, way: Admission) -> Result<()> {
        let row: Option<DoorRow> =
            sqlx::query_as("SELECT admission, published FROM course WHERE id = $1").bind(course.0).fetch_optional(&mut **tx).await?;
        let door = row.filter(|row| row.published).ok_or(AcademyError::NotFound)?;
        match door.admission {
            admission if admission == way => {}
            Admission::Paid => return Err(AcademyError::Refused(Refusal::Paid)),
            Admission::Invited => return Err(AcademyError::Refused(Refusal::Invited)),
            Admission::Free => return Err(AcademyError::NotFound),
        }
        let needs: Vec<(String, String, i32)> = sqlx::query_as(PREREQUISITES).bind(account.0).bind(course.0).fetch_all(&mut **tx).await?;
        if needs.iter().any(|(_, _, met)| *met == 0) { Err(AcademyError::Refused(Refusal::Unprepared)) } else { Ok(()) }
    }
}
