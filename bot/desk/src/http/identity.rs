//! Who is behind a request of the widget, as the LMS vouches for it, and whether a conversation opens to them.
//!
//! A conversation belongs to nobody until somebody who is signed in uses it, and to that person alone afterwards: to everybody else it is shut as
//! if its token were wrong, so the widget begins a new one, and no two people's conversations ever become one.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use porter_actions::{ActionError, IdentityToken, Principal};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Json, Problem};

use super::Desk;
use super::conversations::{Shown, shown, wake_inbox};
use super::session::Visitor;
use crate::domain::{Conversation, ConversationId, Identity};
use crate::live::ConversationEvent;
use crate::store::NOT_YOURS;

/// The header in which the widget sends what the academy's page has given it.
pub(super) const HEADER: &str = "porter-identity";
/// Said while the LMS does not answer.
pub(super) const NOT_REACHABLE: &str =
    "The academy's system does not answer just now. Nothing was changed; please try again in a moment.";
/// How soon a widget may ask again when the LMS does not answer.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What a request says of who is behind it.
#[derive(Debug)]
pub(super) enum Presented {
    /// Nothing.
    Nobody,
    /// Something that the LMS does not vouch for (any more).
    Refused,
    /// The LMS vouches for this person.
    Person(Principal),
    /// The LMS cannot be asked now.
    Unchecked(IdentityToken),
}

/// To whom a conversation opens.
#[derive(Debug)]
pub(super) enum Admitted {
    /// It is nobody's, and nobody known is here; `unchecked`: somebody may be, but the LMS cannot be asked now.
    Stranger { unchecked: bool },
    /// This person.
    Known(Principal),
    /// The person whose it is, by what the LMS vouched for not long ago; it cannot be asked now. They may read and write; any effect needs the LMS.
    Remembered { until: Timestamp },
}

/// Reads the header and asks the LMS.
pub(super) async fn presented(headers: &HeaderMap, desk: &Desk, conversation: ConversationId) -> Result<Presented, Problem> {
    let mut values = headers.get_all(HEADER).iter();
    let token = match (values.next(), values.next()) {
        (None, _) => return Ok(Presented::Nobody),
        (Some(value), None) => value.to_str().ok().and_then(IdentityToken::parse),
        (Some(_), Some(_)) => None,
    };
    let Some(token) = token else { return Ok(Presented::Refused) };
    desk.identities.take(&conversation)?;
    Ok(match desk.actions.identify(&token).await {
        Ok(principal) => Presented::Person(principal),
        Err(ActionError::SignedOut) => Presented::Refused,
        Err(error) => {
            tracing::warn!(%error, "who is behind a request could not be found out");
            Presented::Unchecked(token)
        }
    })
}

/// Opens the conversation, or not.
pub(super) fn admit(conversation: &Conversation, presented: Presented, now: Timestamp) -> Result<Admitted, Problem> {
    let Some(subject) = &conversation.subject else {
        return Ok(match presented {
            Presented::Person(principal) => Admitted::Known(principal),
            Presented::Nobody | Presented::Refused => Admitted::Stranger { unchecked: false },
            Presented::Unchecked(_) => Admitted::Stranger { unchecked: true },
        });
    };
    match presented {
        Presented::Person(principal) if principal.learner() == subject.learner => Ok(Admitted::Known(principal)),
        Presented::Person(_) | Presented::Nobody | Presented::Refused => Err(Problem::unauthorized(NOT_YOURS)),
        Presented::Unchecked(token) => match conversation.identity_until {
            // The bare minimum for reaching a person while the academy is down: the very token that it has vouched for, and no longer than it did.
            Some(until) if conversation.identity.as_ref() == Some(&token) && now < until => Ok(Admitted::Remembered { until }),
            _ => Err(unreachable()),
        },
    }
}

/// 503: try again soon.
fn unreachable() -> Problem {
    Problem::unavailable(NOT_REACHABLE).with_retry_after(RETRY_AFTER)
}

/// Makes the conversation this person's own, and wakes a worker when that lets a turn go on.
pub(super) async fn bind(desk: &Desk, conversation: ConversationId, principal: &Principal) -> Result<Conversation, Problem> {
    let bound = desk.store.bind(conversation, &Identity::from(principal), desk.clock.now()).await?;
    if bound.waits {
        desk.live.turn_waits();
    }
    // Streams that were opened for nobody end now, and whoever holds the case sees who it is.
    desk.live.tell(conversation, ConversationEvent::Changed);
    wake_inbox(desk, conversation).await?;
    Ok(bound.conversation)
}

/// Makes a conversation the signed-in person's own and shows it. When the bot had asked them to sign in, it goes on.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/identity", tag = "chat",
    params(("id" = Uuid, Path), ("Porter-Identity" = String, Header, description = "What the academy's page vouches with")),
    security(("conversation" = [])),
    responses((status = 200, body = Shown), (status = 401, description = "Not signed in, or somebody else's conversation", body = Problem),
        (status = 503, description = "The academy's system does not answer", body = Problem)))]
pub(super) async fn identify(State(desk): State<Arc<Desk>>, visitor: Visitor) -> Result<Json<Shown>, Problem> {
    let principal = match &visitor.who {
        Admitted::Known(principal) => principal,
        Admitted::Remembered { .. } | Admitted::Stranger { unchecked: true } => return Err(unreachable()),
        Admitted::Stranger { unchecked: false } => return Err(Problem::unauthorized("You are not signed in.")),
    };
    // Once more, even if nothing is new: a turn that waits for exactly this goes on.
    let conversation = bind(&desk, visitor.conversation.id, principal).await?;
    Ok(Json(shown(&desk, &conversation).await?))
}
