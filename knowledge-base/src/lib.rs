//! Articles to chunks to index to ranked, cited passages.
//!
//! The article tables are the truth. The vector index is derived from them, compared with them at every start, and a hit whose passage
//! is not in the tables is dropped: a deleted article cannot be answered from, whatever state the index is in.

mod answer;
mod audience;
mod builtin;
pub mod document;
mod fingerprint;
mod head;
mod index;
mod ingest;
mod knowledge;
pub mod store;
#[cfg(test)]
mod testing;
mod watch;

pub use answer::Extract;
pub use audience::{Audience, UnknownAudience};
pub use builtin::{BUILTIN_SOURCE, builtin_documents, builtin_facts};
pub use index::{
    EdgeIndex, Hit, IndexError, Mode, Point, Search, ServerIndex, ServerSettings, Sparse, VectorIndex, document_weights,
    query_weights,
};
pub use ingest::{Document, IngestReport, Rejected};
pub use knowledge::{Found, FoundSection, KnowledgeBase, KnowledgeError, Question};
pub use watch::{Look, PERIOD, Source, Watch};
