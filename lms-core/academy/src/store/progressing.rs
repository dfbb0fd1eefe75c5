//! A learner goes on in a lesson: the path that a launch hits hardest.

use std::collections::HashMap;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use sqlx::types::Json;
use uuid::Uuid;

use super::completing::{MODULES, ModuleRow};
use super::sql::{Claim, Operation, Request};
use super::{AcademyError, Result};
use crate::domain::catalogue::{OpenLesson, Refusal, Standing};
use crate::domain::event::Event;
use crate::domain::progress::Progress;
use crate::domain::{AccountId, CourseId, EnrolmentStatus, LessonId, LessonKind};

/// How far learners are in their lessons. Each write is one transaction, and the same again changes nothing.
#[async_trait]
pub trait Progressing: Send + Sync {
    /// The lesson, when it is open to this learner. Errors: [`AcademyError::NotFound`], [`AcademyError::Refused`].
    async fn open_lesson(&self, account: AccountId, lesson: LessonId, now: Timestamp) -> Result<OpenLesson>;

    /// Notes how far the learner got: percent of a video, and where to go on. Percent only ever rises; a video of which `watched_percent` were
    /// watched is completed. The same `key` again changes nothing; of another request: [`AcademyError::KeyReused`].
    async fn progress_lesson(
        &self,
        account: AccountId,
        lesson: LessonId,
        reached: Reached,
        key: Option<Uuid>,
        now: Timestamp,
    ) -> Result<Standing>;

    /// Completes a text, or a video that was watched. Completed already: changes nothing.
    async fn complete_lesson(
        &self,
        account: AccountId,
        lesson: LessonId,
        watched_percent: i64,
        key: Option<Uuid>,
        now: Timestamp,
    ) -> Result<Standing>;

    /// Makes the progress of a learner in a course anew from its events; how many lessons were made anew. Lessons of which no event tells stay as
    /// they are: they were there before events.
    async fn recompute(&self, account: AccountId, course: CourseId) -> Result<u64>;
}

/// How far somebody got in a lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Of a video; a text has none until it is completed.
    pub percent: i64,
    /// Seconds of a video, per mille of a text.
    pub position: i64,
    /// From when on a video counts.
    pub watched_percent: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct Gate {
    course_id: Uuid,
    title: String,
    #[sqlx(try_from = "String")]
    kind: LessonKind,
    minutes: i64,
    body: String,
    media: Option<String>,
    captions: Option<String>,
    opens_at: Option<Timestamp>,
    published: bool,
    status: Option<String>,
    access_until: Option<Timestamp>,
    starts_at: Option<Timestamp>,
    percent: Option<i64>,
    position: Option<i64>,
    completed_at: Option<Timestamp>,
}

/// `$1` the account, `$2` the lesson. `text` is `body` where it is shown.
macro_rules! gate {
    ($text:literal) => {
        concat!(
            "SELECT l.course_id, l.title, l.kind, l.minutes, ",
            $text,
            " AS body, l.media, l.captions, l.opens_at, l.published, e.status, e.access_until, \
             COALESCE(k.starts_at, c.starts_at) AS starts_at, p.percent, p.position, p.completed_at \
             FROM lesson l JOIN course c ON c.id = l.course_id \
             LEFT JOIN enrolment e ON e.course_id = l.course_id AND e.account_id = $1 LEFT JOIN cohort k ON k.id = e.cohort_id \
             LEFT JOIN lesson_progress p ON p.account_id = $1 AND p.lesson_id = l.id WHERE l.id = $2"
        )
    };
}

impl Gate {
    /// Lets the learner through, or says why not.
    fn pass(self, now: Timestamp) -> Result<Self> {
        let status: Option<EnrolmentStatus> = self.status.as_deref().map(str::parse).transpose().map_err(DbError::unreadable)?;
        let after = |start: Option<Timestamp>| start.is_some_and(|start| now < start);
        let refusal = match status {
            _ if !self.published => return Err(AcademyError::NotFound),
            None | Some(EnrolmentStatus::Pending | EnrolmentStatus::Cancelled) => Refusal::NotEnrolled,
            _ if self.access_until.is_some_and(|until| until <= now) => Refusal::AccessEnded,
            _ if after(self.starts_at) => Refusal::NotStarted,
            _ if after(self.opens_at) => Refusal::NotOpen,
            Some(EnrolmentStatus::Active | EnrolmentStatus::Completed) => return Ok(self),
        };
        Err(AcademyError::Refused(refusal))
    }

    fn percent(&self) -> i64 {
        self.percent.unwrap_or(0)
    }
}

