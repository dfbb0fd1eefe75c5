//! Scores passages for a question by reading both together: slower than a cosine, and a second opinion on a few candidates.

use candle_core::Tensor;

use crate::bert::{self, Bert, Pooling, Shape, Weights, maths};
use crate::encoder::EncodeError;
use crate::fetch::ModelFiles;
use crate::onnx;

/// The longest pair in word pieces (`max_length` in the model's own settings).
const MAX_TOKENS: usize = 512;

/// The model's `config.json`, which its package leaves out.
const SHAPE: Shape = Shape { hidden_size: 384, num_hidden_layers: 12, num_attention_heads: 12, layer_norm_eps: 1e-12 };

/// Says how well each passage answers a question. Blocking.
pub trait Rerank: Send + Sync {
    /// A name that changes whenever the scores do.
    fn fingerprint(&self) -> &str;

    /// One score a passage, in order; the higher the better. A score does not depend on the other passages of the call.
    fn scores(&self, query: &str, passages: &[&str]) -> Result<Vec<f32>, EncodeError>;
}

/// ms-marco-MiniLM-L-12-v2. A score is the logit of "this passage answers": below 0 it rather does not.
#[derive(Debug)]
pub struct MsMarco {
    bert: Bert,
    pooler: Dense,
    classifier: Dense,
}

impl MsMarco {
    /// Loads the model's files. Takes about 0.3 s and 130 MB.
    pub fn load(files: &ModelFiles) -> Result<Self, EncodeError> {
        let weights = onnx::weights(&bert::read(files, "model.onnx")?).map_err(|error| bert::broken(files, error))?;
        let bert = Bert::load_shaped(files, SHAPE, &weights, Pooling::Raw, MAX_TOKENS)?;
        let dense = |name: &str| Dense::load(&weights, name).map_err(|error| bert::broken(files, error));
        Ok(Self { bert, pooler: dense("pooler.dense")?, classifier: dense("classifier")? })
    }
}

impl Rerank for MsMarco {
    fn fingerprint(&self) -> &str {
        crate::catalogue::MS_MARCO.name
    }

    fn scores(&self, query: &str, passages: &[&str]) -> Result<Vec<f32>, EncodeError> {
        let pairs: Vec<(String, String)> = passages.iter().map(|passage| (query.to_owned(), (*passage).to_owned())).collect();
        let states = self.bert.encode(pairs)?;
        let score = |state: Vec<f32>| {
            let pooled: Vec<f32> = self.pooler.apply(&state).into_iter().map(f32::tanh).collect();
            self.classifier.apply(&pooled).first().copied()
        };
        let scores = states.into_iter().map(score).collect::<Option<Vec<f32>>>();
        scores.ok_or_else(|| EncodeError::Failed("the classifier has no output".to_owned()))
    }
}

/// A small matrix for one vector at a time.
#[derive(Debug)]
struct Dense {
    rows: Vec<Vec<f32>>,
    bias: Vec<f32>,
}

impl Dense {
    fn load(weights: &Weights, name: &str) -> Result<Self, candle_core::Error> {
        let part = |part: &str| {
            let name = format!("{name}.{part}");
            weights.get(&name).ok_or_else(|| candle_core::Error::Msg(format!("the weights {name} are missing")))
        };
        Ok(Self { rows: part("weight").and_then(Tensor::to_vec2)?, bias: part("bias").and_then(Tensor::to_vec1)? })
    }

    fn apply(&self, vector: &[f32]) -> Vec<f32> {
        self.rows.iter().zip(&self.bias).map(|(row, bias)| maths::dot(row, vector) + bias).collect()
    }
}
