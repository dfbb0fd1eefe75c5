//! What the sandbox knows: checkouts with their charges, and the events that it tells.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{CheckoutRequest, EventKind, ProviderEvent, RefundRequest};

/// How the API answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    #[default]
    Fine,
    /// Never answers.
    Hang,
    /// 500 to everything.
    Fail,
    /// 402 to everything.
    Refuse,
    /// Answers something else than documented.
    Babble,
}

/// How webhooks go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deliveries {
    #[default]
    Once,
    Twice,
    /// The newest event of a checkout first, all of them each time.
    Reversed,
    /// Not at all: only asking helps.
    Lost,
}

/// What it is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Behaviour {
    #[serde(default)]
    pub mood: Mood,
    #[serde(default)]
    pub deliveries: Deliveries,
    /// Refunds fail at the bank.
    #[serde(default)]
    pub refunds_fail: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Checkout {
    pub(super) request: CheckoutRequest,
    /// What the page is found by: nobody guesses it.
    pub(super) secret: String,
    pub(super) events: Vec<ProviderEvent>,
    /// Refunds by their key.
    pub(super) refunds: Vec<Uuid>,
}

impl Checkout {
    pub(super) fn has(&self, kind: EventKind) -> bool {
        self.events.iter().any(|event| event.kind == kind)
    }

    /// The charge that is held and neither taken nor let go.
    pub(super) fn held(&self) -> Option<&ProviderEvent> {
        let ended =
            |charge: &str| self.events.iter().any(|event| event.charge == charge && event.kind != EventKind::ChargeAuthorised);
        self.events.iter().find(|event| event.kind == EventKind::ChargeAuthorised && !ended(&event.charge))
    }

    /// Notes what happened to a charge.
    pub(super) fn note(
        &mut self,
        id: String,
        kind: EventKind,
        charge: String,
        method: String,
        reason: Option<&str>,
    ) -> ProviderEvent {
        let event = ProviderEvent {
            id,
            kind,
            order: self.request.key,
            charge,
            amount: self.request.amount.clone(),
            method,
            refund: None,
            attempt: 0,
            reason: reason.map(str::to_owned),
        };
        self.events.push(event.clone());
        event
    }

    /// Notes how a refund ended; `None` when it was asked for before.
    pub(super) fn refund(&mut self, id: String, request: &RefundRequest, fails: bool) -> Option<ProviderEvent> {
        if self.refunds.contains(&request.key) {
            return None;
        }
        let paid = self.events.iter().find(|event| event.kind == EventKind::ChargeCaptured)?.clone();
        self.refunds.push(request.key);
        let event = ProviderEvent {
            id,
            kind: if fails { EventKind::RefundFailed } else { EventKind::RefundSettled },
            amount: request.amount.clone(),
            refund: Some(request.refund),
            attempt: request.attempt,
            reason: fails.then(|| "the account at the bank is closed".to_owned()),
            ..paid
        };
        self.events.push(event.clone());
        Some(event)
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Pages {
    pub(super) checkouts: BTreeMap<Uuid, Checkout>,
}

/// Everything, kept in a file.
#[derive(Debug)]
pub(super) struct Book {
    file: Option<PathBuf>,
    pages: Mutex<Pages>,
    behaviour: Mutex<Behaviour>,
}

impl Book {
    pub(super) fn open(file: Option<PathBuf>) -> std::io::Result<Self> {
        let pages = match file.as_ref().filter(|file| file.exists()) {
            Some(file) => serde_json::from_slice(&std::fs::read(file)?)?,
            None => Pages::default(),
        };
        Ok(Self { file, pages: Mutex::new(pages), behaviour: Mutex::default() })
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    pub(super) fn behaviour(&self) -> Behaviour {
        *self.behaviour.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&Pages) -> T) -> T {
        look(&self.pages())
    }

    /// Changes it, and keeps the change before anybody hears of it.
    pub(super) fn write<T>(&self, change: impl FnOnce(&mut Pages) -> T) -> T {
        let mut pages = self.pages();
        let changed = change(&mut pages);
        if let Some(file) = &self.file {
            let kept = serde_json::to_vec(&*pages).map_err(std::io::Error::other).and_then(|bytes| {
                let fresh = file.with_extension("new");
                std::fs::write(&fresh, bytes)?;
                std::fs::rename(fresh, file)
            });
            if let Err(error) = kept {
                tracing::error!(%error, "the payment sandbox cannot keep what it did");
            }
        }
        changed
    }
}
