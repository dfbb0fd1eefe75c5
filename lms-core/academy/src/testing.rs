//! A small academy on SQLite, with its pages, its API, its worker by hand, and a mailer that keeps what it is given.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use porter_kernel::clock::{Clock as _, ManualClock, Timestamp};
use porter_kernel::ids::{Ids as _, RandomIds, Token};
use porter_kernel::jobs::{self as queue, Failure, JobStore, LEASE};
use porter_mail::{Mail, MailError, Mailer};
use porter_payments::{CheckoutRequest, PaymentProvider, ProviderError, ProviderEvent, RefundRequest, Secrets};
use porter_testkit::{Cluster, Engine, TestDb, databases};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::credential::CredentialKey;
use crate::domain::{
    AccountId, AccountStatus, CertificateRequestStatus, ChargeStatus, CourseId, EnrolmentStatus, LessonId, LessonKind, Money,
    OrderId, OrderStatus, RefundStatus, Role,
};
use crate::http::{AcademyParts, Payments, router};
use crate::jobs::{WorkerParts, handlers};
use crate::policy::Policy;
use crate::store::{
    self, AcademyStore, Seed, SeedAccount, SeedAttempt, SeedCertificate, SeedCertificateRequest, SeedCharge, SeedCourse,
    SeedEnrolment, SeedLesson, SeedOrder, SeedProgress, SeedRefund,
};
use crate::tokens::SigningKey;

/// Has a certificate of [`CERTIFICATE`], and an order that was charged.
pub(crate) const ANNA: AccountId = AccountId(Uuid::from_u128(0xa1));
/// Has a course that is complete and a refund that was asked for; no certificate.
pub(crate) const BRUNO: AccountId = AccountId(Uuid::from_u128(0xb1));
/// Is locked.
pub(crate) const HANNA: AccountId = AccountId(Uuid::from_u128(0xc1));
pub(crate) const ANNAS: &str = "anna.keller@learner.example";
pub(crate) const BRUNOS: &str = "bruno.costa@learner.example";
pub(crate) const HANNAS: &str = "hanna.berg@learner.example";
pub(crate) const PASSWORD: &str = "tram lamp quarry violin";
pub(crate) const CERTIFICATE: Uuid = Uuid::from_u128(0xd1);
pub(crate) const COURSE: CourseId = CourseId(Uuid::from_u128(0xe1));
pub(crate) const SERVICE: &str = "a service token that is long and random";
pub(crate) const TITLE: &str = "Data <b>analysis</b> from zero";

/// Keeps mails; fails as told first.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) mails: Mutex<Vec<Mail>>,
    pub(crate) failures: Mutex<VecDeque<MailError>>,
}

#[async_trait]
impl Mailer for Outbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if let Some(failure) = self.failures.lock().unwrap().pop_front() {
            return Err(failure);
        }
        self.mails.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

impl Outbox {
    pub(crate) fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut self.mails.lock().unwrap())
    }
}

/// The same in all tests: making one takes a while.
pub(crate) fn credential_key() -> CredentialKey {
    CredentialKey::parse(include_str!("credential/test_key.txt").trim()).unwrap()
}

/// What the provider's webhooks are signed with.
pub(crate) const WEBHOOK_SECRET: &str = "a webhook secret of some length";

/// A provider that takes everything, or fails as told.
#[derive(Debug, Default)]
pub(crate) struct FakeProvider {
    pub(crate) failure: Mutex<Option<ProviderError>>,
    pub(crate) checkouts: Mutex<Vec<CheckoutRequest>>,
    pub(crate) refunds: Mutex<Vec<RefundRequest>>,
    pub(crate) events: Mutex<Vec<ProviderEvent>>,
}

impl FakeProvider {
    pub(crate) fn fails(&self, failure: Option<ProviderError>) {
        *self.failure.lock().unwrap() = failure;
    }

    fn answer(&self) -> Result<(), ProviderError> {
        self.failure.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

#[async_trait]
impl PaymentProvider for FakeProvider {
    async fn checkout(&self, request: &CheckoutRequest) -> Result<String, ProviderError> {
        self.answer()?;
        self.checkouts.lock().unwrap().push(request.clone());
        Ok(format!("http://pay.example/{}", request.reference))
    }

    async fn refund(&self, request: &RefundRequest) -> Result<(), ProviderError> {
        self.answer()?;
        self.refunds.lock().unwrap().push(request.clone());
        Ok(())
    }

    async fn events(&self, order: Uuid) -> Result<Vec<ProviderEvent>, ProviderError> {
        self.answer()?;
        Ok(self.events.lock().unwrap().iter().filter(|event| event.order == order).cloned().collect())
    }
}

pub(crate) struct World {
    pub(crate) store: Arc<dyn AcademyStore>,
    pub(crate) jobs: Arc<dyn JobStore>,
    pub(crate) clock: ManualClock,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) provider: Arc<FakeProvider>,
    pub(crate) parts: AcademyParts,
    pub(crate) app: Router,
    /// Where files are kept.
    pub(crate) files: tempfile::TempDir,
    /// Its folder goes with it.
    pub(crate) db: TestDb,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// `academy_session=…` to send back.
    pub(crate) fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let db = databases(Engine::Sqlite).await;
        queue::migrate(&db.db).await.unwrap();
        store::migrate(&db.db).await.unwrap();
        Self::on(db).await
    }

