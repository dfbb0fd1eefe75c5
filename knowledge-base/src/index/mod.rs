//! The vector index as a seam: points in, nearest points out.
//!
//! An index is a derivative of the article tables and never the truth: it may be thrown away and built again from them.

mod edge;
mod error;
mod lexical;
mod server;
#[cfg(test)]
mod suite;

use async_trait::async_trait;
pub use edge::EdgeIndex;
pub use error::IndexError;
pub use lexical::{Sparse, document_weights, query_weights};
use serde::{Deserialize, Serialize};
pub use server::{ServerIndex, ServerSettings};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub(crate) use crate::audience::Audience;

/// Changes when the vectors or payloads of a point are stored in another form.
const LAYOUT: &str = "dense+bm25/1";

/// A passage as the index keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub id: Uuid,
    /// Of the encoder; of length one.
    pub dense: Vec<f32>,
    /// Of the words ([`document_weights`]).
    pub sparse: Sparse,
    pub slug: String,
    pub kind: String,
    pub audience: Audience,
}

/// A point with its score: the cosine where the search was by meaning, BM25 where it was by words, and of both lists the reciprocal ranks'
/// sum. Scores of different modes are not comparable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub id: Uuid,
    pub score: f32,
}

/// What nearness means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// By meaning: the cosine of the encoder's vectors.
    #[default]
    Dense,
    /// By words: BM25.
    Sparse,
    /// By place in both lists: reciprocal rank fusion.
    Fused,
}

/// What is searched for. The parts that the mode does not use may be empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    pub mode: Mode,
    pub dense: Vec<f32>,
    pub sparse: Sparse,
    /// Only what this reader may see is looked at: a search never finds fewer points because of what is hidden.
    pub reader: Audience,
    pub limit: usize,
}

impl Search {
    /// By meaning.
    pub fn dense(vector: Vec<f32>, reader: Audience, limit: usize) -> Self {
        Self { mode: Mode::Dense, dense: vector, sparse: Sparse::default(), reader, limit }
    }
}

/// Points from nothing to found. Object-safe and free of engines' types.
#[async_trait]
pub trait VectorIndex: Send + Sync + std::fmt::Debug {
    /// Removes points, then adds others, and returns once searches see both. Points that exist are replaced; removing unknown ones is no error.
    async fn apply(&self, remove: Vec<Uuid>, add: Vec<Point>) -> Result<(), IndexError>;

    /// The nearest points, the nearest first.
    async fn search(&self, search: Search) -> Result<Vec<Hit>, IndexError>;

    /// Every id in the index.
    async fn ids(&self) -> Result<Vec<Uuid>, IndexError>;

    /// Makes what was applied durable and searches fast, and this generation of the index the one in force. Called after bulk changes.
    async fn settle(&self) -> Result<(), IndexError>;
}

/// The name of everything that vectors in an index depend on. Another encoder makes another generation, so that old and new vectors never
/// stand in one index.
pub(crate) fn generation(encoder: &str) -> String {
    let digest = Sha256::digest(format!("{LAYOUT}\n{encoder}"));
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
