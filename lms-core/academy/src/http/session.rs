//! Who is asking: a visitor, or a learner with the academy's cookie.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use uuid::Uuid;

use super::page::PageProblem;
use super::{Academy, next};
use crate::domain::Account;

pub(super) const COOKIE_NAME: &str = "academy_session";

/// Anybody; with the account and the session's id when signed in.
#[derive(Debug)]
pub(super) struct Visitor(pub(super) Option<(Uuid, Account)>);

impl Visitor {
    pub(super) fn account(&self) -> Option<&Account> {
        self.0.as_ref().map(|(_, account)| account)
    }
}

impl FromRequestParts<Arc<Academy>> for Visitor {
    type Rejection = PageProblem;

    async fn from_request_parts(parts: &mut Parts, academy: &Arc<Academy>) -> Result<Self, PageProblem> {
        match academy.cookie.read(&parts.headers) {
            Some(token) => Ok(Self(academy.store().session(&token.hash(), academy.parts.clock.now()).await?)),
            None => Ok(Self(None)),
        }
    }
}

/// Who is signed in; others are sent to sign in and come back.
#[derive(Debug)]
pub(super) struct Learner(pub(super) Account);

impl FromRequestParts<Arc<Academy>> for Learner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, academy: &Arc<Academy>) -> Result<Self, Response> {
        let Visitor(visitor) = Visitor::from_request_parts(parts, academy).await.map_err(IntoResponse::into_response)?;
        match visitor {
            Some((_, account)) => Ok(Self(account)),
            None if parts.method == Method::GET => Err(Redirect::to(&next::sign_in(parts.uri.path())).into_response()),
            None => Err(Redirect::to("/sign-in").into_response()),
        }
    }
}
