//! Who is behind a conversation: bound once, refreshed while the person is there, forgotten when it has run out.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::{Bound, DeskError, Result, Visitors};
use crate::domain::{ConversationId, Holder, Identity};

porter_kernel::for_both_engines! {
    siblings desk, sql;

    #[async_trait]
    impl Visitors for desk::Desk {
        async fn bind(&self, conversation: ConversationId, identity: &Identity, now: Timestamp) -> Result<Bound> {
            let mut tx = self.db.write().await?;
            let mut held = sql::lock(&mut tx, conversation, now).await?;
            held.bind(identity)?;
            if let Some(seq) = held.resume() {
                held.asked_at = sql::asked_after(&mut tx, held.id, seq).await?;
            }
            sql::save(&mut tx, &held).await?;
            tx.commit().await?;
            let waits = held.holder == Holder::Bot && held.asked_at.is_some();
            Ok(Bound { conversation: held.into(), waits })
        }

        async fn learner_of(&self, conversation: ConversationId) -> Result<Option<Uuid>> {
            let learner: Option<Option<Uuid>> = sqlx::query_scalar("SELECT learner_id FROM conversation WHERE id = $1")
                .bind(conversation.0)
                .fetch_optional(self.db.read_fresh())
                .await?;
            learner.ok_or(DeskError::NoConversation)
        }

        async fn forget_identities(&self, now: Timestamp) -> Result<u64> {
            let mut tx = self.db.write().await?;
            let done = sqlx::query(
                "UPDATE conversation SET identity_token = NULL, identity_until = NULL \
                 WHERE identity_until IS NOT NULL AND identity_until <= $1",
            )
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(done.rows_affected())
        }
    }
}
