//! An LMS in memory: it keeps sessions, certificates and findings, does what it is asked once for each key, and can fail.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use async_trait::async_trait;
use porter_actions::{
    AddressForm, CertificateOnFile, CertificateSent, Fact, Finding, IdentityToken, Lms, LmsError, Mood, OrderNumber, Principal,
    Remedy, ResetSent, Topic,
};
use porter_kernel::clock::{Clock as _, ManualClock, Timestamp};
use uuid::Uuid;

use super::TOKEN_LIFE;

/// What the LMS has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A link to this address, by the form.
    ResetTo(String),
    /// A link to this learner's address on file.
    Reset(Uuid),
    /// A certificate to this learner's address on file.
    Certificate(Uuid, Uuid),
}

/// How the LMS is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Health {
    #[default]
    Well,
    Down,
    /// It does what it is asked, and the answer is lost.
    Deaf,
}

#[derive(Debug, Default)]
struct Academy {
    health: Health,
    sessions: HashMap<String, Principal>,
    certificates: HashMap<Uuid, Vec<CertificateOnFile>>,
    findings: HashMap<Uuid, Vec<Finding>>,
    /// By key: the same key is one effect, and has the time of the first.
    effects: BTreeMap<Uuid, (Effect, Timestamp)>,
    /// In which order keys came.
    order: Vec<Uuid>,
    orders_asked_for: Vec<Option<String>>,
}

/// An LMS in memory.
#[derive(Debug)]
pub(crate) struct FakeLms {
    academy: Mutex<Academy>,
    clock: ManualClock,
}

impl FakeLms {
    pub(crate) fn new(clock: ManualClock) -> Self {
        Self { academy: Mutex::default(), clock }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Academy) -> T) -> T {
        act(&mut self.academy.lock().unwrap())
    }

    pub(crate) fn set(&self, health: Health) {
        self.with(|academy| academy.health = health);
    }

    /// Signs somebody in; the token's text is what the page would hand to the widget.
    pub(crate) fn sign_in(&self, token: &str, learner: Uuid, name: &str) -> Principal {
        let until = self.clock.now() + TOKEN_LIFE;
        let principal = Principal::vouched(learner, name.to_owned(), until, IdentityToken::parse(token).unwrap());
        self.with(|academy| academy.sessions.insert(token.to_owned(), principal.clone()));
        principal
    }

    pub(crate) fn sign_out(&self, token: &str) {
        self.with(|academy| academy.sessions.remove(token));
    }

    /// Gives a learner certificates of these courses; their ids are 1, 2, 3, …
    pub(crate) fn award(&self, learner: Uuid, courses: &[&str]) -> Vec<Uuid> {
        let issued_at = self.clock.now();
        let all: Vec<CertificateOnFile> = (1_u128..)
            .zip(courses)
            .map(|(number, course)| CertificateOnFile {
                id: Uuid::from_u128(learner.as_u128() << 64 | number),
                course: (*course).to_owned(),
                issued_at,
                code: format!("NL-{number}"),
            })
            .collect();
        let ids = all.iter().map(|certificate| certificate.id).collect();
        self.with(|academy| academy.certificates.insert(learner, all));
        ids
    }

    pub(crate) fn find(&self, learner: Uuid, findings: Vec<Finding>) {
        self.with(|academy| academy.findings.insert(learner, findings));
    }

    /// What has been done, in order.
    pub(crate) fn effects(&self) -> Vec<Effect> {
        self.with(|academy| academy.order.iter().map(|key| academy.effects[key].0.clone()).collect())
    }

    pub(crate) fn orders_asked_for(&self) -> Vec<Option<String>> {
        self.with(|academy| academy.orders_asked_for.clone())
    }

    fn check(&self, principal: &Principal) -> Result<(), LmsError> {
        self.with(|academy| {
            if academy.health == Health::Down {
                return Err(LmsError::Down("connection refused".to_owned()));
            }
            let known = academy.sessions.get(principal.token().reveal());
            let good = known.is_some_and(|known| known.learner() == principal.learner() && self.clock.now() < known.expires_at());
            if good { Ok(()) } else { Err(LmsError::SignedOut) }
        })
    }

    fn done(&self, key: Uuid, effect: Effect) -> Result<Timestamp, LmsError> {
        let now = self.clock.now();
        self.with(|academy| {
            if academy.health == Health::Down {
                return Err(LmsError::Down("connection refused".to_owned()));
            }
            if !academy.effects.contains_key(&key) {
                academy.order.push(key);
            }
            let (first, at) = academy.effects.entry(key).or_insert((effect.clone(), now));
            if *first != effect {
                return Err(LmsError::KeyUsed);
            }
            if academy.health == Health::Deaf {
                return Err(LmsError::Unclear("timed out".to_owned()));
            }
            Ok(*at)
        })
    }
}

#[async_trait]
impl Lms for FakeLms {
    async fn identify(&self, token: &IdentityToken) -> Result<Principal, LmsError> {
        self.with(|academy| {
            if academy.health == Health::Down {
                return Err(LmsError::Down("connection refused".to_owned()));
            }
            let known = academy.sessions.get(token.reveal());
            known.filter(|known| self.clock.now() < known.expires_at()).cloned().ok_or(LmsError::SignedOut)
        })
    }

    async fn send_reset_to(&self, form: &AddressForm, key: Uuid) -> Result<u64, LmsError> {
        self.done(key, Effect::ResetTo(form.reveal().to_owned())).map(|_| 30)
    }

    async fn send_reset(&self, principal: &Principal, key: Uuid) -> Result<ResetSent, LmsError> {
        self.check(principal)?;
        let asked_at = self.done(key, Effect::Reset(principal.learner()))?;
        Ok(ResetSent { sent_to: "a•••@example.com".to_owned(), link_minutes: 30, asked_at })
    }

    async fn certificates(&self, principal: &Principal) -> Result<Vec<CertificateOnFile>, LmsError> {
        self.check(principal)?;
        Ok(self.with(|academy| academy.certificates.get(&principal.learner()).cloned().unwrap_or_default()))
    }

    async fn resend_certificate(&self, principal: &Principal, certificate: Uuid, key: Uuid) -> Result<CertificateSent, LmsError> {
        let own = self.certificates(principal).await?;
        let certificate = own.into_iter().find(|own| own.id == certificate).ok_or(LmsError::NotFound)?;
        let asked_at = self.done(key, Effect::Certificate(principal.learner(), certificate.id))?;
        Ok(CertificateSent { certificate, sent_to: "a•••@example.com".to_owned(), asked_at })
    }

    async fn diagnose(&self, principal: &Principal, topic: Topic, order: Option<&OrderNumber>) -> Result<Vec<Finding>, LmsError> {
        self.check(principal)?;
        Ok(self.with(|academy| {
            academy.orders_asked_for.push(order.map(|order| order.as_str().to_owned()));
            let findings = academy.findings.get(&principal.learner()).cloned();
            findings.unwrap_or_else(|| vec![finding(topic.as_str(), Mood::Good, false)])
        }))
    }
}

/// Something that the facts say.
pub(crate) fn finding(about: &str, mood: Mood, needs_person: bool) -> Finding {
    Finding {
        about: about.to_owned(),
        reason: "quiz_below_pass".to_owned(),
        mood,
        sentence: format!("Quiz 3 of {about} is at 62 %, 70 % is needed."),
        evidence: vec![Fact { label: "Quiz 3".to_owned(), value: "62 %".to_owned() }],
        remedy: Some(Remedy { text: "Take the quiz again".to_owned(), url: Some("/learn/quiz-3".to_owned()) }),
        needs_person,
    }
}
