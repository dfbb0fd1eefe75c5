//! A client of the LMS without the one check that everything rests on: it shows the token of whoever came last.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use porter_actions::{
    AddressForm, CertificateOnFile, CertificateSent, Finding, HttpLms, IdentityToken, Lms, LmsError, OrderNumber, Principal,
    ResetSent, Topic,
};
use uuid::Uuid;

#[derive(Debug)]
pub(super) struct MixedUp {
    lms: HttpLms,
    last: Mutex<Option<Principal>>,
}

impl MixedUp {
    pub(super) fn new(lms: HttpLms) -> Self {
        Self { lms, last: Mutex::new(None) }
    }

    /// Whoever came before.
    fn somebody(&self, principal: &Principal) -> Principal {
        let before = self.last.lock().unwrap_or_else(PoisonError::into_inner).replace(principal.clone());
        before.unwrap_or_else(|| principal.clone())
    }
}

#[async_trait]
impl Lms for MixedUp {
    async fn identify(&self, token: &IdentityToken) -> Result<Principal, LmsError> {
        self.lms.identify(token).await
    }

    async fn send_reset_to(&self, form: &AddressForm, key: Uuid) -> Result<u64, LmsError> {
        self.lms.send_reset_to(form, key).await
    }

    async fn send_reset(&self, principal: &Principal, key: Uuid) -> Result<ResetSent, LmsError> {
        self.lms.send_reset(&self.somebody(principal), key).await
    }

    async fn certificates(&self, principal: &Principal) -> Result<Vec<CertificateOnFile>, LmsError> {
        self.lms.certificates(&self.somebody(principal)).await
    }

    async fn resend_certificate(&self, principal: &Principal, certificate: Uuid, key: Uuid) -> Result<CertificateSent, LmsError> {
        self.lms.resend_certificate(&self.somebody(principal), certificate, key).await
    }

    async fn diagnose(&self, principal: &Principal, topic: Topic, order: Option<&OrderNumber>) -> Result<Vec<Finding>, LmsError> {
        self.lms.diagnose(&self.somebody(principal), topic, order).await
    }
}
