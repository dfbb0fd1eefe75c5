//! An instructor works on a course. Whether they may is asked before: see [`super::Teaching`].

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use uuid::Uuid;

use super::{AcademyError, Result};
use crate::domain::catalogue::{CohortDates, CohortId, CourseCard, LearnerRow, LessonText, ModuleId, Refusal, Step};
use crate::domain::{AccountId, CourseId, EnrolmentStatus, LessonId, LessonKind};

/// An instructor works on a course. A module or lesson of another course is as none: [`AcademyError::NotFound`].
#[async_trait]
pub trait Authoring: Send + Sync {
    /// Sets what is said about the course of `card.id`: everything but its name in addresses and its price.
    async fn change_course(&self, card: &CourseCard) -> Result<()>;

    /// Adds a module at the end.
    async fn add_module(&self, course: CourseId, id: ModuleId, title: &str) -> Result<()>;

    async fn rename_module(&self, course: CourseId, id: ModuleId, title: &str) -> Result<()>;

    /// Moves a module, with its lessons, by one place; at the end already: changes nothing.
    async fn move_module(&self, course: CourseId, id: ModuleId, step: Step) -> Result<()>;

    /// Removes a module without lessons; with lessons: [`Refusal::ModuleNotEmpty`].
    async fn remove_module(&self, course: CourseId, id: ModuleId) -> Result<()>;

    /// Adds a lesson, not published yet, at the end of the module.
    async fn add_lesson(
        &self,
        course: CourseId,
        module: ModuleId,
        id: LessonId,
        title: &str,
        kind: LessonKind,
        minutes: i64,
    ) -> Result<()>;

    /// The lesson as it is edited, published or not, with its kind and whether it is published.
    async fn lesson_text(&self, course: CourseId, id: LessonId) -> Result<Option<(LessonText, LessonKind, bool)>>;

    async fn change_lesson(&self, course: CourseId, id: LessonId, text: &LessonText) -> Result<()>;

    /// Shows a lesson and lets it count, or neither.
    async fn publish_lesson(&self, course: CourseId, id: LessonId, published: bool) -> Result<()>;

    /// Moves a lesson by one place, over the edge of its module into the next; at the end already: changes nothing.
    async fn move_lesson(&self, course: CourseId, id: LessonId, step: Step) -> Result<()>;

    async fn add_cohort(&self, course: CourseId, id: CohortId, dates: &CohortDates, now: Timestamp) -> Result<()>;

    /// Sets dates and seats; not fewer seats than learners: [`Refusal::SeatsTaken`]. Who waited for a seat gets one.
    async fn change_cohort(&self, course: CourseId, id: CohortId, dates: &CohortDates, now: Timestamp) -> Result<()>;

    /// The learners of a course, the newest first, from the `offset`th on; and how many there are.
    async fn learners_of(&self, course: CourseId, limit: i64, offset: i64) -> Result<(Vec<LearnerRow>, i64)>;
}

#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Placed {
    id: Uuid,
    module_id: Option<Uuid>,
}

/// Where everything is after a lesson's step: it changes places with its neighbour, or goes over the edge of its module.
fn stepped(modules: &[Uuid], mut lessons: Vec<Placed>, id: Uuid, step: Step) -> Vec<Placed> {
    let Some(at) = lessons.iter().position(|lesson| lesson.id == id) else { return lessons };
    let other = match step {
        Step::Up => at.checked_sub(1),
        Step::Down => Some(at + 1).filter(|other| *other < lessons.len()),
    };
    let module = |place: usize| lessons.get(place).and_then(|lesson| lesson.module_id);
    let here = module(at);
    if let Some(other) = other.filter(|other| module(*other) == here) {
        lessons.swap(at, other);
        return lessons;
    }
    // The first of its module goes to the end of the one before, the last to the beginning of the next: the order stays.
    let place = modules.iter().position(|module| Some(*module) == here);
    let next = match (step, place) {
        (Step::Up, Some(place)) => place.checked_sub(1).and_then(|place| modules.get(place)),
        (Step::Down, Some(place)) => modules.get(place + 1),
        (Step::Down, None) => modules.first(),
        (Step::Up, None) => None,
    };
    if let (Some(module), Some(lesson)) = (next, lessons.get_mut(at)) {
        lesson.module_id = Some(*module);
    }
    lessons
}