    /// On a PostgreSQL cluster.
    pub(crate) async fn on_cluster(cluster: &Cluster) -> Self {
        let db = cluster.database().await;
        queue::migrate(&db.db).await.unwrap();
        store::migrate(&db.db).await.unwrap();
        Self::on(db).await
    }

    /// On a database whose tables are up to date.
    async fn on(db: TestDb) -> Self {
        let clock = ManualClock::default();
        let store = store::open(&db.db);
        store.seed(&seed(clock.now(), &porter_kernel::passwords::hash(PASSWORD.to_owned()).await.unwrap())).await.unwrap();
        let files = tempfile::tempdir().unwrap();
        let provider = Arc::<FakeProvider>::default();
        let parts = AcademyParts {
            store: Arc::clone(&store),
            jobs: queue::open(&db.db),
            policy: Policy::sample(),
            clock: Arc::new(clock.clone()),
            ids: Arc::new(RandomIds),
            files: Arc::new(porter_kernel::files::Stored::in_folder(files.path()).unwrap()),
            key: SigningKey::from_bytes([7; 32]),
            credential_key: credential_key(),
            service_token: Token::hash_text(SERVICE),
            payments: Some(Payments { provider: Arc::clone(&provider) as _, secrets: Secrets::parse(WEBHOOK_SECRET).unwrap() }),
            desk_url: Some("http://desk.example:8080".to_owned()),
            public_url: "http://academy.example".to_owned(),
            secure_cookies: false,
        };
        let (app, _) = router(parts.clone());
        Self { provider, store, jobs: Arc::clone(&parts.jobs), clock, outbox: Arc::default(), parts, app, files, db }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The same academy with counters at zero.
    pub(crate) fn fresh_router(&mut self) {
        self.app = router(self.parts.clone()).0;
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), 5_000_000).await.unwrap().to_vec();
        Answer { status, headers, body }
    }

    pub(crate) async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.call(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    /// A form of the academy's own page.
    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.call(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Gives an account a role, as no page does without an administrator.
    pub(crate) async fn promote(&self, email: &str, role: Role) {
        let porter_kernel::db::Database::Sqlite(db) = &self.db.db else { unreachable!("the world is on SQLite") };
        let mut tx = db.write().await.unwrap();
        sqlx::query("UPDATE account SET role = $2 WHERE email = $1")
            .bind(email)
            .bind(role.as_str())
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn sign_in(&self, email: &str) -> String {
        let answer = self.post("/sign-in", "", &format!("email={email}&password={}", PASSWORD.replace(' ', "+"))).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.cookie()
    }

    /// Somebody with this role, who is signed in.
    pub(crate) async fn sign_in_as(&self, role: Role, email: &str) -> String {
        let (now, ids) = (self.now(), RandomIds);
        let account = SeedAccount {
            id: AccountId(ids.uuid()),
            email: email.to_owned(),
            name: "Somebody".to_owned(),
            role,
            status: AccountStatus::Active,
            password_hash: String::new(),
            created_at: now,
        };
        let (id, token) = (account.id, ids.token());
        self.store.seed(&Seed { accounts: vec![account], ..Seed::default() }).await.unwrap();
        self.store.create_session(ids.uuid(), &token.hash(), id, now, now + Duration::from_hours(1)).await.unwrap();
        format!("academy_session={}", token.reveal())
    }

    /// The identity token of who has this cookie.
    pub(crate) async fn identity(&self, cookie: &str) -> String {
        let answer = self.get("/support-identity", cookie).await;
        assert_eq!(answer.status, 200);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// A call of the support desk.
    pub(crate) fn support(&self, method: &str, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(format!("/support/v1{path}")).header("authorization", format!("Bearer {SERVICE}"))
    }

    /// Does every job that is due, the jobs that they cause too. Gives how many of each outcome.
    pub(crate) async fn work(&self) -> Vec<(String, Result<(), Failure>)> {
        let handlers = handlers(self.worker_parts());
        let kinds: Vec<&str> = handlers.iter().map(|handler| handler.kind()).collect();
        let mut outcomes = Vec::new();
        loop {
            let taken = self.jobs.take(&kinds, Uuid::from_u128(0xf1), self.now(), LEASE, 10).await.unwrap();
            if taken.is_empty() {
                return outcomes;
            }
            for job in taken {
                let handler = handlers.iter().find(|handler| handler.kind() == job.kind).unwrap();
                let outcome = handler.run(&job).await;
                match &outcome {
                    Ok(()) => self.jobs.done(&job, self.now()).await.unwrap(),
                    Err(failure) => {
                        self.jobs.failed(&job, failure, self.now()).await.unwrap();
                        if failure.is_final(&job) {
                            handler.buried(&job, failure.reason()).await.unwrap();
                        }
                    }
                }
                outcomes.push((job.kind, outcome));
            }
        }
    }

    pub(crate) fn worker_parts(&self) -> WorkerParts {
        WorkerParts {
            store: Arc::clone(&self.store),
            mailer: Arc::<Outbox>::clone(&self.outbox),
            payments: Some(Arc::clone(&self.provider) as _),
            policy: Policy::sample(),
            clock: Arc::new(self.clock.clone()),
            ids: Arc::new(RandomIds),
            files: Arc::clone(&self.parts.files),
            key: self.parts.key.clone(),
            public_url: self.parts.public_url.clone(),
        }
    }
}

/// The path and query of the link in a mail for a new password.
pub(crate) fn link(mail: &Mail) -> String {
    let line = mail.text.lines().find(|line| line.contains("/reset-password?token=")).unwrap();
    line.trim().strip_prefix("http://academy.example").unwrap().to_owned()
}

pub(crate) fn seed(now: Timestamp, password_hash: &str) -> Seed {
    let account = |id, email: &str, name: &str, status| SeedAccount {
        id,
        email: email.to_owned(),
        name: name.to_owned(),
        role: Role::Learner,
        status,
        password_hash: password_hash.to_owned(),
        created_at: now,
    };
    let euros = |minor| Money { minor, currency: "EUR".to_owned() };
    let (lesson, quiz) = (LessonId(Uuid::from_u128(0xe2)), LessonId(Uuid::from_u128(0xe3)));
    let progress = |account, lesson| SeedProgress { account, lesson, percent: 100, completed_at: Some(now), updated_at: now };
    let attempt = |account| SeedAttempt { account, lesson: quiz, attempt: 1, percent: 84, submitted_at: now };
    let enrolment = |account, order| SeedEnrolment {
        account,
        course: COURSE,
        order: Some(order),
        status: EnrolmentStatus::Active,
        enrolled_at: now,
        activated_at: Some(now),
        access_until: None,
        stuck_reason: None,
    };
    let order = |id, account, number: &str| SeedOrder {
        id,
        number: number.to_owned(),
        account,
        course: COURSE,
        total: euros(4_900),
        status: OrderStatus::Paid,
        created_at: now,
    };
    let charge = |id, order| SeedCharge {
        id: Uuid::from_u128(id),
        order,
        amount: euros(4_900),
        method: "Visa ending 4242".to_owned(),
        status: ChargeStatus::Captured,
        charged_at: now,
    };
    let (annas, brunos) = (OrderId(Uuid::from_u128(0xe4)), OrderId(Uuid::from_u128(0xe5)));
    Seed {
        accounts: vec![
            account(ANNA, ANNAS, "Anna <i>Keller</i>", AccountStatus::Active),
            account(BRUNO, BRUNOS, "Bruno Costa", AccountStatus::Active),
            account(HANNA, HANNAS, "Hanna Berg", AccountStatus::Locked),
        ],
        courses: vec![SeedCourse {
            id: COURSE,
            slug: "data-analysis".to_owned(),
            title: TITLE.to_owned(),
            summary: "Tables, charts and honest conclusions.".to_owned(),
            signatory: "Maren Holt".to_owned(),
            signatory_role: "Head of Data".to_owned(),
            price: euros(4_900),
            pass_percent: 70,
            starts_at: None,
            published: true,
        }],
        lessons: vec![
            SeedLesson {
                id: lesson,
                course: COURSE,
                position: 1,
                title: "What is data?".to_owned(),
                kind: LessonKind::Text,
                minutes: 20,
            },
            SeedLesson { id: quiz, course: COURSE, position: 2, title: "Quiz 1".to_owned(), kind: LessonKind::Quiz, minutes: 15 },
        ],
        orders: vec![order(annas, ANNA, "NL-100001"), order(brunos, BRUNO, "NL-100002")],
        charges: vec![charge(0xe6, annas), charge(0xe7, brunos)],
        refunds: vec![SeedRefund {
            id: Uuid::from_u128(0xe8),
            order: brunos,
            amount: euros(4_900),
            status: RefundStatus::Requested,
            requested_at: now,
            decided_at: None,
            sent_at: None,
            settled_at: None,
            reason: None,
        }],
        enrolments: vec![enrolment(ANNA, annas), enrolment(BRUNO, brunos)],
        progress: vec![progress(ANNA, lesson), progress(ANNA, quiz), progress(BRUNO, lesson), progress(BRUNO, quiz)],
        attempts: vec![attempt(ANNA), attempt(BRUNO)],
        certificates: vec![SeedCertificate {
            id: CERTIFICATE,
            account: ANNA,
            course: COURSE,
            code: "NL-7F3K-9QWD".to_owned(),
            issued_at: now - Duration::from_hours(24),
        }],
        certificate_requests: vec![SeedCertificateRequest {
            account: ANNA,
            course: COURSE,
            status: CertificateRequestStatus::Issued,
            requested_at: now,
            reason: None,
        }],
        ..Seed::default()
    }
}
