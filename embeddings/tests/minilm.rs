//! The real encoder against the reference vector, and against itself.
#![expect(clippy::expect_used, reason = "tests")]

use porter_embeddings::{Encoder, MiniLm, NoProgress, SourceSettings, catalogue::MINILM, cosine, fetch};

async fn encoder() -> MiniLm {
    let cache = std::env::var_os("PORTER_CACHE_DIR").map_or_else(|| std::env::temp_dir().join("porter-test-cache"), Into::into);
    let files = fetch(&MINILM, &cache, &SourceSettings::from_environment(), &NoProgress).await.expect("the encoder's files");
    MiniLm::load(&files).expect("a loadable model")
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
