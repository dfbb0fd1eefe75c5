//! An academy with its support API on a port, its jobs, and a desk before it: everything real but the model, the clock and the mail server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use porter_academy::credential::CredentialKey;
use porter_academy::demo;
use porter_academy::domain::{Account, AccountId};
use porter_academy::http::AcademyParts;
use porter_academy::jobs::WorkerParts;
use porter_academy::policy::Policy;
use porter_academy::store::AcademyStore;
use porter_academy::tokens::{Identity, SigningKey};
use porter_actions::{Actions, HttpLms, Lms};
use porter_desk::http::{Desk, DeskParts, DeskSettings, Doors};
use porter_desk::store::DeskStore;
use porter_desk::{Live, Turns};
use porter_embeddings::{Embedding, EncodeError, Encoder, EncoderService};
use porter_kernel::clock::{Clock, ManualClock};
use porter_kernel::db::{Database, DatabaseSetting};
use porter_kernel::http::Secrets;
use porter_kernel::ids::{Ids, SequentialIds, Token};
use porter_kernel::jobs::{self, Failure, Handler, JobStore};
use porter_kernel::shutdown::Shutdown;
use porter_knowledge_base::document::Facts;
use porter_knowledge_base::{EdgeIndex, KnowledgeBase};
use porter_mail::{Mail, MailError, Mailer};
use tempfile::TempDir;
use uuid::Uuid;

use super::worst::Worst;

const SERVICE_TOKEN: &str = "a-service-token-of-this-test-alone-0123456789";
const LEASE: Duration = Duration::from_secs(60);
const SESSION: Duration = Duration::from_secs(365 * 24 * 3_600);
const TOKEN: Duration = Duration::from_secs(15 * 60);

/// A learner who is signed in at the academy.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) account: Account,
    pub(super) session: Uuid,
    pub(super) password_hash: String,
}

/// Everything, in one process.
#[derive(Debug)]
pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) ids: Arc<SequentialIds>,
    pub(super) academy: Arc<dyn AcademyStore>,
    pub(super) desk_store: Arc<dyn DeskStore>,
    pub(super) actions: Arc<Actions>,
    pub(super) turns: Turns,
    pub(super) desk: Router,
    pub(super) people: Vec<Person>,
    pub(super) letters: Arc<Letters>,
    key: SigningKey,
    jobs: Arc<dyn JobStore>,
    handlers: Handlers,
    _folder: TempDir,
}

struct Handlers(Vec<Arc<dyn Handler>>);

impl std::fmt::Debug for Handlers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} handlers", self.0.len())
    }
}

/// Keeps what is sent.
#[derive(Debug, Default)]
pub(super) struct Letters(Mutex<Vec<Mail>>);

impl Letters {
    pub(super) fn all(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Mailer for Letters {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
        Ok(())
    }
}

/// All texts are alike: no answer depends on it here.
struct Flat;

impl Encoder for Flat {
    fn fingerprint(&self) -> &str {
        "flat"
    }

    fn dimensions(&self) -> usize {
        4
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        Ok(texts.iter().map(|_| vec![1.0, 0.0, 0.0, 0.0]).collect())
    }
}

impl World {
    /// Opens it; `client` may put something between the desk and the LMS.
    pub(super) async fn open<L: Lms + 'static>(client: impl FnOnce(HttpLms) -> Arc<L>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("making a folder");
        let (clock, ids) = (ManualClock::default(), Arc::new(SequentialIds::default()));
        let shared_clock: Arc<dyn Clock> = Arc::new(clock.clone());
        let shared_ids: Arc<dyn Ids> = Arc::clone(&ids) as Arc<dyn Ids>;
        let open = async |name: &str| {
            let path = folder.path().join(name);
            Database::open(&DatabaseSetting::Sqlite(path), None).await.expect("opening SQLite")
        };

