use candle_core::Device;

use crate::bert::{self, Bert, Pooling};
use crate::catalogue::MINILM;
use crate::encoder::{Embedding, EncodeError, Encoder};
use crate::fetch::ModelFiles;

/// The longest input in word pieces; the rest of a text is not seen (`sentence_bert_config.json` of the model).
const MAX_TOKENS: usize = 256;

/// all-MiniLM-L6-v2: mean over the tokens, unit length.
#[derive(Debug)]
pub struct MiniLm {
    bert: Bert,
}

impl MiniLm {
    /// Loads the model's files. Takes about 0.2 s and 90 MB.
    pub fn load(files: &ModelFiles) -> Result<Self, EncodeError> {
        // Read into memory rather than mapped: mapping is unsafe, since a file that shrinks under it kills the process.
        let content = bert::read(files, "model.safetensors")?;
        let weights = candle_core::safetensors::load_buffer(&content, &Device::Cpu).map_err(|error| bert::broken(files, error))?;
        Ok(Self { bert: Bert::load(files, &weights, Pooling::Mean, MAX_TOKENS)? })
    }
}

impl Encoder for MiniLm {
    fn fingerprint(&self) -> &str {
        MINILM.name
    }

    fn dimensions(&self) -> usize {
        self.bert.dimensions()
    }

    fn count_tokens(&self, text: &str) -> Option<usize> {
        self.bert.count_tokens(text)
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        self.bert.encode(texts.to_vec())
    }
}
