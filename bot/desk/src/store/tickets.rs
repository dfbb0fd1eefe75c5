//! The agents' side.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::{
    Added, Changed, DeskError, Result, TicketView, Tickets,
    held::Held,
    rows::{MessageRow, NewMessage, TicketRecord},
    sql::message,
};
use crate::domain::{Author, ConversationId, Counts, Holder, Message, StaffId, TicketDetail, TicketId, TicketRow, TicketStatus};

/// Where a [`TicketRecord`] comes from.
macro_rules! ticket {
    () => {
        "SELECT t.id, t.number, t.conversation_id, t.status, t.urgency, t.intent, t.confidence, t.reason, t.subject, \
         t.summary, t.proposed_reply, t.passages, t.created_at, t.assignee, s.name AS assignee_name, \
         c.learner_name, k.channel FROM ticket t JOIN conversation c ON c.id = t.conversation_id \
         LEFT JOIN correspondence k ON k.conversation_id = c.id LEFT JOIN staff s ON s.id = t.assignee "
    };
}

/// A ticket and its conversation, both locked.
#[derive(Debug)]
struct Case {
    held: Held,
    status: TicketStatus,
    assignee: Option<(StaffId, String)>,
}

impl Case {
    fn is_of(&self, staff: StaffId) -> bool {
        self.assignee.as_ref().is_some_and(|(id, _)| *id == staff)
    }

    /// Refuses what only the one who has the ticket now may do.
    fn check_claimed_by(&self, staff: StaffId) -> Result<()> {
        match (self.status, &self.assignee) {
            (TicketStatus::Queued, _) => Err(DeskError::NotClaimed),
            (TicketStatus::Resolved, _) => Err(DeskError::AlreadyResolved),
            (TicketStatus::Claimed, Some((_, name))) if !self.is_of(staff) => Err(DeskError::AlreadyHeld { name: name.clone() }),
            (TicketStatus::Claimed, _) => Ok(()),
        }
    }