fn standing(gate: (i64, i64, bool), modules: &[ModuleRow]) -> Standing {
    let (percent, position, completed) = gate;
    let (lessons, done) = modules.iter().fold((0_i64, 0_i64), |(lessons, done), row| (lessons + row.lessons, done + row.done));
    Standing { percent, position, completed, lessons, lessons_completed: done, course_completed: lessons > 0 && done == lessons }
}

porter_kernel::for_both_engines! {
    siblings academy, completing, events, sql;

    #[async_trait]
    impl Progressing for academy::Academy {
        async fn open_lesson(&self, account: AccountId, lesson: LessonId, now: Timestamp) -> Result<OpenLesson> {
            let gate: Option<Gate> =
                sqlx::query_as(gate!("l.body")).bind(account.0).bind(lesson.0).fetch_optional(self.db.read_fresh()).await?;
            let gate = gate.ok_or(AcademyError::NotFound)?.pass(now)?;
            Ok(OpenLesson {
                id: lesson,
                course: CourseId(gate.course_id),
                percent: gate.percent(),
                position: gate.position.unwrap_or(0),
                completed_at: gate.completed_at,
                title: gate.title,
                kind: gate.kind,
                minutes: gate.minutes,
                body: gate.body,
                media: gate.media,
                captions: gate.captions,
            })
        }

        async fn progress_lesson(&self, account: AccountId, lesson: LessonId, reached: Reached, key: Option<Uuid>, now: Timestamp) -> Result<Standing> {
            let mut tx = self.db.write().await?;
            let new = claim(&mut tx, Operation::ReportProgress, key, account, lesson, now).await?;
            let gate = through(&mut tx, account, lesson, now).await?;
            let course = CourseId(gate.course_id);
            let percent = match gate.kind {
                LessonKind::Video => reached.percent.clamp(0, 100),
                LessonKind::Text => 0,
                LessonKind::Quiz => return Err(AcademyError::Refused(Refusal::ByQuiz)),
            };
            let mut after = (gate.percent(), gate.position.unwrap_or(0), gate.completed_at.is_some());
            if new {
                if let Some((percent, position)) = reach(&mut tx, account, lesson, (percent, reached.position.max(0)), now).await? {
                    events::record(&mut tx, &Event::LessonProgressed { account, course, lesson, percent, position }, now).await?;
                    after = (percent, position, after.2);
                }
                if gate.kind == LessonKind::Video && !after.2 && after.0 >= reached.watched_percent && !is_assigned(&mut tx, lesson).await? {
                    completing::lesson(&mut tx, account, course, lesson, now).await?;
                    after = (100, after.1, true);
                }
                tx.commit().await?;
            } else {
                drop(tx);
            }
            self.standing(account, course, after).await
        }

        async fn complete_lesson(&self, account: AccountId, lesson: LessonId, watched_percent: i64, key: Option<Uuid>, now: Timestamp) -> Result<Standing> {
            let mut tx = self.db.write().await?;
            let new = claim(&mut tx, Operation::CompleteLesson, key, account, lesson, now).await?;
            let gate = through(&mut tx, account, lesson, now).await?;
            let course = CourseId(gate.course_id);
            if gate.completed_at.is_none() && is_assigned(&mut tx, lesson).await? {
                return Err(AcademyError::Refused(Refusal::ByAssignment));
            }
            match gate.kind {
                LessonKind::Quiz => return Err(AcademyError::Refused(Refusal::ByQuiz)),
                LessonKind::Video if gate.completed_at.is_none() && gate.percent() < watched_percent => {
                    return Err(AcademyError::Refused(Refusal::ByWatching));
                }
                LessonKind::Video | LessonKind::Text => {}
            }
            if new {
                if gate.completed_at.is_none() {
                    completing::lesson(&mut tx, account, course, lesson, now).await?;
                }
                tx.commit().await?;
            } else {
                drop(tx);
            }
            self.standing(account, course, (100, gate.position.unwrap_or(0), true)).await
        }

        async fn recompute(&self, account: AccountId, course: CourseId) -> Result<u64> {
            let mut tx = self.db.write().await?;
            completing::lock(&mut tx, account, course).await?;
            let rows: Vec<(Json<Event>, Timestamp)> = sqlx::query_as(
                "SELECT body, occurred_at FROM event WHERE account_id = $1 AND kind IN ('lesson_progressed', 'lesson_completed') ORDER BY occurred_at, id",
            )
            .bind(account.0)
            .fetch_all(&mut *tx)
            .await?;
            let mut lessons: HashMap<LessonId, Progress> = HashMap::new();
            for (Json(event), at) in rows {
                match event {
                    Event::LessonProgressed { course: of, lesson, percent, position, .. } if of == course => {
                        let known = lessons.entry(lesson).or_insert_with(|| Progress::begun(at));
                        *known = known.reached(percent, position, at);
                    }
                    Event::LessonCompleted { course: of, lesson, .. } if of == course => {
                        let known = lessons.entry(lesson).or_insert_with(|| Progress::begun(at));
                        *known = known.completed(at);
                    }
                    _ => {}
                }
            }
            let mut made = 0;
            for (lesson, progress) in lessons {
                // A lesson that was removed since has no progress any more.
                let written = sqlx::query(
                    "INSERT INTO lesson_progress (account_id, lesson_id, percent, position, position_at, completed_at, updated_at) \
                     SELECT $1, l.id, $3, $4, $5, $6, $7 FROM lesson l WHERE l.id = $2 \
                     ON CONFLICT (account_id, lesson_id) DO UPDATE SET percent = excluded.percent, position = excluded.position, \
                     position_at = excluded.position_at, completed_at = excluded.completed_at, updated_at = excluded.updated_at",
                )
                .bind(account.0)
                .bind(lesson.0)
                .bind(progress.percent)
                .bind(progress.position)
                .bind(progress.position_at)
                .bind(progress.completed_at)
                .bind(progress.updated_at)
                .execute(&mut *tx)
                .await?;
                made += written.rows_affected();
            }
            tx.commit().await?;
            Ok(made)
        }
    }

    impl academy::Academy {
        /// Read after the commit: the write holds its locks no longer than it must.
        async fn standing(&self, account: AccountId, course: CourseId, lesson: (i64, i64, bool)) -> Result<Standing> {
            let modules: Vec<ModuleRow> = sqlx::query_as(MODULES)
                .bind(account.0)
                .bind(course.0)
                .bind(Uuid::nil())
                .fetch_all(self.db.read_fresh())
                .await?;
            Ok(standing(lesson, &modules))
        }
    }

    /// Whether the request is new; without a key it always is.
    async fn claim(
        tx: &mut engine::Tx,
        operation: Operation,
        key: Option<Uuid>,
        account: AccountId,
        lesson: LessonId,
        now: Timestamp,
    ) -> Result<bool> {
        let Some(key) = key else { return Ok(true) };
        let request = Request { key, operation, account: Some(account), subject: Some(lesson.0) };
        Ok(sql::claim_key(tx, request, now).await? == Claim::New)
    }

    async fn through(tx: &mut engine::Tx, account: AccountId, lesson: LessonId, now: Timestamp) -> Result<Gate> {
        let gate: Option<Gate> = sqlx::query_as(gate!("''")).bind(account.0).bind(lesson.0).fetch_optional(&mut **tx).await?;
        gate.ok_or(AcademyError::NotFound)?.pass(now)
    }

    /// The percent and the position when they have changed: as [`Progress::reached`].
    async fn reach(
        tx: &mut engine::Tx,
        account: AccountId,
        lesson: LessonId,
        (percent, position): (i64, i64),
        now: Timestamp,
    ) -> std::result::Result<Option<(i64, i64)>, DbError> {
        Ok(sqlx::query_as(
            "INSERT INTO lesson_progress AS p (account_id, lesson_id, percent, position, position_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5) \
             ON CONFLICT (account_id, lesson_id) DO UPDATE SET \
             percent = CASE WHEN excluded.percent > p.percent THEN excluded.percent ELSE p.percent END, \
             position = CASE WHEN p.position_at IS NULL OR excluded.position_at > p.position_at \
             OR (excluded.position_at = p.position_at AND excluded.position > p.position) THEN excluded.position ELSE p.position END, \
             position_at = CASE WHEN p.position_at IS NULL OR excluded.position_at > p.position_at THEN excluded.position_at ELSE p.position_at END, \
             updated_at = CASE WHEN excluded.updated_at > p.updated_at THEN excluded.updated_at ELSE p.updated_at END \
             WHERE excluded.percent > p.percent OR (excluded.position <> p.position AND (p.position_at IS NULL OR excluded.position_at > p.position_at \
             OR (excluded.position_at = p.position_at AND excluded.position > p.position))) RETURNING percent, position",
        )
        .bind(account.0)
        .bind(lesson.0)
        .bind(percent)
        .bind(position)
        .bind(now)
        .fetch_optional(&mut **tx)
        .await?)
    }
    /// Whether the lesson asks for something to be handed in.
    async fn is_assigned(tx: &mut engine::Tx, lesson: LessonId) -> Result<bool> {
        let count: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM assignment WHERE lesson_id = $1").bind(lesson.0).fetch_one(&mut **tx).await?;
        Ok(count > 0)
    }
}
