//! Who is asking: the student with a conversation's token, or a member of staff with a cookie.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use porter_kernel::http::{Path, Problem, SessionCookie};
use porter_kernel::ids::Token;
use uuid::Uuid;

use super::Desk;
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

/// The conversation in the path, when the request's token opens it.
pub(super) struct Visitor(pub(super) Conversation);

impl FromRequestParts<Arc<Desk>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Problem> {
        let Path(id) = Path::<Uuid>::from_request_parts(parts, desk).await?;
        let token = bearer(&parts.headers)
            .ok_or_else(|| Problem::unauthorized("The conversation's token is missing. Start a new conversation."))?;
        match desk.store.conversation_by_token(ConversationId(id), &token.hash()).await? {
            Some(conversation) => Ok(Self(conversation)),
            None => Err(Problem::not_found("This conversation does not exist any more. Start a new one.")),
        }
    }
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
