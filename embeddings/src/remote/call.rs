//! One request for vectors, made again where that can help.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::RemoteSettings;
use crate::bert::maths;
use crate::encoder::{Embedding, EncodeError};

/// How long a server may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Of what a server says about its fault, in characters.
const MAX_SAID: usize = 200;

#[derive(Debug)]
pub(super) struct Server {
    client: reqwest::Client,
    settings: RemoteSettings,
    address: String,
}

/// Vectors of unit length, in the order of the texts, and what the server calls the model.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) model: String,
    pub(super) vectors: Vec<Embedding>,
}

#[derive(Debug, Serialize)]
struct Wanted<'a> {
    model: &'a str,
    input: &'a [String],
    encoding_format: &'static str,
}

#[derive(Debug, Deserialize)]
struct Given {
    model: String,
    data: Vec<Vector>,
}

#[derive(Debug, Deserialize)]
struct Vector {
    index: usize,
    embedding: Vec<f32>,
}

/// Why a try failed.
struct Fault {
    cause: String,
    /// Whether to try again, and when the server said to.
    again: Option<Option<Duration>>,
}

impl Server {
    pub(super) fn new(settings: RemoteSettings) -> Result<Self, EncodeError> {
        // One TLS provider for the process. Installing it twice is refused, and the first one stays: nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(settings.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("porter/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| EncodeError::Failed(error.to_string()))?;
        let address = format!("{}/embeddings", settings.url.trim_end_matches('/'));
        Ok(Self { client, settings, address })
    }

    pub(super) fn model(&self) -> &str {
        &self.settings.model
    }

    /// An error that names the server.
    pub(super) fn fault(&self, cause: String) -> EncodeError {
        EncodeError::Remote { url: self.settings.url.clone(), cause }
    }

    /// One vector a text, in order.
    pub(super) async fn embed(&self, texts: &[String]) -> Result<Answer, EncodeError> {
        let mut pause = self.settings.pause;
        let mut left = self.settings.tries.max(1);
        loop {
            left -= 1;
            let fault = match self.try_once(texts).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            match fault.again.filter(|_| left > 0) {
                Some(named) => {
                    tracing::info!(cause = fault.cause, "the remote encoder is asked again");
                    wait(named.unwrap_or(pause).min(self.settings.timeout)).await;
                    pause *= 2;
                }
                None => return Err(self.fault(fault.cause)),
            }
        }
    }

    async fn try_once(&self, texts: &[String]) -> Result<Answer, Fault> {
        let wanted = Wanted { model: &self.settings.model, input: texts, encoding_format: "float" };
        let mut request = self.client.post(&self.address).json(&wanted);
        if let Some(key) = &self.settings.key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.map_err(|error| Fault::of(&error))?;
        let status = response.status();
        if !status.is_success() {
            let header = response.headers().get(reqwest::header::RETRY_AFTER).and_then(|value| value.to_str().ok());
            let named = header.and_then(|seconds| seconds.trim().parse().ok()).map(Duration::from_secs);
            let again = (status == reqwest::StatusCode::TOO_MANY_REQUESTS || status.is_server_error()).then_some(named);
            let said: String = response.text().await.unwrap_or_default().chars().take(MAX_SAID).collect();
            let what = if status == reqwest::StatusCode::UNAUTHORIZED { "; check models.encoder_key" } else { "" };
            return Err(Fault { cause: format!("answered {status}: {said}{what}"), again });
        }
        let body = response.bytes().await.map_err(|error| Fault::of(&error))?;
        let given: Given = serde_json::from_slice(&body).map_err(|error| Fault::strange(error.to_string()))?;
        Answer::read(given, texts.len()).map_err(Fault::strange)
    }
}

impl Fault {
    fn of(error: &reqwest::Error) -> Self {
        let what = if error.is_timeout() {
            "did not answer in time".to_owned()
        } else if error.is_connect() {
            "cannot be reached; check models.encoder_url".to_owned()
        } else {
            format!("broke off: {error}")
        };
        Self { cause: what, again: Some(None) }
    }

    /// It is no server of vectors, or not of this kind: it will say the same again.
    fn strange(why: String) -> Self {
        Self { cause: format!("gave no vectors: {why}"), again: None }
    }
}

impl Answer {
    fn read(mut given: Given, texts: usize) -> Result<Self, String> {
        given.data.sort_by_key(|vector| vector.index);
        if given.data.len() != texts || given.data.iter().enumerate().any(|(place, vector)| place != vector.index) {
            return Err(format!("{} vectors for {texts} texts", given.data.len()));
        }
        let unit = |vector: Vector| {
            let mut vector = vector.embedding;
            let sound = !vector.is_empty() && vector.iter().all(|value| value.is_finite());
            maths::to_unit_length(&mut vector);
            sound.then_some(vector).ok_or_else(|| "a vector is empty or holds what is no number".to_owned())
        };
        let vectors = given.data.into_iter().map(unit).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { model: given.model, vectors })
    }
}

#[expect(clippy::disallowed_methods, reason = "the pause is the point: a busy server is left alone for a moment")]
async fn wait(pause: Duration) {
    tokio::time::sleep(pause).await;
}
