//! Announcements: writing them, and reading them as learners and instructors do. The walk over the learners is in [`super::fan_out`].

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use uuid::Uuid;

use super::{AcademyError, Result, jobs};
use crate::domain::announcement::{
    Announcement, AnnouncementStatus, Figures, LiveSession, NewAnnouncement, SOFT_MOST, SOFT_WINDOW,
};
use crate::domain::{Account, AccountId, CourseId};

/// An announcement as its learner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub announcement: Announcement,
    pub read: bool,
}

/// Announcements.
#[async_trait]
pub trait Announcements: Send + Sync {
    /// The course with this address, published or not: id and title.
    async fn announced_course(&self, slug: &str) -> Result<Option<(CourseId, String)>>;

    /// Writes it down, and the job (`announce`) that publishes it. The same id again changes nothing. Errors: [`AcademyError::KeyReused`] when the id
    /// belongs to somebody else's.
    async fn announce(&self, new: &NewAnnouncement, now: Timestamp) -> Result<()>;

    /// Takes back one that is not published yet; `false` when it is too late, or there is none of this course.
    async fn cancel_announcement(&self, course: CourseId, id: Uuid) -> Result<bool>;

    /// All of a course with what became of them, the newest first.
    async fn announcements(&self, course: CourseId) -> Result<Vec<(Announcement, Figures)>>;

    /// What the account is told on its pages: of the courses it has open, published since it was enrolled; the newest first.
    async fn notices(&self, account: AccountId) -> Result<Vec<Notice>>;

    /// One of [`Self::notices`]; also one that was sent by mail alone.
    async fn notice(&self, account: AccountId, id: Uuid) -> Result<Option<Announcement>>;

    /// How many of [`Self::notices`] are new.
    async fn unread_notices(&self, account: AccountId) -> Result<i64>;

    /// The account has read these, as far as they are its own.
    async fn read_notices(&self, account: AccountId, ids: &[Uuid], now: Timestamp) -> Result<()>;

    /// What a mail is made of, when its learner still wants and can get it.
    async fn announcement_for_mail(&self, account: &Account, id: Uuid, now: Timestamp) -> Result<Option<Announcement>>;

