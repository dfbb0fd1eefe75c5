//! Who is asking: the student with a conversation's token, or a member of staff with a cookie.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use porter_actions::Principal;
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Path, Problem, SessionCookie};
use porter_kernel::ids::Token;
use uuid::Uuid;

use super::Desk;
use super::identity::{Admitted, admit, bind, presented};
use crate::domain::{Conversation, ConversationId, StaffMember};

pub(super) const COOKIE_NAME: &str = "porter_staff";

/// The cookie of an agent's session.
pub(super) fn cookie(desk: &Desk) -> SessionCookie {
    SessionCookie { name: COOKIE_NAME, secure: desk.settings.secure_cookies }
}

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<Token> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").and_then(Token::parse)
}

/// Whoever the conversation in the path opens to: the request has its token, and when it is somebody's own, their identity.
pub(super) struct Visitor {
    pub(super) conversation: Conversation,
    /// The conversation's token.
    pub(super) token: Token,
    pub(super) who: Admitted,
}

impl Visitor {
    /// The person in the session, when the LMS vouches for one now.
    pub(super) fn principal(&self) -> Option<&Principal> {
        match &self.who {
            Admitted::Known(principal) => Some(principal),
            Admitted::Stranger { .. } | Admitted::Remembered { .. } => None,
        }
    }

    /// When it has to be asked again who this is.
    pub(super) fn until(&self) -> Option<Timestamp> {
        match &self.who {
            Admitted::Known(principal) => Some(principal.expires_at()),
            Admitted::Remembered { until } => Some(*until),
            Admitted::Stranger { .. } => None,
        }
    }
}

impl FromRequestParts<Arc<Desk>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Problem> {
        let id = id_in_path(parts, desk).await?;
        let token = bearer(&parts.headers)
            .ok_or_else(|| Problem::unauthorized("The conversation's token is missing. Start a new conversation."))?;
        let Some(mut conversation) = desk.store.conversation_by_token(id, &token.hash()).await? else {
            return Err(Problem::not_found("This conversation does not exist any more. Start a new one."));
        };
        let presented = presented(&parts.headers, desk, id).await?;
        let who = admit(&conversation, presented, desk.clock.now())?;
        if let Admitted::Known(principal) = &who {
            // A look does not make a conversation somebody's own; what is written in it does.
            let claims = conversation.subject.is_none() && parts.method != Method::GET;
            let refreshes = conversation.subject.is_some() && conversation.identity.as_ref() != Some(principal.token());
            if claims || refreshes {
                conversation = bind(desk, id, principal).await?;
            }
        }
        Ok(Self { conversation, token, who })
    }
}

/// Every path of a conversation begins with its id; the other parts are for the handler.
async fn id_in_path(parts: &mut Parts, desk: &Arc<Desk>) -> Result<ConversationId, Problem> {
    #[derive(serde::Deserialize)]
    struct Id {
        id: Uuid,
    }
    let Path(Id { id }) = Path::from_request_parts(parts, desk).await?;
    Ok(ConversationId(id))
}

/// A member of staff who is signed in. A write must carry a header that other sites' forms cannot send.
pub(super) struct Agent(pub(super) StaffMember);

impl FromRequestParts<Arc<Desk>> for Agent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Problem> {
        if parts.method != Method::GET && parts.headers.get("x-requested-with").is_none_or(|value| value != "porter") {
            return Err(Problem::forbidden("The header X-Requested-With: porter is missing."));
        }
        match signed_in(&parts.headers, desk).await? {
            Some(member) => Ok(Self(member)),
            None => Err(Problem::unauthorized("You are not signed in. Sign in and try again; what you wrote is kept.")),
        }
    }
}

/// The member of staff whom the cookie belongs to.
pub(super) async fn signed_in(headers: &HeaderMap, desk: &Desk) -> Result<Option<StaffMember>, Problem> {
    match cookie(desk).read(headers) {
        Some(token) => Ok(desk.store.staff_by_session(&token.hash(), desk.clock.now()).await?),
        None => Ok(None),
    }
}
