//! The agents' side: the queue, a case with its evidence, and what is done with it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use porter_actions::RunRow;
use porter_kernel::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Desk;
use super::session::Agent;
use crate::domain::{Correspondence, Counts, Message, StaffId, TicketDetail, TicketId, TicketRow};
use crate::live::ConversationEvent;
use crate::store::{Changed, TicketView};

/// Tickets of one list.
const LIMIT: i64 = 200;

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum View {
    Queue,
    Mine,
    Resolved,
}

#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct Which {
    /// `queue`, `mine` or `resolved`.
    view: View,
}

/// A list of tickets, and how many wait.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Listed {
    tickets: Vec<TicketRow>,
    counts: Counts,
}

/// A ticket with its evidence and conversation.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Case {
    #[serde(flatten)]
    detail: TicketDetail,
    /// The asking agent has it.
    mine: bool,
    /// What was asked for in the conversation and what it came to, the oldest first.
    #[schema(value_type = Vec<Object>)]
    receipts: Vec<RunRow>,
    /// What came by mail or over the API, and what became of the answers; null for a chat.
    letters: Option<Correspondence>,
}

/// What an agent sends to the student.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    /// Made once by the client; the same id again returns the same message.
    client_id: Uuid,
    /// Plain text.
    text: String,
}

/// Lists tickets: the queue with the most urgent first, one's own, or those that are done.
#[utoipa::path(get, path = "/api/v1/inbox/tickets", tag = "inbox", params(Which), security(("staff" = [])),
    responses((status = 200, body = Listed), (status = 401, body = Problem)))]
pub(super) async fn list(
    State(desk): State<Arc<Desk>>,
    Agent(agent): Agent,
    Query(which): Query<Which>,
) -> Result<Json<Listed>, Problem> {
    let view = match which.view {
        View::Queue => TicketView::Queue,
        View::Mine => TicketView::Mine(agent.id),
        View::Resolved => TicketView::Resolved,
    };
    let tickets = desk.store.tickets(view, LIMIT).await?;
    let counts = desk.store.counts(agent.id).await?;
    Ok(Json(Listed { tickets, counts }))
}

/// Shows a ticket.
#[utoipa::path(get, path = "/api/v1/inbox/tickets/{id}", tag = "inbox", params(("id" = Uuid, Path)), security(("staff" = [])),
    responses((status = 200, body = Case), (status = 404, body = Problem)))]
pub(super) async fn show(State(desk): State<Arc<Desk>>, Agent(agent): Agent, Path(id): Path<Uuid>) -> Result<Json<Case>, Problem> {
    case(&desk, TicketId(id), agent.id).await
}

/// Takes a ticket out of the queue. The bot is silent from then on.
#[utoipa::path(post, path = "/api/v1/inbox/tickets/{id}/claim", tag = "inbox", params(("id" = Uuid, Path)), security(("staff" = [])),
    responses((status = 200, body = Case), (status = 409, description = "Somebody else has it", body = Problem)))]
pub(super) async fn claim(State(desk): State<Arc<Desk>>, Agent(agent): Agent, Path(id): Path<Uuid>) -> Result<Json<Case>, Problem> {
    let changed = desk.store.claim(TicketId(id), agent.id, desk.clock.now()).await?;
    told(&desk, TicketId(id), &changed);
    case(&desk, TicketId(id), agent.id).await
}

/// Puts a ticket back where it was in the queue.
#[utoipa::path(post, path = "/api/v1/inbox/tickets/{id}/release", tag = "inbox", params(("id" = Uuid, Path)), security(("staff" = [])),
    responses((status = 200, body = Case), (status = 409, body = Problem)))]
pub(super) async fn release(
    State(desk): State<Arc<Desk>>,
    Agent(agent): Agent,
    Path(id): Path<Uuid>,
) -> Result<Json<Case>, Problem> {
    let changed = desk.store.release(TicketId(id), agent.id, desk.clock.now()).await?;
    told(&desk, TicketId(id), &changed);
    case(&desk, TicketId(id), agent.id).await
}

/// Ends a case. The student's next message begins with the bot again.
#[utoipa::path(post, path = "/api/v1/inbox/tickets/{id}/resolve", tag = "inbox", params(("id" = Uuid, Path)), security(("staff" = [])),
    responses((status = 200, body = Case), (status = 409, body = Problem)))]
pub(super) async fn resolve(
    State(desk): State<Arc<Desk>>,
    Agent(agent): Agent,
    Path(id): Path<Uuid>,
) -> Result<Json<Case>, Problem> {
    let changed = desk.store.resolve(TicketId(id), agent.id, desk.clock.now()).await?;
    told(&desk, TicketId(id), &changed);
    case(&desk, TicketId(id), agent.id).await
}

/// Sends the student a message.
#[utoipa::path(post, path = "/api/v1/inbox/tickets/{id}/reply", tag = "inbox", params(("id" = Uuid, Path)), request_body = Reply,
    security(("staff" = [])),
    responses((status = 201, body = Message), (status = 200, description = "Sent before", body = Message), (status = 409, body = Problem)))]
pub(super) async fn reply(
    State(desk): State<Arc<Desk>>,
    Agent(agent): Agent,
    Path(id): Path<Uuid>,
    Json(reply): Json<Reply>,
) -> Result<Response, Problem> {
    let text = reply.text.replace('\0', "");
    if text.trim().is_empty() {
        return Err(Problem::unprocessable("The reply is empty. Write something and send it again."));
    }
    let ticket = TicketId(id);
    let added = desk.store.agent_reply(ticket, agent.id, reply.client_id, &text, desk.clock.now()).await?;
    if let Some(detail) = desk.store.ticket(ticket).await? {
        desk.live.tell(detail.conversation_id, ConversationEvent::Changed);
    }
    desk.live.ticket_changed(ticket);
    let status = if added.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(added.message)).into_response())
}

fn told(desk: &Desk, ticket: TicketId, changed: &Changed) {
    desk.live.ticket_changed(ticket);
    desk.live.tell(changed.conversation, ConversationEvent::Changed);
}

async fn case(desk: &Desk, id: TicketId, agent: StaffId) -> Result<Json<Case>, Problem> {
    let Some(detail) = desk.store.ticket(id).await? else { return Err(Problem::not_found("There is no such ticket.")) };
    let mine = detail.row.assignee.as_ref().is_some_and(|assignee| assignee.id == agent);
    let receipts = desk.actions.receipts(detail.conversation_id.0).await?;
    let letters = desk.store.correspondence(detail.conversation_id).await?;
    Ok(Json(Case { detail, mine, receipts, letters }))
}
