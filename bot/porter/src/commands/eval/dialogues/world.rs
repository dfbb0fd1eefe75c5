//! An academy with its support API on a port, its jobs, and a desk before it on another: everything real but the clock, the ids and the mail server.
//! Every repetition has copies of its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use porter_academy::http::AcademyParts;
use porter_academy::jobs::WorkerParts;
use porter_academy::store::AcademyStore;
use porter_academy::tokens::{Identity, SigningKey};
use porter_actions::{Actions, HttpLms};
use porter_desk::http::{Desk, DeskParts, DeskSettings, Doors};
use porter_desk::store::DeskStore;
use porter_desk::{Live, Turns, Understand};
use porter_evals::{Chance, Sent};
use porter_kernel::clock::{Clock, ManualClock};
use porter_kernel::db::{Database, TableChange};
use porter_kernel::files::{Files, Stored};
use porter_kernel::http;
use porter_kernel::ids::{Ids, Token};
use porter_kernel::jobs::{self, Failure, Handler, JobStore};
use porter_kernel::shutdown::Shutdown;
use porter_mail::{Mail, MailError, Mailer};
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::faults::{FaultyLms, FaultyReader, Trap};
use super::ids::DrawnIds;
use super::template::{Template, contents, sqlite};
use crate::error::PorterError;

/// It opens the support API of academies that live for seconds on loopback.
const SERVICE_TOKEN: &str = "a-service-token-of-dialogues-alone-0123456789";
const ACADEMY_URL: &str = "http://academy.example";
const LEASE: Duration = Duration::from_secs(60);
const SESSION: Duration = Duration::from_secs(24 * 3_600);
/// As long as the academy's own.
const IDENTITY: Duration = Duration::from_secs(15 * 60);
/// Tables in which requests, sessions and mail leave their traces. What they say is judged by mails and runs.
const TRACES: [&str; 6] = ["job", "mail", "password_reset", "rate_limit", "request_key", "session"];

/// Keeps what is sent.
#[derive(Debug, Default)]
struct Letters(Mutex<Vec<Mail>>);

#[async_trait]
impl Mailer for Letters {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
        Ok(())
    }
}

/// A repetition's own world.
pub(super) struct World {
    pub(super) clock: ManualClock,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) trap: Arc<Trap>,
    pub(super) turns: Turns,
    pub(super) actions: Arc<Actions>,
    pub(super) desk: Arc<dyn DeskStore>,
    /// Where the desk listens, such as `http://127.0.0.1:40123`.
    pub(super) url: String,
    academy: Arc<dyn AcademyStore>,
    database: Database,
    desk_database: Database,
    jobs: Arc<dyn JobStore>,
    handlers: Vec<Arc<dyn Handler>>,
    letters: Arc<Letters>,
    key: SigningKey,
    shutdown: Shutdown,
    _folder: TempDir,
}

/// Somebody who is signed in at the academy.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignedIn {
    account: porter_academy::domain::AccountId,
    session: Uuid,
}

impl World {
    /// Copies the academy and opens everything on the copy. The clock starts within the hour after the academy was made.
    pub(super) async fn open(template: &Template, chance: &mut Chance) -> Result<Self, PorterError> {
        let folder = tempfile::tempdir()?;
        for name in ["academy.db", "desk.db"] {
            std::fs::copy(template.folder.path().join(name), folder.path().join(name))?;
        }
        let clock = ManualClock::new(template.clock.now() + Duration::from_secs(chance.bits() % 3_600));
        let ids: Arc<dyn Ids> = Arc::new(DrawnIds::new(chance.clone()));
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        let (trap, shutdown) = (Arc::new(Trap::default()), Shutdown::default());

        let database = sqlite(&folder.path().join("academy.db")).await?;
        let academy = porter_academy::store::open(&database);
        let files: Arc<dyn Files> = Arc::new(Stored::in_memory());
        let letters = Arc::new(Letters::default());
        let (routes, _) = porter_academy::http::router(AcademyParts {
            store: Arc::clone(&academy),
            jobs: jobs::open(&database),
            policy: template.policy.clone(),
            clock: Arc::clone(&shared),
            ids: Arc::clone(&ids),
            files: Arc::clone(&files),
            key: template.key.clone(),
            credential_key: template.credential_key.clone(),
            payments: None,
            service_token: Token::hash_text(SERVICE_TOKEN),
            desk_url: None,
            public_url: ACADEMY_URL.to_owned(),
            secure_cookies: false,
        });
        let academy_url = serve(routes, &shutdown).await?;
        let handlers = porter_academy::jobs::handlers(WorkerParts {
            store: Arc::clone(&academy),
            mailer: Arc::clone(&letters) as Arc<dyn Mailer>,
            payments: None,
            policy: template.policy.clone(),
            clock: Arc::clone(&shared),
            ids: Arc::clone(&ids),
            files,
            key: template.key.clone(),
            public_url: ACADEMY_URL.to_owned(),
        });

        let desk_database = sqlite(&folder.path().join("desk.db")).await?;
        let lms = FaultyLms { lms: HttpLms::new(&academy_url, SERVICE_TOKEN)?, trap: Arc::clone(&trap) };
        let runs = porter_actions::store::open(&desk_database);
        let actions = Arc::new(Actions::new(Arc::new(lms), runs, Arc::clone(&shared)));
        let desk = porter_desk::store::open(&desk_database);
        let understand: Arc<dyn Understand> =
            Arc::new(FaultyReader { reader: Arc::clone(&template.reader), trap: Arc::clone(&trap) });
        let live = Arc::new(Live::default());
        let turns = Turns {
            store: Arc::clone(&desk),
            understand: Arc::clone(&understand),
            reword: None,
            actions: Arc::clone(&actions),
            live: Arc::clone(&live),
            academy_url: Some(ACADEMY_URL.to_owned()),
            clock: Arc::clone(&shared),
            ids: Arc::clone(&ids),
        };
        let inbound_mail = http::Secrets::parse(SERVICE_TOKEN)
            .ok_or_else(|| PorterError::Usage("the dialogues' own secret is too short".to_owned()))?;
        let doors = Doors { inbound_mail, api_key: ids.token().hash() };
        let (routes, _) = porter_desk::http::router(&Desk::new(DeskParts {
            settings: DeskSettings {
                academy_name: template.policy.academy_name.clone(),
                support_hours: "always".to_owned(),
                academy_url: Some(ACADEMY_URL.to_owned()),
                widget_sites: "'self'".to_owned(),
                secure_cookies: false,
                mail_address: String::new(),
            },
            store: Arc::clone(&desk),
            understand,
            knowledge: Arc::clone(&template.knowledge),
            actions: Arc::clone(&actions),
            live,
            evals: None,
            clock: shared,
            ids: Arc::clone(&ids),
            operator: ids.token().hash(),
            doors,
            shutdown: shutdown.clone(),
        }));
        let url = serve(routes, &shutdown).await?;
        let jobs = jobs::open(&database);
        let key = template.key.clone();
        Ok(Self {
            clock,
            ids,
            trap,
            turns,
            actions,
            desk,
            url,
            academy,
            database,
            desk_database,
            jobs,
            handlers,
            letters,
            key,
            shutdown,
            _folder: folder,
        })
    }

