//! One request of the support API, and what its answer means.

use std::error::Error as StdError;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::HttpLms;
use super::wire::{Problem, SIGNED_OUT};
use crate::{IdentityToken, LmsError};

/// Whose request it is.
const IDENTITY: HeaderName = HeaderName::from_static("porter-identity");
/// By what name the LMS knows an effect again.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest answer that is read, in bytes.
const LONGEST: usize = 256 * 1024;

/// A request.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    method: Method,
    /// Below `/support/v1/`; `{id}` stands for `subject`. This is what logs show.
    route: &'static str,
    subject: Option<String>,
    query: Option<(&'static str, String)>,
    person: Option<&'a IdentityToken>,
    key: Option<Uuid>,
    body: Option<Value>,
    /// Asked time and again, so that a silence is no news.
    routine: bool,
}

impl<'a> Ask<'a> {
    pub(super) fn get(route: &'static str) -> Self {
        Self { method: Method::GET, route, subject: None, query: None, person: None, key: None, body: None, routine: false }
    }

    /// For an effect, which happens once for a key.
    pub(super) fn post(route: &'static str, key: Uuid) -> Self {
        Self { method: Method::POST, key: Some(key), ..Self::get(route) }
    }

    pub(super) fn of_person(self, token: &'a IdentityToken) -> Self {
        Self { person: Some(token), ..self }
    }

    pub(super) fn routine(self) -> Self {
        Self { routine: true, ..self }
    }

    /// What `{id}` is. Ids and words of this crate only: they need no escape.
    pub(super) fn about(self, subject: String) -> Self {
        Self { subject: Some(subject), ..self }
    }

    pub(super) fn narrowed(self, name: &'static str, value: String) -> Self {
        Self { query: Some((name, value)), ..self }
    }

    pub(super) fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn is_effect(&self) -> bool {
        self.key.is_some()
    }

    fn request(&self, lms: &HttpLms) -> RequestBuilder {
        let path = match &self.subject {
            Some(subject) => self.route.replace("{id}", subject),
            None => self.route.to_owned(),
        };
        let mut request = lms.client.request(self.method.clone(), format!("{}/support/v1/{path}", lms.base));
        if let Some(query) = &self.query {
            request = request.query(&[query]);
        }
        if let Some(token) = self.person {
            request = request.header(IDENTITY, sensitive(token.reveal()));
        }
        if let Some(key) = self.key {
            request = request.header(IDEMPOTENCY_KEY, key.to_string());
        }
        if let Some(body) = &self.body {
            request = request.json(body);
        }
        request
    }
}

/// A value that no log shows. A token is of visible ASCII, so it always is one.
fn sensitive(text: &str) -> HeaderValue {
    let mut value = HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// The body of an answer as documented.
#[derive(Debug)]
pub(super) struct Reply<T>(pub(super) T);

/// Why there is no answer that can be read.
#[derive(Debug, thiserror::Error)]
enum NoAnswer {
    #[error("{0}")]
    Transport(String),
    #[error("it answered {0}")]
    Status(StatusCode),
    #[error("its answer is longer than {LONGEST} bytes")]
    TooLong,
    /// Where, but not what: it may be a name.
    #[error("its answer is not as documented: a {0:?} error at byte {1}")]
    Shape(serde_json::error::Category, usize),
}

impl HttpLms {
    /// Sends the request; once more when the connection broke: an effect has its key, so it cannot happen twice.
    pub(super) async fn ask<T: DeserializeOwned>(&self, ask: Ask<'_>) -> Result<Reply<T>, LmsError> {
        // Whether a request may have reached the LMS.
        let mut arrived = false;
        let mut attempts = 0;
        let response = loop {
            attempts += 1;
            match ask.request(self).send().await {
                Ok(response) => break response,
                Err(error) => {
                    arrived |= !(error.is_connect() || error.is_builder());
                    // After a time-out the student has waited long enough.
                    if attempts == 2 || error.is_timeout() || error.is_builder() {
                        return Err(silent(&ask, arrived, &NoAnswer::Transport(causes(&error))));
                    }
                    tracing::debug!(route = ask.route, error = causes(&error), "asking the LMS once more");
                }
            }
        };
        read(&ask, response).await
    }
}

/// What a response means.
async fn read<T: DeserializeOwned>(ask: &Ask<'_>, response: Response) -> Result<Reply<T>, LmsError> {
    let status = response.status();
    let good = if ask.is_effect() { StatusCode::ACCEPTED } else { StatusCode::OK };
    match status {
        _ if status == good => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(refused(ask, response).await),
        // Taken back meanwhile: as if it were not there.
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(LmsError::NotFound),
        StatusCode::CONFLICT if ask.is_effect() => return Err(LmsError::KeyUsed),
        StatusCode::TOO_MANY_REQUESTS => return Err(LmsError::Busy),
        // It was refused as it stands, so nothing happened; a success or a fault may have done it.
        _ => return Err(silent(ask, status.is_success() || status.is_server_error(), &NoAnswer::Status(status))),
    }
    let body = bounded(response).await.map_err(|why| silent(ask, true, &why))?;
    serde_json::from_slice(&body).map(Reply).map_err(|error| silent(ask, true, &NoAnswer::Shape(error.classify(), error.column())))
}

/// Who is not known: the person, or Porter itself? Both are 401; the problem's type tells. A student must not be sent to sign in again and again
/// because of a wrong setting, so only the documented word means the person.
async fn refused(ask: &Ask<'_>, response: Response) -> LmsError {
    let status = response.status();
    let problem: Option<Problem> = bounded(response).await.ok().and_then(|body| serde_json::from_slice(&body).ok());
    if ask.person.is_some() && status == StatusCode::UNAUTHORIZED && problem.is_some_and(|problem| problem.kind == SIGNED_OUT) {
        return LmsError::SignedOut;
    }
    tracing::error!(route = ask.route, %status, "the LMS does not know the service token: give both sides the same lms.service_token");
    LmsError::Down(format!("it answered {status}"))
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, NoAnswer> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| NoAnswer::Transport(causes(&error)))? {
        if body.len() + piece.len() > LONGEST {
            return Err(NoAnswer::TooLong);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// Logs that no answer came, and says whether an effect may have happened all the same.
fn silent(ask: &Ask<'_>, arrived: bool, why: &NoAnswer) -> LmsError {
    if ask.routine {
        tracing::debug!(route = ask.route, error = %why, "the LMS does not work");
    } else {
        tracing::warn!(route = ask.route, error = %why, "the LMS does not work");
    }
    if ask.is_effect() && arrived { LmsError::Unclear(why.to_string()) } else { LmsError::Down(why.to_string()) }
}

/// reqwest's own message stops at "error sending request" and names the address, whose path may hold an id; the reason is in its sources.
fn causes(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.push(inner.to_string());
        cause = inner.source();
    }
    if error.is_timeout() {
        words.push("it took too long".to_owned());
    }
    if words.is_empty() { "the request could not be made".to_owned() } else { words.join(": ") }
}
