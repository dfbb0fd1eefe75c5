//! The mails that carry what the bot, the desk and the agents say in a conversation by letter. Each is written in the transaction of its message.

use std::time::Duration;

use porter_kernel::{
    clock::Timestamp,
    db::DbError,
    jobs::{JobTx as _, NewJob, Priority},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

use super::Result;
use crate::domain::{Author, Before, Channel, Citation, Correspondent, Message, Outgoing};

/// Send an answer by mail. Carries [`SendReply`].
pub const SEND_REPLY: &str = "send_reply";

/// What [`SEND_REPLY`] carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendReply {
    pub mail: Uuid,
}

/// So many automatic mails go to one address within an hour. Anybody can put somebody else's address on a mail: more would make the desk a nuisance
/// to a person who never wrote to it. An agent's mails are not counted.
pub const AUTOMATIC_AN_HOUR: i64 = 6;
/// And so many to all addresses within a minute.
pub const AUTOMATIC_A_MINUTE: i64 = 120;

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);
/// With the longest pause of a few minutes: a mail server may be away for two days.
const ATTEMPTS: i64 = 700;
/// Mails of a thread that its next one names.
const MOST_BEFORE: i64 = 20;
/// Noted where no mail was sent on purpose.
const OVER_LIMIT: &str = "Not sent: this address has had as many automatic mails as one may get within the hour.";

