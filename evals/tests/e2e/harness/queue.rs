//! The academy's jobs, looked at from aside: when none is left, all mail that will ever come is there.

use std::fmt;
use std::sync::Arc;

use porter_kernel::db::{Database, DatabaseSetting};
use porter_kernel::jobs::{self, JobStore, QueueDepth};

use super::home::Home;
use super::until;

/// The queue in the academy's own database.
pub(crate) struct Queue(Arc<dyn JobStore>);

impl Queue {
    pub(crate) async fn of(home: &Home) -> Self {
        let setting = DatabaseSetting::Sqlite(home.data().join("academy.db"));
        Self(jobs::open(&Database::open(&setting, None).await.expect("opening the academy's database")))
    }

    async fn depth(&self) -> Vec<QueueDepth> {
        self.0.depth().await.expect("reading the queue")
    }

    /// Waits until every job is done, and asserts that none was given up.
    pub(crate) async fn is_worked_off(&self) {
        until("the end of all jobs", async || self.depth().await.iter().all(|kind| kind.waiting + kind.running == 0).then_some(()))
            .await;
        let depth = self.depth().await;
        assert!(depth.iter().all(|kind| kind.dead == 0), "jobs were given up: {depth:?}");
    }

    /// Waits until no job of this kind is left: others may be for later, such as a reminder.
    pub(crate) async fn is_worked_off_of(&self, kind: &str) {
        until("the end of these jobs", async || (self.left(kind).await == 0).then_some(())).await;
    }

    /// How many jobs of this kind are still to be done.
    pub(crate) async fn left(&self, kind: &str) -> i64 {
        self.depth().await.iter().filter(|depth| depth.kind == kind).map(|depth| depth.waiting + depth.running).sum()
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Queue")
    }
}
