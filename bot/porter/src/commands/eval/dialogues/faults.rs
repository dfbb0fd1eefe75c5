//! Faults on demand: the academy fails for one call, or does what it is asked and its answer is lost; or the worker that answers is killed, while it
//! reads or when it has just acted.

use std::fmt;
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use porter_actions::{
    AddressForm, CertificateOnFile, CertificateSent, Finding, HttpLms, IdentityToken, Lms, LmsError, OrderNumber, Principal,
    ResetSent, Topic,
};
use porter_desk::{RespondError, Understand, Understood};
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;

/// What fails, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    AcademyAway,
    AnswerLost,
    KilledReading,
    KilledActing,
}

impl Fault {
    pub(super) const ALL: [Self; 4] = [Self::AcademyAway, Self::AnswerLost, Self::KilledReading, Self::KilledActing];

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::AcademyAway => "the academy was away for one call",
            Self::AnswerLost => "the academy did what it was asked, and its answer was lost",
            Self::KilledReading => "the worker was killed while it read the message",
            Self::KilledActing => "the worker was killed when it had called the academy",
        }
    }

    fn kills(self) -> bool {
        matches!(self, Self::KilledReading | Self::KilledActing)
    }
}

/// Where a fault waits for its moment.
#[derive(Debug, Default)]
pub(super) struct Trap {
    state: Mutex<State>,
    /// The worker at work is dead.
    pub(super) killed: Notify,
}

#[derive(Debug, Default)]
struct State {
    armed: Option<Fault>,
    struck: Option<Fault>,
    /// A worker is at work, and not a request of the widget: only a worker can be killed.
    working: bool,
    /// What the reader made of each message.
    readings: Vec<Value>,
}

impl Trap {
    fn state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn arm(&self, fault: Fault) {
        self.state(|state| state.armed = Some(fault));
    }

    pub(super) fn working(&self, working: bool) {
        self.state(|state| state.working = working);
    }

    /// What failed so far.
    pub(super) fn struck(&self) -> Option<Fault> {
        self.state(|state| state.struck)
    }

    /// What was read since the last call.
    pub(super) fn readings(&self) -> Vec<Value> {
        self.state(|state| std::mem::take(&mut state.readings))
    }

    /// The fault strikes if it is one of these and its moment has come.
    fn strike(&self, these: &[Fault]) -> Option<Fault> {
        self.state(|state| {
            let fault = state.armed.filter(|fault| these.contains(fault) && (state.working || !fault.kills()))?;
            (state.armed, state.struck) = (None, Some(fault));
            Some(fault)
        })
    }

    /// The end of this worker: whoever waits for it lets go.
    async fn die<T>(&self) -> T {
        self.killed.notify_one();
        pending().await
    }
}

/// The academy behind a trap.
#[derive(Debug)]
pub(super) struct FaultyLms {
    pub(super) lms: HttpLms,
    pub(super) trap: Arc<Trap>,
}

impl FaultyLms {
    /// `effect`: when its answer is lost, nobody knows whether it happened.
    async fn call<T>(&self, effect: bool, call: impl Future<Output = Result<T, LmsError>>) -> Result<T, LmsError> {
        match self.trap.strike(&[Fault::AcademyAway, Fault::AnswerLost, Fault::KilledActing]) {
            None | Some(Fault::KilledReading) => call.await,
            Some(Fault::AcademyAway) => Err(LmsError::Down("a fault of the dialogue".to_owned())),
            Some(Fault::AnswerLost) => {
                let _ = call.await;
                let why = "a fault of the dialogue".to_owned();
                Err(if effect { LmsError::Unclear(why) } else { LmsError::Down(why) })
            }
            Some(Fault::KilledActing) => {
                let _ = call.await;
                self.trap.die().await
            }
        }
    }
}

#[async_trait]
impl Lms for FaultyLms {
    async fn identify(&self, token: &IdentityToken) -> Result<Principal, LmsError> {
        self.call(false, self.lms.identify(token)).await
    }

    async fn send_reset_to(&self, form: &AddressForm, key: Uuid) -> Result<u64, LmsError> {
        self.call(true, self.lms.send_reset_to(form, key)).await
    }

    async fn send_reset(&self, principal: &Principal, key: Uuid) -> Result<ResetSent, LmsError> {
        self.call(true, self.lms.send_reset(principal, key)).await
    }

    async fn certificates(&self, principal: &Principal) -> Result<Vec<CertificateOnFile>, LmsError> {
        self.call(false, self.lms.certificates(principal)).await
    }

    async fn resend_certificate(&self, principal: &Principal, certificate: Uuid, key: Uuid) -> Result<CertificateSent, LmsError> {
        self.call(true, self.lms.resend_certificate(principal, certificate, key)).await
    }

    async fn diagnose(&self, principal: &Principal, topic: Topic, order: Option<&OrderNumber>) -> Result<Vec<Finding>, LmsError> {
        self.call(false, self.lms.diagnose(principal, topic, order)).await
    }
}

/// The reader behind a trap; what it makes of messages is noted for the trace.
pub(super) struct FaultyReader {
    pub(super) reader: Arc<dyn Understand>,
    pub(super) trap: Arc<Trap>,
}

impl fmt::Debug for FaultyReader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FaultyReader").finish_non_exhaustive()
    }
}

#[async_trait]
impl Understand for FaultyReader {
    async fn understand(&self, message: &str) -> Result<Understood, RespondError> {
        if self.trap.strike(&[Fault::KilledReading]).is_some() {
            return self.trap.die().await;
        }
        let understood = self.reader.understand(message).await?;
        let passages: Vec<Value> = understood
            .passages
            .iter()
            .map(|found| json!({ "article": found.slug, "heading": found.heading, "score": found.score }))
            .collect();
        let reading = json!({ "assessment": understood.assessment, "passages": passages });
        self.trap.state(|state| state.readings.push(reading));
        Ok(understood)
    }
}
