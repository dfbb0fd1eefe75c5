//! Records of actions that are not real, or break.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use uuid::Uuid;

use crate::store::{Begun, Finished, NewRun, RunRow, Runs};
use crate::{ActionError, Budget, Outcome};

/// Remembers nothing: for tests of one file of the catalogue.
#[derive(Debug)]
pub(crate) struct Stub;

#[async_trait]
impl Runs for Stub {
    async fn begin(&self, _: &NewRun, _: Budget, _: Timestamp) -> Result<Begun, DbError> {
        Ok(Begun::Go { target: None })
    }

    async fn aim(&self, _: Uuid, target: Uuid) -> Result<Option<Uuid>, DbError> {
        Ok(Some(target))
    }

    async fn finish(&self, _: Uuid, outcome: &Outcome, _: Timestamp) -> Result<Finished, DbError> {
        Ok(Finished::Stored(outcome.clone()))
    }

    async fn fail(&self, _: Uuid, _: ActionError, _: Timestamp) -> Result<Option<Outcome>, DbError> {
        Ok(None)
    }

    async fn of_conversation(&self, _: Uuid) -> Result<Vec<RunRow>, DbError> {
        Ok(Vec::new())
    }
}

/// A real record that loses its database in mid-run: it begins, and then does not take the end.
#[derive(Debug)]
pub(super) struct CutShort {
    pub(super) runs: Arc<dyn Runs>,
    pub(super) broken: AtomicBool,
}

impl CutShort {
    fn check(&self) -> Result<(), DbError> {
        if self.broken.load(Ordering::Relaxed) { Err(DbError::Unavailable(sqlx::Error::PoolTimedOut)) } else { Ok(()) }
    }
}

#[async_trait]
impl Runs for CutShort {
    async fn begin(&self, run: &NewRun, budget: Budget, now: Timestamp) -> Result<Begun, DbError> {
        self.runs.begin(run, budget, now).await
    }

    async fn aim(&self, key: Uuid, target: Uuid) -> Result<Option<Uuid>, DbError> {
        self.runs.aim(key, target).await
    }

    async fn finish(&self, key: Uuid, outcome: &Outcome, now: Timestamp) -> Result<Finished, DbError> {
        self.check()?;
        self.runs.finish(key, outcome, now).await
    }

    async fn fail(&self, key: Uuid, error: ActionError, now: Timestamp) -> Result<Option<Outcome>, DbError> {
        self.check()?;
        self.runs.fail(key, error, now).await
    }

    async fn of_conversation(&self, conversation: Uuid) -> Result<Vec<RunRow>, DbError> {
        self.runs.of_conversation(conversation).await
    }
}
