//! Accounts, for administrators: found by address or name, given a role, locked and unlocked. Every change is noted with who made it.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::http::{Path, Problem, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::Fields;
use crate::address::stored_form;
use crate::domain::{Account, AccountId, AccountStatus, Role};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Administrator;
use crate::http::words::Badge;
use crate::http::{Academy, next, words};
use crate::store::PersonDecision;

/// People on a page.
const PAGE: i64 = 50;
/// The longest text that is searched for, in characters.
const QUERY_MAX: usize = 254;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/admin/people", get(list))
        .route("/admin/people/{id}", get(show))
        .route("/admin/people/{id}/role", post(set_role))
        .route("/admin/people/{id}/lock", post(lock))
        .route("/admin/people/{id}/unlock", post(unlock))
}

#[derive(Template)]
#[template(path = "people.html")]
struct ListPage<'a> {
    frame: Frame<'a>,
    query: String,
    people: Vec<Line>,
    /// Leads to the page after this one.
    more: Option<String>,
}

struct Line {
    id: AccountId,
    name: String,
    email: String,
    role: &'static str,
    badge: Badge,
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Learner => "Learner",
        Role::Instructor => "Instructor",
        Role::SupportAgent => "Support agent",
        Role::Administrator => "Administrator",
    }
}

fn badge(status: AccountStatus) -> Badge {
    let (text, tone) = match status {
        AccountStatus::Active => ("Open", "good"),
        AccountStatus::Locked => ("Locked", "bad"),
        AccountStatus::Unverified => ("Not confirmed", "waiting"),
        AccountStatus::Erased => ("Erased", "quiet"),
    };
    Badge { text, tone }
}

fn line(account: Account) -> Line {
    let (role, badge) = (role_name(account.role), badge(account.status));
    Line { id: account.id, name: account.name, email: account.email, role, badge }
}

#[derive(Debug, Default, Deserialize)]
struct Search {
    q: Option<String>,
    after: Option<Uuid>,
}

/// A text with an @ is an address, and found only whole: a list of addresses is not to be had by guessing.
async fn list(
    State(academy): State<Arc<Academy>>,
    Administrator(admin): Administrator,
    search: Result<Query<Search>, Problem>,
) -> Result<Response, PageProblem> {
    let Query(search) = search.unwrap_or_default();
    let query: String = search.q.unwrap_or_default().trim().chars().take(QUERY_MAX).collect();
    let (mut people, mut more) = (Vec::new(), None);
    if query.contains('@') {
        if let Some(address) = stored_form(&query) {
            let found = academy.store().account_by_email(&address).await?;
            people.extend(found.map(|found| line(found.account)));
        }
    } else {
        let after = match search.after {
            Some(id) => academy.store().account(AccountId(id)).await?,
            None => None,
        };
        let after = after.as_ref().map(|account| (account.name.as_str(), account.id));
        let mut found = academy.store().people(&query, after, PAGE + 1).await?;
        let full = usize::try_from(PAGE).unwrap_or(usize::MAX);
        if found.len() > full {
            found.truncate(full);
            more = found.last().map(|last| format!("/admin/people?q={}&after={}", next::escaped(&query), last.id));
        }
        people.extend(found.into_iter().map(line));
    }
    Ok(page(&ListPage { frame: academy.frame(Some(&admin), "/admin"), query, people, more }))
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage<'a> {
    frame: Frame<'a>,
    person: Line,
    since: String,
    two_factor: bool,
    roles: Vec<(&'static str, &'static str, bool)>,
    /// One's own account is changed by others.
    own: bool,
    open: bool,
    locked: bool,
    changes: Vec<(String, String)>,
}

async fn show(
    State(academy): State<Arc<Academy>>,
    Administrator(admin): Administrator,
    Path(id): Path<Uuid>,
) -> Result<Response, PageProblem> {
    let id = AccountId(id);
    let found = academy.store().person(id).await?.ok_or_else(|| Problem::not_found("There is no such account."))?;
    let changes = academy.store().person_changes(id).await?.into_iter().map(|change| {
        let what = match change.now_is.as_str() {
            "locked" => format!("{} locked the account.", change.by),
            "active" => format!("{} unlocked the account.", change.by),
            _ => {
                let name = |word: &str| word.parse().map_or_else(|_| word.to_owned(), |role| role_name(role).to_owned());
                format!("{} changed the role from {} to {}.", change.by, name(&change.was), name(&change.now_is))
            }
        };
        (what, words::date_and_time(change.changed_at))
    });
    let (changes, account) = (changes.collect(), found.account);
    let all = [Role::Learner, Role::Instructor, Role::SupportAgent, Role::Administrator];
    let body = PersonPage {
        frame: academy.frame(Some(&admin), "/admin"),
        since: words::date(account.created_at),
        two_factor: found.two_factor,
        roles: all.into_iter().map(|role| (role.as_str(), role_name(role), role == account.role)).collect(),
        own: account.id == admin.id,
        open: account.status == AccountStatus::Active,
        locked: account.status == AccountStatus::Locked,
        changes,
        person: line(account),
    };
    Ok(page(&body))
}

async fn decide(academy: &Academy, admin: &Account, id: Uuid, decision: PersonDecision) -> Result<Response, PageProblem> {
    let (parts, id) = (&academy.parts, AccountId(id));
    parts.store.decide_about(id, decision, admin.id, parts.ids.uuid(), parts.clock.now()).await?;
    tracing::info!(account = %id, by = %admin.id, ?decision, "an administrator changed an account");
    Ok(Redirect::to(&format!("/admin/people/{id}")).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRole {
    role: Role,
}

async fn set_role(
    State(academy): State<Arc<Academy>>,
    Administrator(admin): Administrator,
    Path(id): Path<Uuid>,
    Fields(form): Fields<NewRole>,
) -> Result<Response, PageProblem> {
    decide(&academy, &admin, id, PersonDecision::Role(form.role)).await
}

async fn lock(
    State(academy): State<Arc<Academy>>,
    Administrator(admin): Administrator,
    Path(id): Path<Uuid>,
) -> Result<Response, PageProblem> {
    decide(&academy, &admin, id, PersonDecision::Lock).await
}

async fn unlock(
    State(academy): State<Arc<Academy>>,
    Administrator(admin): Administrator,
    Path(id): Path<Uuid>,
) -> Result<Response, PageProblem> {
    decide(&academy, &admin, id, PersonDecision::Unlock).await
}
