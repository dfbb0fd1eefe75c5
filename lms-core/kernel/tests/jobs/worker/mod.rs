//! A worker with handlers that work, hang, panic and are overtaken.
//!
//! Nothing here waits for the clock on the wall: the leases and the pauses are those of a manual clock, and the worker's own ticks are so
//! short that they only decide when it looks.

mod endings;
mod fake;
mod outages;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use porter_kernel::jobs::{Handler, JobStore, LEASE, Timing, Worker};
use porter_kernel::shutdown::Shutdown;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::{Queue, Row};
pub(crate) use fake::Event;
use fake::Fake;
pub(crate) use turns::gated;

/// Ticks so often that a test need not wait.
const OFTEN: Timing = Timing { poll: Duration::from_millis(5), lease: LEASE, beat: Duration::from_millis(5) };
/// Longer than any pause between two attempts.
const LONG: Duration = Duration::from_secs(600);

/// A worker that runs.
pub(crate) struct Running {
    shutdown: Shutdown,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) fn start(worker: Worker) -> Self {
        let shutdown = Shutdown::default();
        let task = tokio::spawn(worker.run(shutdown.clone()));
        Self { shutdown, task }
    }

    /// Ends it in good order.
    pub(crate) async fn stop(self) {
        self.shutdown.trigger();
        self.task.await.unwrap();
    }

    /// Ends it as a kill would.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

impl Queue {
    /// A worker with this handler, which looks often.
    pub(crate) fn worker(&self, handler: &Fake) -> Worker {
        self.worker_on(self.store.clone(), handler)
    }

    /// The same on another store.
    pub(crate) fn worker_on(&self, store: Arc<dyn JobStore>, handler: &Fake) -> Worker {
        let handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(handler.clone())];
        Worker::new(store, Arc::new(self.clock.clone()), Arc::new(self.ids.clone()), handlers).with_timing(OFTEN)
    }

    /// Waits until the job is in this state.
    pub(crate) async fn until(&self, id: Uuid, state: &str) -> Row {
        self.until_row(id, |row| row.state == state).await
    }

    /// Waits until the job's row is as it should be. The tests' own time limit ends a wait that is in vain.
    pub(crate) async fn until_row(&self, id: Uuid, wanted: impl Fn(&Row) -> bool) -> Row {
        let mut look = tokio::time::interval(Duration::from_millis(2));
        loop {
            look.tick().await;
            let row = self.row(id).await;
            if wanted(&row) {
                return row;
            }
        }
    }
}
