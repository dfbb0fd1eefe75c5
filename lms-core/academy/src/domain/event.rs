//! What happened, as it is told to the rest of the world: analytics, the support desk, whoever subscribes.
//!
//! The schema is a promise. A kind keeps its name and its fields for ever; a field may be added when it is optional. Anything else is a new kind or a
//! new [`VERSION`] beside the old one. Events hold ids, amounts and closed words: no names, no addresses, no text that a person wrote.

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

use super::{AccountId, CertificateId, CourseId, LessonId, Money, OrderId};

/// Of the schema as a whole; stored with every event.
pub const VERSION: i64 = 1;

const NAMESPACE: Uuid = uuid!("5a1f0d54-6f0e-4d1f-8a83-0f8f3d2f6c10");

/// Something that happened to somebody, stored in the transaction that made it so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    // Accounts.
    AccountCreated {
        account: AccountId,
    },
    EmailVerified {
        account: AccountId,
    },
    EmailChanged {
        account: AccountId,
    },
    PasswordChanged {
        account: AccountId,
    },
    TwoFactorEnabled {
        account: AccountId,
    },
    TwoFactorDisabled {
        account: AccountId,
    },
    AccountDeleted {
        account: AccountId,
    },
    SignedIn {
        account: AccountId,
    },
    // Learning.
    Enrolled {
        account: AccountId,
        course: CourseId,
        order: Option<OrderId>,
    },
    EnrolmentClosed {
        account: AccountId,
        course: CourseId,
    },
    /// The furthest that was reached, in percent, and where to go on, in seconds (a video) or per mille of the page (a text).
    LessonProgressed {
        account: AccountId,
        course: CourseId,
        lesson: LessonId,
        percent: i64,
        position: i64,
    },
    LessonCompleted {
        account: AccountId,
        course: CourseId,
        lesson: LessonId,
    },
    ModuleCompleted {
        account: AccountId,
        course: CourseId,
        module: Uuid,
    },
    CourseCompleted {
        account: AccountId,
        course: CourseId,
    },
    // Quizzes and assignments.
    AttemptStarted {
        account: AccountId,
        lesson: LessonId,
        attempt: Uuid,
    },
    AttemptGraded {
        account: AccountId,
        lesson: LessonId,
        attempt: Uuid,
        percent: i64,
    },
    AssignmentSubmitted {
        account: AccountId,
        assignment: Uuid,
        submission: Uuid,
        late: bool,
    },
    AssignmentGraded {
        account: AccountId,
        assignment: Uuid,
        submission: Uuid,
        percent: i64,
    },
    // Money.
    OrderPlaced {
        account: AccountId,
        order: OrderId,
        total: Money,
    },
    OrderPaid {
        account: AccountId,
        order: OrderId,
        total: Money,
    },
    OrderFailed {
        account: AccountId,
        order: OrderId,
    },
    RefundRequested {
        account: AccountId,
        order: OrderId,
        refund: Uuid,
        amount: Money,
    },
    RefundDecided {
        account: AccountId,
        order: OrderId,
        refund: Uuid,
        approved: bool,
    },
    RefundSettled {
        account: AccountId,
        order: OrderId,
        refund: Uuid,
        amount: Money,
    },
    // Certificates.
    CertificateIssued {
        account: AccountId,
        course: CourseId,
        certificate: CertificateId,
    },
    CertificateRevoked {
        account: AccountId,
        certificate: CertificateId,
    },
    // Mail.
    AnnouncementPublished {
        course: CourseId,
        announcement: Uuid,
        recipients: i64,
    },
    MailBounced {
        account: AccountId,
    },
    Unsubscribed {
        account: AccountId,
    },
}

