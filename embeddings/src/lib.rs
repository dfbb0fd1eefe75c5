//! Models: the catalogue and its fetch, encoders that turn text into vectors, a cross-encoder, a chat model, and the server that lends them to
//! other processes.
//!
//! [`Encoder`] is the seam. It is synchronous and knows nothing of queues; [`EncoderService`] runs one on a thread of its
//! own so that matrix products never sit on an async thread. [`generate::Generate`] and its service are the same for chat.

mod bert;
mod bge;
pub mod catalogue;
mod encoder;
mod fetch;
pub mod generate;
mod minilm;
mod onnx;
mod progress;
mod queue;
mod remote;
mod rerank;
pub mod serve;
mod service;
mod sources;

pub use bge::BgeSmall;
pub use encoder::{Embedding, EncodeError, Encoder, cosine};
pub use fetch::{FetchError, ModelFiles, fetch, verify};
pub use minilm::MiniLm;
pub use progress::{NoProgress, Progress};
pub use remote::{RemoteEncoder, RemoteSettings};
pub use rerank::{MsMarco, Rerank};
pub use service::{EncoderService, Priority};
pub use sources::SourceSettings;
