//! An LMS in memory: it keeps its replies by key, so a repeated request repeats the reply and not the mail.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::{Clock as _, ManualClock, Timestamp};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    AddressForm, CertificateOnFile, CertificateSent, Fact, Finding, IdentityToken, Lms, LmsError, Mood, OrderNumber, Principal,
    Remedy, ResetSent, Topic,
};

const LEARNERS: [(&str, u128); 2] = [("anna", 0x1ea1), ("ben", 0x1ea2)];

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub(crate) enum Trouble {
    /// Before anything has happened.
    Before(LmsError),
    /// The effect happens, and the answer is lost.
    After,
    /// The effect happens, and no answer ever comes.
    Silence(Gate),
    /// It waits until it is let in, and then fails, or not.
    Wait(Gate, Option<LmsError>),
    /// Nothing.
    None,
}

/// Where a request waits, and the test for it.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    reached: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self { reached: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) }
    }

    /// Returns when a request waits here.
    pub(crate) async fn reached(&self) {
        self.reached.acquire().await.unwrap().forget();
    }

    pub(crate) fn open(&self) {
        self.open.add_permits(1);
    }

    async fn pass(&self) {
        self.reached.add_permits(1);
        self.open.acquire().await.unwrap().forget();
    }
}

#[derive(Debug, Default)]
struct State {
    mails: Vec<String>,
    asked: Vec<String>,
    identified: usize,
    signed_out: Vec<String>,
    certificates: Vec<CertificateOnFile>,
    /// By key: what was asked for, and when.
    effects: HashMap<Uuid, (String, Timestamp)>,
    troubles: VecDeque<Trouble>,
    down: bool,
    blank: bool,
}

#[derive(Debug)]
pub(crate) struct FakeLms {
    state: Mutex<State>,
    clock: ManualClock,
}

impl FakeLms {
    pub(crate) fn new(clock: ManualClock) -> Self {
        Self { state: Mutex::default(), clock }
    }

    /// Anna has earned a certificate.
    pub(crate) fn certify(&self, course: &str, id: Uuid) {
        let code = format!("NL-{}", course.to_uppercase());
        let certificate = CertificateOnFile { id, course: course.to_owned(), issued_at: self.clock.now(), code };
        self.state.lock().unwrap().certificates.insert(0, certificate);
    }

    /// It was a mistake.
    pub(crate) fn revoke(&self, id: Uuid) {
        self.state.lock().unwrap().certificates.retain(|certificate| certificate.id != id);
    }

    /// From now on, or not any more.
    pub(crate) fn be_down(&self, down: bool) {
        self.state.lock().unwrap().down = down;
    }

    pub(crate) fn sign_out(&self, name: &str) {
        self.state.lock().unwrap().signed_out.push(name.to_owned());
    }

    /// The next request that is not an identification.
    pub(crate) fn trouble(&self, trouble: Trouble) {
        self.state.lock().unwrap().troubles.push_back(trouble);
    }

    pub(crate) fn find_nothing(&self) {
        self.state.lock().unwrap().blank = true;
    }

