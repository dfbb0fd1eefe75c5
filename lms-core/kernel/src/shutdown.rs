//! Ending in good order: a signal comes, everyone is told, everyone finishes.

use std::sync::Arc;

use tokio::sync::watch;

/// Tells every holder of a clone that it is time to end.
#[derive(Debug, Clone)]
pub struct Shutdown(Arc<watch::Sender<bool>>);

impl Default for Shutdown {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Shutdown {
    /// It is time. Saying so again changes nothing.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is time.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is time.
    pub async fn triggered(&self) {
        let mut receiver = self.0.subscribe();
        // Fails only when the sender is gone, and `self` holds it.
        let _ = receiver.wait_for(|triggered| *triggered).await;
    }
}

/// Waits for SIGTERM or Ctrl-C and says which it was.
///
/// The handlers are in place once this has been polled: a signal before that ends the process.
pub async fn wait_for_signal() -> &'static str {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "SIGINT"
    };
    tokio::select! {
        name = interrupt => name,
        name = terminate() => name,
    }
}

#[cfg(unix)]
async fn terminate() -> &'static str {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            terminate.recv().await;
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be caught");
            std::future::pending::<()>().await;
        }
    }
    "SIGTERM"
}

#[cfg(not(unix))]
async fn terminate() -> &'static str {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_clone_hears_of_it_early_or_late() {
        let shutdown = Shutdown::default();
        let early = tokio::spawn({
            let shutdown = shutdown.clone();
            async move { shutdown.triggered().await }
        });
        tokio::task::yield_now().await;
        assert!(!shutdown.is_triggered());
        shutdown.trigger();
        shutdown.trigger();
        early.await.unwrap();
        shutdown.clone().triggered().await;
        assert!(shutdown.is_triggered());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn sigterm_is_heard() {
        let waiting = tokio::spawn(wait_for_signal());
        tokio::task::yield_now().await;
        let killed = std::process::Command::new("kill").args(["-TERM", &std::process::id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert_eq!(waiting.await.unwrap(), "SIGTERM");
    }
}
