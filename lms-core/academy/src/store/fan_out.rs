//! The walk of an announcement over the learners of its course, a page at a time.
//!
//! Each page is a job of its own and one transaction, so that 50,000 learners hold no lock for long, and a worker that is killed leaves the walk where
//! the last page ended. Everything in it, the mails too, is bulk work: whatever a person waits for is taken first.

use porter_kernel::clock::Timestamp;
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use uuid::{Uuid, uuid};

use super::announcements::{AnnouncementRow, announcement, opted_out, out_of_reach};
use super::{Letter, NewMail, jobs};
use crate::domain::AccountId;
use crate::domain::announcement::{Announcement, AnnouncementStatus, REMINDER, SOFT_MOST, SOFT_WINDOW};
use crate::domain::event::Event;

/// Learners in one transaction.
pub const PAGE: i64 = 200;

/// The same learner has the same mail, however often a page is begun.
const NAMESPACE: Uuid = uuid!("6c0f3a4e-7d7b-4c0a-9a39-8f4e0b0d5e21");

#[derive(Debug, sqlx::FromRow)]
struct Reached {
    id: Uuid,
    is_active: bool,
    opted_out: bool,
    out_of_reach: bool,
}

/// How many of a page were passed over, and why.
#[derive(Default)]
struct PassedOver {
    unsubscribed: i64,
    bounced: i64,
    inactive: i64,
}

fn mail(announcement: Uuid, account: Uuid, reminder: bool) -> NewMail {
    let id = Uuid::new_v5(&NAMESPACE, format!("{announcement}:{account}:{reminder}").as_bytes());
    NewMail { id, account: AccountId(account), letter: Letter::Announcement { announcement, reminder } }
}

