//! A conversation whose row is locked by the running transaction, and the ways it may change.

use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::{DeskError, Result};
use crate::domain::{Conversation, Holder, StaffId, Turn};

/// The row of a conversation. While a transaction holds it locked, it is changed here and then
/// saved as a whole.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Held {
    pub(super) id: Uuid,
    #[sqlx(try_from = "String")]
    pub(super) holder: Holder,
    pub(super) agent_id: Option<Uuid>,
    pub(super) epoch: i64,
    pub(super) last_seq: i64,
    pub(super) answered_seq: i64,
    pub(super) asked_at: Option<Timestamp>,
    pub(super) lease_owner: Option<Uuid>,
    pub(super) lease_until: Option<Timestamp>,
    pub(super) clarified: bool,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

impl Held {
    /// A conversation that begins with the bot's greeting.
    pub(super) fn begin(id: Uuid, now: Timestamp) -> Self {
        Self {
            id,
            holder: Holder::Bot,
            agent_id: None,
            epoch: 1,
            last_seq: 1,
            answered_seq: 1,
            asked_at: None,
            lease_owner: None,
            lease_until: None,
            clarified: false,
            created_at: now,
            updated_at: now,
        }
    }

    /// The place of the next message.
    pub(super) fn next_seq(&mut self) -> i64 {
        self.last_seq += 1;
        self.last_seq
    }

    /// Changes who may speak. Every turn taken before is void, and what was said before does not
    /// wait for the bot any more.
    pub(super) fn pass_to(&mut self, holder: Holder, agent: Option<StaffId>) {
        self.holder = holder;
        self.agent_id = agent.map(|agent| agent.0);
        self.epoch += 1;
        self.answered_seq = self.last_seq;
        self.asked_at = None;
        self.free_lease();
    }

    /// The student has written: a closed conversation opens again, and the bot is asked.
    pub(super) fn student_writes(&mut self, now: Timestamp) -> i64 {
        if self.holder == Holder::Closed {
            self.pass_to(Holder::Bot, None);
            self.clarified = false;
        }
        if self.holder == Holder::Bot && self.asked_at.is_none() {
            self.asked_at = Some(now);
        }
        self.next_seq()
    }

    /// Refuses a turn that is void. The lease is told by owner *and* time: a worker may hold the
    /// same conversation twice and must not use the first turn then.
    pub(super) fn check(&self, turn: &Turn) -> Result<()> {
        if self.holder != Holder::Bot || self.epoch != turn.epoch {
            return Err(DeskError::TakenOver);
        }
        if self.lease_owner != Some(turn.owner) || self.lease_until != Some(turn.lease_until) {
            return Err(DeskError::LeaseLost);
        }
        Ok(())
    }

    /// The bot has answered up to `seq`; the oldest later message of the student came `next_asked_at`.
    pub(super) fn answered(&mut self, seq: i64, next_asked_at: Option<Timestamp>) {
        self.answered_seq = self.answered_seq.max(seq);
        self.asked_at = next_asked_at;
        self.free_lease();
    }

    fn free_lease(&mut self) {
        self.lease_owner = None;
        self.lease_until = None;
    }
}

impl From<Held> for Conversation {
    fn from(held: Held) -> Self {
        Self {
            id: held.id.into(),
            holder: held.holder,
            agent: held.agent_id.map(Into::into),
            epoch: held.epoch,
            last_seq: held.last_seq,
            answered_seq: held.answered_seq,
            clarified: held.clarified,
            created_at: held.created_at,
            updated_at: held.updated_at,
        }
    }
}
