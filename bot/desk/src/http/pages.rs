//! Pages, rendered on the server. Each template is bound to one struct.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::http::{Path, Problem, Query};
use porter_kernel::passwords;
use porter_knowledge_base::{Audience, document};
use serde::Deserialize;

use super::Desk;
use super::session::{cookie, signed_in};

const SESSION: Duration = Duration::from_secs(14 * 24 * 3_600);
const RESULTS: usize = 8;
const EXCERPT_CHARS: usize = 220;

pub(super) fn router() -> Router<Arc<Desk>> {
    Router::new()
        .route("/", get(demo))
        .route("/help", get(help))
        .route("/help/{slug}", get(article))
        .route("/inbox", get(inbox))
        .route("/inbox/sign-in", get(sign_in_page).post(sign_in))
        .route("/inbox/sign-out", post(sign_out))
}

/// The page inside the widget's frame, which other sites may show.
pub(super) fn widget_router() -> Router<Arc<Desk>> {
    Router::new().route(
        "/widget",
        get(async |State(desk): State<Arc<Desk>>| page(&Widget { academy_name: name(&desk), academy_url: academy_url(&desk) })),
    )
}

#[derive(Template)]
#[template(path = "demo.html")]
struct Demo<'a> {
    academy_name: &'a str,
    /// Where learners sign in.
    academy_url: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "widget.html")]
struct Widget<'a> {
    academy_name: &'a str,
    /// Where the remedies of findings lead.
    academy_url: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "help_index.html")]
struct HelpIndex<'a> {
    academy_name: &'a str,
    query: Option<String>,
    results: Vec<HelpResult>,
    categories: Vec<Category>,
}

struct HelpResult {
    slug: String,
    title: String,
    excerpt: String,
}

struct Category {
    name: String,
    articles: Vec<ArticleLink>,
}

struct ArticleLink {
    slug: String,
    title: String,
    summary: String,
}

#[derive(Template)]
#[template(path = "help_article.html")]
struct HelpArticle<'a> {
    academy_name: &'a str,
    title: String,
    summary: String,
    updated: Option<String>,
    category: Option<String>,
    html: String,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    academy_name: &'a str,
    error: Option<&'a str>,
    email: String,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox<'a> {
    academy_name: &'a str,
    /// Where the remedies of findings lead.
    academy_url: Option<&'a str>,
    agent_name: String,
    agent_email: String,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
}

pub(super) fn name(desk: &Desk) -> &str {
    &desk.settings.academy_name
}

fn academy_url(desk: &Desk) -> Option<&str> {
    desk.settings.academy_url.as_deref()
}

pub(super) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Problem::internal().into_response()
        }
    }
}

pub(super) fn failed(status: StatusCode, title: &str, detail: &str) -> Response {
    (status, page(&ErrorPage { status: status.as_u16(), title, detail })).into_response()
}

async fn demo(State(desk): State<Arc<Desk>>) -> Response {
    page(&Demo { academy_name: name(&desk), academy_url: academy_url(&desk) })
}

#[derive(Debug, Deserialize)]
struct Search {
    q: Option<String>,
}

async fn help(State(desk): State<Arc<Desk>>, Query(search): Query<Search>) -> Response {
    let query = search.q.map(|query| query.trim().to_owned()).filter(|query| !query.is_empty());
    let knowledge = &desk.knowledge;
    let found = match &query {
        Some(query) => knowledge.search_text(query, Audience::Everyone, RESULTS).await,
        None => Ok(Vec::new()),
    };
    let articles = if query.is_none() { knowledge.articles(Audience::Everyone).await } else { Ok(Vec::new()) };
    let (found, articles) = match (found, articles) {
        (Ok(found), Ok(articles)) => (found, articles),
        (Err(error), _) | (_, Err(error)) => {
            tracing::error!(%error, "the help centre failed");
            let detail = "The help centre is not working right now. Please try again in a moment, or ask in the chat.";
            return failed(StatusCode::SERVICE_UNAVAILABLE, "Please try again in a moment", detail);
        }
    };
    let results = found
        .into_iter()
        .map(|found| HelpResult {
            excerpt: document::plain_text(&found.text).chars().take(EXCERPT_CHARS).collect::<String>() + " …",
            slug: found.slug,
            title: found.title,
        })
        .collect();
    let mut shelves: BTreeMap<String, Vec<ArticleLink>> = BTreeMap::new();
    for article in articles {
        let shelf = article.category.unwrap_or_else(|| article.source.clone());
        let summary = article.summary.unwrap_or_default();
        shelves.entry(shelf).or_default().push(ArticleLink { slug: article.slug, title: article.title, summary });
    }
    let categories = shelves.into_iter().map(|(name, articles)| Category { name, articles }).collect();
    page(&HelpIndex { academy_name: name(&desk), query, results, categories })
}

