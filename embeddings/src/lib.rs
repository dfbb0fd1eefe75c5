//! Text to vectors: the model catalogue and its fetch, the encoders, and the service that batches work for it.
//!
//! [`Encoder`] is the seam. It is synchronous and knows nothing of queues; [`EncoderService`] runs one on a thread of its
//! own so that matrix products never sit on an async thread.

mod bert;
mod bge;
pub mod catalogue;
mod encoder;
mod fetch;
mod minilm;
mod onnx;
mod progress;
mod queue;
mod service;
mod sources;

pub use bge::BgeSmall;
pub use encoder::{Embedding, EncodeError, Encoder, cosine};
pub use fetch::{FetchError, ModelFiles, fetch, verify};
pub use minilm::MiniLm;
pub use progress::{NoProgress, Progress};
pub use service::{EncoderService, Priority};
pub use sources::SourceSettings;
