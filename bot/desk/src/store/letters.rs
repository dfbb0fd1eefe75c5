//! What comes in by mail or over the API.

use async_trait::async_trait;
use porter_kernel::{
    clock::Timestamp,
    db::{DbError, storable},
    ids::TokenHash,
    jobs::{Job, JobError, JobTx as _},
};
use uuid::Uuid;

use super::{
    Letters, Result,
    held::Held,
    letter_rows::{CorrespondenceRow, LetterRow, ReplyRow, storable_files},
    replies::{address_key, ours},
    rows::NewMessage,
};
use crate::domain::{
    Author, ConversationId, Correspondence, Letter, NewLetter, Outgoing, Progress, Received, ReplyState, TicketId,
};

porter_kernel::for_both_engines! {
    siblings desk, replies, sql;

    async fn received_before<'e, X>(executor: X, key: &str) -> Result<Option<Received>>
    where
        X: sqlx::Executor<'e, Database = engine::Engine>,
    {
        let row: Option<(Uuid, i64)> = sqlx::query_as("SELECT conversation_id, seq FROM letter WHERE letter_key = $1")
            .bind(storable(key))
            .fetch_optional(executor)
            .await?;
        Ok(row.map(|(conversation, seq)| Received { conversation: conversation.into(), seq, duplicate: true }))
    }

    /// The conversation that the letter goes on with. Whoever names one of our mails has had it; one's own mails can be named by anybody who has
    /// seen their ids, so these count from the same address alone.
    async fn thread(tx: &mut engine::Tx, letter: &NewLetter) -> Result<Option<ConversationId>> {
        for answered in &letter.answers {
            let found: Option<Uuid> = sqlx::query_scalar(
                "SELECT conversation_id FROM reply_mail WHERE id = $1 \
                 UNION ALL SELECT conversation_id FROM letter WHERE message_id = $2 AND sender = $3 LIMIT 1",
            )
            .bind(ours(answered))
            .bind(storable(answered))
            .bind(letter.address.as_deref().map(address_key))
            .fetch_optional(&mut **tx)
            .await?;
            if let Some(id) = found {
                return Ok(Some(id.into()));
            }
        }
        Ok(None)
    }

    /// A conversation of its own.
    async fn begin(
        tx: &mut engine::Tx,
        letter: &NewLetter,
        id: ConversationId,
        token_hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Held> {
        let held = Held::begin_empty(id.0, now);
        sql::insert_conversation(tx, &held, token_hash, now).await?;
        sqlx::query(
            "INSERT INTO correspondence (conversation_id, channel, address, name, subject, language) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(held.id)
        .bind(letter.channel.as_str())
        .bind(letter.address.as_deref().map(storable))
        .bind(storable(&letter.name))
        .bind(storable(&letter.subject))
        .bind(letter.language.as_deref().map(storable))
        .execute(&mut **tx)
        .await?;
        Ok(held)
    }

    /// `false` when it has come meanwhile.
    async fn insert(tx: &mut engine::Tx, letter: &NewLetter, held: &Held, seq: i64, now: Timestamp) -> Result<bool> {
        let done = sqlx::query(
            "INSERT INTO letter (letter_key, conversation_id, seq, message_id, sender, subject, rest, files, received_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (letter_key) DO NOTHING",
        )
        .bind(storable(&letter.key))
        .bind(held.id)
        .bind(seq)
        .bind(letter.message_id.as_deref().map(storable))
        .bind(letter.address.as_deref().map(address_key))
        .bind(storable(&letter.subject))
        .bind(storable(&letter.rest))
        .bind(storable_files(&letter.files))
        .bind(now)
        .execute(&mut **tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    #[async_trait]
    impl Letters for desk::Desk {
        async fn receive(
            &self,
            letter: &NewLetter,
            id: ConversationId,
            token_hash: &TokenHash,
            now: Timestamp,
        ) -> Result<Received> {
            if let Some(before) = received_before(self.db.read_fresh(), &letter.key).await? {
                return Ok(before);
            }
            let mut tx = self.db.write().await?;
            let mut held = match thread(&mut tx, letter).await? {
                Some(known) => sql::lock(&mut tx, known, now).await?,
                None => begin(&mut tx, letter, id, token_hash, now).await?,
            };
            let seq = held.student_writes(now);
            sql::save(&mut tx, &held).await?;
            sql::insert_message(&mut tx, held.id, seq, NewMessage::plain(Author::Student, &letter.text), now).await?;
            if !insert(&mut tx, letter, &held, seq, now).await? {
                tx.rollback().await?;
                let before = received_before(self.db.read_fresh(), &letter.key).await?;
                // It was there a moment ago; should it have been removed since, the sender tries again.
                return before.ok_or_else(|| DbError::Unavailable(sqlx::Error::RowNotFound).into());
            }
            tx.commit().await?;
            Ok(Received { conversation: held.id.into(), seq, duplicate: false })
        }

        async fn letters_since(&self, address: &str, since: Timestamp) -> Result<i64> {
            Ok(sqlx::query_scalar("SELECT COUNT(*) FROM letter WHERE sender = $1 AND received_at > $2")
                .bind(address_key(address))
                .bind(since)
                .fetch_one(self.db.read_fresh())
                .await?)
        }

        async fn correspondence(&self, conversation: ConversationId) -> Result<Option<Correspondence>> {
            let pool = self.db.read_fresh();
            let row: Option<CorrespondenceRow> =
                sqlx::query_as("SELECT channel, address, name, subject, language FROM correspondence WHERE conversation_id = $1")
                    .bind(conversation.0)
                    .fetch_optional(pool)
                    .await?;
            let Some(row) = row else { return Ok(None) };
            let letters: Vec<LetterRow> =
                sqlx::query_as("SELECT seq, sender, subject, rest, files FROM letter WHERE conversation_id = $1 ORDER BY seq")
                    .bind(conversation.0)
                    .fetch_all(pool)
                    .await?;
            let replies: Vec<ReplyRow> =
                sqlx::query_as("SELECT seq, sent_at, failure FROM reply_mail WHERE conversation_id = $1 ORDER BY seq")
                    .bind(conversation.0)
                    .fetch_all(pool)
                    .await?;
            let own = row.address.as_deref().map(address_key);
            let letters = letters.into_iter().map(|letter| Letter {
                seq: letter.seq,
                other_sender: letter.sender.filter(|sender| own.as_ref() != Some(sender)),
                subject: letter.subject,
                rest: letter.rest,
                files: letter.files.0,
            });
            let replies =
                replies.into_iter().map(|reply| ReplyState { seq: reply.seq, sent_at: reply.sent_at, failure: reply.failure });
            Ok(Some(Correspondence {
                channel: row.channel,
                name: row.name,
                subject: row.subject,
                language: row.language,
                letters: letters.collect(),
                replies: replies.collect(),
                address: row.address,
            }))
        }

        async fn progress(&self, conversation: ConversationId) -> Result<Option<Progress>> {
            let pool = self.db.read_fresh();
            let asked_at: Option<Option<Timestamp>> = sqlx::query_scalar(
                "SELECT c.asked_at FROM correspondence k JOIN conversation c ON c.id = k.conversation_id WHERE c.id = $1",
            )
            .bind(conversation.0)
            .fetch_optional(pool)
            .await?;
            let Some(asked_at) = asked_at else { return Ok(None) };
            let answer = sqlx::query_scalar(
                "SELECT text FROM message WHERE conversation_id = $1 AND author IN ('bot', 'agent') ORDER BY seq DESC LIMIT 1",
            )
            .bind(conversation.0)
            .fetch_optional(pool)
            .await?;
            let ticket: Option<(Uuid, i64)> =
                sqlx::query_as("SELECT id, number FROM ticket WHERE conversation_id = $1 ORDER BY number DESC LIMIT 1")
                    .bind(conversation.0)
                    .fetch_optional(pool)
                    .await?;
            Ok(Some(Progress { waits: asked_at.is_some(), answer, ticket: ticket.map(|(id, number)| (TicketId(id), number)) }))
        }

        async fn outgoing(&self, mail: Uuid) -> Result<Option<Outgoing>> {
            replies::outgoing(&self.db, mail).await
        }

        async fn reply_sent(&self, job: &Job, mail: Uuid, now: Timestamp) -> std::result::Result<(), JobError> {
            let mut tx = self.db.write().await?;
            tx.finish(job, now).await?;
            sqlx::query("UPDATE reply_mail SET sent_at = $2, failure = NULL WHERE id = $1 AND sent_at IS NULL")
                .bind(mail)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn reply_failed(&self, mail: Uuid, why: &str) -> Result<bool> {
            let mut tx = self.db.write().await?;
            let done = sqlx::query("UPDATE reply_mail SET failure = $2 WHERE id = $1")
                .bind(mail)
                .bind(storable(why))
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(done.rows_affected() == 1)
        }
    }
}
