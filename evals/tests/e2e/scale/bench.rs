//! Many users at once, and how long each waited.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

/// How long each request took.
#[derive(Debug, Clone)]
pub(super) struct Waits {
    sorted: Vec<Duration>,
    took: Duration,
}

impl Waits {
    pub(super) fn new(mut waits: Vec<Duration>, took: Duration) -> Self {
        waits.sort_unstable();
        Self { sorted: waits, took }
    }

    /// The shortest wait that so many of a thousand did not exceed (nearest rank).
    pub(super) fn quantile(&self, per_mille: usize) -> Duration {
        let rank = (self.sorted.len() * per_mille).div_ceil(1_000).max(1);
        self.sorted.get(rank - 1).copied().unwrap_or_default()
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |per_mille| self.quantile(per_mille).as_secs_f64() * 1_000.0;
        let rate = self.sorted.len() as f64 / self.took.as_secs_f64().max(f64::EPSILON);
        write!(
            f,
            "n {} p50 {:.1} ms p99 {:.1} ms max {:.1} ms, {rate:.0}/s",
            self.sorted.len(),
            millis(500),
            millis(990),
            millis(1_000)
        )
    }
}

/// `users` at once, each taking the next of `count` requests as soon as the last is answered.
pub(super) async fn closed_loop<F, R>(users: usize, count: usize, request: F) -> Waits
where
    F: Fn(usize) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let (next, request, began) = (Arc::new(AtomicUsize::new(0)), Arc::new(request), Instant::now());
    let mut tasks = JoinSet::new();
    for _ in 0..users {
        let (next, request) = (next.clone(), request.clone());
        tasks.spawn(async move {
            let mut waits = Vec::new();
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                if turn >= count {
                    return waits;
                }
                let sent = Instant::now();
                request(turn).await;
                waits.push(sent.elapsed());
            }
        });
    }
    let waits = tasks.join_all().await.concat();
    Waits::new(waits, began.elapsed())
}