impl Event {
    /// Whose it is.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::AnnouncementPublished { .. } => None,
            Self::AccountCreated { account }
            | Self::EmailVerified { account }
            | Self::EmailChanged { account }
            | Self::PasswordChanged { account }
            | Self::TwoFactorEnabled { account }
            | Self::TwoFactorDisabled { account }
            | Self::AccountDeleted { account }
            | Self::SignedIn { account }
            | Self::Enrolled { account, .. }
            | Self::EnrolmentClosed { account, .. }
            | Self::LessonProgressed { account, .. }
            | Self::LessonCompleted { account, .. }
            | Self::ModuleCompleted { account, .. }
            | Self::CourseCompleted { account, .. }
            | Self::AttemptStarted { account, .. }
            | Self::AttemptGraded { account, .. }
            | Self::AssignmentSubmitted { account, .. }
            | Self::AssignmentGraded { account, .. }
            | Self::OrderPlaced { account, .. }
            | Self::OrderPaid { account, .. }
            | Self::OrderFailed { account, .. }
            | Self::RefundRequested { account, .. }
            | Self::RefundDecided { account, .. }
            | Self::RefundSettled { account, .. }
            | Self::CertificateIssued { account, .. }
            | Self::CertificateRevoked { account, .. }
            | Self::MailBounced { account }
            | Self::Unsubscribed { account } => Some(*account),
        }
    }

    /// The same event at the same moment has the same id, so that it is stored once.
    #[must_use]
    pub fn id(&self, at: Timestamp) -> Uuid {
        // A tree of ids, numbers and words always becomes JSON.
        let json = serde_json::to_string(self).unwrap_or_default();
        Uuid::new_v5(&NAMESPACE, format!("{}:{json}", at.micros()).as_bytes())
    }
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedEvent {
    /// From 1, without gaps: who has read up to `seq` misses nothing by asking for what comes after.
    pub seq: i64,
    pub id: Uuid,
    pub version: i64,
    pub occurred_at: Timestamp,
    #[serde(flatten)]
    pub event: Event,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind with its fields and their types, a line each, as it is written above.
    fn kinds() -> Vec<String> {
        let source = include_str!("event.rs");
        let body = source.split("pub enum Event {").nth(1).unwrap().split("\n}\n").next().unwrap();
        let words: String = body.lines().map(str::trim).filter(|line| !line.starts_with("//")).collect::<Vec<_>>().join(" ");
        let variants = words.split('}').filter_map(|variant| variant.split_once('{'));
        variants
            .map(|(name, fields)| {
                let mut kind = String::new();
                for letter in name.trim().trim_start_matches(',').trim().chars() {
                    if letter.is_ascii_uppercase() && !kind.is_empty() {
                        kind.push('_');
                    }
                    kind.push(letter.to_ascii_lowercase());
                }
                format!("{kind}: {}", fields.trim().trim_end_matches(','))
            })
            .collect()
    }

    #[test]
    fn the_schema_is_what_was_promised() {
        let promised: Vec<&str> = include_str!("event_schema.txt").lines().collect();
        let kinds = kinds();
        assert!(kinds.len() > 20, "{kinds:?}");
        let new: Vec<_> = kinds.iter().filter(|kind| !promised.contains(&kind.as_str())).collect();
        let gone: Vec<_> = promised.iter().filter(|kind| !kinds.contains(&(**kind).to_owned())).collect();
        assert!(
            gone.is_empty(),
            "a kind keeps its name and fields for ever; an optional field may be added to its line: {gone:#?}, now {new:#?}"
        );
        assert!(new.is_empty(), "add to event_schema.txt: {new:#?}");
    }

    #[test]
    fn an_event_is_flat_json_with_its_kind() {
        let account = AccountId(Uuid::from_u128(1));
        let event =
            Event::RefundDecided { account, order: OrderId(Uuid::from_u128(2)), refund: Uuid::from_u128(3), approved: true };
        let text = r#"{"kind":"refund_decided","account":"00000000-0000-0000-0000-000000000001","order":"00000000-0000-0000-0000-000000000002","refund":"00000000-0000-0000-0000-000000000003","approved":true}"#;
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
        assert_eq!(serde_json::from_str::<Event>(text).unwrap(), event);
    }
}
