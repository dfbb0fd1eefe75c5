//! The bot's side: nothing is written for a turn that is void.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::{
    DeskError, HandedOff, Result, Turns,
    claim::Claiming,
    held::{Held, StoredToken},
    rows::{MessageRow, NewMessage, storable_card, storable_citations, storable_json},
    sql::{held, message},
};
use crate::domain::{Author, BotReply, Card, Holder, Message, NewTicket, Turn};

/// What the bot says, as a message.
fn said(reply: &BotReply) -> Result<NewMessage<'_>> {
    Ok(NewMessage {
        citations: storable_citations(&reply.citations),
        offer_person: reply.offer_person,
        card: reply.card.as_ref().map(storable_card).transpose()?,
        trace: reply.trace.as_ref().map(storable_json),
        ..NewMessage::plain(Author::Bot, &reply.text)
    })
}

porter_kernel::for_both_engines! {
    siblings desk, queue, replies, sql;

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
            let correspondent = replies::correspondent(&mut tx, held.id, now).await?;
            tx.commit().await?;
            let unanswered: Vec<Message> = unanswered.into_iter().map(Into::into).collect();
            Ok(Some(Turn {
                conversation: held.id.into(),
                owner,
                epoch: held.epoch,
                lease_until,
                clarified: held.clarified,
                subject: held.subject(),
                identity: held.identity_token.as_ref().and_then(StoredToken::token),
                correspondent,
                last_student_seq: unanswered.last().map_or(held.answered_seq, |message| message.seq),
                unanswered,
            }))
        }

        async fn still_mine(&self, turn: &Turn) -> Result<()> {
            const SQL: &str = concat!("SELECT ", held!(), " FROM conversation WHERE id = $1");
            let held: Option<Held> =
                sqlx::query_as(SQL).bind(turn.conversation.0).fetch_optional(self.db.read_fresh()).await?;
            held.ok_or(DeskError::NoConversation)?.check(turn)
        }

        async fn bot_reply(&self, turn: &Turn, reply: &BotReply, now: Timestamp) -> Result<Message> {
            let mut tx = self.db.write().await?;
            let mut held = sql::lock(&mut tx, turn.conversation, now).await?;
            if let Err(refused) = held.check(turn) {
                // Now, and not when the connection is cleaned up: until then the row is locked, and passed over by whoever takes the next turn.
                tx.rollback().await?;
                return Err(refused);
            }
            let next_asked_at = sql::asked_after(&mut tx, held.id, turn.last_student_seq).await?;
            held.answered(turn.last_student_seq, matches!(reply.card, Some(Card::SignIn)), next_asked_at);
            held.clarified = reply.clarified;
            let seq = held.next_seq();
            sql::save(&mut tx, &held).await?;
            let message = sql::insert_message(&mut tx, held.id, seq, said(reply)?, now).await?;
            replies::write(&mut tx, held.id, &message, now).await?;
            tx.commit().await?;
            Ok(message)
        }

        async fn bot_hand_off(
            &self,
            turn: &Turn,
            reply: Option<&BotReply>,
            ticket: &NewTicket,
            announcement: &str,
            now: Timestamp,
        ) -> Result<HandedOff> {
            let mut tx = self.db.write().await?;
            let mut held = sql::lock(&mut tx, turn.conversation, now).await?;
            if matches!(held.holder, Holder::Queue | Holder::Agent) {
                let present = queue::present(&mut tx, &held).await?;
                tx.rollback().await?;
                return Ok(present);
            }
            if let Err(refused) = held.check(turn) {
                // Now, and not when the connection is cleaned up: until then the row is locked, and passed over by whoever takes the next turn.
                tx.rollback().await?;
                return Err(refused);
            }
            if let Some(reply) = reply {
                let seq = held.next_seq();
                let message = sql::insert_message(&mut tx, held.id, seq, said(reply)?, now).await?;
                replies::write(&mut tx, held.id, &message, now).await?;
            }
            let handed = queue::hand_off(&mut tx, held, ticket, announcement, now).await?;
            tx.commit().await?;
            Ok(handed)
        }
    }
}
