//! A desk for tests: SQLite in a folder, an LMS that keeps state and can fail, and a reader of messages that says what a test has it say.

mod letters;
mod lms;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use porter_actions::{ActionName, Actions, Lms, Principal};
use porter_embeddings::{Embedding, EncodeError, Encoder, EncoderService};
use porter_kernel::clock::{Clock as _, ManualClock, Timestamp};
use porter_kernel::http::Secrets;
use porter_kernel::ids::{Ids as _, SequentialIds};
use porter_kernel::shutdown::Shutdown;
use porter_knowledge_base::document::Facts;
use porter_knowledge_base::{Hit, IndexError, KnowledgeBase, Point, Search, VectorIndex};
use porter_testkit::{Engine, TestDb};
use porter_triage::{Assessment, Candidate, Decision, Guards, Intent, Reason, Sentiment, Urgency};
use uuid::Uuid;

use crate::domain::{ConversationId, Identity, Message, StoredEval};
use crate::http::{Desk, DeskParts, DeskSettings, Doors, EvalPage, EvalReports};
use crate::store::DeskStore;
use crate::{Live, RespondError, Turns, Understand, Understood, store};

pub(crate) use letters::{API_KEY, MAIL_SECRET, OWN_ADDRESS, Posted};
pub(crate) use lms::{Effect, FakeLms, Health, finding};

/// How long a token lives.
pub(crate) const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);
pub(crate) const ANNA: Uuid = Uuid::from_u128(0xA);
pub(crate) const BEN: Uuid = Uuid::from_u128(0xB);

/// Says of every message what it was told to say, or fails.
#[derive(Debug, Default)]
pub(crate) struct Reader(Mutex<Option<Understood>>);

impl Reader {
    pub(crate) fn says(&self, understood: Understood) {
        *self.0.lock().unwrap() = Some(understood);
    }

    pub(crate) fn fails(&self) {
        *self.0.lock().unwrap() = None;
    }
}

#[async_trait]
impl Understand for Reader {
    async fn understand(&self, _message: &str) -> Result<Understood, RespondError> {
        self.0.lock().unwrap().clone().ok_or_else(|| EncodeError::Failed("no weights".to_owned()).into())
    }
}

/// A reading without passages.
pub(crate) fn reading(intent: Intent, urgency: Urgency, decision: Decision, action: Option<ActionName>) -> Understood {
    let assessment = Assessment {
        intent,
        confidence: 0.9,
        urgency,
        decision,
        action,
        reason: Reason::Usual,
        guards: Guards::default(),
        sentiment: Sentiment::Neutral,
        candidates: vec![Candidate { intent, probability: 0.9 }],
    };
    Understood { assessment, passages: Vec::new(), extract: None, further: Vec::new() }
}

/// "Do this."
pub(crate) fn wants(action: ActionName) -> Understood {
    let intent = match action {
        ActionName::PasswordReset => Intent::PasswordReset,
        ActionName::CertificateResend => Intent::CertificateResend,
        ActionName::CertificateMissing => Intent::CertificateMissing,
        ActionName::RefundStatus => Intent::RefundStatus,
        ActionName::ChargeQuestion => Intent::ChargeQuestion,
        ActionName::AccessAfterPayment => Intent::AccessAfterPayment,
        ActionName::ProgressMissing => Intent::ProgressMissing,
    };
    reading(intent, Urgency::Normal, Decision::Act, Some(action))
}

#[derive(Debug)]
struct NoEncoder;

impl Encoder for NoEncoder {
    fn fingerprint(&self) -> &str {
        "none"
    }

    fn dimensions(&self) -> usize {
        1
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        Ok(texts.iter().map(|_| vec![1.0]).collect())
    }
}

/// Shows which run it was given, and with what it was compared.
#[derive(Debug)]
struct Plain;

impl EvalReports for Plain {
    fn page(&self, run: &StoredEval, baseline: Option<&StoredEval>) -> Result<EvalPage, String> {
        let words = run.run["words"].as_str().ok_or("no words")?;
        let html = format!("<p>{words} since {}</p>", baseline.map_or("ever", |before| before.run["words"].as_str().unwrap()));
        Ok(EvalPage { html, policy: "default-src 'none'".to_owned() })
    }
}

#[derive(Debug)]
struct NoIndex;

#[async_trait]
impl VectorIndex for NoIndex {
    async fn apply(&self, _remove: Vec<Uuid>, _add: Vec<Point>) -> Result<(), IndexError> {
        Ok(())
    }

    async fn search(&self, _search: Search) -> Result<Vec<Hit>, IndexError> {
        Ok(Vec::new())
    }

