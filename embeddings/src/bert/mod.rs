//! BERT for sentence vectors: tokens of many texts in one matrix without padding, matrix products by candle, the rest in plain loops.
//!
//! The library's own `BertModel` pads, and computes GELU one number at a time; this gives the same vectors, and a test
//! holds it to that.

mod attention;
mod batch;
mod layer;
pub(crate) mod maths;

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::{Mutex, PoisonError};

use candle_core::Tensor;
use serde::Deserialize;
use tokenizers::{EncodeInput, Tokenizer, TruncationParams};

use crate::encoder::{Embedding, EncodeError};
use crate::fetch::ModelFiles;
use batch::{Batch, Tokens};
use layer::{Layer, Norm};

/// Word pieces of one forward pass: bounds memory, and keeps what passes between two products in the caches.
const BATCH_TOKENS: usize = 1_024;

/// Weights by their names in the PyTorch model, without a leading `bert.`; matrices lie as output by input.
pub(crate) type Weights = HashMap<String, Tensor>;

/// How the hidden states of a text become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pooling {
    /// Their mean.
    Mean,
    /// The first one, of the token `[CLS]`.
    Cls,
    /// The first one as it is, not scaled to unit length: what a classifier's head reads.
    Raw,
}

/// The part of a model's `config.json` that the computation depends on.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Shape {
    pub(crate) hidden_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) layer_norm_eps: f32,
}

/// A sentence encoder of BERT's architecture.
pub(crate) struct Bert {
    tokenizer: Tokenizer,
    pooling: Pooling,
    shape: Shape,
    words: Vec<f32>,
    places: Vec<f32>,
    /// Which of two texts a token belongs to.
    types: Vec<f32>,
    norm: Norm,
    layers: Vec<Layer>,
}

impl std::fmt::Debug for Bert {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Bert").field("shape", &self.shape).field("pooling", &self.pooling).finish_non_exhaustive()
    }
}

/// Reads a file of the model, or says that the model is broken.
pub(crate) fn read(files: &ModelFiles, name: &str) -> Result<Vec<u8>, EncodeError> {
    std::fs::read(files.path(name)).map_err(|error| broken(files, format!("{name}: {error}")))
}

/// A model file is there but does not hold what it should.
pub(crate) fn broken(files: &ModelFiles, cause: impl ToString) -> EncodeError {
    EncodeError::Broken { path: files.folder.display().to_string(), cause: cause.to_string() }
}

impl Bert {
    /// Puts a model together from its weights and the `config.json` and `tokenizer.json` beside them. Texts are cut at `longest` word pieces.
    pub(crate) fn load(files: &ModelFiles, weights: &Weights, pooling: Pooling, longest: usize) -> Result<Self, EncodeError> {
        let shape: Shape =
            serde_json::from_slice(&read(files, "config.json")?).map_err(|error| broken(files, format!("config.json: {error}")))?;
        Self::load_shaped(files, shape, weights, pooling, longest)
    }

    /// [`Bert::load`] for a model that comes without a `config.json`.
    pub(crate) fn load_shaped(
        files: &ModelFiles,
        shape: Shape,
        weights: &Weights,
        pooling: Pooling,
        longest: usize,
    ) -> Result<Self, EncodeError> {
        let mut tokenizer = Tokenizer::from_bytes(read(files, "tokenizer.json")?).map_err(|error| broken(files, error))?;
        tokenizer
            .with_padding(None)
            .with_truncation(Some(TruncationParams { max_length: longest, ..TruncationParams::default() }))
            .map_err(|error| broken(files, error))?;
        Self::assemble(tokenizer, pooling, shape, weights).map_err(|error| broken(files, error))
    }

