//! An encoder elsewhere, behind OpenAI's `/v1/embeddings`: another porter, or any server that speaks it.

mod call;

use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use futures::stream::{self, StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;

use self::call::{Answer, Server};
use crate::bert::maths;
use crate::bge;
use crate::catalogue::BGE_SMALL;
use crate::encoder::{Embedding, EncodeError, Encoder};

/// Texts of one request.
const BATCH_TEXTS: usize = 64;
/// Requests of one call under way at the same time.
const AT_ONCE: usize = 4;
/// What is encoded at the start, so that the vectors themselves say which model they come from.
const PROBE: &str = "Where can I download the certificate of a course that I have finished?";
/// Parts of the probe's vector that go into the fingerprint.
const PROBE_PARTS: usize = 32;

/// Where the encoder is.
#[derive(Debug, Clone)]
pub struct RemoteSettings {
    /// The address under which `/embeddings` lies, such as `http://127.0.0.1:8090/v1`.
    pub url: String,
    /// Sent as a bearer token.
    pub key: Option<String>,
    /// The model to ask for.
    pub model: String,
    /// For one request, from its beginning to the end of its answer.
    pub timeout: Duration,
    /// How often a request is made that meets a busy or broken server.
    pub tries: u32,
    /// Before the second try; doubles with each. A server that says when to come back is believed, up to [`RemoteSettings::timeout`].
    pub pause: Duration,
}

impl RemoteSettings {
    /// With patience for a person who waits for an answer.
    pub fn new(url: String, key: Option<String>, model: String) -> Self {
        Self { url, key, model, timeout: Duration::from_secs(10), tries: 3, pause: Duration::from_millis(250) }
    }
}

/// See the module. Its requests are made on a thread of its own, so that it can be called from anywhere that may block.
#[derive(Debug)]
pub struct RemoteEncoder {
    server: Arc<Server>,
    reported: Arc<str>,
    fingerprint: String,
    dimensions: usize,
    query_prefix: &'static str,
    runtime: Option<Runtime>,
}

impl RemoteEncoder {
    /// Asks the server for a first vector. Its name, the name that the server gives it, its length and what the vector looks like make the
    /// fingerprint: vectors of different models never meet in one index, even where a server calls both the same.
    pub async fn connect(settings: RemoteSettings) -> Result<Self, EncodeError> {
        let query_prefix = if settings.model == BGE_SMALL.name { bge::QUERY_PREFIX } else { "" };
        let server = Arc::new(Server::new(settings)?);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("remote-encoder")
            .enable_all()
            .build()
            .map_err(|error| EncodeError::Failed(error.to_string()))?;
        let asked = Arc::clone(&server);
        // The connections that are kept belong to the runtime that opened them, so the first is opened there as well.
        let asked = runtime.spawn(async move { asked.embed(&[PROBE.to_owned()]).await });
        let mut encoder = Self {
            server,
            reported: Arc::from(""),
            fingerprint: String::new(),
            dimensions: 0,
            query_prefix,
            runtime: Some(runtime),
        };
        let Answer { model, vectors } = asked.await.map_err(|error| EncodeError::Failed(error.to_string()))??;
        let probe = vectors.into_iter().next().ok_or(EncodeError::Stopped)?;
        encoder.dimensions = probe.len();
        encoder.fingerprint = format!("{}@{model}/{}/{}", encoder.server.model(), probe.len(), likeness(&probe));
        encoder.reported = Arc::from(model);
        Ok(encoder)
    }
}

impl Drop for RemoteEncoder {
    fn drop(&mut self) {
        // Waiting for its end is not allowed where async code drops this, and nothing of it is worth waiting for.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Encoder for RemoteEncoder {
    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn query_prefix(&self) -> &'static str {
        self.query_prefix
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let Some(runtime) = &self.runtime else { return Err(EncodeError::Stopped) };
        let parts: Vec<Vec<String>> =
            texts.chunks(BATCH_TEXTS).map(|part| part.iter().map(|text| (*text).to_owned()).collect()).collect();
        let (server, reported, dimensions) = (Arc::clone(&self.server), Arc::clone(&self.reported), self.dimensions);
        let (reply, answer) = mpsc::channel();
        runtime.spawn(async move {
            let ask = |part: Vec<String>| {
                let (server, reported) = (Arc::clone(&server), Arc::clone(&reported));
                async move { same(&server, server.embed(&part).await?, &reported, dimensions) }
            };
            let vectors = stream::iter(parts).map(ask).buffered(AT_ONCE).try_concat().await;
            // Nobody waits any more: nobody is told.
            let _ = reply.send(vectors);
        });
        answer.recv().map_err(|_| EncodeError::Stopped)?
    }
}

/// The vectors, if they still come from the model of the start.
fn same(server: &Server, answer: Answer, reported: &str, dimensions: usize) -> Result<Vec<Embedding>, EncodeError> {
    let changed = answer.vectors.iter().map(Vec::len).find(|length| *length != dimensions);
    if answer.model == reported && changed.is_none() {
        return Ok(answer.vectors);
    }
    let length = changed.unwrap_or(dimensions);
    Err(server.fault(format!(
        "has changed: it was {reported} with {dimensions} dimensions and is {} with {length}; restart porter, which makes all vectors anew",
        answer.model
    )))
}

/// A short name for a vector: the signs of the sums of its parts. The last digits, which differ between machines, do not show in it.
fn likeness(vector: &[f32]) -> String {
    let parts = vector.chunks(vector.len().div_ceil(PROBE_PARTS).max(1));
    let signs: Vec<u8> = parts.map(|part| u8::from(maths::sum(part) > 0.0)).collect();
    Sha256::digest(&signs).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
