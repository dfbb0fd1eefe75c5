//! Rows as both engines give them, and what is written into them.

use std::borrow::Cow;

use porter_kernel::{
    clock::Timestamp,
    db::{DbError, storable},
};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Credentials, DeskError, Result};
use crate::domain::{
    Assignee, Assured, Author, Card, Channel, Citation, Message, Role, StaffId, StaffMember, TicketDetail, TicketPassage,
    TicketRow, TicketStatus, UnknownWord, Urgency,
};

#[derive(Debug, sqlx::FromRow)]
pub(super) struct MessageRow {
    seq: i64,
    #[sqlx(try_from = "String")]
    author: Author,
    agent_name: Option<String>,
    text: String,
    citations: Json<Vec<Citation>>,
    offer_person: bool,
    card: Option<Json<Card>>,
    client_id: Option<Uuid>,
    created_at: Timestamp,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        Self {
            seq: row.seq,
            author: row.author,
            agent_name: row.agent_name,
            text: row.text,
            citations: row.citations.0,
            offer_person: row.offer_person,
            card: row.card.map(|card| card.0),
            client_id: row.client_id,
            created_at: row.created_at,
        }
    }
}

/// A message to write.
#[derive(Debug)]
pub(super) struct NewMessage<'a> {
    pub(super) author: Author,
    pub(super) agent: Option<&'a StaffMember>,
    pub(super) text: Cow<'a, str>,
    pub(super) citations: Json<Vec<Citation>>,
    pub(super) offer_person: bool,
    pub(super) card: Option<Json<Card>>,
    pub(super) client_id: Option<Uuid>,
    pub(super) trace: Option<Json<Value>>,
}

impl<'a> NewMessage<'a> {
    /// A message of nothing but text.
    pub(super) fn plain(author: Author, text: &'a str) -> Self {
        Self {
            author,
            agent: None,
            text: storable(text),
            citations: Json(Vec::new()),
            offer_person: false,
            card: None,
            client_id: None,
            trace: None,
        }
    }

    /// The message as it is read back.
    pub(super) fn into_message(self, seq: i64, now: Timestamp) -> Message {
        Message {
            seq,
            author: self.author,
            agent_name: self.agent.map(|agent| agent.name.clone()),
            text: self.text.into_owned(),
            citations: self.citations.0,
            offer_person: self.offer_person,
            card: self.card.map(|card| card.0),
            client_id: self.client_id,
            created_at: now,
        }
    }
}

/// Citations that both engines store alike.
pub(super) fn storable_citations(citations: &[Citation]) -> Json<Vec<Citation>> {
    let clean = citations
        .iter()
        .map(|citation| Citation { title: storable(&citation.title).into_owned(), url: storable(&citation.url).into_owned() });
    Json(clean.collect())
}

/// Passages that both engines store alike. JSON knows no score that is not a number.
pub(super) fn storable_passages(passages: &[TicketPassage]) -> Json<Vec<TicketPassage>> {
    let clean = passages.iter().map(|passage| TicketPassage {
        title: storable(&passage.title).into_owned(),
        url: storable(&passage.url).into_owned(),
        heading: passage.heading.as_deref().map(|heading| storable(heading).into_owned()),
        text: storable(&passage.text).into_owned(),
        score: if passage.score.is_finite() { passage.score } else { 0.0 },
    });
    Json(clean.collect())
}

/// A card that both engines store alike: its texts come from the LMS.
pub(super) fn storable_card(card: &Card) -> Result<Json<Card>> {
    let unreadable = |error: serde_json::Error| DeskError::Db(DbError::unreadable(error));
    let clean = storable_json(&serde_json::to_value(card).map_err(unreadable)?);
    serde_json::from_value(clean.0).map(Json).map_err(unreadable)
}

/// JSON that both engines store alike.
pub(super) fn storable_json(value: &Value) -> Json<Value> {
    fn clean(value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(storable(text).into_owned()),
            Value::Array(items) => items.iter().map(clean).collect(),
            Value::Object(fields) => fields.iter().map(|(name, value)| (storable(name).into_owned(), clean(value))).collect(),
            other => other.clone(),
        }
    }
    Json(clean(value))
}

/// What the queue is ordered by; higher goes first.
pub(super) fn rank(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::High => 2,
        Urgency::Critical => 3,
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct TicketRecord {
    id: Uuid,
    number: i64,
    conversation_id: Uuid,
    #[sqlx(try_from = "String")]
    status: TicketStatus,
    urgency: String,
    intent: Option<String>,
    confidence: Option<f64>,
    reason: String,
    subject: String,
    summary: String,
    proposed_reply: Option<String>,
    passages: Json<Vec<TicketPassage>>,
    created_at: Timestamp,
    assignee: Option<Uuid>,
    assignee_name: Option<String>,
    learner_name: Option<String>,
    channel: Option<String>,
}

impl TryFrom<TicketRecord> for TicketDetail {
    type Error = DeskError;

    /// Without the messages.
    fn try_from(record: TicketRecord) -> Result<Self> {
        let Ok(urgency) = record.urgency.parse() else {
            return Err(unknown("urgency", record.urgency));
        };
        let channel = match record.channel {
            None => Channel::Chat,
            Some(word) => word.parse().map_err(DbError::unreadable)?,
        };
        let assignee = record.assignee.zip(record.assignee_name);
        Ok(Self {
            row: TicketRow {
                id: record.id.into(),
                number: record.number,
                subject: record.subject,
                intent: record.intent,
                confidence: record.confidence,
                urgency,
                status: record.status,
                channel,
                reason: record.reason,
                created_at: record.created_at,
                assignee: assignee.map(|(id, name)| Assignee { id: StaffId(id), name }),
            },
            conversation_id: record.conversation_id.into(),
            student: record.learner_name.map(|name| Assured { name, verified: true }),
            summary: record.summary,
            passages: record.passages.0,
            proposed_reply: record.proposed_reply,
            messages: Vec::new(),
        })
    }
}

fn unknown(set: &'static str, word: String) -> DeskError {
    DeskError::Db(DbError::unreadable(UnknownWord { set, word }))
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct StaffRow {
    id: Uuid,
    email: String,
    name: String,
    #[sqlx(try_from = "String")]
    role: Role,
    password_hash: String,
}

impl From<StaffRow> for StaffMember {
    fn from(row: StaffRow) -> Self {
        Self { id: row.id.into(), email: row.email, name: row.name, role: row.role }
    }
}

impl From<StaffRow> for Credentials {
    fn from(mut row: StaffRow) -> Self {
        let password_hash = std::mem::take(&mut row.password_hash);
        Self { member: row.into(), password_hash }
    }
}
