//! Who calls, for whom, and under which key.

use std::sync::Arc;

use axum::body::{Bytes, HttpBody as _};
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use porter_kernel::clock::Timestamp;
pub(super) use porter_kernel::http::IdempotencyKey;
use porter_kernel::http::Problem;
use porter_kernel::ids::Token;

use crate::domain::{Account, AccountStatus, ApiScope};
use crate::http::Academy;
use crate::http::pages::keys;

pub(super) const IDENTITY: &str = "Porter-Identity";

/// Lets a call through that carries the service token, or a key that administrators made for support. The hashes are compared, so that time tells
/// nothing of the token.
pub(in crate::http) async fn service_only(State(academy): State<Arc<Academy>>, request: Request, next: Next) -> Response {
    let token = single(request.headers(), header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    if token.is_some_and(|token| Token::hash_text(token) == academy.parts.service_token) {
        return next.run(request).await;
    }
    if let Some(key) = token.filter(|token| keys::is_key(token)) {
        let now = academy.parts.clock.now();
        match academy.store().use_api_key(&Token::hash_text(key), ApiScope::Support, now).await {
            Ok(Some(_)) => return next.run(request).await,
            Ok(None) => {}
            Err(error) => return Problem::from(error).into_response(),
        }
    }
    tracing::warn!("a call without the service token was refused");
    Problem::unauthorized("The service token is missing or wrong.").into_response()
}

/// The value of a header that comes exactly once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).into_iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

/// The person of the identity token: the only way in which a call names one.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) account: Account,
    pub(super) expires_at: Timestamp,
}

impl FromRequestParts<Arc<Academy>> for Subject {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, academy: &Arc<Academy>) -> Result<Self, Problem> {
        let signed_out = || {
            let detail = "The person is not signed in any more. Sign in and ask again.";
            Problem::new(StatusCode::UNAUTHORIZED, "signed-out", detail)
        };
        let now = academy.parts.clock.now();
        let token = single(&parts.headers, IDENTITY).ok_or_else(signed_out)?;
        let identity = academy.parts.key.verify(token, now).ok_or_else(signed_out)?;
        // The token outlives neither its session nor the account's good standing.
        let account = academy.store().session_by_id(identity.session, now).await?;
        let account = account.filter(|account| account.id == identity.account && account.status == AccountStatus::Active);
        Ok(Self { account: account.ok_or_else(signed_out)?, expires_at: identity.expires_at })
    }
}

/// A write that needs nothing said: a body would say something that is not heard, and is refused.
#[derive(Debug)]
pub(super) struct NoBody;

impl<S: Send + Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if request.body().is_end_stream() {
            return Ok(Self);
        }
        match Bytes::from_request(request, state).await {
            Ok(bytes) if bytes.is_empty() => Ok(Self),
            _ => Err(Problem::unprocessable("This call takes no body: whom it concerns is in the identity token.")),
        }
    }
}