        let database = open("academy.db").await;
        jobs::migrate(&database).await.expect("the jobs' tables");
        porter_academy::store::migrate(&database).await.expect("the academy's tables");
        let academy = porter_academy::store::open(&database);
        academy.seed(&demo::academy(clock.now(), ids.as_ref(), "$argon2id$none")).await.expect("filling the academy");
        let people = sign_everybody_in(academy.as_ref(), &clock, ids.as_ref()).await;
        let key = SigningKey::from_bytes([7; 32]);
        let files: Arc<dyn porter_kernel::files::Files> = Arc::new(porter_kernel::files::Stored::in_memory());
        let (routes, _) = porter_academy::http::router(AcademyParts {
            payments: None,
            store: Arc::clone(&academy),
            jobs: jobs::open(&database),
            policy: policy(),
            clock: Arc::clone(&shared_clock),
            ids: Arc::clone(&shared_ids),
            files: Arc::clone(&files),
            key: key.clone(),
            credential_key: credential_key(),
            service_token: Token::hash_text(SERVICE_TOKEN),
            desk_url: None,
            public_url: "http://academy.test".to_owned(),
            secure_cookies: false,
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its number");
        let service = routes.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let letters = Arc::new(Letters::default());
        let handlers = porter_academy::jobs::handlers(WorkerParts {
            payments: None,
            store: Arc::clone(&academy),
            mailer: Arc::clone(&letters) as Arc<dyn Mailer>,
            policy: policy(),
            clock: Arc::clone(&shared_clock),
            ids: Arc::clone(&shared_ids),
            files: Arc::clone(&files),
            key: key.clone(),
            public_url: "http://academy.test".to_owned(),
        });

        let database_of_desk = open("desk.db").await;
        porter_desk::store::migrate(&database_of_desk).await.expect("the desk's tables");
        porter_actions::store::migrate(&database_of_desk).await.expect("the actions' tables");
        porter_knowledge_base::store::migrate(&database_of_desk).await.expect("the articles' tables");
        let lms = HttpLms::new(&format!("http://{address}"), SERVICE_TOKEN).expect("the client");
        let runs = porter_actions::store::open(&database_of_desk);
        let actions = Arc::new(Actions::new(client(lms), runs, Arc::clone(&shared_clock)));
        let desk_store = porter_desk::store::open(&database_of_desk);
        let knowledge = KnowledgeBase::open(
            porter_knowledge_base::store::open(&database_of_desk),
            Arc::new(EdgeIndex::open(&folder.path().join("index"), "none", 4).expect("an index")),
            EncoderService::start(Box::new(Flat)).expect("an encoder"),
            Arc::clone(&shared_clock),
            Facts::from_toml("").expect("no facts"),
        );
        let (understand, live) = (Arc::new(Worst::default()), Arc::new(Live::default()));
        let turns = Turns {
            store: Arc::clone(&desk_store),
            understand: understand.clone(),
            reword: None,
            actions: Arc::clone(&actions),
            live: Arc::clone(&live),
            academy_url: None,
            clock: Arc::clone(&shared_clock),
            ids: Arc::clone(&shared_ids),
        };
        let desk = Desk::new(DeskParts {
            settings: DeskSettings {
                academy_name: "Northlight Academy".to_owned(),
                support_hours: "always".to_owned(),
                academy_url: None,
                widget_sites: "'self'".to_owned(),
                secure_cookies: false,
                mail_address: "support@academy.test".to_owned(),
            },
            store: Arc::clone(&desk_store),
            understand,
            knowledge: Arc::new(knowledge.await.expect("a knowledge base")),
            actions: Arc::clone(&actions),
            live,
            evals: None,
            clock: shared_clock,
            ids: shared_ids,
            operator: Token::hash_text("nobody"),
            doors: Doors {
                inbound_mail: Secrets::parse("nobody delivers mail here").expect("a secret"),
                api_key: Token::hash_text("nobody"),
            },
            shutdown: Shutdown::default(),
        });
        let (desk, _) = porter_desk::http::router(&desk);
        let jobs = jobs::open(&database);
        Self {
            clock,
            ids,
            academy,
            desk_store,
            actions,
            turns,
            desk,
            people,
            letters,
            key,
            jobs,
            handlers: Handlers(handlers),
            _folder: folder,
        }
    }

    /// What the academy's page hands to the widget of this person.
    pub(super) fn identity(&self, person: &Person) -> String {
        let expires_at = self.clock.now() + TOKEN;
        self.key.sign(&Identity { account: person.account.id, session: person.session, expires_at, id: self.ids.uuid() })
    }

    /// Does all jobs that are due, as a worker would.
    pub(super) async fn work_off_jobs(&self) {
        let kinds: Vec<&str> = self.handlers.0.iter().map(|handler| handler.kind()).collect();
        let owner = self.ids.uuid();
        loop {
            let taken = self.jobs.take(&kinds, owner, self.clock.now(), LEASE, 10).await.expect("taking jobs");
            if taken.is_empty() {
                return;
            }
            for job in taken {
                let handler = self.handlers.0.iter().find(|handler| handler.kind() == job.kind).expect("a handler for each kind");
                match handler.run(&job).await {
                    Ok(()) => self.jobs.done(&job, self.clock.now()).await.expect("ending a job"),
                    Err(failure @ (Failure::Retry(_) | Failure::Fail(_))) => panic!("{}: {failure:?}", job.kind),
                }
            }
        }
    }

    pub(super) fn person(&self, account: AccountId) -> Option<&Person> {
        self.people.iter().find(|person| person.account.id == account)
    }
}

async fn sign_everybody_in(academy: &dyn AcademyStore, clock: &ManualClock, ids: &SequentialIds) -> Vec<Person> {
    let mut people = Vec::new();
    for (email, _) in demo::DEMO.iter().copied().chain([(demo::ROBIN_VALE, ""), (demo::CASEY_STONE, "")]) {
        if email == demo::HANNA_BERG {
            continue; // locked: nobody signs in as her
        }
        let found = academy.account_by_email(email).await.expect("reading").expect("a demo account");
        let (session, token) = (ids.uuid(), ids.token());
        let (now, account) = (clock.now(), found.account);
        academy.create_session(session, &token.hash(), account.id, now, now + SESSION).await.expect("signing in");
        people.push(Person { account, session, password_hash: found.password_hash });
    }
    people
}

/// A key that is nobody's: the attack asks for no credential.
fn credential_key() -> CredentialKey {
    let text = include_str!("../../../../lms-core/academy/src/credential/test_key.txt");
    CredentialKey::parse(text.trim()).expect("the key of tests")
}

fn policy() -> Policy {
    Policy {
        academy_name: "Northlight Academy".to_owned(),
        support_email: "support@northlight.example".to_owned(),
        verify_url: "northlight.example/verify".to_owned(),
        password_min_length: 10,
        reset_link_minutes: 30,
        session_days: 14,
        certificate_issue_hours: 24,
        refund_window_days: 14,
        refund_progress_limit_percent: 20,
        refund_decision_days: 3,
        refund_payout_days: 10,
        hold_release_days: 7,
        access_minutes: 15,
        watched_percent: 90,
        quiz_attempts: 3,
    }
}
