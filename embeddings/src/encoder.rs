/// A unit vector, so that a dot product is a cosine.
pub type Embedding = Vec<f32>;

/// Why a text could not be turned into a vector.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// A model file is there but does not hold what it should.
    #[error("the model in {path} cannot be loaded ({cause}); delete that folder and run `porter models fetch`")]
    Broken { path: String, cause: String },
    /// The computation itself failed.
    #[error("the encoder failed: {0}")]
    Failed(String),
    /// The encoder's thread has ended, so no answer will come.
    #[error("the encoder has stopped; restart porter")]
    Stopped,
    /// The queue is full. The caller may try again.
    #[error("the encoder is busy; try again in a moment")]
    Busy,
    /// A server was asked for vectors and gave none.
    #[error("the encoder at {url} {cause}")]
    Remote { url: String, cause: String },
}

/// Turns texts into unit vectors. Blocking: call it from a thread that may block, or through an `EncoderService`.
pub trait Encoder: Send + Sync {
    /// A name that changes whenever the vectors do. Whatever is computed from vectors carries it.
    fn fingerprint(&self) -> &str;

    /// Length of a vector.
    fn dimensions(&self) -> usize;

    /// What a query begins with when it is to find passages; nothing for models that treat both alike.
    fn query_prefix(&self) -> &'static str {
        ""
    }

    /// Word pieces of a text that the model sees; `None` when only a server knows.
    fn count_tokens(&self, _text: &str) -> Option<usize> {
        None
    }

    /// One vector a text, in order. The vector of a text does not depend on its neighbours in the call.
    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError>;
}

/// Cosine of two unit vectors.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
