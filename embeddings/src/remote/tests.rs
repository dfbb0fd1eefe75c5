use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::service::{EncoderService, Priority};

/// A server that answers each request by the next of these words, and by the last from then on.
struct Moody {
    moods: Vec<&'static str>,
    asked: AtomicUsize,
    bodies: Mutex<Vec<Value>>,
}

impl Moody {
    async fn start(moods: &[&'static str]) -> (Arc<Self>, RemoteSettings) {
        let moody = Arc::new(Self { moods: moods.to_vec(), asked: AtomicUsize::new(0), bodies: Mutex::default() });
        let own = Arc::clone(&moody);
        let routes = Router::new().route(
            "/v1/embeddings",
            post(async move |headers: HeaderMap, Json(body): Json<Value>| {
                assert_eq!(headers["authorization"], "Bearer secret");
                own.answer(body).await
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
        let settings = RemoteSettings::new(url, Some("secret".to_owned()), "lengths".to_owned());
        (moody, RemoteSettings { pause: Duration::from_millis(1), timeout: Duration::from_secs(5), ..settings })
    }

    /// A text's vector points to its length.
    async fn answer(&self, body: Value) -> Response {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let mood = self.moods[asked.min(self.moods.len() - 1)];
        let texts: Vec<String> = serde_json::from_value(body["input"].clone()).unwrap();
        self.bodies.lock().unwrap().push(body);
        let length = |text: &String| text.chars().fold(0.0_f32, |sum, _| sum + 1.0);
        let vectors = |width: usize, sign: f32| -> Vec<Value> {
            // In disorder: the index counts.
            let vector =
                |text| std::iter::once(1.0).chain(std::iter::repeat_n(sign * length(text), width - 1)).collect::<Vec<f32>>();
            texts.iter().enumerate().rev().map(|(index, text)| json!({ "index": index, "embedding": vector(text) })).collect()
        };
        let given = |model: &str, data: Vec<Value>| Json(json!({ "model": model, "data": data })).into_response();
        match mood {
            "busy" => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")]).into_response(),
            "broken" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            "forbids" => (StatusCode::UNAUTHORIZED, "no").into_response(),
            "hangs" => std::future::pending().await,
            "babbles" => "<html>".into_response(),
            "short" => given("lengths-1", vectors(2, 1.0).split_off(1)),
            "wide" => given("lengths-1", vectors(3, 1.0)),
            "other" => given("lengths-2", vectors(2, 1.0)),
            "mirror" => given("lengths-1", vectors(2, -1.0)),
            _ => given("lengths-1", vectors(2, 1.0)),
        }
    }
}

async fn encode(encoder: RemoteEncoder, texts: Vec<String>) -> Result<Vec<Embedding>, EncodeError> {
    EncoderService::start(Box::new(encoder)).unwrap().embed(texts, Priority::Interactive).await
}

async fn fault(moods: &[&'static str], patience: Duration) -> String {
    let (_, settings) = Moody::start(moods).await;
    let encoder = RemoteEncoder::connect(RemoteSettings { timeout: patience, ..settings }).await.unwrap();
    encode(encoder, vec!["one".to_owned(), "three".to_owned()]).await.unwrap_err().to_string()
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn vectors_come_in_order_and_unit_length_however_many_texts() {
    let (moody, settings) = Moody::start(&["fine"]).await;
    let encoder = RemoteEncoder::connect(settings).await.unwrap();
    assert_eq!(encoder.dimensions(), 2);
    let texts: Vec<String> = (0..200).map(|length| "x".repeat(length)).collect();
    let vectors = encode(encoder, texts).await.unwrap();
    assert_eq!(vectors.len(), 200);
    for (length, vector) in vectors.iter().enumerate() {
        let ratio = (vector[1] / vector[0]).round();
        assert_eq!(format!("{ratio}"), format!("{length}"));
        assert!((vector[0].hypot(vector[1]) - 1.0).abs() < 1e-5);
    }
    let bodies = moody.bodies.lock().unwrap();
    assert_eq!(bodies.len(), 1 + 200_usize.div_ceil(BATCH_TEXTS), "the probe, and batches");
    assert!(bodies.iter().all(|body| body["model"] == "lengths" && body["encoding_format"] == "float"));
}

#[tokio::test]
async fn a_busy_or_broken_server_is_asked_again_so_often_and_no_more() {
    let (moody, settings) = Moody::start(&["busy", "broken", "fine", "broken", "fine"]).await;
    let encoder = RemoteEncoder::connect(settings).await.unwrap();
    assert!(encode(encoder, vec!["a".to_owned()]).await.is_ok());
    assert_eq!(moody.asked.load(Ordering::SeqCst), 5);

    let (moody, settings) = Moody::start(&["broken"]).await;
    let error = RemoteEncoder::connect(settings).await.unwrap_err().to_string();
    assert!(error.contains("500"), "{error}");
    assert_eq!(moody.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_will_not_change_is_not_asked_again_and_says_what_to_do() {
    for (mood, word) in [("forbids", "models.encoder_key"), ("babbles", "no vectors"), ("short", "1 vectors for 2 texts")] {
        let error = fault(&["fine", mood, "fine"], LONG).await;
        assert!(error.contains(word), "{error}");
    }
    let nobody = RemoteSettings::new("http://127.0.0.1:9/v1".to_owned(), None, "x".to_owned());
    let nobody = RemoteSettings { pause: Duration::from_millis(1), ..nobody };
    let error = RemoteEncoder::connect(nobody).await.unwrap_err().to_string();
    assert!(error.contains("models.encoder_url"), "{error}");
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let error = fault(&["fine", "hangs"], Duration::from_secs(1)).await;
    assert!(error.contains("in time"), "{error}");
}

#[tokio::test]
async fn vectors_of_another_model_are_refused_and_have_another_fingerprint() {
    for mood in ["wide", "other"] {
        let error = fault(&["fine", mood], LONG).await;
        assert!(error.contains("has changed"), "{error}");
    }
    let mut fingerprints = Vec::new();
    for mood in ["fine", "wide", "other", "mirror", "fine"] {
        let (_, settings) = Moody::start(&[mood]).await;
        fingerprints.push(RemoteEncoder::connect(settings).await.unwrap().fingerprint().to_owned());
    }
    assert_eq!(fingerprints.first(), fingerprints.last());
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), 4, "{fingerprints:?}");
}
