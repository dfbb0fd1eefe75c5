//! What every way of signing in ends in.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use porter_kernel::ids::Token;
use uuid::Uuid;

use super::page::PageProblem;
use super::{Academy, device};
use crate::domain::AccountId;

impl Academy {
    pub(super) fn session_lifetime(&self) -> Duration {
        Duration::from_hours(self.parts.policy.session_days.saturating_mul(24))
    }

    /// The session is begun: its cookie, the mark of this device, and on to where the person wanted to go.
    pub(super) async fn opened(
        &self,
        headers: &HeaderMap,
        account: AccountId,
        session: Uuid,
        token: &Token,
        goal: &str,
    ) -> Result<Response, PageProblem> {
        self.store().describe_session(session, &device::words(headers)).await?;
        // Whoever signs in on a page that somebody else left signed in ends that session.
        if let Some(old) = self.cookie.read(headers) {
            self.store().delete_session(&old.hash()).await?;
        }
        let mut response = Redirect::to(goal).into_response();
        response.headers_mut().append(header::SET_COOKIE, self.cookie.set(token, self.session_lifetime()));
        response.headers_mut().append(header::SET_COOKIE, device::remember(self, headers, account));
        Ok(response)
    }
}
