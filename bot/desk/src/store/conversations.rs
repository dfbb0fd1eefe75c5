//! The student's side.

use async_trait::async_trait;
use porter_kernel::{clock::Timestamp, ids::TokenHash};
use uuid::Uuid;

use super::{
    Added, Conversations, HandedOff, Result,
    held::Held,
    rows::{MessageRow, NewMessage, storable_card},
    sql::{held, message},
};
use crate::domain::{Author, Card, Conversation, ConversationId, Holder, Message, NewTicket, State};

porter_kernel::for_both_engines! {
    siblings desk, queue, sql;

    #[async_trait]
    impl Conversations for desk::Desk {
        async fn create_conversation(
            &self,
            id: ConversationId,
            token_hash: &TokenHash,
            greeting: &str,
            now: Timestamp,
        ) -> Result<(Conversation, Message)> {
            let held = Held::begin(id.0, now);
            let mut tx = self.db.write().await?;
            sql::insert_conversation(&mut tx, &held, token_hash, now).await?;
            let greeting = NewMessage::plain(Author::Bot, greeting);
            let greeting = sql::insert_message(&mut tx, held.id, held.last_seq, greeting, now).await?;
            tx.commit().await?;
            Ok((held.into(), greeting))
        }

        async fn conversation_by_token(&self, id: ConversationId, token_hash: &TokenHash) -> Result<Option<Conversation>> {
            const SQL: &str = concat!("SELECT ", held!(), " FROM conversation WHERE id = $1 AND token_hash = $2");
            let held: Option<Held> =
                sqlx::query_as(SQL).bind(id.0).bind(token_hash.as_str()).fetch_optional(self.db.read_fresh()).await?;
            Ok(held.map(Into::into))
        }

        async fn messages_after(&self, conversation: ConversationId, after: i64, limit: i64) -> Result<Vec<Message>> {
            const SQL: &str = concat!(message!(), "WHERE m.conversation_id = $1 AND m.seq > $2 ORDER BY m.seq LIMIT $3");
            let rows: Vec<MessageRow> =
                sqlx::query_as(SQL).bind(conversation.0).bind(after).bind(limit).fetch_all(self.db.read_fresh()).await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn message(&self, conversation: ConversationId, seq: i64) -> Result<Option<Message>> {
            const SQL: &str = concat!(message!(), "WHERE m.conversation_id = $1 AND m.seq = $2");
            let row: Option<MessageRow> =
                sqlx::query_as(SQL).bind(conversation.0).bind(seq).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn add_student_message(
            &self,
            conversation: ConversationId,
            client_id: Uuid,
            text: &str,
            now: Timestamp,
        ) -> Result<Added> {
            let mut tx = self.db.write().await?;
            let mut held = sql::lock(&mut tx, conversation, now).await?;
            if let Some(message) = sql::sent_before(&mut *tx, held.id, Author::Student, client_id).await? {
                tx.rollback().await?;
                return Ok(Added { message, duplicate: true });
            }
            let seq = held.student_writes(now);
            sql::save(&mut tx, &held).await?;
            let new = NewMessage { client_id: Some(client_id), ..NewMessage::plain(Author::Student, text) };
            let message = sql::insert_message(&mut tx, held.id, seq, new, now).await?;
            tx.commit().await?;
            Ok(Added { message, duplicate: false })
        }

        async fn notice(&self, conversation: ConversationId, key: Uuid) -> Result<Option<Message>> {
            sql::sent_before(self.db.read_fresh(), conversation.0, Author::System, key).await
        }

        async fn add_notice(
            &self,
            conversation: ConversationId,
            key: Uuid,
            text: &str,
            card: &Card,
            now: Timestamp,
        ) -> Result<Added> {
            let mut tx = self.db.write().await?;
            let mut held = sql::lock(&mut tx, conversation, now).await?;
            if let Some(message) = sql::sent_before(&mut *tx, held.id, Author::System, key).await? {
                tx.rollback().await?;
                return Ok(Added { message, duplicate: true });
            }
            let seq = held.next_seq();
            sql::save(&mut tx, &held).await?;
            let card = Some(storable_card(card)?);
            let new = NewMessage { client_id: Some(key), card, ..NewMessage::plain(Author::System, text) };
            let message = sql::insert_message(&mut tx, held.id, seq, new, now).await?;
            tx.commit().await?;
            Ok(Added { message, duplicate: false })
        }

        async fn state(&self, conversation: ConversationId) -> Result<State> {
            sql::state(self.db.read_fresh(), conversation).await
        }

        async fn student_hand_off(
            &self,
            conversation: ConversationId,
            ticket: &NewTicket,
            announcement: &str,
            now: Timestamp,
        ) -> Result<HandedOff> {
            let mut tx = self.db.write().await?;
            let held = sql::lock(&mut tx, conversation, now).await?;
            match held.holder {
                Holder::Queue | Holder::Agent => {
                    let present = queue::present(&mut tx, &held).await?;
                    tx.rollback().await?;
                    Ok(present)
                }
                Holder::Bot | Holder::Closed => {
                    let handed = queue::hand_off(&mut tx, held, ticket, announcement, now).await?;
                    tx.commit().await?;
                    Ok(handed)
                }
            }
        }
    }
}
