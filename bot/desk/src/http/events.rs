//! Server-Sent Events. The store is the truth: an event only says that it is time to read it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Problem, Query};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;
use uuid::Uuid;

use super::Desk;
use super::conversations::WidgetState;
use super::session::{Agent, Visitor};
use crate::domain::{self, ConversationId};
use crate::live::ConversationEvent;

/// Messages read from the store at a time.
const PAGE: i64 = 200;
/// Events waiting for a slow reader; beyond that its task waits.
const BUFFER: usize = 16;
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Changes made by another process are noticed at the latest after this time.
const POLL: Duration = Duration::from_secs(5);

type Sender = mpsc::Sender<Result<Event, Infallible>>;

/// Where the stream begins.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct After {
    /// The highest `seq` that the client has.
    #[serde(default)]
    after: i64,
}

/// The reader has gone, or the server is to end.
struct Closed;

fn stream(receiver: mpsc::Receiver<Result<Event, Infallible>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// Messages, drafts, typing and state of a conversation as they come.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/events", tag = "chat", params(("id" = Uuid, Path), After),
    security(("conversation" = [])),
    responses((status = 200, description = "Server-Sent Events: message, draft, typing, state", content_type = "text/event-stream")))]
pub(super) async fn conversation(
    State(desk): State<Arc<Desk>>,
    visitor: Visitor,
    Query(after): Query<After>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let (sender, receiver) = mpsc::channel(BUFFER);
    // Watching begins before the first read, so that nothing falls between the two.
    let events = desk.live.watch(visitor.conversation.id);
    tokio::spawn(async move {
        let shutdown = desk.shutdown.clone();
        let mut reader = Reader {
            desk,
            id: visitor.conversation.id,
            learner: visitor.conversation.subject.as_ref().map(|subject| subject.learner),
            until: visitor.until(),
            seq: after.after,
            state: None,
            sender,
        };
        tokio::select! {
            () = shutdown.triggered() => {}
            _ = reader.run(events) => {}
        }
    });
    Ok(stream(receiver))
}

/// Sends one widget what it has not seen.
struct Reader {
    desk: Arc<Desk>,
    id: ConversationId,
    /// Whose the conversation was when the stream was opened.
    learner: Option<Uuid>,
    /// When the widget has to say again who it is for.
    until: Option<Timestamp>,
    seq: i64,
    state: Option<domain::State>,
    sender: Sender,
}

impl Reader {
    async fn run(&mut self, mut events: broadcast::Receiver<ConversationEvent>) -> Result<(), Closed> {
        let mut poll = tokio::time::interval(POLL);
        self.catch_up().await?;
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                _ = poll.tick() => Ok(ConversationEvent::Changed),
                () = self.sender.closed() => return Err(Closed),
            };
            match event {
                Ok(ConversationEvent::Changed) | Err(broadcast::error::RecvError::Lagged(_)) => self.catch_up().await?,
                Ok(ConversationEvent::Typing(on)) => self.send("typing", &serde_json::json!({ "on": on }), None).await?,
                Ok(ConversationEvent::Draft(text)) => self.send("draft", &serde_json::json!({ "text": text }), None).await?,
                Err(broadcast::error::RecvError::Closed) => return Err(Closed),
            }
        }
    }

    /// Reads what is new. A failing store is tried again at the next event. A stream whose opener may not read on ends, and the widget opens
    /// another as whoever it is for by then.
    async fn catch_up(&mut self) -> Result<(), Closed> {
        if self.until.is_some_and(|until| self.desk.clock.now() >= until) {
            return Err(Closed);
        }
        let Ok(learner) = self.desk.store.learner_of(self.id).await else { return Ok(()) };
        if learner != self.learner {
            return Err(Closed);
        }
        loop {
            let Ok(messages) = self.desk.store.messages_after(self.id, self.seq, PAGE).await else { return Ok(()) };
            if messages.is_empty() {
                break;
            }
            for message in messages {
                self.send("message", &message, Some(message.seq)).await?;
                self.seq = self.seq.max(message.seq);
            }
        }
        let Ok(state) = self.desk.store.state(self.id).await else { return Ok(()) };
        if self.state.as_ref() != Some(&state) {
            self.send("state", &WidgetState::new(state.clone(), &self.desk), None).await?;
            self.state = Some(state);
        }
        Ok(())
    }

    async fn send(&self, name: &str, data: &impl Serialize, id: Option<i64>) -> Result<(), Closed> {
        let event = Event::default().event(name).json_data(data).map_err(|_| Closed)?;
        let event = match id {
            Some(id) => event.id(id.to_string()),
            None => event,
        };
        self.sender.send(Ok(event)).await.map_err(|_| Closed)
    }
}

/// Tells an inbox which tickets have changed.
#[utoipa::path(get, path = "/api/v1/inbox/events", tag = "inbox", security(("staff" = [])),
    responses((status = 200, description = "Server-Sent Events: changed", content_type = "text/event-stream")))]
pub(super) async fn inbox(
    State(desk): State<Arc<Desk>>,
    _agent: Agent,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let (sender, receiver) = mpsc::channel(BUFFER);
    let mut tickets = desk.live.watch_tickets();
    tokio::spawn(async move {
        loop {
            let changed = tokio::select! {
                () = desk.shutdown.triggered() => return,
                () = sender.closed() => return,
                changed = tickets.recv() => changed,
            };
            let ticket = match changed {
                Ok(ticket) => Some(ticket),
                // Fallen behind: everything may have changed.
                Err(broadcast::error::RecvError::Lagged(_)) => None,
                Err(broadcast::error::RecvError::Closed) => return,
            };
            let Ok(event) = Event::default().event("changed").json_data(serde_json::json!({ "ticket": ticket })) else { return };
            if sender.send(Ok(event)).await.is_err() {
                return;
            }
        }
    });
    Ok(stream(receiver))
}
