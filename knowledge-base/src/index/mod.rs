//! The vector index as a seam: points in, nearest points out.
//!
//! An index is a derivative of the article tables and never the truth: it may be thrown away and built again from them.

mod edge;

use async_trait::async_trait;
pub use edge::EdgeIndex;
use uuid::Uuid;

/// A vector under its id.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub id: Uuid,
    pub vector: Vec<f32>,
}

/// A point with its cosine to the query, -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub id: Uuid,
    pub score: f32,
}

/// Why the index did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The files cannot be opened, and not even an empty index can be made in their place.
    #[error("the vector index in {path} cannot be opened: {cause}")]
    Open { path: String, cause: String },
    /// Another process holds the files.
    #[error("the vector index in {path} is in use by another process; stop it or choose another data_dir")]
    Locked { path: String },
    /// An operation failed.
    #[error("the vector index failed: {0}")]
    Failed(String),
    /// The index has been closed.
    #[error("the vector index has stopped; restart porter")]
    Stopped,
}

/// Nearest points by cosine. Object-safe and free of engines' types.
#[async_trait]
pub trait VectorIndex: Send + Sync + std::fmt::Debug {
    /// Removes points, then adds others, and returns once searches see both. Points that exist are replaced; removing unknown ones is no error.
    async fn apply(&self, remove: Vec<Uuid>, add: Vec<Point>) -> Result<(), IndexError>;

    /// The nearest points, the nearest first.
    async fn search(&self, vector: Vec<f32>, limit: usize) -> Result<Vec<Hit>, IndexError>;

    /// Every id in the index.
    async fn ids(&self) -> Result<Vec<Uuid>, IndexError>;

    /// Makes what was applied durable and searches fast. Called after bulk changes.
    async fn settle(&self) -> Result<(), IndexError>;
}