    /// What was mailed, in order.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.state.lock().unwrap().mails.clone()
    }

    /// What was asked for, repetitions included, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// How often it was asked whose a token is.
    pub(crate) fn identified(&self) -> usize {
        self.state.lock().unwrap().identified
    }

    /// The name of the one whose token it is.
    fn name(&self, token: &IdentityToken) -> Result<(&'static str, u128), LmsError> {
        let state = self.state.lock().unwrap();
        let known = LEARNERS.into_iter().find(|(name, _)| *name == token.reveal());
        known.filter(|(name, _)| !state.signed_out.iter().any(|out| out == name)).ok_or(LmsError::SignedOut)
    }

    /// A request arrives: it is noted, other tasks get their turn, and what is to go wrong before it does.
    async fn arrive(&self, what: &str) -> Result<Option<Trouble>, LmsError> {
        let trouble = {
            let mut state = self.state.lock().unwrap();
            state.asked.push(what.to_owned());
            if state.down {
                return Err(LmsError::Down("refused".to_owned()));
            }
            state.troubles.pop_front()
        };
        tokio::task::yield_now().await;
        match trouble {
            Some(Trouble::Before(error)) => Err(error),
            Some(Trouble::Wait(gate, then)) => {
                gate.pass().await;
                then.map_or(Ok(None), Err)
            }
            other => Ok(other),
        }
    }

    /// One mail for a key. When it was asked for first.
    fn once(&self, key: Uuid, request: &str, mail: Option<String>) -> Result<Timestamp, LmsError> {
        let mut state = self.state.lock().unwrap();
        if let Some((before, asked_at)) = state.effects.get(&key) {
            return if before == request { Ok(*asked_at) } else { Err(LmsError::KeyUsed) };
        }
        let now = self.clock.now();
        state.effects.insert(key, (request.to_owned(), now));
        state.mails.extend(mail);
        Ok(now)
    }

    /// The answer is on its way.
    async fn answer(trouble: Option<Trouble>) -> Result<(), LmsError> {
        tokio::task::yield_now().await;
        match trouble {
            Some(Trouble::After) => Err(LmsError::Unclear("lost".to_owned())),
            Some(Trouble::Silence(gate)) => {
                gate.pass().await;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn of(&self, name: &str) -> Vec<CertificateOnFile> {
        if name == "anna" { self.state.lock().unwrap().certificates.clone() } else { Vec::new() }
    }
}

fn masked(name: &str) -> String {
    format!("{}•••@example.com", &name[..1])
}

#[async_trait]
impl Lms for FakeLms {
    async fn identify(&self, token: &IdentityToken) -> Result<Principal, LmsError> {
        self.state.lock().unwrap().identified += 1;
        if self.state.lock().unwrap().down {
            return Err(LmsError::Down("refused".to_owned()));
        }
        let (name, id) = self.name(token)?;
        let expires_at = self.clock.now() + Duration::from_secs(900);
        Ok(Principal::vouched(Uuid::from_u128(id), name.to_owned(), expires_at, token.clone()))
    }

    async fn send_reset_to(&self, form: &AddressForm, key: Uuid) -> Result<u64, LmsError> {
        let trouble = self.arrive("reset by form").await?;
        let name = form.reveal().strip_suffix("@example.com");
        let known = LEARNERS.iter().any(|(learner, _)| Some(*learner) == name);
        self.once(key, form.reveal(), known.then(|| format!("reset to {}", form.reveal())))?;
        Self::answer(trouble).await?;
        Ok(30)
    }

    async fn send_reset(&self, principal: &Principal, key: Uuid) -> Result<ResetSent, LmsError> {
        let (name, _) = self.name(principal.token())?;
        let trouble = self.arrive(&format!("reset of {name}")).await?;
        let asked_at = self.once(key, &format!("reset of {name}"), Some(format!("reset to {name}@example.com")))?;
        Self::answer(trouble).await?;
        Ok(ResetSent { sent_to: masked(name), link_minutes: 30, asked_at })
    }

    async fn certificates(&self, principal: &Principal) -> Result<Vec<CertificateOnFile>, LmsError> {
        let (name, _) = self.name(principal.token())?;
        // As of now, however long the answer takes.
        let certificates = self.of(name);
        self.arrive(&format!("certificates of {name}")).await?;
        Ok(certificates)
    }

    async fn resend_certificate(&self, principal: &Principal, certificate: Uuid, key: Uuid) -> Result<CertificateSent, LmsError> {
        let (name, _) = self.name(principal.token())?;
        let trouble = self.arrive(&format!("resend to {name}")).await?;
        let certificate = self.of(name).into_iter().find(|held| held.id == certificate).ok_or(LmsError::NotFound)?;
        let mail = format!("certificate {} to {name}@example.com", certificate.course);
        let asked_at = self.once(key, &format!("resend {} to {name}", certificate.id), Some(mail))?;
        Self::answer(trouble).await?;
        Ok(CertificateSent { certificate, sent_to: masked(name), asked_at })
    }

    async fn diagnose(&self, principal: &Principal, topic: Topic, order: Option<&OrderNumber>) -> Result<Vec<Finding>, LmsError> {
        let (name, _) = self.name(principal.token())?;
        let what = [format!("{} of {name}", topic.as_str())].into_iter().chain(order.map(|order| order.as_str().to_owned()));
        self.arrive(&what.collect::<Vec<_>>().join(" ")).await?;
        if self.state.lock().unwrap().blank {
            return Ok(Vec::new());
        }
        Ok(vec![Finding {
            about: "Yoga \0 <b>for</b> all".to_owned(),
            reason: topic.as_str().to_owned(),
            mood: Mood::Problem,
            sentence: "Quiz 3 is at 62 %, 70 % is needed.".to_owned(),
            evidence: vec![Fact { label: "Quiz 3".to_owned(), value: "62 %".to_owned() }],
            remedy: Some(Remedy { text: "Take the quiz again".to_owned(), url: Some("/quiz/3".to_owned()) }),
            needs_person: false,
        }])
    }
}
