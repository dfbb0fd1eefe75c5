//! The cross-encoder against scores that were computed elsewhere.

use porter_embeddings::{MsMarco, NoProgress, Rerank, SourceSettings, catalogue::MS_MARCO, fetch};

const BERLIN: &str = "How many people live in Berlin?";
const CERTIFICATE: &str = "where is my certificate";

/// Computed in floats by NumPy from the same dequantised weights. ONNX Runtime's 8-bit products on the original file give
/// 9.391, -2.238, -11.191 and -1.988, -11.307, -11.275.
const REFERENCE: [(&str, [(&str, f32); 3]); 2] = [
    (
        BERLIN,
        [
            ("Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.", 9.26683),
            ("Berlin is the capital of Germany.", -1.8398),
            ("New York City is famous for the Metropolitan Museum of Art.", -11.1875),
        ],
    ),
    (
        CERTIFICATE,
        [
            ("You can download your certificate from the Certificates page once the course is complete.", -1.82442),
            ("Open the page of the course and choose a lesson.", -11.31027),
            ("Refunds reach your card within ten days.", -11.28338),
        ],
    ),
];

#[tokio::test]
async fn equals_the_reference_scores() {
    let cache = std::env::var_os("PORTER_CACHE_DIR").map_or_else(|| std::env::temp_dir().join("porter-test-cache"), Into::into);
    let files = fetch(&MS_MARCO, &cache, &SourceSettings::from_environment(), &NoProgress).await.expect("the model's files");
    let model = MsMarco::load(&files).expect("a loadable model");
    for (query, passages) in REFERENCE {
        let scores = model.scores(query, &passages.map(|(passage, _)| passage)).unwrap();
        for ((passage, expected), found) in passages.iter().zip(&scores) {
            assert!((found - expected).abs() < 1e-3, "{found} is not {expected} on {passage}");
            let alone = model.scores(query, &[passage]).unwrap();
            assert!((alone[0] - found).abs() < 1e-4, "{passage} depends on its neighbours");
        }
        assert!(scores[0] > scores[1] && scores[0] > scores[2], "{scores:?}");
    }
    assert!(model.scores(BERLIN, &[]).unwrap().is_empty());
}
