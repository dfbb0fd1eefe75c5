//! The job that removes files which nothing names.

use porter_kernel::clock::Timestamp;
use porter_kernel::jobs::{NewJob, Priority};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{ATTEMPTS, NAMESPACE};

/// Remove those of these files that no version of a work holds. Carries [`DropFiles`].
pub const DROP_FILES: &str = "drop_files";

/// What [`DROP_FILES`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropFiles {
    /// The keys under which they are kept.
    pub files: Vec<Uuid>,
}

pub(in crate::store) fn drop_files(cause: Uuid, files: &[Uuid], run_at: Timestamp) -> NewJob {
    let unique_key = format!("drop_files:{cause}");
    NewJob {
        id: Uuid::new_v5(&NAMESPACE, unique_key.as_bytes()),
        kind: DROP_FILES,
        payload: json!({ "files": files }),
        priority: Priority::Normal,
        run_at,
        unique_key: Some(unique_key),
        max_attempts: ATTEMPTS,
    }
}