porter_kernel::for_both_engines! {
    siblings events, sql;

    /// See [`super::Announcements::fan_out`].
    pub(in crate::store) async fn page(db: &engine::Db, job: &Job, now: Timestamp) -> Result<(), JobError> {
        let jobs::Announce { announcement: id, after, reminder } = jobs::payload(job)?;
        let mut tx = db.write().await?;
        tx.fence(job, now).await?;
        if let Some(announcement) = begun(&mut tx, id, reminder, now).await? {
            let last = if announcement.new.by_mail {
                learners(&mut tx, &announcement, after.unwrap_or(AccountId(Uuid::nil())), reminder, now).await?
            } else {
                None
            };
            match last {
                Some(last) => {
                    let next = jobs::Announce { announcement: id, after: Some(AccountId(last)), reminder };
                    tx.enqueue(&jobs::announce(&next, now), now).await?;
                }
                None => ended(&mut tx, &announcement, reminder, now).await?,
            }
        }
        tx.finish(job, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Locks the announcement, published now if it is not yet. `None`: it was cancelled.
    async fn begun(tx: &mut engine::Tx, id: Uuid, reminder: bool, now: Timestamp) -> Result<Option<Announcement>, JobError> {
        const SQL: &str = concat!("SELECT ", announcement!(), " FROM announcement n JOIN course c ON c.id = n.course_id WHERE n.id = $1");
        sqlx::query(
            "UPDATE announcement SET published_at = COALESCE(published_at, $2), status = CASE WHEN status = 'scheduled' THEN 'sending' ELSE status END \
             WHERE id = $1 AND status <> 'cancelled'",
        )
        .bind(id)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        let row: Option<AnnouncementRow> = sqlx::query_as(SQL).bind(id).fetch_optional(&mut **tx).await?;
        let announcement = row.map(Announcement::from).filter(|found| found.status != AnnouncementStatus::Cancelled);
        // Who is reminded of a session that is over learns nothing.
        let too_late = reminder && announcement.as_ref().and_then(|found| found.new.session.as_ref()).is_none_or(|session| session.at <= now);
        Ok(announcement.filter(|_| !too_late))
    }

    /// Writes the mails of one page; the last learner of it, unless there are no more.
    async fn learners(
        tx: &mut engine::Tx,
        announcement: &Announcement,
        after: AccountId,
        reminder: bool,
        now: Timestamp,
    ) -> Result<Option<Uuid>, JobError> {
        const SQL: &str = concat!(
            "SELECT a.id, a.status = 'active' AS is_active, ",
            opted_out!("$1", "$4"),
            " AS opted_out, ",
            out_of_reach!("$5", "$6"),
            " AS out_of_reach FROM enrolment e JOIN account a ON a.id = e.account_id \
             WHERE e.course_id = $1 AND e.account_id > $2 AND e.status IN ('active', 'completed') ORDER BY e.account_id LIMIT $3"
        );
        let page: Vec<Reached> = sqlx::query_as(SQL)
            .bind(announcement.new.course.0)
            .bind(after.0)
            .bind(PAGE)
            .bind(Uuid::nil())
            .bind(now - SOFT_WINDOW)
            .bind(SOFT_MOST)
            .fetch_all(&mut **tx)
            .await?;
        let mut over = PassedOver::default();
        for learner in &page {
            if !learner.is_active {
                over.inactive += 1;
            } else if learner.opted_out {
                over.unsubscribed += 1;
            } else if learner.out_of_reach {
                over.bounced += 1;
            } else {
                write(tx, &mail(announcement.new.id, learner.id, reminder), announcement.new.id, reminder, now).await?;
            }
        }
        if !reminder {
            sqlx::query(
                "UPDATE announcement SET unsubscribed = unsubscribed + $2, bounced = bounced + $3, inactive = inactive + $4 WHERE id = $1",
            )
            .bind(announcement.new.id)
            .bind(over.unsubscribed)
            .bind(over.bounced)
            .bind(over.inactive)
            .execute(&mut **tx)
            .await?;
        }
        let full = i64::try_from(page.len()).unwrap_or(i64::MAX) == PAGE;
        Ok(page.last().filter(|_| full).map(|learner| learner.id))
    }

    /// The mail, its job, and for whom it is; there already: changes nothing.
    async fn write(tx: &mut engine::Tx, mail: &NewMail, announcement: Uuid, reminder: bool, now: Timestamp) -> Result<(), JobError> {
        let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM announcement_mail WHERE announcement_id = $1 AND reminder = $2 AND account_id = $3")
            .bind(announcement)
            .bind(reminder)
            .bind(mail.account.0)
            .fetch_one(&mut **tx)
            .await?;
        if there > 0 {
            return Ok(());
        }
        sql::write_mail(tx, mail, now).await?;
        sqlx::query("INSERT INTO announcement_mail (announcement_id, account_id, reminder, mail_id) VALUES ($1, $2, $3, $4)")
            .bind(announcement)
            .bind(mail.account.0)
            .bind(reminder)
            .bind(mail.id)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// Everybody was reached.
    async fn ended(tx: &mut engine::Tx, announcement: &Announcement, reminder: bool, now: Timestamp) -> Result<(), JobError> {
        if reminder || announcement.status == AnnouncementStatus::Sent {
            return Ok(());
        }
        let (id, course) = (announcement.new.id, announcement.new.course);
        sqlx::query("UPDATE announcement SET status = 'sent', walked_at = $2 WHERE id = $1").bind(id).bind(now).execute(&mut **tx).await?;
        let recipients: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM announcement_mail WHERE announcement_id = $1 AND NOT reminder")
            .bind(id)
            .fetch_one(&mut **tx)
            .await?;
        events::record(tx, &Event::AnnouncementPublished { course, announcement: id, recipients }, now).await?;
        let session = announcement.new.session.as_ref().filter(|session| session.remind && session.at - REMINDER > now);
        if let Some(session) = session {
            let walk = jobs::Announce { announcement: id, after: None, reminder: true };
            tx.enqueue(&jobs::announce(&walk, session.at - REMINDER), now).await?;
        }
        Ok(())
    }
}
