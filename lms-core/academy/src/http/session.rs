//! Who is asking: a visitor, or a learner with the academy's cookie.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use porter_kernel::http::Problem;
use uuid::Uuid;

use super::page::PageProblem;
use super::{Academy, next};
use crate::domain::{Account, CourseId, Role};

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

/// An instructor or an administrator; for others there is no such page. Which courses are theirs is asked by [`Self::of`].
#[derive(Debug)]
pub(super) struct Instructor(pub(super) Account);

impl FromRequestParts<Arc<Academy>> for Instructor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, academy: &Arc<Academy>) -> Result<Self, Response> {
        let Learner(account) = Learner::from_request_parts(parts, academy).await?;
        match account.role {
            Role::Instructor | Role::Administrator => Ok(Self(account)),
            Role::Learner | Role::SupportAgent => Err(no_such_page()),
        }
    }
}

impl Instructor {
    /// Lets through who teaches this course, and administrators; for others there is no such page.
    pub(super) async fn of(&self, academy: &Academy, course: CourseId) -> Result<(), PageProblem> {
        let may = self.0.role == Role::Administrator || academy.store().teaches(self.0.id, course).await?;
        if may { Ok(()) } else { Err(Problem::not_found(NO_PAGE).into()) }
    }
}

/// An administrator; for others there is no such page.
#[derive(Debug)]
pub(super) struct Administrator(pub(super) Account);

impl FromRequestParts<Arc<Academy>> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, academy: &Arc<Academy>) -> Result<Self, Response> {
        let Learner(account) = Learner::from_request_parts(parts, academy).await?;
        if account.role == Role::Administrator { Ok(Self(account)) } else { Err(no_such_page()) }
    }
}

const NO_PAGE: &str = "It may have been moved or taken down. From the home page you get everywhere.";

fn no_such_page() -> Response {
    PageProblem::from(Problem::not_found(NO_PAGE)).into_response()
}
