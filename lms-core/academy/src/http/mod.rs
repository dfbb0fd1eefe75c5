//! HTTP: the pages that learners see, and the API that support uses.

mod assets;
mod caller;
mod headers;
mod next;
mod origin;
mod page;
mod pages;
mod problem;
mod session;
mod support;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use porter_kernel::clock::Clock;
use porter_kernel::http::{PerMinute, SecurityHeaders, SessionCookie, secure};
use porter_kernel::ids::{Ids, TokenHash};
use porter_payments::{PaymentProvider, Secrets};

use crate::domain::AccountId;
use crate::policy::Policy;
use crate::store::AcademyStore;
use crate::tokens::SigningKey;

/// The largest body of a form or of a call, in bytes.
const BODY_LIMIT: usize = 16_000;

/// What the academy's pages and API are put together from.
#[derive(Clone)]
pub struct AcademyParts {
    pub store: Arc<dyn AcademyStore>,
    pub policy: Policy,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// Signs identity tokens; known to the academy alone.
    pub key: SigningKey,
    /// Opens the support API.
    pub service_token: TokenHash,
    /// `None`: payment is not set up.
    pub payments: Option<Payments>,
    /// Where the support desk is: its chat comes onto the pages. Without one, pages name the support address instead.
    pub desk_url: Option<String>,
    /// How learners reach the academy, without a slash at the end.
    pub public_url: String,
    /// Set when the academy is reached over HTTPS.
    pub secure_cookies: bool,
}

impl fmt::Debug for AcademyParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcademyParts")
            .field("public_url", &self.public_url)
            .field("desk_url", &self.desk_url)
            .finish_non_exhaustive()
    }
}

/// How the academy gets paid.
#[derive(Debug, Clone)]
pub struct Payments {
    pub provider: Arc<dyn PaymentProvider>,
    /// Check the provider's webhooks.
    pub secrets: Secrets,
}

/// What the handlers work with.
#[derive(Debug)]
struct Academy {
    parts: AcademyParts,
    cookie: SessionCookie,
    limits: Limits,
}

/// How often one may ask. Each limit slows a flood down and lets a person through again within a minute.
#[derive(Debug)]
struct Limits {
    /// Sign-ins, by the address they are for: a guesser of one account's password.
    by_address: PerMinute<String>,
    /// Questions for a link, by the address. Apart from sign-ins: who floods a person with links must not keep them from signing in.
    links_by_address: PerMinute<String>,
    /// The same, and looks at certificates, by who asks: a guesser of many.
    by_caller: PerMinute<IpAddr>,
    /// What support does for a learner, by the account.
    by_account: PerMinute<AccountId>,
}

impl Academy {
    fn store(&self) -> &dyn AcademyStore {
        self.parts.store.as_ref()
    }
}

/// The academy's routes, and the description of the support API. It expects the caller's address as
/// [`axum::extract::ConnectInfo`] of a [`std::net::SocketAddr`]; without one all callers count as one.
pub fn router(parts: AcademyParts) -> (Router, utoipa::openapi::OpenApi) {
    let academy = Arc::new(Academy {
        cookie: SessionCookie { name: session::COOKIE_NAME, secure: parts.secure_cookies },
        limits: Limits {
            by_address: PerMinute::new(10),
            links_by_address: PerMinute::new(10),
            by_caller: PerMinute::new(120),
            by_account: PerMinute::new(60),
        },
        parts,
    });
    let (api, description) = support::router(&academy);
    let pages = headers::pages(pages::router(), academy.parts.desk_url.as_deref());
    let routes = api.merge(pages).merge(assets::router()).layer(DefaultBodyLimit::max(BODY_LIMIT));
    (secure(routes, &SecurityHeaders::default()).with_state(academy), description)
}
