use crate::bert::{self, Bert, Pooling};
use crate::catalogue::BGE_SMALL;
use crate::encoder::{Embedding, EncodeError, Encoder};
use crate::fetch::ModelFiles;
use crate::onnx;

/// The longest input in word pieces; the rest of a text is not seen (`max_position_embeddings` of the model).
const MAX_TOKENS: usize = 512;

/// As the model's card says: short questions that look for passages begin with it, passages do not.
pub(crate) const QUERY_PREFIX: &str = "Represent this sentence for searching relevant passages: ";

/// bge-small-en-v1.5: the hidden state of `[CLS]`, unit length. Computed in floats from weights that were kept as 8-bit integers.
#[derive(Debug)]
pub struct BgeSmall {
    bert: Bert,
}

impl BgeSmall {
    /// Loads the model's files. Takes about 0.3 s and 130 MB.
    pub fn load(files: &ModelFiles) -> Result<Self, EncodeError> {
        let weights = onnx::weights(&bert::read(files, "model.onnx")?).map_err(|error| bert::broken(files, error))?;
        Ok(Self { bert: Bert::load(files, &weights, Pooling::Cls, MAX_TOKENS)? })
    }
}

impl Encoder for BgeSmall {
    fn fingerprint(&self) -> &str {
        BGE_SMALL.name
    }

    fn dimensions(&self) -> usize {
        self.bert.dimensions()
    }

    fn count_tokens(&self, text: &str) -> Option<usize> {
        self.bert.count_tokens(text)
    }

    fn query_prefix(&self) -> &'static str {
        QUERY_PREFIX
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        self.bert.encode(texts.to_vec())
    }
}
