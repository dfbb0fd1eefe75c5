//! Files that people send: whole or not there at all.
//!
//! A file's key is an id that nobody outside has a say in, so no name of a file ever becomes a path.

mod store;

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use axum::body::Bytes;
use futures::Stream;
use uuid::Uuid;

pub use store::Stored;

/// The bytes of a file, piece by piece. What a stream says in an error ends the putting.
pub type Content<'a> = Pin<Box<dyn Stream<Item = Result<Bytes, FilesError>> + Send + 'a>>;

/// What can go wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The sender stopped, or sent what is not wanted: its own word for it. Nothing was kept.
    #[error("the file did not arrive: {0}")]
    Sender(Box<dyn std::error::Error + Send + Sync>),
    /// The disk or the folder fails: full, read-only, gone.
    #[error("files cannot be stored or read now ({0}): check the folder and the disk that holds it")]
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
}

/// Keeps files under ids.
#[async_trait]
pub trait Files: Send + Sync + fmt::Debug {
    /// Keeps the file when all of it has arrived; until then, and after an error or when the caller gives up, there is none. Replaces an older one.
    ///
    /// # Errors
    /// The content's own error, or [`FilesError::Unavailable`].
    async fn put(&self, key: Uuid, content: Content<'_>) -> Result<(), FilesError>;

    /// The file's bytes; `None` when there is no such file.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`].
    async fn get(&self, key: Uuid) -> Result<Option<Content<'static>>, FilesError>;

    /// Removes the file; there is none: no error.
    ///
    /// # Errors
    /// [`FilesError::Unavailable`].
    async fn delete(&self, key: Uuid) -> Result<(), FilesError>;
}
