//! Waiting for what is waited for.

use std::time::{Duration, Instant};

/// No step of a story takes longer, on the slowest machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(50);

/// Asks again and again until there is something; fails the test with `what` when there never is.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        pause().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "the pause between two looks of a poll")]
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}
