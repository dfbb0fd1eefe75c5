//! What every encoder promises, asked of the one in this process and of one behind `/v1/embeddings`.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use porter_embeddings::serve::{ModelServer, router};
use porter_embeddings::{
    Encoder, EncoderService, MiniLm, NoProgress, RemoteEncoder, RemoteSettings, SourceSettings, catalogue::MINILM, cosine, fetch,
};
use porter_kernel::clock::ManualClock;
use porter_kernel::ids::SequentialIds;

async fn minilm() -> MiniLm {
    let cache = std::env::var_os("PORTER_CACHE_DIR").map_or_else(|| std::env::temp_dir().join("porter-test-cache"), Into::into);
    let files = fetch(&MINILM, &cache, &SourceSettings::from_environment(), &NoProgress).await.expect("the encoder's files");
    MiniLm::load(&files).expect("a loadable model")
}

/// MiniLM, lent by a server of this process.
async fn remote() -> RemoteEncoder {
    let server = ModelServer {
        encoders: vec![EncoderService::start(Box::new(minilm().await)).unwrap()],
        generator: None,
        key: Some("secret".to_owned()),
        clock: Arc::new(ManualClock::default()),
        ids: Arc::new(SequentialIds::default()),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, router(server)).await.unwrap() });
    let settings = RemoteSettings::new(url, Some("secret".to_owned()), MINILM.name.to_owned());
    RemoteEncoder::connect(RemoteSettings { timeout: std::time::Duration::from_secs(60), ..settings }).await.unwrap()
}

fn texts() -> Vec<String> {
    let long = "The certificate arrives by mail within a day of the last lesson. ".repeat(60);
    let mut texts = ["", "refund?", "refund?", "I have no certificate yet.", &long, "🎓 Zertifikat\n\u{0}bitte", "I need my PIN"]
        .map(str::to_owned)
        .to_vec();
    texts.extend((0..100).map(|number| format!("order {number} of {}", number * 7)));
    texts
}

/// The suite. Gives the vectors, so that implementations can be compared with each other.
fn keeps_its_promises(encoder: &dyn Encoder) -> Vec<Vec<f32>> {
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let vectors = encoder.encode(&texts).unwrap();
    assert_eq!(vectors.len(), texts.len(), "one vector a text");
    assert!(!encoder.fingerprint().is_empty() && encoder.dimensions() > 0);
    for (text, vector) in texts.iter().zip(&vectors) {
        assert_eq!(vector.len(), encoder.dimensions());
        assert!((cosine(vector, vector) - 1.0).abs() < 1e-5, "not of unit length: {text:.40}");
    }
    for (text, vector) in texts.iter().zip(&vectors).step_by(9) {
        let alone = encoder.encode(&[text]).unwrap().remove(0);
        assert!(cosine(&alone, vector) > 1.0 - 1e-5, "depends on its neighbours: {text:.40}");
    }
    assert!(cosine(&vectors[1], &vectors[2]) > 1.0 - 1e-6, "the same text twice");
    assert!(cosine(&vectors[1], &vectors[6]) < 0.9, "different texts");
    assert!(encoder.encode(&[]).unwrap().is_empty(), "nothing is nothing");
    vectors
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_here_and_the_one_behind_http_keep_the_same_promises_with_the_same_vectors() {
    let (local, remote) = (minilm().await, remote().await);
    assert_ne!(local.fingerprint(), remote.fingerprint());
    assert!(remote.fingerprint().starts_with(MINILM.name));
    let compared = tokio::task::spawn_blocking(move || {
        let pairs = keeps_its_promises(&local).into_iter().zip(keeps_its_promises(&remote));
        pairs.map(|(here, there)| cosine(&here, &there)).fold(1.0, f32::min)
    });
    let nearest = compared.await.unwrap();
    assert!(nearest > 1.0 - 1e-5, "{nearest}");
}

/// The probe's vector is part of the fingerprint, and no machine's last digit is.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_of_one_model_have_one_fingerprint() {
    let (one, two) = (remote().await, remote().await);
    assert_eq!(one.fingerprint(), two.fingerprint());
}
