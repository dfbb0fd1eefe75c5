//! Routes that need more than others.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// What a route sets for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnLimits {
    /// The largest body, in bytes.
    pub max_body: usize,
    /// From its turn to the beginning of its answer. It contains the reading of the body.
    pub timeout: Duration,
}

/// Gives these routes limits of their own, in place of those of [`within`](super::within). Apply it to a router of these routes alone, before
/// it is merged into the others:
///
/// ```
/// use std::time::Duration;
///
/// use axum::Router;
/// use axum::body::Bytes;
/// use axum::routing::{get, post};
/// use porter_kernel::http::{Capacity, OwnLimits, with_own_limits, within};
///
/// // A learner hands in 20 MB, over a slow line.
/// let uploads = Router::new().route("/assignments/{id}/files", post(async |file: Bytes| file.len().to_string()));
/// let uploads = with_own_limits(uploads, OwnLimits { max_body: 20_000_000, timeout: Duration::from_secs(300) });
///
/// let academy: Router = Router::new().route("/", get(async || "welcome")).merge(uploads);
/// let academy = within(academy, Capacity::default());
/// ```
///
/// A download needs no time limit of its own unless it is made for long: the limit ends where the answer begins. A turn is kept while a long
/// body arrives; so a handler that takes uploads had better bound how many it takes at once.
pub fn with_own_limits<S: Clone + Send + Sync + 'static>(router: Router<S>, limits: OwnLimits) -> Router<S> {
    router.layer(DefaultBodyLimit::max(limits.max_body)).layer(middleware::from_fn(move |request: Request, next: Next| {
        if let Some(deadline) = request.extensions().get::<Deadline>() {
            deadline.set(limits.timeout);
        }
        next.run(request)
    }))
}

/// When a request must have its answer. Clones are the same one, so a route can move it.
#[derive(Debug, Clone)]
pub(super) struct Deadline(Arc<watch::Sender<Instant>>);

impl Deadline {
    pub(super) fn after(limit: Duration) -> Self {
        Self(Arc::new(watch::Sender::new(Instant::now() + limit)))
    }

    fn set(&self, limit: Duration) {
        self.0.send_replace(Instant::now() + limit);
    }

    /// Waits for it, wherever it is moved.
    pub(super) async fn passed(&self) {
        let mut moved = self.0.subscribe();
        loop {
            let at = *moved.borrow_and_update();
            // Its sender is `self`, so a change is a change.
            if timeout_at(at, moved.changed()).await.is_err() {
                return;
            }
        }
    }
}
