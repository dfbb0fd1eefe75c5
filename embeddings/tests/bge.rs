//! bge-small against vectors that were computed elsewhere.

use porter_embeddings::{BgeSmall, Encoder, NoProgress, SourceSettings, catalogue::BGE_SMALL, cosine, fetch};

/// First six of 384 numbers: computed in floats by ONNX Runtime 1.32 and by NumPy from the same dequantised weights,
/// which agree to 1e-6. ONNX Runtime's 8-bit products on the original file come as near as cosine 0.998.
const REFERENCE: [(&str, [f32; 6]); 3] = [
    ("I need my PIN", [-0.041533, -0.040246, 0.042710, -0.057735, 0.014966, -0.031202]),
    ("Where is my certificate?", [-0.016517, -0.028993, 0.033086, -0.059814, 0.002244, -0.030053]),
    ("How do I delete my Facebook account?", [0.010289, -0.005132, 0.011926, -0.060009, 0.014061, -0.022997]),
];

#[tokio::test]
async fn equals_the_reference_vectors() {
    let cache = std::env::var_os("PORTER_CACHE_DIR").map_or_else(|| std::env::temp_dir().join("porter-test-cache"), Into::into);
    let files = fetch(&BGE_SMALL, &cache, &SourceSettings::from_environment(), &NoProgress).await.expect("the encoder's files");
    let encoder = BgeSmall::load(&files).expect("a loadable model");
    let vectors = encoder.encode(&REFERENCE.map(|(text, _)| text)).unwrap();
    for ((text, reference), vector) in REFERENCE.iter().zip(&vectors) {
        for (found, expected) in vector.iter().zip(reference) {
            assert!((found - expected).abs() < 1e-5, "{found} is not {expected} on {text}");
        }
        assert!((cosine(vector, vector) - 1.0).abs() < 1e-5 && vector.len() == 384);
    }
    assert!(encoder.query_prefix().starts_with("Represent this sentence"));
}
