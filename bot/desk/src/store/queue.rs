//! Putting a conversation into the queue: the hand-off as one transition.

use porter_kernel::{clock::Timestamp, db::storable};

use super::{
    HandedOff, Result,
    held::Held,
    rows::{NewMessage, rank, storable_passages},
};
use crate::domain::{Author, Holder, NewTicket, State, TicketId};

porter_kernel::for_both_engines! {
    siblings replies, sql;

    /// Hands the locked conversation to the queue: ticket, holder, announcement.
    pub(in crate::store) async fn hand_off(
        tx: &mut engine::Tx,
        mut held: Held,
        ticket: &NewTicket,
        announcement: &str,
        now: Timestamp,
    ) -> Result<HandedOff> {
        held.pass_to(Holder::Queue, None);
        insert(tx, &held, ticket, now).await?;
        let place = sql::place(tx, ticket.id).await?;
        let text = announcement.replace("{place}", &place.to_string());
        let seq = held.next_seq();
        sql::save(tx, &held).await?;
        let announced = NewMessage::plain(Author::System, &text);
        let message = sql::insert_message(tx, held.id, seq, announced, now).await?;
        replies::write(tx, held.id, &message, now).await?;
        Ok(HandedOff {
            state: State { holder: Holder::Queue, agent_name: None, place: Some(place) },
            ticket: ticket.id,
            message: Some(message),
        })
    }

    /// What a hand-off finds when a person is already on the way.
    pub(in crate::store) async fn present(tx: &mut engine::Tx, held: &Held) -> Result<HandedOff> {
        let ticket = sqlx::query_scalar("SELECT id FROM ticket WHERE conversation_id = $1 AND status <> 'resolved'")
            .bind(held.id)
            .fetch_one(&mut **tx)
            .await?;
        let state = sql::state(&mut **tx, held.id.into()).await?;
        Ok(HandedOff { state, ticket: TicketId(ticket), message: None })
    }

    async fn insert(tx: &mut engine::Tx, held: &Held, ticket: &NewTicket, now: Timestamp) -> Result<()> {
        // The counter's row stays locked until the commit: numbers have no gaps, and the place that
        // is counted next is the true one.
        let number: i64 =
            sqlx::query_scalar("UPDATE ticket_counter SET last_number = last_number + 1 WHERE id = 1 RETURNING last_number")
                .fetch_one(&mut **tx)
                .await?;
        sqlx::query(
            "INSERT INTO ticket (id, number, conversation_id, status, urgency, urgency_rank, intent, confidence, \
             reason, subject, summary, proposed_reply, passages, created_at) \
             VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(ticket.id.0)
        .bind(number)
        .bind(held.id)
        .bind(ticket.urgency.as_str())
        .bind(rank(ticket.urgency))
        .bind(ticket.intent.as_deref().map(storable))
        .bind(ticket.confidence.filter(|confidence| confidence.is_finite()))
        .bind(storable(&ticket.reason))
        .bind(storable(&ticket.subject))
        .bind(storable(&ticket.summary))
        .bind(ticket.proposed_reply.as_deref().map(storable))
        .bind(storable_passages(&ticket.passages))
        .bind(now)
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
