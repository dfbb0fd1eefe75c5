//! The job that removes files which nothing names.

use porter_kernel::clock::Timestamp;
use porter_kernel::jobs::{NewJob, Priority};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::job;

/// Remove those of these files that no version of a work holds. Carries [`DropFiles`].
pub const DROP_FILES: &str = "drop_files";

/// What [`DROP_FILES`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropFiles {
    /// The keys under which they are kept.
    pub files: Vec<Uuid>,
}

pub(in crate::store) fn drop_files(cause: Uuid, files: &[Uuid], run_at: Timestamp) -> NewJob {
    job(DROP_FILES, format!("drop_files:{cause}"), json!({ "files": files }), Priority::Normal, run_at)
}
