//! So much at once and no more: turns, time limits and patience with bodies, for every route of a process.
//!
//! Each request goes through three gates, in this order:
//!
//! 1. **Its body.** One that says to be short is read before the request has a turn, so that who sends it drop by drop keeps nobody
//!    waiting. A long one is read as its handler reads it, and may not pause for long.
//! 2. **Its turn.** So many requests are worked at; a bounded number of others waits for a bounded time. The rest is told at once to come
//!    back (503 with `Retry-After`), which costs next to nothing, instead of making everybody slow.
//! 3. **Its time.** From its turn to the beginning of its answer. What is not done by then is stopped: a transaction under way changes nothing.
//!
//! The turn ends where the answer begins: a stream of events keeps none for its life.

mod body;
mod own;
mod turns;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};

pub use own::{OwnLimits, with_own_limits};

use super::Problem;
use own::Deadline;
use turns::{Shed, Turns};

/// When to come back who was sent away: by then most of the crowd has had its turn.
const COME_BACK: Duration = Duration::from_secs(2);

/// How much a process takes on. The defaults suit two cores.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    /// Requests worked at at the same time; at least one.
    pub max_concurrent: usize,
    /// Requests that may wait for their turn.
    pub max_waiting: usize,
    /// How long one waits for its turn.
    pub patience: Duration,
    /// From its turn to the beginning of its answer. Routes may set their own: [`with_own_limits`].
    pub timeout: Duration,
    /// The largest body, in bytes. Routes may set their own, smaller or larger.
    pub max_body: usize,
    /// How long a short body may take in all, and a long one between two pieces.
    pub body_patience: Duration,
    /// Makes a page of a problem, for browsers; without it they get the same JSON as everybody.
    pub page: Option<fn(Problem) -> Response>,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            max_concurrent: 256,
            max_waiting: 1_024,
            patience: Duration::from_secs(2),
            timeout: Duration::from_secs(30),
            max_body: 64 * 1_024,
            body_patience: Duration::from_secs(10),
            page: None,
        }
    }
}

/// Holds every route of the router to `capacity`; all of them share it. What must always answer (health pages) is merged in afterwards.
///
/// Counts `http_requests_shed_total` by `reason` (`full`: too many waited; `waited`: its patience ended), `http_requests_timed_out_total`, and
/// how many are worked at: `http_requests_in_progress`.
pub fn within<S: Clone + Send + Sync + 'static>(router: Router<S>, capacity: Capacity) -> Router<S> {
    metrics::describe_counter!("http_requests_shed_total", "HTTP requests told to come back, as there was no room for them.");
    metrics::describe_counter!("http_requests_timed_out_total", "HTTP requests stopped because they took too long.");
    metrics::describe_gauge!("http_requests_in_progress", "HTTP requests worked at.");
    let gate = Arc::new(Gate { turns: Turns::new(capacity.max_concurrent, capacity.max_waiting), capacity });
    router.layer(DefaultBodyLimit::max(capacity.max_body)).layer(middleware::from_fn_with_state(gate, pass))
}

#[derive(Debug)]
struct Gate {
    turns: Turns,
    capacity: Capacity,
}

async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let page = gate.capacity.page.filter(|_| is_page(request.headers()));
    match gate.pass(request, next).await {
        Ok(response) => response,
        Err(problem) => page.map_or_else(|| problem.clone().into_response(), |page| page(problem.clone())),
    }
}

impl Gate {
    async fn pass(&self, request: Request, next: Next) -> Result<Response, Problem> {
        let mut request = body::guarded(request, self.capacity.body_patience).await?;
        let turn = self.turns.next(self.capacity.patience).await.map_err(|shed| {
            let reason = match shed {
                Shed::Full => "full",
                Shed::Waited => "waited",
            };
            metrics::counter!("http_requests_shed_total", "reason" => reason).increment(1);
            Problem::unavailable("So many people are here at this moment that we had no room for this. Nothing was done; please try again in a moment.")
                .with_retry_after(COME_BACK)
        })?;
        let deadline = Deadline::after(self.capacity.timeout);
        request.extensions_mut().insert(deadline.clone());
        let answer = pin!(next.run(request));
        let answered = tokio::select! {
            response = answer => Ok(response),
            () = deadline.passed() => Err(()),
        };
        drop(turn);
        answered.map_err(|()| {
            metrics::counter!("http_requests_timed_out_total").increment(1);
            tracing::warn!("a request took too long and was stopped");
            Problem::new(
                axum::http::StatusCode::SERVICE_UNAVAILABLE,
                "timed-out",
                "This took longer than it may, and was stopped. Look whether it was done before you try again in a moment.",
            )
            .with_retry_after(COME_BACK)
        })
    }
}

/// Whether a browser asks for a page: its scripts and other programs do not name HTML.
fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

#[cfg(test)]
mod tests;
