//! Keys of services, for administrators. A key is shown once, when it is made.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::ids::Token;
use serde::Deserialize;
use uuid::Uuid;

use super::Fields;
use crate::domain::{Account, ApiKey, ApiScope};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Administrator;
use crate::http::{Academy, words};
use crate::store::NewApiKey;

/// What a key begins with, so that programs that look for leaked secrets know one.
const BEGIN: &str = "porter_";
/// Of a key, what may be shown: enough to tell two apart, and 36 of 128 bits at most.
const SHOWN: usize = BEGIN.len() + 6;
const NAME_MAX: usize = 80;
const SCOPES: [(ApiScope, &str); 3] =
    [(ApiScope::Support, "The support API"), (ApiScope::Reports, "Reading reports"), (ApiScope::Inbound, "Sending things in")];

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new().route("/admin/keys", get(show).post(make)).route("/admin/keys/revoke", post(revoke))
}

/// Whether a text has the form of a key: only then the database is asked.
pub(in crate::http) fn is_key(text: &str) -> bool {
    text.strip_prefix(BEGIN).is_some_and(|secret| Token::parse(secret).is_some())
}

#[derive(Template)]
#[template(path = "keys.html")]
struct Page<'a> {
    frame: Frame<'a>,
    keys: Vec<Line>,
    scopes: Vec<(&'static str, &'static str)>,
    /// The key that was just made.
    made: Option<&'a str>,
    error: Option<&'a str>,
}

struct Line {
    id: Uuid,
    name: String,
    prefix: String,
    scopes: String,
    made: String,
    used: String,
    ends: String,
    live: bool,
    state: &'static str,
}

fn line(key: ApiKey, academy: &Academy) -> Line {
    let live = key.is_live(academy.parts.clock.now());
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    Line {
        id: key.id,
        scopes: scopes.join(", "),
        made: format!("{} by {}", words::date(key.created_at), key.made_by),
        used: key.used_at.map_or_else(|| "never".to_owned(), words::date),
        ends: key.expires_at.map_or_else(|| "never".to_owned(), words::date),
        live,
        state: match (live, key.revoked_at) {
            (true, _) => "Live",
            (false, Some(_)) => "Revoked",
            (false, None) => "Run out",
        },
        name: key.name,
        prefix: key.prefix,
    }
}

async fn render(academy: &Academy, admin: &Account, made: Option<&str>, error: Option<&str>) -> Result<Response, PageProblem> {
    let keys = academy.store().api_keys().await?.into_iter().map(|key| line(key, academy)).collect();
    let scopes = SCOPES.iter().map(|(scope, words)| (scope.as_str(), *words)).collect();
    let body = Page { frame: academy.frame(Some(admin), "/admin"), keys, scopes, made, error };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page(&body)).into_response())
}

async fn show(State(academy): State<Arc<Academy>>, Administrator(admin): Administrator) -> Result<Response, PageProblem> {
    render(&academy, &admin, None, None).await
}

/// A box that is not ticked is not sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    name: String,
    days: u32,
    support: Option<String>,
    reports: Option<String>,
    inbound: Option<String>,
}

async fn make(
    State(academy): State<Arc<Academy>>,
    Administrator(admin): Administrator,
    Fields(form): Fields<NewKey>,
) -> Result<Response, PageProblem> {
    let name = form.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return render(&academy, &admin, None, Some("Name the service that gets the key, in 80 characters at most.")).await;
    }
    let ticked = [(ApiScope::Support, &form.support), (ApiScope::Reports, &form.reports), (ApiScope::Inbound, &form.inbound)];
    let scopes: Vec<ApiScope> = ticked.into_iter().filter(|(_, ticked)| ticked.is_some()).map(|(scope, _)| scope).collect();
    if scopes.is_empty() {
        return render(&academy, &admin, None, Some("Tick at least one thing that the key is for.")).await;
    }
    let parts = &academy.parts;
    let (now, secret) = (parts.clock.now(), format!("{BEGIN}{}", parts.ids.token().reveal()));
    let key = NewApiKey {
        id: parts.ids.uuid(),
        name: name.to_owned(),
        prefix: secret.chars().take(SHOWN).collect(),
        token: Token::hash_text(&secret),
        scopes,
        made_by: admin.id,
        expires_at: (form.days > 0).then(|| now + Duration::from_hours(24 * u64::from(form.days.min(3_650)))),
    };
    parts.store.add_api_key(&key, now).await?;
    tracing::info!(key = %key.id, by = %admin.id, "a key of a service was made");
    render(&academy, &admin, Some(&secret), None).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    id: Uuid,
}

async fn revoke(
    State(academy): State<Arc<Academy>>,
    Administrator(admin): Administrator,
    Fields(form): Fields<Revoke>,
) -> Result<Response, PageProblem> {
    academy.store().revoke_api_key(form.id, academy.parts.clock.now()).await?;
    tracing::info!(key = %form.id, by = %admin.id, "a key of a service was revoked");
    Ok(Redirect::to("/admin/keys").into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form() {
        assert!(is_key("porter_AAAAAAAAAAAAAAAAAAAAAQ"));
        for other in ["", "porter_", "AAAAAAAAAAAAAAAAAAAAAQ", "porter_short", "porter_AAAAAAAAAAAAAAAAAAAAAQ=="] {
            assert!(!is_key(other), "{other}");
        }
    }
}
