//! The real encoder against the reference vector, against the library's own BERT, and against itself.
#![expect(clippy::expect_used, reason = "tests")]

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use porter_embeddings::{Encoder, MiniLm, ModelFiles, NoProgress, SourceSettings, catalogue::MINILM, cosine, fetch};
use tokenizers::Tokenizer;

async fn files() -> ModelFiles {
    let cache = std::env::var_os("PORTER_CACHE_DIR").map_or_else(|| std::env::temp_dir().join("porter-test-cache"), Into::into);
    fetch(&MINILM, &cache, &SourceSettings::from_environment(), &NoProgress).await.expect("the encoder's files")
}

async fn encoder() -> MiniLm {
    MiniLm::load(&files().await).expect("a loadable model")
}

/// First four of 384 numbers, computed by PyTorch and by ONNX Runtime from the same weights.
#[tokio::test]
async fn equals_the_reference_vector() {
    let vectors = encoder().await.encode(&["I need my PIN"]).unwrap();
    let reference = [-0.066286, -0.030785, -0.026004, 0.008984];
    for (found, expected) in vectors[0].iter().zip(reference) {
        assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
    }
    assert_eq!(vectors[0].len(), 384);
}

/// Porter's own forward pass packs, fuses and approximates; candle's `BertModel` does not.
#[tokio::test]
async fn agrees_with_the_librarys_own_bert() {
    let files = files().await;
    let config: Config = serde_json::from_slice(&std::fs::read(files.path("config.json")).unwrap()).unwrap();
    let weights = std::fs::read(files.path("model.safetensors")).unwrap();
    let model =
        BertModel::load(VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).unwrap(), &config).unwrap();
    let mut tokenizer = Tokenizer::from_file(files.path("tokenizer.json")).unwrap();
    tokenizer.with_padding(None);
    let texts = ["refund?", "I finished the course on Friday and have no certificate yet.", "🎓 Zertifikat bitte", "I need my PIN"];
    let found = MiniLm::load(&files).unwrap().encode(&texts).unwrap();
    for (text, found) in texts.iter().zip(&found) {
        let ids = tokenizer.encode(*text, true).unwrap().get_ids().to_vec();
        let ids = Tensor::new(vec![ids], &Device::Cpu).unwrap();
        let states = model.forward(&ids, &ids.zeros_like().unwrap(), None).unwrap();
        let mean: Vec<f32> = states.mean(1).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        let length = cosine(&mean, &mean).sqrt();
        let furthest = mean.iter().zip(found).map(|(a, b)| (a / length - b).abs()).fold(0.0, f32::max);
        assert!(furthest < 1e-5, "{furthest} apart on {text}");
    }
}

#[tokio::test]
async fn a_batch_equals_its_texts_one_by_one() {
    let encoder = encoder().await;
    let long = "The certificate arrives by mail within a day of the last lesson. ".repeat(60);
    let texts =
        ["", "refund?", "I finished the course on Friday and have no certificate yet.", &long, "🎓 Zertifikat", "I need my PIN"];
    let batch = encoder.encode(&texts).unwrap();
    for (text, vector) in texts.iter().zip(&batch) {
        let single = encoder.encode(&[text]).unwrap().remove(0);
        let furthest = vector.iter().zip(&single).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(furthest < 1e-5, "{furthest} apart on {text:.40}");
        assert!((cosine(vector, vector) - 1.0).abs() < 1e-5);
    }
}
