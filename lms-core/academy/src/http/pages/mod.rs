//! Pages, rendered on the server: one file a page. Each template is bound to one struct.

mod account;
mod admin;
mod announcements;
mod assignments;
mod catalogue;
mod certificates;
mod checkout;
mod course;
mod credentials;
mod forgot_password;
mod identity;
mod invitation;
pub(super) mod keys;
mod landing;
mod learning;
mod notices;
mod orders;
mod outline;
mod payments;
mod people;
mod progress;
mod quiz;
mod reset_password;
mod revocations;
mod sign_in;
mod sign_in_code;
mod sign_up;
mod teach;
mod unsubscribe;
mod verify;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use porter_kernel::http::{Problem, no_route};
use serde::de::DeserializeOwned;

use super::page::PageProblem;
use super::{Academy, origin};

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/", get(landing::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/learning", get(learning::show))
        .route("/certificates", get(certificates::list))
        .route("/certificates/request", post(certificates::request))
        .route("/certificates/{file}", get(certificates::download))
        .route("/verify", get(verify::ask))
        .route("/verify/{code}", get(verify::show))
        .route("/orders", get(orders::show))
        .route("/forgot-password", get(forgot_password::show).post(forgot_password::submit))
        .route("/support-identity", get(identity::show))
        .merge(account::router())
        .merge(admin::router())
        .merge(announcements::router())
        .merge(assignments::router())
        .merge(catalogue::router())
        .merge(checkout::router())
        .merge(course::router())
        .merge(credentials::router())
        .merge(invitation::router())
        .merge(progress::router())
        .merge(payments::router())
        .merge(quiz::router())
        .merge(revocations::router())
        .merge(keys::router())
        .merge(people::router())
        .merge(sign_in_code::router())
        .merge(sign_up::router())
        .merge(teach::router())
        .layer(from_fn(origin::own_forms_only))
        // Whoever sends this form has the secret of a link, and it changes nothing of who is signed in. Its page hides where it is from, which
        // would make browsers send `Origin: null`.
        .route("/reset-password", get(reset_password::show).post(reset_password::submit))
        // The same holds for the link of an announcement, which mail programs use from elsewhere.
        .route("/unsubscribe/{token}", get(unsubscribe::show).post(unsubscribe::submit))
        .merge(payments::webhook())
        .route("/{*path}", any(nowhere))
}

/// A page for a wrong address; a problem for a wrong call.
async fn nowhere(request: Request) -> Response {
    if request.uri().path().starts_with("/support/") {
        return no_route().await.into_response();
    }
    let detail = "It may have been moved or taken down. From the home page you get everywhere.";
    PageProblem::from(Problem::not_found(detail)).into_response()
}

/// The fields of a form, each once and no others.
#[derive(Debug)]
struct Fields<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Fields<T> {
    type Rejection = PageProblem;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageProblem> {
        match Form::<T>::from_request(request, state).await {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(rejection) => Err(Problem::new(
                rejection_status(&rejection),
                "unprocessable",
                "The form did not arrive as it was sent. Go back and try again.",
            )
            .into()),
        }
    }
}

fn rejection_status(rejection: &FormRejection) -> axum::http::StatusCode {
    match rejection.status() {
        status if status.is_client_error() => status,
        _ => axum::http::StatusCode::UNPROCESSABLE_ENTITY,
    }
}