    fn assemble(tokenizer: Tokenizer, pooling: Pooling, shape: Shape, weights: &Weights) -> Result<Self, candle_core::Error> {
        let layers =
            (0..shape.num_hidden_layers).map(|index| Layer::load(weights, index, &shape)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            tokenizer,
            pooling,
            words: layer::numbers(weights, "embeddings.word_embeddings.weight")?,
            places: layer::numbers(weights, "embeddings.position_embeddings.weight")?,
            types: layer::numbers(weights, "embeddings.token_type_embeddings.weight")?,
            norm: Norm::load(weights, "embeddings.LayerNorm", shape.layer_norm_eps)?,
            layers,
            shape,
        })
    }

    /// Length of a vector.
    pub(crate) fn dimensions(&self) -> usize {
        self.shape.hidden_size
    }

    /// Word pieces of the text that the model sees, those of its frame included.
    pub(crate) fn count_tokens(&self, text: &str) -> Option<usize> {
        self.tokenizer.encode_fast(text, true).ok().map(|encoding| encoding.len())
    }

    /// One vector a text, or a pair of texts, in order. Large calls use every core.
    pub(crate) fn encode<'s, T: Into<EncodeInput<'s>> + Send>(&self, texts: Vec<T>) -> Result<Vec<Embedding>, EncodeError> {
        let failed = |error: &dyn std::fmt::Display| EncodeError::Failed(error.to_string());
        let encodings = self.tokenizer.encode_batch_fast(texts, true).map_err(|error| failed(&error))?;
        let tokens = encodings.iter().map(|encoding| Tokens { ids: encoding.get_ids(), types: encoding.get_type_ids() });
        let batches = Batch::pack(tokens, BATCH_TOKENS);
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(batches.len());
        let (waiting, done) = (Mutex::new(batches.iter()), Mutex::new(Vec::with_capacity(encodings.len())));
        let work = || -> Result<(), candle_core::Error> {
            loop {
                let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(batch) = next else { return Ok(()) };
                let vectors = self.forward(batch)?;
                done.lock().unwrap_or_else(PoisonError::into_inner).extend(batch.positions().zip(vectors));
            }
        };
        if threads <= 1 {
            work().map_err(|error| failed(&error))?;
        } else {
            std::thread::scope(|scope| {
                let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
                let own = work();
                others.into_iter().fold(own, |result, other| {
                    result.and(other.join().unwrap_or_else(|_| Err(candle_core::Error::Msg("a thread panicked".to_owned()))))
                })
            })
            .map_err(|error| failed(&error))?;
        }
        let mut vectors = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        vectors.sort_unstable_by_key(|(position, _)| *position);
        Ok(vectors.into_iter().map(|(_, vector)| vector).collect())
    }

    fn forward(&self, batch: &Batch<'_>) -> Result<Vec<Embedding>, candle_core::Error> {
        let width = self.shape.hidden_size;
        let row = |table: &[f32], index: usize| -> Result<Vec<f32>, candle_core::Error> {
            let found = table.get(index * width..(index + 1) * width);
            found.map(<[f32]>::to_vec).ok_or_else(|| candle_core::Error::Msg(format!("no row {index} in a table of embeddings")))
        };
        let mut states = Vec::with_capacity(batch.tokens() * width);
        for text in batch.texts() {
            for (id, kind, place) in text.each() {
                let mut state = row(&self.words, index(id, width))?;
                maths::add(&mut state, &row(&self.places, place)?);
                maths::add(&mut state, &row(&self.types, index(kind, width))?);
                states.append(&mut state);
            }
        }
        self.norm.apply(&mut states);
        for layer in &self.layers {
            states = layer.forward(states, &batch.runs())?;
        }
        let mut rest = states.as_slice();
        let mut vectors = Vec::new();
        for text in batch.texts() {
            let (own, later) = rest.split_at_checked(text.len() * width).unwrap_or((rest, &[]));
            rest = later;
            vectors.push(self.pool(own));
        }
        Ok(vectors)
    }

    fn pool(&self, states: &[f32]) -> Embedding {
        let width = self.shape.hidden_size;
        let mut vector = vec![0.0; width];
        let rows = match self.pooling {
            Pooling::Mean => usize::MAX,
            Pooling::Cls | Pooling::Raw => 1,
        };
        for state in states.chunks_exact(width).take(rows) {
            maths::add(&mut vector, state);
        }
        if self.pooling != Pooling::Raw {
            maths::to_unit_length(&mut vector);
        }
        vector
    }
}

/// A row that no table has, where the number of a token is not one of this machine's.
fn index(number: u32, width: usize) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX / width.max(1) - 1)
}