    async fn ids(&self) -> Result<Vec<Uuid>, IndexError> {
        Ok(Vec::new())
    }

    async fn settle(&self) -> Result<(), IndexError> {
        Ok(())
    }
}

/// Everything that a test asks of a desk.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) desk: Arc<Desk>,
    pub(crate) turns: Turns,
    pub(crate) store: Arc<dyn DeskStore>,
    pub(crate) actions: Arc<Actions>,
    pub(crate) lms: Arc<FakeLms>,
    pub(crate) reader: Arc<Reader>,
    pub(crate) clock: ManualClock,
    pub(crate) ids: SequentialIds,
    pub(crate) db: TestDb,
}

impl World {
    pub(crate) async fn open() -> Self {
        let db = porter_testkit::databases(Engine::Sqlite).await;
        store::migrate(&db.db).await.unwrap();
        porter_actions::store::migrate(&db.db).await.unwrap();
        porter_knowledge_base::store::migrate(&db.db).await.unwrap();
        let (clock, ids) = (ManualClock::default(), SequentialIds::default());
        let lms = Arc::new(FakeLms::new(clock.clone()));
        let reader = Arc::new(Reader::default());
        let store = store::open(&db.db);
        let runs = porter_actions::store::open(&db.db);
        let actions = Arc::new(Actions::new(Arc::clone(&lms) as Arc<dyn Lms>, runs, Arc::new(clock.clone())));
        let articles = porter_knowledge_base::store::open(&db.db);
        let encoder = EncoderService::start(Box::new(NoEncoder)).unwrap();
        let facts = Facts::from_toml("").unwrap();
        let knowledge = KnowledgeBase::open(articles, Arc::new(NoIndex), encoder, Arc::new(clock.clone()), facts).await.unwrap();
        let live = Arc::new(Live::default());
        let turns = Turns {
            store: Arc::clone(&store),
            understand: Arc::clone(&reader) as Arc<dyn Understand>,
            reword: None,
            actions: Arc::clone(&actions),
            live: Arc::clone(&live),
            academy_url: Some("https://learn.example".to_owned()),
            clock: Arc::new(clock.clone()),
            ids: Arc::new(ids.clone()),
        };
        let desk = Desk::new(DeskParts {
            settings: DeskSettings {
                academy_name: "Northlight".to_owned(),
                support_hours: "Monday to Friday".to_owned(),
                academy_url: None,
                widget_sites: "'self'".to_owned(),
                secure_cookies: false,
                mail_address: OWN_ADDRESS.to_owned(),
            },
            store: Arc::clone(&store),
            understand: Arc::clone(&reader) as Arc<dyn Understand>,
            knowledge: Arc::new(knowledge),
            actions: Arc::clone(&actions),
            live,
            evals: Some(Arc::new(Plain)),
            clock: Arc::new(clock.clone()),
            ids: Arc::new(ids.clone()),
            operator: ids.token().hash(),
            doors: Doors {
                inbound_mail: Secrets::parse(MAIL_SECRET).unwrap(),
                api_key: porter_kernel::ids::Token::hash_text(API_KEY),
            },
            shutdown: Shutdown::default(),
        });
        Self { desk, turns, store, actions, lms, reader, clock, ids, db }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.ids.uuid()
    }

    /// A conversation that has its greeting.
    pub(crate) async fn conversation(&self) -> ConversationId {
        let id = ConversationId(self.uuid());
        let token = self.ids.token().hash();
        self.store.create_conversation(id, &token, "Hello!", self.now()).await.unwrap();
        id
    }

    /// A conversation of somebody who is signed in.
    pub(crate) async fn conversation_of(&self, principal: &Principal) -> ConversationId {
        let id = self.conversation().await;
        self.bind(id, principal).await;
        id
    }

    pub(crate) async fn bind(&self, conversation: ConversationId, principal: &Principal) {
        self.store.bind(conversation, &Identity::from(principal), self.now()).await.unwrap();
    }

    pub(crate) async fn say(&self, conversation: ConversationId, text: &str) -> Message {
        let now = self.clock.advance(Duration::from_secs(1));
        self.store.add_student_message(conversation, self.uuid(), text, now).await.unwrap().message
    }

    /// Answers one turn; `false` when nobody waits.
    pub(crate) async fn answer(&self) -> bool {
        self.turns.next(self.uuid()).await.unwrap()
    }

    pub(crate) async fn messages(&self, conversation: ConversationId) -> Vec<Message> {
        self.store.messages_after(conversation, 0, 10_000).await.unwrap()
    }

    pub(crate) async fn last(&self, conversation: ConversationId) -> Message {
        self.messages(conversation).await.pop().unwrap()
    }
}
