//! Statements that several operations share.

use porter_kernel::{clock::Timestamp, ids::TokenHash};
use uuid::Uuid;

use super::{
    DeskError, Result,
    held::Held,
    rows::{MessageRow, NewMessage, StaffRow},
};
use crate::domain::{Author, ConversationId, Holder, Message, StaffId, StaffMember, State, TicketId};

/// The columns of [`Held`].
macro_rules! held {
    () => {
        "id, holder, agent_id, epoch, last_seq, answered_seq, asked_at, lease_owner, lease_until, \
         clarified, learner_id, learner_name, identity_token, identity_until, resume_seq, created_at, updated_at"
    };
}
/// Where a [`MessageRow`] comes from.
macro_rules! message {
    () => {
        "SELECT m.seq, m.author, s.name AS agent_name, m.text, m.citations, m.offer_person, m.card, \
         m.client_id, m.created_at FROM message m LEFT JOIN staff s ON s.id = m.agent_id "
    };
}
pub(super) use {held, message};

/// How many tickets of the queue stand before `own` or are `own`: the order of the queue.
macro_rules! place {
    () => {
        "SELECT COUNT(*) FROM ticket q WHERE q.status = 'queued' AND (q.urgency_rank > own.urgency_rank \
         OR (q.urgency_rank = own.urgency_rank AND (q.created_at < own.created_at \
         OR (q.created_at = own.created_at AND q.number <= own.number))))"
    };
}

#[derive(Debug, sqlx::FromRow)]
struct StateRow {
    #[sqlx(try_from = "String")]
    holder: Holder,
    agent_name: Option<String>,
    place: Option<i64>,
}

impl From<StateRow> for State {
    fn from(row: StateRow) -> Self {
        let place = row.place.filter(|_| row.holder == Holder::Queue);
        Self { holder: row.holder, agent_name: row.agent_name, place }
    }
}

porter_kernel::for_both_engines! {
    /// Locks the conversation until the transaction ends: the first statement of every change, so
    /// that changes to one conversation come one after another. What is read after it is what the
    /// one before has left.
    pub(in crate::store) async fn lock(tx: &mut engine::Tx, id: ConversationId, now: Timestamp) -> Result<Held> {
        const SQL: &str = concat!("UPDATE conversation SET updated_at = $2 WHERE id = $1 RETURNING ", held!());
        let held = sqlx::query_as(SQL).bind(id.0).bind(now).fetch_optional(&mut **tx).await?;
        held.ok_or(DeskError::NoConversation)
    }

    /// A conversation that has just begun. What only comes later in its life is written by [`save`].
    pub(in crate::store) async fn insert_conversation(
        tx: &mut engine::Tx,
        held: &Held,
        token_hash: &TokenHash,
        now: Timestamp,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO conversation (id, token_hash, holder, epoch, last_seq, answered_seq, clarified, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        )
        .bind(held.id)
        .bind(token_hash.as_str())
        .bind(held.holder.as_str())
        .bind(held.epoch)
        .bind(held.last_seq)
        .bind(held.answered_seq)
        .bind(held.clarified)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    pub(in crate::store) async fn save(tx: &mut engine::Tx, held: &Held) -> Result<()> {
        sqlx::query(
            "UPDATE conversation SET holder = $2, agent_id = $3, epoch = $4, last_seq = $5, answered_seq = $6, \
             asked_at = $7, lease_owner = $8, lease_until = $9, clarified = $10, learner_id = $11, learner_name = $12, \
             identity_token = $13, identity_until = $14, resume_seq = $15, updated_at = $16 WHERE id = $1",
        )
        .bind(held.id)
        .bind(held.holder.as_str())
        .bind(held.agent_id)
        .bind(held.epoch)
        .bind(held.last_seq)
        .bind(held.answered_seq)
        .bind(held.asked_at)
        .bind(held.lease_owner)
        .bind(held.lease_until)
        .bind(held.clarified)
        .bind(held.learner_id)
        .bind(held.learner_name.as_deref())
        .bind(held.identity_token.as_ref())
        .bind(held.identity_until)
        .bind(held.resume_seq)
        .bind(held.updated_at)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    pub(in crate::store) async fn insert_message(
        tx: &mut engine::Tx,
        conversation: Uuid,
        seq: i64,
        new: NewMessage<'_>,
        now: Timestamp,
    ) -> Result<Message> {
        sqlx::query(
            "INSERT INTO message (conversation_id, seq, author, agent_id, text, citations, offer_person, \
             card, client_id, trace, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(conversation)
        .bind(seq)
        .bind(new.author.as_str())
        .bind(new.agent.map(|agent| agent.id.0))
        .bind(new.text.as_ref())
        .bind(&new.citations)
        .bind(new.offer_person)
        .bind(&new.card)
        .bind(new.client_id)
        .bind(&new.trace)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        Ok(new.into_message(seq, now))
    }

    /// The message that this author's client has sent under this id.
    pub(in crate::store) async fn sent_before<'e, X>(
        executor: X,
        conversation: Uuid,
        author: Author,
        client_id: Uuid,
    ) -> Result<Option<Message>>
    where
        X: sqlx::Executor<'e, Database = engine::Engine>,
    {
        const SQL: &str = concat!(message!(), "WHERE m.conversation_id = $1 AND m.author = $2 AND m.client_id = $3");
        let row: Option<MessageRow> =
            sqlx::query_as(SQL).bind(conversation).bind(author.as_str()).bind(client_id).fetch_optional(executor).await?;
        Ok(row.map(Into::into))
    }

    /// When the oldest message of the student after `seq` came. Asked in a statement of its own: it must see what was committed while the
    /// lock was awaited.
    pub(in crate::store) async fn asked_after(tx: &mut engine::Tx, conversation: Uuid, seq: i64) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT MIN(created_at) FROM message WHERE conversation_id = $1 AND author = 'student' AND seq > $2";
        Ok(sqlx::query_scalar(SQL).bind(conversation).bind(seq).fetch_one(&mut **tx).await?)
    }

    pub(in crate::store) async fn member(tx: &mut engine::Tx, id: StaffId) -> Result<StaffMember> {
        let row: Option<StaffRow> = sqlx::query_as("SELECT id, email, name, role, password_hash FROM staff WHERE id = $1")
            .bind(id.0)
            .fetch_optional(&mut **tx)
            .await?;
        row.map(Into::into).ok_or(DeskError::NoStaff)
    }

    /// The place in the queue of a queued ticket, from 1.
    pub(in crate::store) async fn place(tx: &mut engine::Tx, ticket: TicketId) -> Result<i64> {
        const SQL: &str = concat!("SELECT (", place!(), ") FROM ticket own WHERE own.id = $1");
        Ok(sqlx::query_scalar(SQL).bind(ticket.0).fetch_one(&mut **tx).await?)
    }

    pub(in crate::store) async fn state<'e, X>(executor: X, id: ConversationId) -> Result<State>
    where
        X: sqlx::Executor<'e, Database = engine::Engine>,
    {
        const SQL: &str = concat!(
            "SELECT c.holder, s.name AS agent_name, (",
            place!(),
            ") AS place FROM conversation c \
             LEFT JOIN staff s ON s.id = c.agent_id \
             LEFT JOIN ticket own ON own.conversation_id = c.id AND own.status = 'queued' WHERE c.id = $1"
        );
        let row: Option<StateRow> = sqlx::query_as(SQL).bind(id.0).fetch_optional(executor).await?;
        row.map(Into::into).ok_or(DeskError::NoConversation)
    }
}
