//! A conversation whose row is locked by the running transaction, and the ways it may change.

use std::fmt;

use porter_actions::IdentityToken;
use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::{DeskError, Result};
use crate::domain::{Conversation, Holder, Identity, StaffId, Subject, Turn};

/// An [`IdentityToken`] as its column has it. It does not print itself.
#[derive(Clone, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub(super) struct StoredToken(String);

impl StoredToken {
    /// The token, if the column holds one: what was stored was one.
    pub(super) fn token(&self) -> Option<IdentityToken> {
        IdentityToken::parse(&self.0)
    }
}

impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredToken(…)")
    }
}

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
    pub(super) learner_id: Option<Uuid>,
    pub(super) learner_name: Option<String>,
    pub(super) identity_token: Option<StoredToken>,
    pub(super) identity_until: Option<Timestamp>,
    /// Set while the bot's newest answer is a sign-in card: where `answered_seq` stood before it.
    pub(super) resume_seq: Option<i64>,
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
            learner_id: None,
            learner_name: None,
            identity_token: None,
            identity_until: None,
            resume_seq: None,
            created_at: now,
            updated_at: now,
        }
    }

    /// A conversation that begins with the student's first message.
    pub(super) fn begin_empty(id: Uuid, now: Timestamp) -> Self {
        Self { last_seq: 0, answered_seq: 0, ..Self::begin(id, now) }
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
        self.resume_seq = None;
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
    /// `sign_in`: the answer asks to sign in, and is to be given anew once somebody has.
    pub(super) fn answered(&mut self, seq: i64, sign_in: bool, next_asked_at: Option<Timestamp>) {
        self.resume_seq = sign_in.then_some(self.answered_seq);
        self.answered_seq = self.answered_seq.max(seq);
        self.asked_at = next_asked_at;
        self.free_lease();
    }

    /// Keeps who is behind the conversation. A turn that was taken while nobody was known is void: it would be answered as for a stranger.
    /// Refused when the conversation is somebody else's.
    pub(super) fn bind(&mut self, identity: &Identity) -> Result<()> {
        let subject = &identity.subject;
        match self.learner_id {
            Some(learner) if learner != subject.learner => return Err(DeskError::SomebodyElses),
            Some(_) => {}
            None => self.free_lease(),
        }
        self.learner_id = Some(subject.learner);
        self.learner_name = Some(porter_kernel::db::storable(&subject.name).into_owned());
        self.identity_token = Some(StoredToken(identity.token.reveal().to_owned()));
        self.identity_until = Some(identity.until);
        Ok(())
    }

    /// Goes back to before the sign-in card, if that is what the bot said last: from which `seq` on the turn is to be answered again.
    pub(super) fn resume(&mut self) -> Option<i64> {
        let seq = self.resume_seq.take().filter(|_| self.holder == Holder::Bot)?;
        self.answered_seq = seq;
        self.free_lease();
        Some(seq)
    }

    /// Whose conversation it is.
    pub(super) fn subject(&self) -> Option<Subject> {
        Some(Subject { learner: self.learner_id?, name: self.learner_name.clone().unwrap_or_default() })
    }

    fn free_lease(&mut self) {
        self.lease_owner = None;
        self.lease_until = None;
    }
}

impl From<Held> for Conversation {
    fn from(held: Held) -> Self {
        Self {
            subject: held.subject(),
            identity: held.identity_token.as_ref().and_then(StoredToken::token),
            identity_until: held.identity_until,
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
