//! The bot's side: nothing is written for a turn that is void.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::{
    HandedOff, Result, Turns,
    claim::Claiming,
    held::Held,
    rows::{MessageRow, NewMessage, storable_citations, storable_json},
    sql::message,
};
use crate::domain::{Author, BotReply, Holder, Message, NewTicket, Turn};

porter_kernel::for_both_engines! {
    siblings desk, queue, sql;

    #[async_trait]
    impl Turns for desk::Desk {
        async fn take_turn(&self, owner: Uuid, now: Timestamp, lease: Duration) -> Result<Option<Turn>> {
            const UNANSWERED: &str =
                concat!(message!(), "WHERE m.conversation_id = $1 AND m.author = 'student' AND m.seq > $2 ORDER BY m.seq");
            let lease_until = now + lease;
            let mut tx = self.db.write().await?;
            let held: Option<Held> = sqlx::query_as(<engine::Engine as Claiming>::TAKE_TURN)
                .bind(owner)
                .bind(now)
                .bind(lease_until)
                .fetch_optional(&mut *tx)
                .await?;
            let Some(held) = held else { return Ok(None) };
            let unanswered: Vec<MessageRow> =
                sqlx::query_as(UNANSWERED).bind(held.id).bind(held.answered_seq).fetch_all(&mut *tx).await?;
            tx.commit().await?;
            let unanswered: Vec<Message> = unanswered.into_iter().map(Into::into).collect();
            Ok(Some(Turn {
                conversation: held.id.into(),
                owner,
                epoch: held.epoch,
                lease_until,
                clarified: held.clarified,
                last_student_seq: unanswered.last().map_or(held.answered_seq, |message| message.seq),
                unanswered,
            }))
        }

        async fn bot_reply(&self, turn: &Turn, reply: &BotReply, now: Timestamp) -> Result<Message> {
            let mut tx = self.db.write().await?;
            let mut held = sql::lock(&mut tx, turn.conversation, now).await?;
            held.check(turn)?;
            // Asked in a statement of its own: it must see what was committed while the lock was
            // awaited.
            let next_asked_at = sqlx::query_scalar(
                "SELECT MIN(created_at) FROM message WHERE conversation_id = $1 AND author = 'student' AND seq > $2",
            )
            .bind(held.id)
            .bind(turn.last_student_seq)
            .fetch_one(&mut *tx)
            .await?;
            held.answered(turn.last_student_seq, next_asked_at);
            held.clarified = reply.clarified;
            let seq = held.next_seq();
            sql::save(&mut tx, &held).await?;
            let new = NewMessage {
                citations: storable_citations(&reply.citations),
                offer_person: reply.offer_person,
                trace: reply.trace.as_ref().map(storable_json),
                ..NewMessage::plain(Author::Bot, &reply.text)
            };
            let message = sql::insert_message(&mut tx, held.id, seq, new, now).await?;
            tx.commit().await?;
            Ok(message)
        }

        async fn bot_hand_off(&self, turn: &Turn, ticket: &NewTicket, announcement: &str, now: Timestamp) -> Result<HandedOff> {
            let mut tx = self.db.write().await?;
            let held = sql::lock(&mut tx, turn.conversation, now).await?;
            if matches!(held.holder, Holder::Queue | Holder::Agent) {
                let present = queue::present(&mut tx, &held).await?;
                tx.rollback().await?;
                return Ok(present);
            }
            held.check(turn)?;
            let handed = queue::hand_off(&mut tx, held, ticket, announcement, now).await?;
            tx.commit().await?;
            Ok(handed)
        }
    }
}
