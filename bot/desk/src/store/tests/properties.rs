//! Random histories: whatever students, bot workers and agents do in whatever order, some things
//! never happen.

use porter_kernel::{db::Database, ids::TokenHash};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use super::*;
use crate::domain::{Author, BotReply, Card, Conversation, Holder};

/// Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Step {
    Say(usize),
    SayAgain(usize),
    TakeTurn(usize),
    Reply(usize),
    AskToSignIn(usize),
    Bind(usize, usize),
    BotHandOff(usize),
    StudentHandOff(usize),
    Claim(usize, usize),
    Release(usize, usize),
    Resolve(usize, usize),
    AgentReply(usize, usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let any = 0..12_usize;
    let pair = (any.clone(), 0..2_usize);
    prop_oneof![
        4 => any.clone().prop_map(Step::Say),
        1 => any.clone().prop_map(Step::SayAgain),
        4 => any.clone().prop_map(Step::TakeTurn),
        4 => any.clone().prop_map(Step::Reply),
        2 => any.clone().prop_map(Step::AskToSignIn),
        2 => pair.clone().prop_map(|(conversation, learner)| Step::Bind(conversation, learner)),
        2 => any.clone().prop_map(Step::BotHandOff),
        1 => any.prop_map(Step::StudentHandOff),
        3 => pair.clone().prop_map(|(ticket, agent)| Step::Claim(ticket, agent)),
        1 => pair.clone().prop_map(|(ticket, agent)| Step::Release(ticket, agent)),
        2 => pair.clone().prop_map(|(ticket, agent)| Step::Resolve(ticket, agent)),
        2 => pair.prop_map(|(ticket, agent)| Step::AgentReply(ticket, agent)),
        1 => (1..90_u64).prop_map(Step::Wait),
    ]
}

struct World {
    desk: Desk,
    conversations: Vec<(ConversationId, TokenHash)>,
    agents: Vec<StaffId>,
    workers: Vec<Uuid>,
    turns: Vec<Turn>,
    tickets: Vec<TicketId>,
    last_client: Option<Uuid>,
}

fn pick<T: Clone>(items: &[T], number: usize) -> Option<T> {
    items.get(number.checked_rem(items.len())?).cloned()
}

impl World {
    async fn new() -> Self {
        let desk = Desk::open(porter_testkit::databases(Engine::Sqlite).await).await;
        let mut conversations = Vec::new();
        for _ in 0..2 {
            let (id, token) = (ConversationId(desk.uuid()), desk.token().hash());
            desk.store.create_conversation(id, &token, "Hello!", desk.tick()).await.unwrap();
            conversations.push((id, token));
        }
        let agents = vec![desk.agent("Mina").await, desk.agent("Jonas").await];
        let workers = vec![desk.uuid(), desk.uuid()];
        Self { desk, conversations, agents, workers, turns: vec![], tickets: vec![], last_client: None }
    }

