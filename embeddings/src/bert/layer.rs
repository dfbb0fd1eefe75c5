//! One layer: attention and feed-forward, each with its residual and norm.

use candle_core::{DType, Device, Tensor};

use super::attention::attend;
use super::{Shape, Weights, maths};

/// Layer normalisation (Ba et al. 2016).
pub(crate) struct Norm {
    scale: Vec<f32>,
    shift: Vec<f32>,
    epsilon: f32,
}

impl Norm {
    pub(crate) fn load(weights: &Weights, name: &str, epsilon: f32) -> Result<Self, candle_core::Error> {
        let part = |part: &str| numbers(weights, &format!("{name}.{part}"));
        Ok(Self { scale: part("weight")?, shift: part("bias")?, epsilon })
    }

    /// Normalises every row in place.
    #[expect(clippy::cast_precision_loss, reason = "a width of some hundreds")]
    pub(crate) fn apply(&self, states: &mut [f32]) {
        let width = self.scale.len().max(1);
        let share = 1.0 / width as f32;
        let mut squares = vec![0.0; width];
        for row in states.chunks_exact_mut(width) {
            let mean = maths::sum(row) * share;
            for (value, square) in row.iter_mut().zip(&mut squares) {
                *value -= mean;
                *square = *value * *value;
            }
            let factor = 1.0 / (maths::sum(&squares) * share + self.epsilon).sqrt();
            for ((value, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
                *value = *value * factor * scale + shift;
            }
        }
    }
}

/// A matrix, input by output, and what is added to its product.
struct Linear {
    weight: Tensor,
    bias: Vec<f32>,
}

impl Linear {
    /// Several matrices with the same input, side by side.
    fn load(weights: &Weights, names: &[String]) -> Result<Self, candle_core::Error> {
        let matrices = names.iter().map(|name| find(weights, &format!("{name}.weight"))).collect::<Result<Vec<_>, _>>()?;
        let weight = Tensor::cat(&matrices, 0)?.t()?.contiguous()?;
        let biases = names.iter().map(|name| numbers(weights, &format!("{name}.bias"))).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { weight, bias: biases.concat() })
    }

    /// The product with `rows` rows of input.
    fn apply(&self, input: Vec<f32>, rows: usize) -> Result<Vec<f32>, candle_core::Error> {
        let width = self.weight.dim(0)?;
        let input = Tensor::from_vec(input, (rows, width), &Device::Cpu)?;
        let mut output = input.matmul(&self.weight)?.flatten_all()?.to_vec1::<f32>()?;
        for row in output.chunks_exact_mut(self.bias.len().max(1)) {
            maths::add(row, &self.bias);
        }
        Ok(output)
    }
}

pub(crate) struct Layer {
    query_key_value: Linear,
    attended: Linear,
    attended_norm: Norm,
    up: Linear,
    down: Linear,
    norm: Norm,
    heads: usize,
}

impl Layer {
    pub(crate) fn load(weights: &Weights, index: usize, shape: &Shape) -> Result<Self, candle_core::Error> {
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let linear = |part: &str| Linear::load(weights, &[name(part)]);
        Ok(Self {
            query_key_value: Linear::load(weights, &["query", "key", "value"].map(|part| name(&format!("attention.self.{part}"))))?,
            attended: linear("attention.output.dense")?,
            attended_norm: Norm::load(weights, &name("attention.output.LayerNorm"), shape.layer_norm_eps)?,
            up: linear("intermediate.dense")?,
            down: linear("output.dense")?,
            norm: Norm::load(weights, &name("output.LayerNorm"), shape.layer_norm_eps)?,
            heads: shape.num_attention_heads,
        })
    }

    /// Hidden states in, hidden states out. `runs` says how many texts of how many tokens follow each other.
    pub(crate) fn forward(&self, states: Vec<f32>, runs: &[(usize, usize)]) -> Result<Vec<f32>, candle_core::Error> {
        let rows = runs.iter().map(|(texts, tokens)| texts * tokens).sum();
        let projected = self.query_key_value.apply(states.clone(), rows)?;
        let mut attended = self.attended.apply(attend(&projected, runs, self.heads)?, rows)?;
        maths::add(&mut attended, &states);
        self.attended_norm.apply(&mut attended);
        let mut inner = self.up.apply(attended.clone(), rows)?;
        maths::gelu(&mut inner);
        let mut output = self.down.apply(inner, rows)?;
        maths::add(&mut output, &attended);
        self.norm.apply(&mut output);
        Ok(output)
    }
}

fn find(weights: &Weights, name: &str) -> Result<Tensor, candle_core::Error> {
    weights
        .get(name)
        .ok_or_else(|| candle_core::Error::Msg(format!("the weights {name} are missing")))
        .and_then(|tensor| tensor.to_dtype(DType::F32))
}

/// The weights of that name as plain numbers, row after row.
pub(crate) fn numbers(weights: &Weights, name: &str) -> Result<Vec<f32>, candle_core::Error> {
    find(weights, name)?.flatten_all()?.to_vec1()
}
