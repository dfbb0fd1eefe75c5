//! Tickets of other systems: an academy's own contact form, or another help desk.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use porter_kernel::http::{IdempotencyKey, Json, Path, Problem};
use porter_kernel::ids::Token;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Desk;
use super::inbound_mail::keep;
use crate::domain::{Channel, ConversationId, Holder, NewLetter};

const TEXT_CHARS: usize = 20_000;
const SUBJECT_CHARS: usize = 250;
const NAME_CHARS: usize = 120;
const ADDRESS_CHARS: usize = 254;

/// Another system, known by its key.
pub(super) struct System;

impl FromRequestParts<Arc<Desk>> for System {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Problem> {
        let key = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        // Hashes are compared, so the time it takes tells nothing about the key.
        match key {
            Some(key) if Token::hash_text(key) == desk.doors.api_key => Ok(Self),
            _ => Err(Problem::unauthorized("This needs the desk's key: send it as Authorization: Bearer KEY (desk.api_key).")),
        }
    }
}

/// What somebody wrote to another system.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Filed {
    /// One line.
    #[serde(default)]
    subject: String,
    /// Plain text, 20,000 characters at most.
    text: String,
    /// Where the answer goes by mail. Without one it is only shown here.
    email: Option<String>,
    /// How the person is called.
    #[serde(default)]
    name: String,
    /// Such as `de`; shown to agents.
    language: Option<String>,
}

/// Where a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TicketState {
    /// It waits for its answer, for a moment.
    Received,
    /// The assistant has answered it.
    Answered,
    /// It waits for a person.
    Queued,
    /// A person has it.
    Claimed,
    /// A person has closed it.
    Resolved,
}

/// A ticket as other systems see it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ticket {
    /// Its id.
    id: ConversationId,
    state: TicketState,
    /// What people call it, once it is in the queue: 1, 2, 3, …
    number: Option<i64>,
    /// Its place in the queue, from 1, while it waits for a person.
    place: Option<i64>,
    /// The newest answer.
    answer: Option<String>,
}

/// Files a ticket. It is understood like a message: an article answers it, or a person does. With an address the answer goes there by mail.
/// The same key again gives the same ticket.
#[utoipa::path(post, path = "/api/v1/tickets", tag = "letters", request_body = Filed, security(("system" = [])),
    params(("Idempotency-Key" = Uuid, Header, description = "Made once for each ticket, and sent with every try")),
    responses((status = 201, body = Ticket), (status = 200, description = "Filed before", body = Ticket), (status = 401, body = Problem),
        (status = 409, description = "The key belongs to another ticket", body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
pub(super) async fn file(
    State(desk): State<Arc<Desk>>,
    _: System,
    IdempotencyKey(key): IdempotencyKey,
    Json(filed): Json<Filed>,
) -> Result<(StatusCode, Json<Ticket>), Problem> {
    let letter = letter(filed, key)?;
    let received = keep(&desk, &letter, desk.clock.now()).await?;
    if received.duplicate {
        let before = desk.store.message(received.conversation, received.seq).await?;
        if before.is_none_or(|message| message.text != letter.text) {
            return Err(Problem::conflict("This Idempotency-Key belongs to another ticket. Make one UUID for each."));
        }
    }
    let ticket = ticket(&desk, received.conversation).await?;
    Ok((if received.duplicate { StatusCode::OK } else { StatusCode::CREATED }, Json(ticket)))
}

/// Shows where a ticket is. Mails have one too: its id is what taking them was answered with.
#[utoipa::path(get, path = "/api/v1/tickets/{id}", tag = "letters", params(("id" = Uuid, Path)), security(("system" = [])),
    responses((status = 200, body = Ticket), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn show(State(desk): State<Arc<Desk>>, _: System, Path(id): Path<Uuid>) -> Result<Json<Ticket>, Problem> {
    Ok(Json(ticket(&desk, ConversationId(id)).await?))
}

fn letter(filed: Filed, key: Uuid) -> Result<NewLetter, Problem> {
    let clean = |text: &str| text.replace('\0', "").trim().to_owned();
    let one_line = |text: &str| clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let short = |what: &str, text: &str, most: usize| {
        let fits = text.chars().count() <= most;
        fits.then_some(()).ok_or_else(|| Problem::unprocessable(format!("{what} has more than {most} characters. Send less.")))
    };
    let (text, subject, name) = (clean(&filed.text), one_line(&filed.subject), one_line(&filed.name));
    if text.is_empty() {
        return Err(Problem::unprocessable("The text is empty. Send what the person wrote."));
    }
    short("The text", &text, TEXT_CHARS)?;
    short("The subject", &subject, SUBJECT_CHARS)?;
    short("The name", &name, NAME_CHARS)?;
    let address = filed.email.map(|email| email.trim().to_owned()).filter(|email| !email.is_empty());
    if let Some(address) = &address
        && (address.len() > ADDRESS_CHARS || !porter_mail::is_address(address))
    {
        return Err(Problem::unprocessable("The email is no address. Leave it out when there is none."));
    }
    let language = filed.language.map(|language| language.trim().to_owned()).filter(|language| !language.is_empty());
    if language.as_ref().is_some_and(|tag| tag.len() > 35 || !tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
    {
        return Err(Problem::unprocessable(
            "The language is no language tag, such as de or pt-BR. Leave it out when it is not known.",
        ));
    }
    Ok(NewLetter {
        key: format!("api/{key}"),
        channel: Channel::Api,
        message_id: None,
        answers: Vec::new(),
        address,
        name,
        subject,
        language,
        text,
        rest: String::new(),
        files: Vec::new(),
    })
}

async fn ticket(desk: &Desk, id: ConversationId) -> Result<Ticket, Problem> {
    let Some(progress) = desk.store.progress(id).await? else { return Err(Problem::not_found("There is no such ticket.")) };
    let state = desk.store.state(id).await?;
    Ok(Ticket {
        id,
        state: match state.holder {
            Holder::Queue => TicketState::Queued,
            Holder::Agent => TicketState::Claimed,
            Holder::Closed => TicketState::Resolved,
            Holder::Bot if progress.waits => TicketState::Received,
            Holder::Bot => TicketState::Answered,
        },
        number: progress.ticket.map(|(_, number)| number),
        place: state.place,
        answer: progress.answer,
    })
}