/// Lessons in the order of their modules; those of no module first.
fn sorted(modules: &[Uuid], mut lessons: Vec<Placed>) -> Vec<Placed> {
    lessons.sort_by_key(|lesson| {
        lesson.module_id.map_or(0, |id| modules.iter().position(|module| *module == id).map_or(0, |place| place + 1))
    });
    lessons
}

#[derive(Debug, sqlx::FromRow)]
struct LearnerOf {
    account: Uuid,
    name: String,
    email: String,
    #[sqlx(try_from = "String")]
    status: EnrolmentStatus,
    cohort: Option<String>,
    enrolled_at: Timestamp,
    done: i64,
    last_seen: Option<Timestamp>,
}

#[derive(Debug, sqlx::FromRow)]
struct TextRow {
    title: String,
    minutes: i64,
    body: String,
    media: Option<String>,
    captions: Option<String>,
    opens_at: Option<Timestamp>,
    #[sqlx(try_from = "String")]
    kind: LessonKind,
    published: bool,
}

fn one(changed: u64) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(AcademyError::NotFound) }
}

porter_kernel::for_both_engines! {
    siblings academy, enrolling;

    #[async_trait]
    impl Authoring for academy::Academy {
        async fn change_course(&self, card: &CourseCard) -> Result<()> {
            let mut tx = self.db.write().await?;
            let changed = sqlx::query(
                "UPDATE course SET title = $2, summary = $3, description = $4, level = $5, language = $6, pass_percent = $7, starts_at = $8, \
                 published = $9, signatory = $10, signatory_role = $11 WHERE id = $1",
            )
            .bind(card.id.0)
            .bind(storable(&card.title))
            .bind(storable(&card.summary))
            .bind(storable(&card.description))
            .bind(card.level.as_str())
            .bind(storable(&card.language))
            .bind(card.pass_percent)
            .bind(card.starts_at)
            .bind(card.published)
            .bind(storable(&card.signatory))
            .bind(storable(&card.signatory_role))
            .execute(&mut *tx)
            .await?;
            one(changed.rows_affected())?;
            tx.commit().await?;
            Ok(())
        }

        async fn add_module(&self, course: CourseId, id: ModuleId, title: &str) -> Result<()> {
            let mut tx = self.db.write().await?;
            lock(&mut tx, course).await?;
            sqlx::query(
                "INSERT INTO module (id, course_id, place, title) SELECT $1, $2, COALESCE(MAX(place), 0) + 1, $3 FROM module WHERE course_id = $2",
            )
            .bind(id.0)
            .bind(course.0)
            .bind(storable(title))
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn rename_module(&self, course: CourseId, id: ModuleId, title: &str) -> Result<()> {
            let mut tx = self.db.write().await?;
            let changed = sqlx::query("UPDATE module SET title = $3 WHERE id = $1 AND course_id = $2")
                .bind(id.0)
                .bind(course.0)
                .bind(storable(title))
                .execute(&mut *tx)
                .await?;
            one(changed.rows_affected())?;
            tx.commit().await?;
            Ok(())
        }

        async fn move_module(&self, course: CourseId, id: ModuleId, step: Step) -> Result<()> {
            let mut tx = self.db.write().await?;
            lock(&mut tx, course).await?;
            let mut modules = modules(&mut tx, course).await?;
            let at = modules.iter().position(|module| *module == id.0).ok_or(AcademyError::NotFound)?;
            let other = match step {
                Step::Up => at.checked_sub(1),
                Step::Down => Some(at + 1).filter(|other| *other < modules.len()),
            };
            if let Some(other) = other {
                modules.swap(at, other);
                sqlx::query("UPDATE module SET place = -place WHERE course_id = $1").bind(course.0).execute(&mut *tx).await?;
                for (place, module) in (1_i64..).zip(&modules) {
                    sqlx::query("UPDATE module SET place = $2 WHERE id = $1").bind(module).bind(place).execute(&mut *tx).await?;
                }
                let lessons = lessons(&mut tx, course).await?;
                place(&mut tx, course, &sorted(&modules, lessons)).await?;
            }
            tx.commit().await?;
            Ok(())
        }

        async fn remove_module(&self, course: CourseId, id: ModuleId) -> Result<()> {
            let mut tx = self.db.write().await?;
            lock(&mut tx, course).await?;
            if lessons(&mut tx, course).await?.iter().any(|lesson| lesson.module_id == Some(id.0)) {
                return Err(AcademyError::Refused(Refusal::ModuleNotEmpty));
            }
            let removed =
                sqlx::query("DELETE FROM module WHERE id = $1 AND course_id = $2").bind(id.0).bind(course.0).execute(&mut *tx).await?;
            one(removed.rows_affected())?;
            tx.commit().await?;
            Ok(())
        }

        async fn add_lesson(&self, course: CourseId, module: ModuleId, id: LessonId, title: &str, kind: LessonKind, minutes: i64) -> Result<()> {
            let mut tx = self.db.write().await?;
            lock(&mut tx, course).await?;
            let modules = modules(&mut tx, course).await?;
            if !modules.contains(&module.0) {
                return Err(AcademyError::NotFound);
            }
            sqlx::query(
                "INSERT INTO lesson (id, course_id, module_id, place, title, kind, minutes, published) \
                 SELECT $1, $2, $3, COALESCE(MAX(place), 0) + 1, $4, $5, $6, $7 FROM lesson WHERE course_id = $2",
            )
            .bind(id.0)
            .bind(course.0)
            .bind(module.0)
            .bind(storable(title))
            .bind(kind.as_str())
            .bind(minutes)
            .bind(false)
            .execute(&mut *tx)
            .await?;
            let lessons = lessons(&mut tx, course).await?;
            place(&mut tx, course, &sorted(&modules, lessons)).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn lesson_text(&self, course: CourseId, id: LessonId) -> Result<Option<(LessonText, LessonKind, bool)>> {
            let row: Option<TextRow> = sqlx::query_as(
                "SELECT title, minutes, body, media, captions, opens_at, kind, published FROM lesson WHERE id = $1 AND course_id = $2",
            )
            .bind(id.0)
            .bind(course.0)
            .fetch_optional(self.db.read_fresh())
            .await?;
            Ok(row.map(|row| {
                let text = LessonText {
                    title: row.title,
                    minutes: row.minutes,
                    body: row.body,
                    media: row.media,
                    captions: row.captions,
                    opens_at: row.opens_at,
                };
                (text, row.kind, row.published)
            }))
        }

        async fn change_lesson(&self, course: CourseId, id: LessonId, text: &LessonText) -> Result<()> {
            let mut tx = self.db.write().await?;
            let changed = sqlx::query(
                "UPDATE lesson SET title = $3, minutes = $4, body = $5, media = $6, captions = $7, opens_at = $8 WHERE id = $1 AND course_id = $2",
            )
            .bind(id.0)
            .bind(course.0)
            .bind(storable(&text.title))
            .bind(text.minutes)
            .bind(storable(&text.body))
            .bind(text.media.as_deref().map(storable))
            .bind(text.captions.as_deref().map(storable))
            .bind(text.opens_at)
            .execute(&mut *tx)
            .await?;
            one(changed.rows_affected())?;
            tx.commit().await?;
            Ok(())
        }

        async fn publish_lesson(&self, course: CourseId, id: LessonId, published: bool) -> Result<()> {
            let mut tx = self.db.write().await?;
            let changed = sqlx::query("UPDATE lesson SET published = $3 WHERE id = $1 AND course_id = $2")
                .bind(id.0)
                .bind(course.0)
                .bind(published)
                .execute(&mut *tx)
                .await?;
            one(changed.rows_affected())?;
            tx.commit().await?;
            Ok(())
        }

        async fn move_lesson(&self, course: CourseId, id: LessonId, step: Step) -> Result<()> {
            let mut tx = self.db.write().await?;
            lock(&mut tx, course).await?;
            let (modules, before) = (modules(&mut tx, course).await?, lessons(&mut tx, course).await?);
            if !before.iter().any(|lesson| lesson.id == id.0) {
                return Err(AcademyError::NotFound);
            }
            place(&mut tx, course, &stepped(&modules, before, id.0, step)).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn add_cohort(&self, course: CourseId, id: CohortId, dates: &CohortDates, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            lock(&mut tx, course).await?;
            sqlx::query("INSERT INTO cohort (id, course_id, name, starts_at) VALUES ($1, $2, $3, $4)")
                .bind(id.0)
                .bind(course.0)
                .bind(storable(&dates.name))
                .bind(dates.starts_at)
                .execute(&mut *tx)
                .await?;
            set_cohort(&mut tx, course, id, dates).await?;
            enrolling::seat_the_waiting(&mut tx, course, now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn change_cohort(&self, course: CourseId, id: CohortId, dates: &CohortDates, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let cohorts = enrolling::cohorts(&mut tx, AccountId(Uuid::nil()), course, now).await?;
            let taken = cohorts.iter().find(|cohort| cohort.id == id).ok_or(AcademyError::NotFound)?.taken;
            if dates.seats.is_some_and(|seats| seats < taken) {
                return Err(AcademyError::Refused(Refusal::SeatsTaken));
            }
            set_cohort(&mut tx, course, id, dates).await?;
            enrolling::seat_the_waiting(&mut tx, course, now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn learners_of(&self, course: CourseId, limit: i64, offset: i64) -> Result<(Vec<LearnerRow>, i64)> {
            let db = self.db.read_fresh();
            let all: i64 =
                sqlx::query_scalar("SELECT COUNT(*) FROM enrolment WHERE course_id = $1").bind(course.0).fetch_one(db).await?;
            // The page is cut first, so that only its learners' progress is read.
            let rows: Vec<LearnerOf> = sqlx::query_as(
                "SELECT a.id AS account, a.name, a.email, e.status, k.name AS cohort, e.enrolled_at, \
                 (SELECT COUNT(*) FROM lesson l JOIN lesson_progress p ON p.lesson_id = l.id AND p.account_id = e.account_id \
                 WHERE l.course_id = $1 AND l.published AND p.completed_at IS NOT NULL) AS done, \
                 (SELECT MAX(p.updated_at) FROM lesson l JOIN lesson_progress p ON p.lesson_id = l.id AND p.account_id = e.account_id \
                 WHERE l.course_id = $1) AS last_seen \
                 FROM (SELECT account_id, status, cohort_id, enrolled_at FROM enrolment WHERE course_id = $1 \
                 ORDER BY enrolled_at DESC, account_id DESC LIMIT $2 OFFSET $3) AS e \
                 JOIN account a ON a.id = e.account_id LEFT JOIN cohort k ON k.id = e.cohort_id ORDER BY e.enrolled_at DESC, e.account_id DESC",
            )
            .bind(course.0)
            .bind(limit)
            .bind(offset)
            .fetch_all(db)
            .await?;
            let rows = rows.into_iter().map(|row| LearnerRow {
                account: row.account,
                name: row.name,
                email: row.email,
                enrolment: row.status,
                cohort: row.cohort,
                enrolled_at: row.enrolled_at,
                lessons_completed: row.done,
                last_seen: row.last_seen,
            });
            Ok((rows.collect(), all))
        }
    }

    /// One changes a course's order at a time.
    async fn lock(tx: &mut engine::Tx, course: CourseId) -> Result<()> {
        let locked = sqlx::query("UPDATE course SET published = published WHERE id = $1").bind(course.0).execute(&mut **tx).await?;
        one(locked.rows_affected())
    }

    async fn modules(tx: &mut engine::Tx, course: CourseId) -> std::result::Result<Vec<Uuid>, DbError> {
        Ok(sqlx::query_scalar("SELECT id FROM module WHERE course_id = $1 ORDER BY place").bind(course.0).fetch_all(&mut **tx).await?)
    }

    async fn lessons(tx: &mut engine::Tx, course: CourseId) -> std::result::Result<Vec<Placed>, DbError> {
        Ok(sqlx::query_as("SELECT id, module_id FROM lesson WHERE course_id = $1 ORDER BY place").bind(course.0).fetch_all(&mut **tx).await?)
    }

    /// Puts the lessons into this order.
    async fn place(tx: &mut engine::Tx, course: CourseId, lessons: &[Placed]) -> std::result::Result<(), DbError> {
        // Places are unique: first out of the way, then to where they belong.
        sqlx::query("UPDATE lesson SET place = -place WHERE course_id = $1").bind(course.0).execute(&mut **tx).await?;
        for (place, lesson) in (1_i64..).zip(lessons) {
            sqlx::query("UPDATE lesson SET place = $2, module_id = $3 WHERE id = $1")
                .bind(lesson.id)
                .bind(place)
                .bind(lesson.module_id)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    async fn set_cohort(tx: &mut engine::Tx, course: CourseId, id: CohortId, dates: &CohortDates) -> Result<()> {
        let changed = sqlx::query(
            "UPDATE cohort SET name = $3, starts_at = $4, ends_at = $5, enrol_from = $6, enrol_until = $7, seats = $8 WHERE id = $1 AND course_id = $2",
        )
        .bind(id.0)
        .bind(course.0)
        .bind(storable(&dates.name))
        .bind(dates.starts_at)
        .bind(dates.ends_at)
        .bind(dates.enrol_from)
        .bind(dates.enrol_until)
        .bind(dates.seats)
        .execute(&mut **tx)
        .await?;
        one(changed.rows_affected())
    }
}