async fn article(State(desk): State<Arc<Desk>>, Path(slug): Path<String>) -> Response {
    match desk.knowledge.article(&slug, Audience::Everyone).await {
        Ok(Some(article)) => page(&HelpArticle {
            academy_name: name(&desk),
            html: document::render_html(&article.row.markdown),
            title: article.row.title,
            summary: article.row.summary.unwrap_or_default(),
            updated: article.row.updated,
            category: article.row.category,
        }),
        Ok(None) => failed(
            StatusCode::NOT_FOUND,
            "This article does not exist",
            "It may have been renamed or taken down. Search the help centre, or ask in the chat.",
        ),
        Err(error) => {
            tracing::error!(%error, "an article could not be read");
            let detail = "The help centre is not working right now. Please try again in a moment.";
            failed(StatusCode::SERVICE_UNAVAILABLE, "Please try again in a moment", detail)
        }
    }
}

async fn inbox(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Result<Response, Problem> {
    Ok(match signed_in(&headers, &desk).await? {
        Some(agent) => page(&Inbox {
            academy_name: name(&desk),
            academy_url: academy_url(&desk),
            agent_name: agent.name,
            agent_email: agent.email,
        }),
        None => Redirect::to("/inbox/sign-in").into_response(),
    })
}

async fn sign_in_page(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Result<Response, Problem> {
    Ok(match signed_in(&headers, &desk).await? {
        Some(_) => Redirect::to("/inbox").into_response(),
        None => page(&SignIn { academy_name: name(&desk), error: None, email: String::new() }),
    })
}

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: String,
}

/// One text for an unknown address and a wrong password, and the same work for both.
async fn sign_in(State(desk): State<Arc<Desk>>, Form(form): Form<Credentials>) -> Result<Response, Problem> {
    let refuse = |status: StatusCode, error: &str| {
        let body = page(&SignIn { academy_name: name(&desk), error: Some(error), email: form.email.clone() });
        (status, body).into_response()
    };
    let email = form.email.trim().to_lowercase();
    if desk.sign_ins.take(&email).is_err() {
        return Ok(refuse(StatusCode::TOO_MANY_REQUESTS, "Too many attempts. Please wait a minute and try again."));
    }
    let known = desk.store.staff_by_email(&email).await?;
    let hash = known.as_ref().map(|credentials| credentials.password_hash.clone());
    let right = passwords::matches(form.password.clone(), hash).await?;
    let Some(credentials) = known.filter(|_| right) else {
        return Ok(refuse(StatusCode::UNAUTHORIZED, "The e-mail address or the password is not right."));
    };
    let (token, now) = (desk.ids.token(), desk.clock.now());
    desk.store.create_session(&token.hash(), credentials.member.id, now, now + SESSION).await?;
    desk.store.delete_expired(now).await?;
    Ok(([(header::SET_COOKIE, cookie(&desk).set(&token, SESSION))], Redirect::to("/inbox")).into_response())
}

async fn sign_out(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = cookie(&desk).read(&headers) {
        desk.store.delete_session(&token.hash()).await?;
    }
    Ok(([(header::SET_COOKIE, cookie(&desk).clear())], Redirect::to("/inbox/sign-in")).into_response())
}