/// An address as it is counted and compared.
pub(super) fn address_key(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The id of one of our mails, by its Message-ID, which begins with it.
pub(crate) fn ours(message_id: &str) -> Option<Uuid> {
    message_id.trim().trim_start_matches('<').split('@').next()?.parse().ok()
}

#[derive(Debug, sqlx::FromRow)]
struct ToRow {
    #[sqlx(try_from = "String")]
    channel: Channel,
    address: Option<String>,
    subject: String,
}

#[derive(Debug, sqlx::FromRow)]
struct OutgoingRow {
    id: Uuid,
    conversation_id: Uuid,
    seq: i64,
    sent_at: Option<Timestamp>,
    failure: Option<String>,
    address: String,
    subject: String,
    author: String,
    agent_name: Option<String>,
    text: String,
    citations: Json<Vec<Citation>>,
}

#[derive(Debug, sqlx::FromRow)]
struct BeforeRow {
    message_id: Option<String>,
    mail: Option<Uuid>,
}

impl BeforeRow {
    fn read(self) -> Option<Before> {
        self.message_id.map(Before::Theirs).or(self.mail.map(Before::Ours))
    }
}

porter_kernel::for_both_engines! {
    async fn to(tx: &mut engine::Tx, conversation: Uuid) -> Result<Option<ToRow>> {
        Ok(sqlx::query_as("SELECT channel, address, subject FROM correspondence WHERE conversation_id = $1")
            .bind(conversation)
            .fetch_optional(&mut **tx)
            .await?)
    }

    /// Whether the next automatic mail to this address would be one too many.
    async fn exhausted(tx: &mut engine::Tx, recipient: &str, now: Timestamp) -> Result<bool> {
        let to_one: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM reply_mail WHERE recipient = $1 AND automatic AND created_at > $2")
            .bind(recipient)
            .bind(now - HOUR)
            .fetch_one(&mut **tx)
            .await?;
        let to_all: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM reply_mail WHERE automatic AND created_at > $1")
            .bind(now - MINUTE)
            .fetch_one(&mut **tx)
            .await?;
        Ok(to_one >= AUTOMATIC_AN_HOUR || to_all >= AUTOMATIC_A_MINUTE)
    }

    /// Who is at the other end; `None` for a chat.
    pub(in crate::store) async fn correspondent(
        tx: &mut engine::Tx,
        conversation: Uuid,
        now: Timestamp,
    ) -> Result<Option<Correspondent>> {
        let Some(row) = to(tx, conversation).await? else { return Ok(None) };
        let exhausted = match &row.address {
            Some(address) => exhausted(tx, &address_key(address), now).await?,
            None => false,
        };
        Ok(Some(Correspondent { channel: row.channel, subject: row.subject, exhausted }))
    }

    /// Writes down that this message goes out by mail, when it is one of a correspondence with somebody who can be written to.
    pub(in crate::store) async fn write(tx: &mut engine::Tx, conversation: Uuid, message: &Message, now: Timestamp) -> Result<()> {
        let Some(address) = to(tx, conversation).await?.and_then(|row| row.address) else { return Ok(()) };
        let (recipient, automatic) = (address_key(&address), message.author != Author::Agent);
        let kept_back = automatic && exhausted(tx, &recipient, now).await?;
        let id = Uuid::new_v5(&conversation, format!("mail/{}", message.seq).as_bytes());
        sqlx::query(
            "INSERT INTO reply_mail (id, conversation_id, seq, recipient, automatic, created_at, failure) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id)
        .bind(conversation)
        .bind(message.seq)
        .bind(recipient)
        .bind(automatic)
        .bind(now)
        .bind(kept_back.then_some(OVER_LIMIT))
        .execute(&mut **tx)
        .await?;
        if !kept_back {
            let job = NewJob {
                id,
                kind: SEND_REPLY,
                payload: json!(SendReply { mail: id }),
                priority: Priority::Normal,
                run_at: now,
                unique_key: Some(format!("{SEND_REPLY}/{id}")),
                max_attempts: ATTEMPTS,
            };
            tx.enqueue(&job, now).await?;
        }
        Ok(())
    }

    pub(in crate::store) async fn outgoing(db: &engine::Db, mail: Uuid) -> Result<Option<Outgoing>> {
        let pool = db.read_fresh();
        let row: Option<OutgoingRow> = sqlx::query_as(
            "SELECT r.id, r.conversation_id, r.seq, r.sent_at, r.failure, c.address, c.subject, m.author, s.name AS agent_name, m.text, \
             m.citations FROM reply_mail r JOIN correspondence c ON c.conversation_id = r.conversation_id \
             JOIN message m ON m.conversation_id = r.conversation_id AND m.seq = r.seq LEFT JOIN staff s ON s.id = m.agent_id \
             WHERE r.id = $1 AND c.address IS NOT NULL",
        )
        .bind(mail)
        .fetch_optional(pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let before: Vec<BeforeRow> = sqlx::query_as(
            "SELECT message_id, mail FROM (\
             SELECT seq, message_id, NULL AS mail FROM letter WHERE conversation_id = $1 AND seq < $2 AND message_id IS NOT NULL \
             UNION ALL SELECT seq, NULL AS message_id, id AS mail FROM reply_mail WHERE conversation_id = $1 AND seq < $2 \
             AND sent_at IS NOT NULL) AS thread ORDER BY seq DESC LIMIT $3",
        )
        .bind(row.conversation_id)
        .bind(row.seq)
        .bind(MOST_BEFORE)
        .fetch_all(pool)
        .await?;
        Ok(Some(Outgoing {
            id: row.id,
            conversation: row.conversation_id.into(),
            sent_at: row.sent_at,
            failure: row.failure,
            address: row.address,
            subject: row.subject,
            author: row.author.parse().map_err(DbError::unreadable)?,
            agent_name: row.agent_name,
            text: row.text,
            citations: row.citations.0,
            before: before.into_iter().rev().filter_map(BeforeRow::read).collect(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_mails_are_known_by_their_ids() {
        let id = Uuid::from_u128(7);
        assert_eq!(ours(&format!("<{id}@northlight.example>")), Some(id));
        assert_eq!(ours(&format!("{id}@elsewhere.example")), Some(id));
        for other in ["", "<CAF@mail.example>", "7@x"] {
            assert_eq!(ours(other), None, "{other}");
        }
    }
}
