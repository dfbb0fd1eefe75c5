//! An agent says what would have been right: evals ask for it from then on, or the next training learns it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use porter_kernel::http::{Problem, Query};
use porter_knowledge_base::Audience;
use porter_triage::{Decision, Intent, Urgency};
use serde::Deserialize;
use uuid::Uuid;

use super::runs::{door, moment};
use super::scrub::scrub;
use crate::domain::{Author, ConversationId, EvalCase, NewEvalCase, Purpose, TicketDetail, TicketId};
use crate::http::Desk;
use crate::http::pages::{failed, name, page};
use crate::http::session::signed_in;

/// Longer texts are no case that anybody would read.
const LONGEST: usize = 4_000;
/// Articles of one case.
const MOST_ARTICLES: usize = 10;

#[derive(Template)]
#[template(path = "eval_cases.html")]
struct List<'a> {
    academy_name: &'a str,
    groups: Vec<Group>,
}

/// Cases of one purpose.
struct Group {
    purpose: Purpose,
    cases: Vec<Shown>,
}

struct Shown {
    case: EvalCase,
    at: String,
}

#[derive(Template)]
#[template(path = "eval_case_new.html")]
struct New<'a> {
    academy_name: &'a str,
    error: Option<&'a str>,
    ticket: Uuid,
    number: i64,
    text: String,
    articles: String,
    teach: bool,
    intents: Vec<Chosen>,
    decisions: Vec<Chosen>,
    urgencies: Vec<Chosen>,
}

/// An option of a list.
struct Chosen {
    word: &'static str,
    title: String,
    selected: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct About {
    ticket: Uuid,
    #[serde(default = "check")]
    purpose: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default = "check")]
    purpose: String,
}

