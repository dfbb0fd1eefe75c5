//! Porter's own forward pass beside candle's `BertModel` as its example uses it, on the same texts: questions and passages of mixed length.
//!
//! `cargo bench -p porter-embeddings`

#![expect(clippy::expect_used, reason = "a bench reports by panicking")]

use std::path::PathBuf;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use divan::Bencher;
use divan::counter::ItemsCount;
use porter_embeddings::{Encoder, MiniLm, ModelFiles, NoProgress, SourceSettings, catalogue::MINILM, fetch};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

fn main() {
    divan::main();
}

fn files() -> ModelFiles {
    let cache = std::env::var_os("PORTER_CACHE_DIR").map_or_else(|| std::env::temp_dir().join("porter-test-cache"), PathBuf::from);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(fetch(&MINILM, &cache, &SourceSettings::from_environment(), &NoProgress)).expect("the encoder's files")
}

/// Three in four are questions of 5 to 24 words, as learners write them; the rest are passages of 60 to 140 words.
fn texts() -> Vec<String> {
    let words = ["where", "is", "my", "certificate", "refund", "course", "password", "lesson", "order", "the", "when", "can", "I"];
    (0..128)
        .map(|text: usize| {
            let length = if text % 4 == 3 { 60 + text * 37 % 81 } else { 5 + text * 13 % 20 };
            words.iter().cycle().skip(text % words.len()).step_by(1 + text % 5).take(length).copied().collect::<Vec<_>>().join(" ")
        })
        .collect()
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn own_without_padding(bencher: Bencher) {
    let (encoder, texts) = (MiniLm::load(&files()).expect("a loadable model"), texts());
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    bencher.counter(ItemsCount::new(texts.len())).bench_local(|| encoder.encode(&texts).expect("vectors"));
}

/// Batches of 32, each padded to its longest text; mean over the tokens, unit length.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn candles_bert_with_padded_batches(bencher: Bencher) {
    let (model, tokenizer, texts) = (candles_model(&files()), padding_tokenizer(&files()), texts());
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    bencher.counter(ItemsCount::new(texts.len())).bench_local(|| {
        let vectors: Vec<Tensor> = texts.chunks(32).map(|batch| padded(&model, &tokenizer, batch).expect("vectors")).collect();
        vectors
    });
}

fn candles_model(files: &ModelFiles) -> BertModel {
    let config: Config =
        serde_json::from_slice(&std::fs::read(files.path("config.json")).expect("config.json")).expect("its content");
    let weights = std::fs::read(files.path("model.safetensors")).expect("the weights");
    let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).expect("their content");
    BertModel::load(weights, &config).expect("a loadable model")
}

fn padding_tokenizer(files: &ModelFiles) -> Tokenizer {
    let mut tokenizer = Tokenizer::from_file(files.path("tokenizer.json")).expect("a tokenizer");
    let truncation = TruncationParams { max_length: 256, ..TruncationParams::default() };
    tokenizer.with_padding(Some(PaddingParams::default())).with_truncation(Some(truncation)).expect("a length");
    tokenizer
}

fn padded(model: &BertModel, tokenizer: &Tokenizer, batch: &[&str]) -> candle_core::Result<Tensor> {
    let encodings = tokenizer.encode_batch(batch.to_vec(), true).expect("tokens");
    let rows = |of: fn(&tokenizers::Encoding) -> &[u32]| {
        let rows =
            encodings.iter().map(|encoding| Tensor::new(of(encoding), &Device::Cpu)).collect::<candle_core::Result<Vec<_>>>()?;
        Tensor::stack(&rows, 0)
    };
    let (ids, mask) = (rows(tokenizers::Encoding::get_ids)?, rows(tokenizers::Encoding::get_attention_mask)?);
    let states = model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
    let weights = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
    let mean = states.broadcast_mul(&weights)?.sum(1)?.broadcast_div(&weights.sum(1)?)?;
    mean.broadcast_div(&mean.sqr()?.sum_keepdim(1)?.sqrt()?)
}
