//! Who is next.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Turns, and a bounded queue for them: first come, first served.
#[derive(Debug)]
pub(super) struct Turns {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
}

/// Why there is no turn for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shed {
    /// Too many wait already.
    Full,
    /// It has waited as long as it may.
    Waited,
}

/// Ends when it is dropped, also with a client that goes away in the middle.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "held until it is dropped")] OwnedSemaphorePermit);

impl Turn {
    fn begin(permit: OwnedSemaphorePermit) -> Self {
        metrics::gauge!("http_requests_in_progress").increment(1);
        Self(permit)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        metrics::gauge!("http_requests_in_progress").decrement(1);
    }
}

/// A place in the queue; free again when it is dropped.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, max: usize) -> Option<Self> {
        let taken = waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| (waiting < max).then_some(waiting + 1));
        // Made only when it was taken: a place that is dropped is given back.
        taken.ok().map(|_| Self(waiting))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Turns {
    pub(super) fn new(max: usize, max_waiting: usize) -> Self {
        let max = max.clamp(1, Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(max)), waiting: AtomicUsize::new(0), max_waiting }
    }

    /// A turn now, or after some patience.
    pub(super) async fn next(&self, patience: Duration) -> Result<Turn, Shed> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(Turn::begin(permit));
        }
        let _place = Place::take(&self.waiting, self.max_waiting).ok_or(Shed::Full)?;
        match timeout(patience, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn::begin(permit)),
            // Nobody closes it.
            Ok(Err(_)) => Err(Shed::Full),
            Err(_) => Err(Shed::Waited),
        }
    }
}
