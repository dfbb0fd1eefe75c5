//! The student's side of the chat.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use metrics::counter;
use porter_kernel::http::{Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Desk;
use super::identity::{Presented, bind, presented};
use super::session::Visitor;
use crate::domain::{self, Author, Conversation, ConversationId, Message};
use crate::live::ConversationEvent;
use crate::{texts, ticket};

/// Messages read in one call; more than any person writes in one conversation.
pub(super) const ALL_MESSAGES: i64 = 10_000;

/// Who holds the conversation, and what an honest wait is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WidgetState {
    #[serde(flatten)]
    state: domain::State,
    /// When people answer.
    support_hours: String,
}

impl WidgetState {
    pub(super) fn new(state: domain::State, desk: &Desk) -> Self {
        Self { state, support_hours: desk.settings.support_hours.clone() }
    }
}

/// A conversation as the widget shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Shown {
    id: ConversationId,
    /// The name of the person whose it is; null while it is nobody's.
    signed_in_as: Option<String>,
    state: WidgetState,
    messages: Vec<Message>,
}

/// The conversation as it stands.
pub(super) async fn shown(desk: &Desk, conversation: &Conversation) -> Result<Shown, Problem> {
    let id = conversation.id;
    let messages = desk.store.messages_after(id, 0, ALL_MESSAGES).await?;
    let state = WidgetState::new(desk.store.state(id).await?, desk);
    let signed_in_as = conversation.subject.as_ref().map(|subject| subject.name.clone());
    Ok(Shown { id, signed_in_as, state, messages })
}

/// A conversation that has just begun, with the secret that opens it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Created {
    #[serde(flatten)]
    conversation: Shown,
    /// Kept by the widget; the desk stores only its hash.
    token: String,
}

/// What a student sends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    /// Made once by the client; the same id again returns the same message.
    client_id: Uuid,
    /// Plain text.
    text: String,
}

/// Begins a conversation; it is the signed-in person's own when there is one.
#[utoipa::path(post, path = "/api/v1/conversations", tag = "chat",
    responses((status = 201, body = Created), (status = 429, body = Problem)))]
pub(super) async fn create(
    State(desk): State<Arc<Desk>>,
    ConnectInfo(caller): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Created>), Problem> {
    desk.new_conversations.take(&caller.ip().to_string())?;
    let (id, token) = (ConversationId(desk.ids.uuid()), desk.ids.token());
    // Who is here is found out first: a problem with it must not leave a conversation behind that nobody knows of.
    let presented = presented(&headers, &desk, id).await?;
    let (conversation, _) = desk.store.create_conversation(id, &token.hash(), texts::GREETING, desk.clock.now()).await?;
    counter!("porter_conversations_total").increment(1);
    let conversation = match presented {
        Presented::Person(principal) => bind(&desk, id, &principal).await?,
        Presented::Nobody | Presented::Refused | Presented::Unchecked(_) => conversation,
    };
    let conversation = shown(&desk, &conversation).await?;
    Ok((StatusCode::CREATED, Json(Created { conversation, token: token.reveal().to_owned() })))
}

/// Shows a conversation with all its messages.
#[utoipa::path(get, path = "/api/v1/conversations/{id}", tag = "chat", params(("id" = Uuid, Path)), security(("conversation" = [])),
    responses((status = 200, body = Shown), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn show(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Json<Shown>, Problem> {
    Ok(Json(shown(&desk, &visitor.conversation).await?))
}

/// Sends a message. The answer comes through the event stream.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages", tag = "chat", params(("id" = Uuid, Path)), request_body = Sent,
    security(("conversation" = [])),
    responses((status = 201, body = Message), (status = 200, description = "Sent before", body = Message),
        (status = 413, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn send(
    State(desk): State<Arc<Desk>>,
    Visitor { conversation, .. }: Visitor,
    Json(sent): Json<Sent>,
) -> Result<Response, Problem> {
    // PostgreSQL cannot keep a NUL character in a text, and nobody means to send one.
    let text = sent.text.replace('\0', "");
    if text.trim().is_empty() {
        return Err(Problem::unprocessable("The message is empty. Write something and send it again."));
    }
    desk.messages.take(&conversation.id)?;
    let added = desk.store.add_student_message(conversation.id, sent.client_id, &text, desk.clock.now()).await?;
    desk.live.tell(conversation.id, ConversationEvent::Changed);
    desk.live.turn_waits();
    // Whoever has the case, or looks at it in the queue, sees the message as it comes.
    wake_inbox(&desk, conversation.id).await?;
    let status = if added.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(added.message)).into_response())
}

/// Tells the inboxes that the conversation's case, if there is one, has changed.
pub(super) async fn wake_inbox(desk: &Desk, conversation: ConversationId) -> Result<(), Problem> {
    if let Some(ticket) = desk.store.open_ticket(conversation).await? {
        desk.live.ticket_changed(ticket);
    }
    Ok(())
}

/// Asks for a person. Asking again changes nothing.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/handoff", tag = "chat", params(("id" = Uuid, Path)), security(("conversation" = [])),
    responses((status = 200, body = WidgetState), (status = 404, body = Problem)))]
pub(super) async fn hand_off(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Json<WidgetState>, Problem> {
    let id = visitor.conversation.id;
    let messages = desk.store.messages_after(id, 0, ALL_MESSAGES).await?;
    let written: Vec<&str> =
        messages.iter().filter(|message| message.author == Author::Student).map(|message| message.text.as_str()).collect();
    let reason = "The student asks for a person.";
    let new = match written.last() {
        None => ticket::without_reading(None, reason, desk.ids.as_ref()),
        // A person is fetched even when the message cannot be read.
        Some(last) => match desk.understand.understand(last).await {
            Ok(understood) if !understood.assessment.intent.is_chatter() => {
                let mut new = ticket::from_message(&understood, last, desk.ids.as_ref());
                new.reason = reason.to_owned();
                new
            }
            Ok(_) => ticket::without_reading(Some(last), reason, desk.ids.as_ref()),
            Err(error) => {
                tracing::error!(%error, "a message could not be understood; a person gets the case all the same");
                ticket::without_reading(Some(last), reason, desk.ids.as_ref())
            }
        },
    };
    let handed = desk.store.student_hand_off(id, &new, texts::HANDED_OFF, desk.clock.now()).await?;
    if handed.message.is_some() {
        counter!("porter_handoffs_total", "by" => "student").increment(1);
    }
    desk.live.ticket_changed(handed.ticket);
    desk.live.tell(id, ConversationEvent::Changed);
    Ok(Json(WidgetState::new(handed.state, &desk)))
}
