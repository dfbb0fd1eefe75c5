//! The mailbox: what the sink has caught, on a page and as JSON.
//!
//! Whoever reaches it reads everybody's mail, so it belongs on loopback. What stands in a mail is somebody else's: its HTML is shown in a
//! frame that can run nothing and load nothing, and its attachments are only ever downloads.

mod api;
mod guard;
mod pages;

use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, middleware};
use porter_kernel::http::{Problem, SecurityHeaders, secure};
use uuid::Uuid;

use crate::folder::Folder;

/// The pages (`/`, `/mail/{id}` and its parts) and the JSON (`/api/mails?to=&before=&limit=`, `/api/mails/{id}`).
pub fn router(folder: Folder) -> Router {
    let routes = Router::new()
        .route("/", get(pages::list))
        .route("/mail/{id}", get(pages::mail))
        .route("/mail/{id}/html", get(pages::html))
        .route("/mail/{id}/raw", get(pages::raw))
        .route("/mail/{id}/attachment/{n}", get(pages::attachment))
        .route("/api/mails", get(api::list))
        .route("/api/mails/{id}", get(api::mail))
        .route("/mailbox.css", get(async || asset("text/css; charset=utf-8", include_str!("../../assets/mailbox.css"))))
        .route("/mailbox.js", get(async || asset("text/javascript; charset=utf-8", include_str!("../../assets/mailbox.js"))))
        .route("/icon.svg", get(async || asset("image/svg+xml", include_str!("../../assets/icon.svg"))))
        .fallback(pages::no_page)
        .layer(middleware::from_fn(guard::own_name_only))
        .with_state(folder);
    secure(routes, &SecurityHeaders::default())
}

fn asset(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")], text)
}

/// Reads from the folder off the async threads.
async fn reading<T: Send + 'static>(
    folder: Folder,
    id: Uuid,
    read: impl FnOnce(&Folder, Uuid) -> std::io::Result<Option<T>> + Send + 'static,
) -> Result<Option<T>, Problem> {
    let read = tokio::task::spawn_blocking(move || read(&folder, id)).await;
    read.map_err(std::io::Error::other).flatten().map_err(|error| {
        tracing::error!(%error, mail = %id, "a caught mail cannot be read");
        Problem::internal()
    })
}
