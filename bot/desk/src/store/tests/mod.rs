//! One conformance suite, run on both engines; the schemas compared; random histories.

mod agents;
mod conversations;
mod evals;
mod handoffs;
mod letters;
mod properties;
mod queue;
mod races;
mod staff;
mod turns;
mod visitors;

use std::{sync::Arc, time::Duration};

use porter_actions::{ActionName, Receipt};
use porter_kernel::{
    clock::{Clock as _, ManualClock, Timestamp},
    ids::{Ids as _, SequentialIds, Token},
};
use porter_testkit::{Engine, TestDb};
use uuid::Uuid;

use super::{DeskStore, NewStaff, desk, migrate, open};
use crate::domain::{ConversationId, Message, NewTicket, Role, StaffId, TicketId, TicketPassage, Turn, Urgency};

const LEASE: Duration = Duration::from_secs(60);
const QUEUED: &str = "A person will answer. You are number {place} in the queue.";

/// A fresh desk with everything that a test asks of it.
struct Desk {
    store: Arc<dyn DeskStore>,
    clock: ManualClock,
    ids: SequentialIds,
    db: TestDb,
}

impl Desk {
    async fn open(db: TestDb) -> Self {
        migrate(&db.db).await.unwrap();
        Self { store: open(&db.db), clock: ManualClock::default(), ids: SequentialIds::default(), db }
    }

    /// A second later than the last time it was asked.
    fn tick(&self) -> Timestamp {
        self.clock.advance(Duration::from_secs(1))
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn uuid(&self) -> Uuid {
        self.ids.uuid()
    }

    fn token(&self) -> Token {
        self.ids.token()
    }

    /// A conversation that has its greeting.
    async fn conversation(&self) -> ConversationId {
        let id = ConversationId(self.uuid());
        let token = self.token().hash();
        self.store.create_conversation(id, &token, "Hello!", self.tick()).await.unwrap();
        id
    }

    async fn say(&self, conversation: ConversationId, text: &str) -> Message {
        let added = self.store.add_student_message(conversation, self.uuid(), text, self.tick()).await;
        added.unwrap().message
    }

    async fn messages(&self, conversation: ConversationId) -> Vec<Message> {
        self.store.messages_after(conversation, 0, 10_000).await.unwrap()
    }

    async fn turn(&self) -> Option<Turn> {
        self.store.take_turn(self.uuid(), self.tick(), LEASE).await.unwrap()
    }

    fn ticket(&self, urgency: Urgency) -> NewTicket {
        NewTicket {
            id: TicketId(self.uuid()),
            urgency,
            intent: Some("grade_dispute".to_owned()),
            confidence: Some(0.875),
            reason: "Grades are decided by people.".to_owned(),
            subject: "my exam was marked wrong".to_owned(),
            summary: "The student disagrees with a grade.".to_owned(),
            proposed_reply: Some("We are looking at it.".to_owned()),
            passages: vec![TicketPassage {
                title: "Dispute a grade".to_owned(),
                url: "/help/dispute-grade".to_owned(),
                heading: Some("How".to_owned()),
                text: "Open the quiz.".to_owned(),
                score: 0.1,
            }],
        }
    }

    /// A conversation with one message that waits in the queue.
    async fn queued(&self, urgency: Urgency) -> (ConversationId, TicketId) {
        let conversation = self.conversation().await;
        self.say(conversation, "help").await;
        let ticket = self.ticket(urgency);
        self.store.student_hand_off(conversation, &ticket, QUEUED, self.tick()).await.unwrap();
        (conversation, ticket.id)
    }

    async fn agent(&self, name: &str) -> StaffId {
        let new = NewStaff {
            id: StaffId(self.uuid()),
            email: format!("{name}@Academy.example"),
            name: name.to_owned(),
            role: Role::Agent,
            password_hash: "$argon2id$…".to_owned(),
        };
        self.store.create_staff(&new, self.tick()).await.unwrap().id
    }
}

/// A receipt for something.
fn receipt(title: &str) -> Receipt {
    let done_at = Timestamp::from_micros(1_795_514_400_000_000).unwrap();
    Receipt { id: Uuid::from_u128(9), action: ActionName::RefundStatus, title: title.to_owned(), facts: Vec::new(), done_at }
}

#[test]
fn both_engines_have_the_same_schema() {
    porter_testkit::run(async {
        let (_folder, sqlite) = porter_testkit::sqlite().await;
        let postgres = porter_testkit::postgres_db().await;
        sqlite.migrate("desk", &desk::SQLITE).await.unwrap();
        postgres.migrate("desk", &desk::POSTGRES).await.unwrap();
        porter_testkit::assert_same_schema(&sqlite, &postgres).await;
    });
}

#[test]
fn the_twin_folders_have_the_same_migrations() {
    let names = |migrator: &sqlx::migrate::Migrator| {
        migrator.iter().map(|step| (step.version, step.description.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(names(&desk::SQLITE), names(&desk::POSTGRES));
}

async fn migrations_can_be_applied_again(desk: Desk) {
    let conversation = desk.conversation().await;
    migrate(&desk.db.db).await.unwrap();
    assert_eq!(desk.messages(conversation).await.len(), 1);
}

porter_testkit::both_engines!(Desk::open; migrations_can_be_applied_again);