    /// One page of the walk: in one transaction under the job's fence writes mails and their jobs for up to [`super::fan_out::PAGE`] learners, puts the job of the
    /// next page into the queue, or ends the walk, and ends `job`.
    async fn fan_out(&self, job: &Job, now: Timestamp) -> std::result::Result<(), JobError>;
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct AnnouncementRow {
    id: Uuid,
    course_id: Uuid,
    author_id: Uuid,
    subject: String,
    body: String,
    by_mail: bool,
    as_notice: bool,
    session_at: Option<Timestamp>,
    session_minutes: Option<i64>,
    session_link: Option<String>,
    remind: bool,
    #[sqlx(try_from = "String")]
    status: AnnouncementStatus,
    publish_at: Timestamp,
    published_at: Option<Timestamp>,
    course_title: String,
    course_slug: String,
}

impl From<AnnouncementRow> for Announcement {
    fn from(row: AnnouncementRow) -> Self {
        let session = row.session_at.map(|at| LiveSession {
            at,
            minutes: row.session_minutes.unwrap_or_default(),
            link: row.session_link.unwrap_or_default(),
            remind: row.remind,
        });
        Self {
            new: NewAnnouncement {
                id: row.id,
                course: CourseId(row.course_id),
                author: AccountId(row.author_id),
                subject: row.subject,
                body: row.body,
                by_mail: row.by_mail,
                as_notice: row.as_notice,
                session,
                publish_at: row.publish_at,
            },
            course_title: row.course_title,
            course_slug: row.course_slug,
            status: row.status,
            published_at: row.published_at,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    announcement: AnnouncementRow,
    queued: i64,
    sent: i64,
    refused: i64,
    came_back: i64,
    unsubscribed: i64,
    bounced: i64,
    inactive: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct NoticeRow {
    #[sqlx(flatten)]
    announcement: AnnouncementRow,
    has_read: bool,
}

/// The columns of an [`AnnouncementRow`], of `n` with its course `c`.
macro_rules! announcement {
    () => {
        "n.id, n.course_id, n.author_id, n.subject, n.body, n.by_mail, n.as_notice, n.session_at, n.session_minutes, n.session_link, n.remind, \
         n.status, n.publish_at, n.published_at, c.title AS course_title, c.slug AS course_slug"
    };
}
/// The announcements that the account `$1` is told of.
macro_rules! of_learner {
    () => {
        "FROM enrolment e JOIN announcement n ON n.course_id = e.course_id JOIN course c ON c.id = n.course_id \
         LEFT JOIN announcement_read r ON r.account_id = e.account_id AND r.announcement_id = n.id \
         WHERE e.account_id = $1 AND e.status IN ('active', 'completed') AND n.status IN ('sending', 'sent') AND n.published_at >= e.enrolled_at "
    };
}
/// Whether the account `a` gets no announcement by mail: `$since` is since when what came back for the time being counts.
macro_rules! out_of_reach {
    ($since:literal, $most:literal) => {
        concat!(
            "(EXISTS (SELECT 1 FROM mail_bounce b WHERE b.account_id = a.id AND b.email = a.email AND b.cleared_at IS NULL AND b.kind = 'hard') \
             OR (SELECT COUNT(*) FROM mail_bounce b WHERE b.account_id = a.id AND b.email = a.email AND b.cleared_at IS NULL AND b.kind = 'soft' \
             AND b.at > ",
            $since,
            ") >= ",
            $most,
            ")"
        )
    };
}
/// Whether the account `a` does not want announcements of the course `$course` by mail.
macro_rules! opted_out {
    ($course:literal, $all:literal) => {
        concat!("EXISTS (SELECT 1 FROM mail_optout o WHERE o.account_id = a.id AND o.scope IN (", $course, ", ", $all, "))")
    };
}
pub(super) use {announcement, opted_out, out_of_reach};

porter_kernel::for_both_engines! {
    siblings academy, fan_out;

    #[async_trait]
    impl Announcements for academy::Academy {
        async fn announced_course(&self, slug: &str) -> Result<Option<(CourseId, String)>> {
            let row: Option<(Uuid, String)> = sqlx::query_as("SELECT id, title FROM course WHERE slug = $1")
                .bind(storable(slug))
                .fetch_optional(self.db.read_fresh())
                .await?;
            Ok(row.map(|(id, title)| (CourseId(id), title)))
        }

        async fn announce(&self, new: &NewAnnouncement, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let session = new.session.as_ref();
            let written = sqlx::query(
                "INSERT INTO announcement (id, course_id, author_id, subject, body, by_mail, as_notice, session_at, session_minutes, session_link, \
                 remind, status, publish_at, created_at, unsubscribed, bounced, inactive) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'scheduled', $12, $13, 0, 0, 0) ON CONFLICT (id) DO NOTHING",
            )
            .bind(new.id)
            .bind(new.course.0)
            .bind(new.author.0)
            .bind(storable(&new.subject))
            .bind(storable(&new.body))
            .bind(new.by_mail)
            .bind(new.as_notice)
            .bind(session.map(|session| session.at))
            .bind(session.map(|session| session.minutes))
            .bind(session.map(|session| storable(&session.link)))
            .bind(session.is_some_and(|session| session.remind))
            .bind(new.publish_at)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            if written.rows_affected() == 0 {
                let same: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM announcement WHERE id = $1 AND course_id = $2 AND author_id = $3")
                    .bind(new.id)
                    .bind(new.course.0)
                    .bind(new.author.0)
                    .fetch_one(&mut *tx)
                    .await?;
                return if same == 1 { Ok(()) } else { Err(AcademyError::KeyReused) };
            }
            tx.enqueue(&jobs::announce(&jobs::Announce { announcement: new.id, after: None, reminder: false }, new.publish_at), now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn cancel_announcement(&self, course: CourseId, id: Uuid) -> Result<bool> {
            let mut tx = self.db.write().await?;
            let cancelled =
                sqlx::query("UPDATE announcement SET status = 'cancelled' WHERE id = $1 AND course_id = $2 AND status = 'scheduled'")
                    .bind(id)
                    .bind(course.0)
                    .execute(&mut *tx)
                    .await?;
            tx.commit().await?;
            Ok(cancelled.rows_affected() == 1)
        }

        async fn announcements(&self, course: CourseId) -> Result<Vec<(Announcement, Figures)>> {
            const SQL: &str = concat!(
                "SELECT ",
                announcement!(),
                ", n.unsubscribed, n.bounced, n.inactive, COUNT(m.id) AS queued, COUNT(m.sent_at) AS sent, COUNT(m.refused_at) AS refused, \
                 COUNT(CASE WHEN EXISTS (SELECT 1 FROM mail_bounce b WHERE b.mail_id = m.id) THEN 1 END) AS came_back \
                 FROM announcement n JOIN course c ON c.id = n.course_id \
                 LEFT JOIN announcement_mail x ON x.announcement_id = n.id AND NOT x.reminder LEFT JOIN mail m ON m.id = x.mail_id \
                 WHERE n.course_id = $1 GROUP BY n.id, c.title, c.slug ORDER BY n.publish_at DESC, n.id DESC"
            );
            let rows: Vec<ListedRow> = sqlx::query_as(SQL).bind(course.0).fetch_all(self.db.read_fresh()).await?;
            let listed = rows.into_iter().map(|row| {
                let figures = Figures {
                    queued: row.queued,
                    sent: row.sent,
                    refused: row.refused,
                    bounced: row.came_back,
                    skipped_unsubscribed: row.unsubscribed,
                    skipped_bounced: row.bounced,
                    skipped_inactive: row.inactive,
                };
                (row.announcement.into(), figures)
            });
            Ok(listed.collect())
        }

        async fn notices(&self, account: AccountId) -> Result<Vec<Notice>> {
            const SQL: &str = concat!(
                "SELECT ",
                announcement!(),
                ", r.read_at IS NOT NULL AS has_read ",
                of_learner!(),
                "AND n.as_notice ORDER BY n.published_at DESC, n.id DESC LIMIT 200"
            );
            let rows: Vec<NoticeRow> = sqlx::query_as(SQL).bind(account.0).fetch_all(self.db.read_fresh()).await?;
            Ok(rows.into_iter().map(|row| Notice { announcement: row.announcement.into(), read: row.has_read }).collect())
        }

        async fn notice(&self, account: AccountId, id: Uuid) -> Result<Option<Announcement>> {
            const SQL: &str = concat!("SELECT ", announcement!(), " ", of_learner!(), "AND n.id = $2");
            let row: Option<AnnouncementRow> =
                sqlx::query_as(SQL).bind(account.0).bind(id).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn unread_notices(&self, account: AccountId) -> Result<i64> {
            const SQL: &str = concat!("SELECT COUNT(*) ", of_learner!(), "AND n.as_notice AND r.read_at IS NULL");
            Ok(sqlx::query_scalar(SQL).bind(account.0).fetch_one(self.db.read_fresh()).await?)
        }

        async fn read_notices(&self, account: AccountId, ids: &[Uuid], now: Timestamp) -> Result<()> {
            const SQL: &str = concat!(
                "INSERT INTO announcement_read (account_id, announcement_id, read_at) SELECT e.account_id, n.id, $3 ",
                of_learner!(),
                "AND n.id = $2 ON CONFLICT (account_id, announcement_id) DO NOTHING"
            );
            let mut tx = self.db.write().await?;
            for id in ids {
                sqlx::query(SQL).bind(account.0).bind(id).bind(now).execute(&mut *tx).await?;
            }
            tx.commit().await?;
            Ok(())
        }

        async fn announcement_for_mail(&self, account: &Account, id: Uuid, now: Timestamp) -> Result<Option<Announcement>> {
            const SQL: &str = concat!(
                "SELECT ",
                announcement!(),
                " FROM announcement n JOIN course c ON c.id = n.course_id JOIN account a ON a.id = $2 \
                 JOIN enrolment e ON e.account_id = a.id AND e.course_id = n.course_id \
                 WHERE n.id = $1 AND a.status = 'active' AND e.status IN ('active', 'completed') AND NOT ",
                opted_out!("n.course_id", "$3"),
                " AND NOT ",
                out_of_reach!("$4", "$5")
            );
            let row: Option<AnnouncementRow> = sqlx::query_as(SQL)
                .bind(id)
                .bind(account.id.0)
                .bind(Uuid::nil())
                .bind(now - SOFT_WINDOW)
                .bind(SOFT_MOST)
                .fetch_optional(self.db.read_fresh())
                .await?;
            Ok(row.map(Into::into))
        }

        async fn fan_out(&self, job: &Job, now: Timestamp) -> std::result::Result<(), JobError> {
            fan_out::page(&self.db, job, now).await
        }
    }
}
