//! HTTP: the pages that learners see, and the API that support uses.

mod assets;
mod bounces;
mod caller;
mod device;
mod doors;
mod headers;
mod media;
mod next;
mod opening;
mod origin;
mod page;
mod pages;
mod problem;
mod second_factor;
mod seen;
mod session;
mod strength;
mod support;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse as _, Response};
use porter_kernel::clock::Clock;
use porter_kernel::files::Files;
use porter_kernel::http::{PerMinute, Problem, SecurityHeaders, SessionCookie, secure};
use porter_kernel::ids::{Ids, TokenHash};
use porter_kernel::jobs::JobStore;
use porter_payments::{PaymentProvider, Secrets};

use crate::credential::CredentialKey;
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
    /// The queue of the same database: administrators look into it.
    pub jobs: Arc<dyn JobStore>,
    pub policy: Policy,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// Where what learners hand in is kept.
    pub files: Arc<dyn Files>,
    /// Signs identity tokens; known to the academy alone.
    pub key: SigningKey,
    /// Signs certificates as credentials.
    pub credential_key: CredentialKey,
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

/// How often one may ask of this process. Each limit slows a flood down and lets a person through again within a minute. What guards accounts is in the
/// database: see [`doors`].
#[derive(Debug)]
struct Limits {
    /// By who asks: a guesser of many.
    by_caller: PerMinute<IpAddr>,
    /// What support does for a learner, by the account.
    by_account: PerMinute<AccountId>,
    /// How often something was taken from the limits in the database.
    taken: AtomicU64,
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
        limits: Limits { by_caller: PerMinute::new(120), by_account: PerMinute::new(60), taken: AtomicU64::new(0) },
        parts,
    });
    let (api, description) = support::router(&academy);
    let pages = headers::pages(seen::router(pages::router(), &academy), academy.parts.desk_url.as_deref());
    let routes = api
        .merge(bounces::router(&academy))
        .merge(pages)
        .merge(assets::router())
        .route("/media/{file}", axum::routing::get(media::show))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    (secure(routes, &SecurityHeaders::default()).with_state(academy), description)
}

/// A problem as one of the academy's pages, for browsers that its routes were not asked for: see [`porter_kernel::http::Capacity`].
#[must_use]
pub fn problem_page(problem: Problem) -> Response {
    headers::secret(page::PageProblem::from(problem).into_response())
}
