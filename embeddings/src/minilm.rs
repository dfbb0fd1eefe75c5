use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use tokenizers::{Tokenizer, TruncationParams};

use crate::catalogue::MINILM;
use crate::encoder::{Embedding, EncodeError, Encoder};
use crate::fetch::ModelFiles;

/// The longest input in word pieces; the rest of a text is not seen (`sentence_bert_config.json` of the model).
const MAX_TOKENS: usize = 256;

/// Texts of one forward pass hold at most this many word pieces, padding counted: bounds memory, keeps caches warm.
const BATCH_TOKENS: usize = 2_048;

/// Word pieces by which texts of one forward pass may differ beside a quarter of their length: padding costs as much as text.
const PADDING: usize = 4;

/// all-MiniLM-L6-v2 in candle: BERT, mean over the tokens, unit length.
pub struct MiniLm {
    model: BertModel,
    tokenizer: Tokenizer,
    device: Device,
}

impl std::fmt::Debug for MiniLm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("MiniLm").finish_non_exhaustive()
    }
}

impl MiniLm {
    /// Loads the model's files. Takes about 0.2 s and 90 MB.
    pub fn load(files: &ModelFiles) -> Result<Self, EncodeError> {
        let broken = |cause: String| EncodeError::Broken { path: files.folder.display().to_string(), cause };
        let device = Device::Cpu;
        let config: Config =
            serde_json::from_slice(&read(&files.path("config.json"), &broken)?).map_err(|error| broken(error.to_string()))?;
        let mut tokenizer =
            Tokenizer::from_bytes(read(&files.path("tokenizer.json"), &broken)?).map_err(|error| broken(error.to_string()))?;
        tokenizer
            .with_padding(None)
            .with_truncation(Some(TruncationParams { max_length: MAX_TOKENS, ..TruncationParams::default() }))
            .map_err(|error| broken(error.to_string()))?;
        // Read into memory rather than mapped: mapping is unsafe, since a file that shrinks under it kills the process.
        let weights = read(&files.path("model.safetensors"), &broken)?;
        let variables =
            VarBuilder::from_buffered_safetensors(weights, DType::F32, &device).map_err(|error| broken(error.to_string()))?;
        let model = BertModel::load(variables, &config).map_err(|error| broken(error.to_string()))?;
        Ok(Self { model, tokenizer, device })
    }

    /// One forward pass over texts of about equal length.
    fn forward(&self, batch: &[&[u32]]) -> Result<Vec<Embedding>, candle_core::Error> {
        let longest = batch.iter().map(|ids| ids.len()).max().unwrap_or(0);
        let mut ids = Vec::with_capacity(batch.len() * longest);
        let mut mask = Vec::with_capacity(batch.len() * longest);
        for text in batch {
            let padding = longest - text.len();
            ids.extend_from_slice(text);
            ids.extend(std::iter::repeat_n(0, padding));
            mask.extend(std::iter::repeat_n(1_f32, text.len()));
            mask.extend(std::iter::repeat_n(0_f32, padding));
        }
        let ids = Tensor::from_vec(ids, (batch.len(), longest), &self.device)?;
        let mask = Tensor::from_vec(mask, (batch.len(), longest), &self.device)?;
        let hidden = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let weights = mask.unsqueeze(2)?;
        let mean = hidden.broadcast_mul(&weights)?.sum(1)?.broadcast_div(&weights.sum(1)?)?;
        mean.broadcast_div(&mean.sqr()?.sum_keepdim(1)?.sqrt()?)?.to_vec2()
    }
}

fn read(path: &Path, broken: &dyn Fn(String) -> EncodeError) -> Result<Vec<u8>, EncodeError> {
    std::fs::read(path).map_err(|error| broken(format!("{}: {error}", path.display())))
}

impl Encoder for MiniLm {
    fn fingerprint(&self) -> &str {
        MINILM.name
    }

    fn dimensions(&self) -> usize {
        384
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let failed = |error: &dyn std::fmt::Display| EncodeError::Failed(error.to_string());
        let encodings = texts
            .iter()
            .map(|text| self.tokenizer.encode_fast(*text, true))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| failed(&error))?;
        // Neighbours in a batch are of about equal length, so little is spent on padding.
        let mut order: Vec<(usize, &[u32])> = encodings.iter().map(|encoding| encoding.get_ids()).enumerate().collect();
        order.sort_by_key(|(_, ids)| ids.len());
        let mut vectors: Vec<(usize, Embedding)> = Vec::with_capacity(texts.len());
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            let shortest = rest.first().map_or(0, |(_, ids)| ids.len());
            let fits = |(index, (_, ids)): &(usize, &(usize, &[u32]))| {
                (index + 1) * ids.len() <= BATCH_TOKENS && ids.len() <= shortest + shortest / 4 + PADDING
            };
            let fitting = rest.iter().enumerate().take_while(fits).count().max(1);
            let (batch, later) = rest.split_at(fitting);
            let ids: Vec<&[u32]> = batch.iter().map(|(_, ids)| *ids).collect();
            let computed = self.forward(&ids).map_err(|error| failed(&error))?;
            vectors.extend(batch.iter().map(|(position, _)| *position).zip(computed));
            rest = later;
        }
        vectors.sort_by_key(|(position, _)| *position);
        Ok(vectors.into_iter().map(|(_, vector)| vector).collect())
    }
}