    /// Signs a learner in at the academy; `None` when there is no such account, or it is locked.
    pub(super) async fn sign_in(&self, email: &str) -> Result<Option<SignedIn>, PorterError> {
        let Some(found) = self.academy.account_by_email(email).await? else { return Ok(None) };
        let (session, now, account) = (self.ids.uuid(), self.clock.now(), found.account.id);
        let signed = self.academy.create_session(session, &self.ids.token().hash(), account, now, now + SESSION).await;
        Ok(signed.is_ok().then_some(SignedIn { account, session }))
    }

    /// What the academy's page hands to the widget of this person.
    pub(super) fn identity(&self, who: SignedIn) -> String {
        let expires_at = self.clock.now() + IDENTITY;
        self.key.sign(&Identity { account: who.account, session: who.session, expires_at, id: self.ids.uuid() })
    }

    /// Does all jobs of the academy that are due, as its worker would.
    pub(super) async fn work_off_jobs(&self) -> Result<(), PorterError> {
        let kinds: Vec<&str> = self.handlers.iter().map(|handler| handler.kind()).collect();
        let owner = self.ids.uuid();
        loop {
            let taken = self.jobs.take(&kinds, owner, self.clock.now(), LEASE, 10).await?;
            if taken.is_empty() {
                return Ok(());
            }
            for job in taken {
                let Some(handler) = self.handlers.iter().find(|handler| handler.kind() == job.kind) else { continue };
                let ended = match handler.run(&job).await {
                    Ok(()) => self.jobs.done(&job, self.clock.now()).await,
                    Err(failure @ (Failure::Retry(_) | Failure::Fail(_))) => {
                        self.jobs.failed(&job, &failure, self.clock.now()).await
                    }
                };
                ended.map_err(std::io::Error::other)?;
            }
        }
    }

    /// What was mailed, by reader and kind.
    pub(super) async fn mails(&self) -> Result<Vec<Sent>, PorterError> {
        let mails = self.letters.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut sent = Vec::with_capacity(mails.len());
        for mail in mails {
            let id: Option<Uuid> = mail.message_id.split('@').next().and_then(|id| id.parse().ok());
            let row = match id {
                Some(id) => self.academy.mail(id).await?,
                None => None,
            };
            let letter = row.and_then(|(row, _)| serde_json::to_value(row.letter).ok());
            let kind = letter.as_ref().and_then(|letter| letter.get("kind")?.as_str()).unwrap_or("unknown").to_owned();
            sent.push(Sent { to: mail.to_address, kind });
        }
        Ok(sent)
    }

    /// What has changed in the academy and is no trace of a request.
    pub(super) async fn touched(&self, template: &Template) -> Result<Vec<String>, PorterError> {
        let changes = contents(&self.database).await?.since(&template.before);
        let words = |change: TableChange| format!("{}: {} rows came, {} went", change.table, change.came, change.went);
        Ok(changes.into_iter().filter(|change| !TRACES.contains(&change.table.as_str())).map(words).collect())
    }

    /// Ends its servers and closes its files.
    pub(super) async fn close(self) {
        self.shutdown.trigger();
        self.database.close().await;
        self.desk_database.close().await;
    }
}

/// Serves on a free port of this machine alone; where.
async fn serve(routes: Router, shutdown: &Shutdown) -> Result<String, PorterError> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(http::serve(listener, routes, shutdown.clone()));
    Ok(url)
}
