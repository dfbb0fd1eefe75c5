//! A payment provider that moves no money: an API, a page to pay at, and signed webhooks that can be told to misbehave.

mod api;
mod deliver;
mod pages;
mod state;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use porter_kernel::clock::Clock;
use porter_kernel::ids::Ids;
use reqwest::Client;

use crate::Secrets;
use state::Book;
pub use state::{Behaviour, Deliveries, Mood};

/// What a sandbox is put together from.
#[derive(Clone)]
pub struct SandboxParts {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// What the academy shows.
    pub key: String,
    /// Signs webhooks.
    pub secrets: Secrets,
    /// Where webhooks go.
    pub webhook_url: String,
    /// How buyers reach the page, without a slash at the end.
    pub public_url: String,
    /// Where it remembers what it did; `None` forgets at the end.
    pub file: Option<PathBuf>,
}

impl fmt::Debug for SandboxParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxParts")
            .field("public_url", &self.public_url)
            .field("webhook_url", &self.webhook_url)
            .finish_non_exhaustive()
    }
}

/// The sandbox. [`Sandbox::router`] serves it.
#[derive(Debug)]
pub struct Sandbox {
    parts: SandboxParts,
    book: Book,
    client: Client,
}

impl Sandbox {
    /// # Errors
    /// When what it remembered cannot be read.
    pub fn new(parts: SandboxParts) -> std::io::Result<Arc<Self>> {
        let client =
            Client::builder().timeout(std::time::Duration::from_secs(5)).no_proxy().build().map_err(std::io::Error::other)?;
        Ok(Arc::new(Self { book: Book::open(parts.file.clone())?, client, parts }))
    }

    /// The API for the academy, and the page for buyers.
    pub fn router(self: &Arc<Self>) -> Router {
        let all = Router::new().merge(api::router(self)).merge(pages::router()).layer(DefaultBodyLimit::max(16_000));
        all.with_state(Arc::clone(self))
    }

    /// How it answers and delivers from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        self.book.behave(behaviour);
    }
}