    /// Does one step. A refusal is as good as a success: what counts is what is stored after it.
    async fn take(&mut self, step: &Step) -> Option<()> {
        let (store, now) = (self.desk.store.clone(), self.desk.tick());
        let conversation = |number| pick(&self.conversations, number).map(|(id, _)| id);
        match *step {
            Step::Say(number) => {
                let client = self.desk.uuid();
                let _ = store.add_student_message(conversation(number)?, client, "hi", now).await;
                self.last_client = Some(client);
            }
            Step::SayAgain(number) => {
                let _ = store.add_student_message(conversation(number)?, self.last_client?, "hi", now).await;
            }
            Step::TakeTurn(number) => {
                let owner = pick(&self.workers, number)?;
                self.turns.extend(store.take_turn(owner, now, LEASE).await.unwrap());
            }
            Step::Reply(number) => {
                let reply = BotReply { text: "So.".to_owned(), ..BotReply::default() };
                let _ = store.bot_reply(&pick(&self.turns, number)?, &reply, now).await;
            }
            Step::AskToSignIn(number) => {
                let reply = BotReply { text: "Sign in.".to_owned(), card: Some(Card::SignIn), ..BotReply::default() };
                let _ = store.bot_reply(&pick(&self.turns, number)?, &reply, now).await;
            }
            Step::Bind(number, learner) => {
                let identity = visitors::identity(Uuid::from_u128(learner as u128), "token", now + LEASE);
                let _ = store.bind(conversation(number)?, &identity, now).await;
            }
            Step::BotHandOff(number) => {
                let ticket = self.desk.ticket(Urgency::Normal);
                let handed = store.bot_hand_off(&pick(&self.turns, number)?, None, &ticket, QUEUED, now).await;
                self.tickets.extend(handed.ok().filter(|handed| handed.message.is_some()).map(|_| ticket.id));
            }
            Step::StudentHandOff(number) => {
                let ticket = self.desk.ticket(Urgency::High);
                let handed = store.student_hand_off(conversation(number)?, &ticket, QUEUED, now).await.unwrap();
                self.tickets.extend(handed.message.map(|_| ticket.id));
            }
            Step::Claim(ticket, agent) => {
                let _ = store.claim(pick(&self.tickets, ticket)?, self.agents[agent], now).await;
            }
            Step::Release(ticket, agent) => {
                let _ = store.release(pick(&self.tickets, ticket)?, self.agents[agent], now).await;
            }
            Step::Resolve(ticket, agent) => {
                let _ = store.resolve(pick(&self.tickets, ticket)?, self.agents[agent], now).await;
            }
            Step::AgentReply(ticket, agent) => {
                let (ticket, agent) = (pick(&self.tickets, ticket)?, self.agents[agent]);
                let _ = store.agent_reply(ticket, agent, self.desk.uuid(), "I am here.", now).await;
            }
            Step::Wait(seconds) => {
                self.desk.clock.advance(Duration::from_secs(seconds));
            }
        }
        Some(())
    }

    async fn look(&self) -> Vec<(Conversation, Vec<Message>)> {
        let mut found = Vec::new();
        for (id, token) in &self.conversations {
            let conversation = self.desk.store.conversation_by_token(*id, token).await.unwrap().unwrap();
            found.push((conversation, self.desk.messages(*id).await));
        }
        found
    }

    /// Open tickets, and whether the conversation waits for the bot.
    async fn look_beneath(&self, id: ConversationId) -> (i64, bool) {
        let Database::Sqlite(db) = &self.desk.db.db else { unreachable!("these run on SQLite") };
        sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM ticket WHERE conversation_id = $1 AND status <> 'resolved'), \
             asked_at IS NOT NULL FROM conversation WHERE id = $1",
        )
        .bind(id.0)
        .fetch_one(db.read_fresh())
        .await
        .unwrap()
    }
}

async fn history(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut world = World::new().await;
    let mut before = world.look().await;
    for step in steps {
        world.take(step).await;
        let after = world.look().await;
        for ((was, old), (is, messages)) in before.iter().zip(&after) {
            let seqs: Vec<i64> = messages.iter().map(|message| message.seq).collect();
            prop_assert_eq!(&seqs, &(1..=is.last_seq).collect::<Vec<_>>(), "a gap in seq");
            prop_assert_eq!(&messages[..old.len()], &old[..], "what was said has changed");
            let spoke = messages[old.len()..].iter().any(|message| message.author == Author::Bot);
            prop_assert!(!spoke || was.holder == Holder::Bot, "the bot spoke out of turn");
            prop_assert_eq!(is.epoch > was.epoch, is.holder != was.holder, "epoch and holder");
            if let Some(subject) = &was.subject {
                prop_assert_eq!(
                    Some(subject.learner),
                    is.subject.as_ref().map(|subject| subject.learner),
                    "it became somebody else's"
                );
            }
            prop_assert_eq!(is.agent.is_some(), is.holder == Holder::Agent, "agent and holder");

            let (open, asked) = world.look_beneath(is.id).await;
            let with_a_person = matches!(is.holder, Holder::Queue | Holder::Agent);
            prop_assert_eq!(open, i64::from(with_a_person), "open tickets");
            let waits = messages.iter().any(|m| m.author == Author::Student && m.seq > is.answered_seq);
            prop_assert_eq!(asked, waits && is.holder == Holder::Bot, "a question was forgotten");
        }
        before = after;
    }
    Ok(())
}

#[test]
fn no_history_breaks_the_desk() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let steps = proptest::collection::vec(step(), 1..60);
    TestRunner::new(config).run(&steps, |steps| runtime.block_on(history(&steps))).unwrap_or_else(|error| panic!("{error}"));
}