    fn unchanged(&self) -> Changed {
        Changed { conversation: self.held.id.into(), message: None }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct CaseRow {
    #[sqlx(try_from = "String")]
    status: TicketStatus,
    assignee: Option<Uuid>,
    assignee_name: Option<String>,
}

porter_kernel::for_both_engines! {
    siblings desk, replies, sql;

    /// Locks the conversation, then reads the ticket: every change to a ticket takes the same way,
    /// so the conversation's lock guards the ticket too.
    async fn lock(tx: &mut engine::Tx, ticket: TicketId, now: Timestamp) -> Result<Case> {
        let conversation: Option<Uuid> =
            sqlx::query_scalar("SELECT conversation_id FROM ticket WHERE id = $1").bind(ticket.0).fetch_optional(&mut **tx).await?;
        let held = sql::lock(tx, conversation.ok_or(DeskError::NoTicket)?.into(), now).await?;
        let row: CaseRow = sqlx::query_as(
            "SELECT t.status, t.assignee, s.name AS assignee_name \
             FROM ticket t LEFT JOIN staff s ON s.id = t.assignee WHERE t.id = $1",
        )
        .bind(ticket.0)
        .fetch_one(&mut **tx)
        .await?;
        let assignee = row.assignee.map(StaffId).zip(row.assignee_name);
        Ok(Case { held, status: row.status, assignee })
    }

    /// Writes the change and tells the student in the conversation.
    async fn tell(tx: &mut engine::Tx, mut held: Held, text: &str, now: Timestamp) -> Result<Changed> {
        let seq = held.next_seq();
        sql::save(tx, &held).await?;
        let message = NewMessage::plain(Author::System, text);
        let message = sql::insert_message(tx, held.id, seq, message, now).await?;
        Ok(Changed { conversation: held.id.into(), message: Some(message) })
    }

    #[async_trait]
    impl Tickets for desk::Desk {
        async fn tickets(&self, view: TicketView, limit: i64) -> Result<Vec<TicketRow>> {
            const QUEUE: &str =
                concat!(ticket!(), "WHERE t.status = 'queued' ORDER BY t.urgency_rank DESC, t.created_at, t.number LIMIT $1");
            const MINE: &str = concat!(
                ticket!(),
                "WHERE t.status = 'claimed' AND t.assignee = $2 \
                 ORDER BY t.urgency_rank DESC, t.created_at, t.number LIMIT $1"
            );
            const RESOLVED: &str =
                concat!(ticket!(), "WHERE t.resolved_at IS NOT NULL ORDER BY t.resolved_at DESC, t.number DESC LIMIT $1");
            let query = match view {
                TicketView::Queue => sqlx::query_as(QUEUE).bind(limit),
                TicketView::Mine(staff) => sqlx::query_as(MINE).bind(limit).bind(staff.0),
                TicketView::Resolved => sqlx::query_as(RESOLVED).bind(limit),
            };
            let records: Vec<TicketRecord> = query.fetch_all(self.db.read_fresh()).await?;
            records.into_iter().map(|record| Ok(TicketDetail::try_from(record)?.row)).collect()
        }

        async fn counts(&self, staff: StaffId) -> Result<Counts> {
            let (queue, mine) = sqlx::query_as(
                "SELECT (SELECT COUNT(*) FROM ticket WHERE status = 'queued'), \
                 (SELECT COUNT(*) FROM ticket WHERE status = 'claimed' AND assignee = $1)",
            )
            .bind(staff.0)
            .fetch_one(self.db.read_fresh())
            .await?;
            Ok(Counts { queue, mine })
        }

        async fn ticket(&self, id: TicketId) -> Result<Option<TicketDetail>> {
            const TICKET: &str = concat!(ticket!(), "WHERE t.id = $1");
            const MESSAGES: &str = concat!(message!(), "WHERE m.conversation_id = $1 ORDER BY m.seq");
            let pool = self.db.read_fresh();
            let record: Option<TicketRecord> = sqlx::query_as(TICKET).bind(id.0).fetch_optional(pool).await?;
            let Some(record) = record else { return Ok(None) };
            let mut detail = TicketDetail::try_from(record)?;
            let messages: Vec<MessageRow> = sqlx::query_as(MESSAGES).bind(detail.conversation_id.0).fetch_all(pool).await?;
            detail.messages = messages.into_iter().map(Message::from).collect();
            Ok(Some(detail))
        }

        async fn open_ticket(&self, conversation: ConversationId) -> Result<Option<TicketId>> {
            let id = sqlx::query_scalar("SELECT id FROM ticket WHERE conversation_id = $1 AND status <> 'resolved'")
                .bind(conversation.0)
                .fetch_optional(self.db.read_fresh())
                .await?;
            Ok(id.map(TicketId))
        }

        async fn claim(&self, ticket: TicketId, staff: StaffId, now: Timestamp) -> Result<Changed> {
            let mut tx = self.db.write().await?;
            let mut case = lock(&mut tx, ticket, now).await?;
            if case.status != TicketStatus::Queued {
                case.check_claimed_by(staff)?;
                tx.rollback().await?;
                return Ok(case.unchanged());
            }
            let member = sql::member(&mut tx, staff).await?;
            sqlx::query("UPDATE ticket SET status = 'claimed', assignee = $2, claimed_at = $3 WHERE id = $1")
                .bind(ticket.0)
                .bind(staff.0)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            case.held.pass_to(Holder::Agent, Some(staff));
            let text = format!("{} joined the conversation.", member.name);
            let changed = tell(&mut tx, case.held, &text, now).await?;
            tx.commit().await?;
            Ok(changed)
        }

        async fn release(&self, ticket: TicketId, staff: StaffId, now: Timestamp) -> Result<Changed> {
            let mut tx = self.db.write().await?;
            let mut case = lock(&mut tx, ticket, now).await?;
            if case.status == TicketStatus::Queued {
                tx.rollback().await?;
                return Ok(case.unchanged());
            }
            case.check_claimed_by(staff)?;
            let member = sql::member(&mut tx, staff).await?;
            sqlx::query("UPDATE ticket SET status = 'queued', assignee = NULL, claimed_at = NULL WHERE id = $1")
                .bind(ticket.0)
                .execute(&mut *tx)
                .await?;
            case.held.pass_to(Holder::Queue, None);
            let place = sql::place(&mut tx, ticket).await?;
            let text =
                format!("{} left the conversation. You are number {place} in the queue for the next colleague.", member.name);
            let changed = tell(&mut tx, case.held, &text, now).await?;
            tx.commit().await?;
            Ok(changed)
        }

        async fn resolve(&self, ticket: TicketId, staff: StaffId, now: Timestamp) -> Result<Changed> {
            let mut tx = self.db.write().await?;
            let mut case = lock(&mut tx, ticket, now).await?;
            if case.status == TicketStatus::Resolved && case.is_of(staff) {
                tx.rollback().await?;
                return Ok(case.unchanged());
            }
            case.check_claimed_by(staff)?;
            let member = sql::member(&mut tx, staff).await?;
            sqlx::query("UPDATE ticket SET status = 'resolved', resolved_at = $2 WHERE id = $1")
                .bind(ticket.0)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            case.held.pass_to(Holder::Closed, None);
            let text = format!("{} closed the conversation. Write again whenever there is something else.", member.name);
            let changed = tell(&mut tx, case.held, &text, now).await?;
            tx.commit().await?;
            Ok(changed)
        }

        async fn agent_reply(
            &self,
            ticket: TicketId,
            staff: StaffId,
            client_id: Uuid,
            text: &str,
            now: Timestamp,
        ) -> Result<Added> {
            let mut tx = self.db.write().await?;
            let mut case = lock(&mut tx, ticket, now).await?;
            if case.is_of(staff)
                && let Some(message) = sql::sent_before(&mut *tx, case.held.id, Author::Agent, client_id).await?
            {
                tx.rollback().await?;
                return Ok(Added { message, duplicate: true });
            }
            case.check_claimed_by(staff)?;
            let member = sql::member(&mut tx, staff).await?;
            let seq = case.held.next_seq();
            sql::save(&mut tx, &case.held).await?;
            let new = NewMessage { agent: Some(&member), client_id: Some(client_id), ..NewMessage::plain(Author::Agent, text) };
            let message = sql::insert_message(&mut tx, case.held.id, seq, new, now).await?;
            replies::write(&mut tx, case.held.id, &message, now).await?;
            tx.commit().await?;
            Ok(Added { message, duplicate: false })
        }
    }
}
