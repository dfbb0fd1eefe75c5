//! Files that nothing names: of somebody who was forgotten, or of an upload that broke off between the file and its row.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, failure, payload};
use crate::store::jobs::files as queue;

pub(super) struct DropFiles(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for DropFiles {
    fn kind(&self) -> &'static str {
        queue::DROP_FILES
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// May be repeated: what is gone stays gone.
    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::DropFiles { files } = payload(job)?;
        for file in self.0.store.unnamed_files(&files).await.map_err(failure)? {
            self.0.files.delete(file).await.map_err(|error| Failure::Retry(error.to_string()))?;
            tracing::info!(%file, "a file that nothing names was removed");
        }
        Ok(())
    }
}
