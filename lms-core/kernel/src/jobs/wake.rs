//! A bell between those who enqueue and a worker of the same process.

use std::sync::Arc;

use tokio::sync::Notify;

/// Rung after a commit, it makes a worker look at once instead of at its next poll. A hint and never the truth: nothing is lost when
/// nobody rings. Clones are the same bell.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// There may be work.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for the bell, also for one that rang when nobody listened.
    pub(super) async fn rung(&self) {
        self.0.notified().await;
    }
}