fn check() -> String {
    Purpose::Check.as_str().to_owned()
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Answered {
    ticket: Uuid,
    #[serde(default = "check")]
    purpose: String,
    text: String,
    intent: String,
    decision: String,
    urgency: String,
    /// Slugs with spaces or commas between.
    #[serde(default)]
    articles: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Removed {
    conversation: Uuid,
}

fn options<T: Copy + PartialEq>(all: &[T], word: fn(T) -> &'static str, chosen: &str) -> Vec<Chosen> {
    all.iter()
        .map(|own| Chosen { word: word(*own), title: super::trend::title(word(*own)), selected: word(*own) == chosen })
        .collect()
}

fn form(desk: &Desk, ticket: &TicketDetail, answered: &Answered, error: Option<&str>) -> Response {
    page(&New {
        academy_name: name(desk),
        error,
        ticket: ticket.row.id.0,
        number: ticket.row.number,
        text: answered.text.clone(),
        articles: answered.articles.clone(),
        teach: answered.purpose == Purpose::Teach.as_str(),
        intents: options(Intent::ALL, Intent::as_str, &answered.intent),
        decisions: options(Decision::ALL, Decision::as_str, &answered.decision),
        urgencies: options(Urgency::ALL, Urgency::as_str, &answered.urgency),
    })
}

fn no_ticket() -> Response {
    failed(StatusCode::NOT_FOUND, "This ticket does not exist", "Choose one in the inbox, and make it a case from there.")
}

/// The form, filled in with what triage thought: the agent corrects it.
pub(super) async fn new(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Query(about): Query<About>,
) -> Result<Response, Problem> {
    if signed_in(&headers, &desk).await?.is_none() {
        return Ok(door());
    }
    let Some(ticket) = desk.store.ticket(TicketId(about.ticket)).await? else { return Ok(no_ticket()) };
    let intent: Option<Intent> = ticket.row.intent.as_deref().and_then(|word| word.parse().ok());
    let slug = |url: &str| Some(url.split_once("/help/")?.1.split('#').next()?.to_owned());
    let articles: Vec<String> = ticket.passages.iter().take(1).filter_map(|passage| slug(&passage.url)).collect();
    let answered = Answered {
        ticket: about.ticket,
        purpose: about.purpose,
        text: scrub(&written(&ticket)),
        intent: intent.unwrap_or(Intent::HumanRequest).as_str().to_owned(),
        decision: intent.map_or(Decision::Escalate, Intent::usual_decision).as_str().to_owned(),
        urgency: ticket.row.urgency.as_str().to_owned(),
        articles: articles.join(" "),
    };
    Ok(form(&desk, &ticket, &answered, None))
}

/// What the student has written, all of it: the bot reads what is unanswered together.
fn written(ticket: &TicketDetail) -> String {
    let own = ticket.messages.iter().filter(|message| message.author == Author::Student);
    own.map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n").chars().take(LONGEST).collect()
}

/// Keeps the case. The text is scrubbed once more: whoever edits it may have put something back.
pub(super) async fn keep(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(answered): Form<Answered>,
) -> Result<Response, Problem> {
    let Some(agent) = signed_in(&headers, &desk).await? else { return Ok(door()) };
    let Some(ticket) = desk.store.ticket(TicketId(answered.ticket)).await? else { return Ok(no_ticket()) };
    let refuse = |why: &str| (StatusCode::UNPROCESSABLE_ENTITY, form(&desk, &ticket, &answered, Some(why))).into_response();
    let (Ok(intent), Ok(decision), Ok(urgency)) =
        (answered.intent.parse::<Intent>(), answered.decision.parse::<Decision>(), answered.urgency.parse::<Urgency>())
    else {
        return Ok(refuse("Choose a subject, a decision and an urgency from the lists."));
    };
    let Some(purpose) = Purpose::from_word(&answered.purpose) else {
        return Ok(refuse("Choose what the conversation is for."));
    };
    let text = scrub(answered.text.trim());
    if text.is_empty() || text.chars().count() > LONGEST {
        return Ok(refuse("The text must have between 1 and 4,000 characters."));
    }
    if decision == Decision::Act && intent.action().is_none() {
        return Ok(refuse("Nothing can be done at once about this subject: choose another decision."));
    }
    let articles: Vec<String> =
        answered.articles.split([' ', ',', '\n']).map(str::trim).filter(|slug| !slug.is_empty()).map(str::to_owned).collect();
    if articles.len() > MOST_ARTICLES {
        return Ok(refuse("Name ten articles at most."));
    }
    for slug in &articles {
        if matches!(desk.knowledge.article(slug, Audience::Staff).await, Ok(None)) {
            return Ok(refuse("One of the articles does not exist. Name them as in their address: /help/NAME."));
        }
    }
    let conversation = ticket.conversation_id;
    let case = NewEvalCase { conversation, purpose, text, intent, decision, urgency, articles, made_by: agent.id };
    desk.store.keep_eval_case(&case, desk.clock.now()).await?;
    Ok(Redirect::to("/admin/evals/cases").into_response())
}

pub(super) async fn list(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Result<Response, Problem> {
    if signed_in(&headers, &desk).await?.is_none() {
        return Ok(door());
    }
    let cases = desk.store.eval_cases().await?;
    let of = |purpose: Purpose| {
        let own = cases.iter().filter(|case| case.purpose == purpose).cloned();
        Group { purpose, cases: own.map(|case| Shown { at: moment(case.created_at), case }).collect() }
    };
    let groups = Purpose::ALL.iter().map(|purpose| of(*purpose)).collect();
    Ok(page(&List { academy_name: name(&desk), groups }))
}

/// Those of one purpose as JSON Lines, as evals and training read them.
pub(super) async fn download(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    if signed_in(&headers, &desk).await?.is_none() {
        return Ok(door());
    }
    let cases = desk.store.eval_cases().await?;
    let own = cases.iter().filter(|case| case.purpose.as_str() == wanted.purpose);
    let lines: String = own.map(|case| format!("{}\n", case.line())).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"cases.jsonl\""),
    ];
    Ok((headers, lines).into_response())
}

pub(super) async fn remove(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(removed): Form<Removed>,
) -> Result<Response, Problem> {
    if signed_in(&headers, &desk).await?.is_none() {
        return Ok(door());
    }
    desk.store.drop_eval_case(ConversationId(removed.conversation)).await?;
    Ok(Redirect::to("/admin/evals/cases").into_response())
}
