//! The LMS over its HTTP support API.
//!
//! An answer that is not as documented is no answer: the LMS is down then, and a person gets the case. What was asked for an effect and may have
//! arrived is told apart from what certainly has not.

mod call;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, StatusCode, Url, redirect};
use uuid::Uuid;

use call::{Ask, Reply};
use wire::{Certificates, Diagnosis, Identity, LinkAsked, LinkSent, Promises, Resent};

use crate::{
    AddressForm, CertificateOnFile, CertificateSent, Finding, IdentityToken, Lms, LmsError, OrderNumber, Principal, ResetSent,
    Topic,
};

/// How long it may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) connect: Duration,
    pub(crate) whole: Duration,
}

/// A student waits for it.
const PATIENCE: Patience = Patience { connect: Duration::from_secs(2), whole: Duration::from_secs(5) };

/// Why there can be no such client.
#[derive(Debug, thiserror::Error)]
pub enum HttpLmsError {
    /// Not an address.
    #[error("{0:?} is no address of an LMS: it must begin with http:// or https://, and have neither a query nor a fragment")]
    Address(String),
    /// Not a token.
    #[error("the service token of the LMS must be of visible ASCII characters")]
    ServiceToken,
    /// TLS or the resolver cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(#[source] reqwest::Error),
}

/// A client of the support API.
#[derive(Clone)]
pub struct HttpLms {
    client: Client,
    /// Without a slash at its end.
    base: String,
}

impl HttpLms {
    /// `base_url` is the academy's own address, such as `http://127.0.0.1:8080`; `service_token` is what the academy knows Porter by.
    pub fn new(base_url: &str, service_token: &str) -> Result<Self, HttpLmsError> {
        Self::patient(base_url, service_token, PATIENCE)
    }

    pub(crate) fn patient(base_url: &str, service_token: &str, patience: Patience) -> Result<Self, HttpLmsError> {
        let wrong = || HttpLmsError::Address(base_url.to_owned());
        let url = Url::parse(base_url).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong());
        }
        if service_token.is_empty() || !service_token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(HttpLmsError::ServiceToken);
        }
        let mut bearer = HeaderValue::from_str(&format!("Bearer {service_token}")).map_err(|_| HttpLmsError::ServiceToken)?;
        bearer.set_sensitive(true);
        // One TLS provider for the process. Installing it twice is refused, and the first one stays: nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            // The service token is for the LMS alone: no proxy of the environment, and no other place that an answer names.
            .no_proxy()
            .redirect(redirect::Policy::none())
            // Sooner than servers close an idle connection (ours after 20 s), so that no call meets one that is being closed.
            .pool_idle_timeout(Duration::from_secs(15))
            .connect_timeout(patience.connect)
            .timeout(patience.whole)
            .user_agent(concat!("porter/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(HttpLmsError::Client)?;
        Ok(Self { client, base: base_url.trim_end_matches('/').to_owned() })
    }
}

impl HttpLms {
    /// The figures that the academy goes by, by the names that help articles know them by.
    pub async fn facts(&self) -> Result<BTreeMap<String, String>, LmsError> {
        let Reply(promises): Reply<Promises> = self.ask(Ask::get("policy").routine()).await?;
        Ok(promises.facts)
    }
}

impl fmt::Debug for HttpLms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpLms").finish_non_exhaustive()
    }
}

#[async_trait]
impl Lms for HttpLms {
    async fn identify(&self, token: &IdentityToken) -> Result<Principal, LmsError> {
        let Reply(identity): Reply<Identity> = self.ask(Ask::get("identity").of_person(token)).await?;
        Ok(Principal::vouched(identity.learner_id, identity.name, identity.expires_at, token.clone()))
    }

    async fn send_reset_to(&self, form: &AddressForm, key: Uuid) -> Result<u64, LmsError> {
        let body = serde_json::json!({ "address": form.reveal() });
        let Reply(asked): Reply<LinkAsked> = self.ask(Ask::post("password-resets", key).with(body)).await?;
        Ok(asked.link_minutes)
    }

    async fn send_reset(&self, principal: &Principal, key: Uuid) -> Result<ResetSent, LmsError> {
        let Reply(sent): Reply<LinkSent> = self.ask(Ask::post("me/password-reset", key).of_person(principal.token())).await?;
        Ok(ResetSent { sent_to: sent.sent_to, link_minutes: sent.link_minutes, asked_at: sent.asked_at })
    }

    async fn certificates(&self, principal: &Principal) -> Result<Vec<CertificateOnFile>, LmsError> {
        let Reply(list): Reply<Certificates> = self.ask(Ask::get("me/certificates").of_person(principal.token())).await?;
        Ok(list.certificates.into_iter().map(Into::into).collect())
    }

    async fn resend_certificate(&self, principal: &Principal, certificate: Uuid, key: Uuid) -> Result<CertificateSent, LmsError> {
        let ask = Ask::post("me/certificates/{id}/resend", key).about(certificate.to_string()).of_person(principal.token());
        let Reply(resent): Reply<Resent> = self.ask(ask).await?;
        if resent.certificate.id != certificate {
            tracing::error!("the LMS answered about another certificate than it was asked about");
            return Err(LmsError::Unclear("another certificate".to_owned()));
        }
        Ok(CertificateSent { certificate: resent.certificate.into(), sent_to: resent.sent_to, asked_at: resent.asked_at })
    }

    async fn diagnose(&self, principal: &Principal, topic: Topic, order: Option<&OrderNumber>) -> Result<Vec<Finding>, LmsError> {
        let ask = Ask::get("me/diagnosis/{id}").about(topic.as_str().to_owned()).of_person(principal.token());
        let ask = order.into_iter().fold(ask, |ask, order| ask.narrowed("order", order.as_str().to_owned()));
        let Reply(diagnosis): Reply<Diagnosis> = self.ask(ask).await?;
        diagnosis.findings().ok_or_else(|| LmsError::Down(format!("{} without a finding", StatusCode::OK)))
    }
}
