use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use metrics::histogram;
use tokio::sync::oneshot;

use crate::encoder::{Embedding, EncodeError, Encoder};
use crate::queue::{Job, Queue};

/// Jobs that may wait in a lane before callers are told to come back.
const QUEUE_LIMIT: usize = 1_024;
/// Texts of one bulk job: small enough that a person's question waits for at most one of them.
const BULK_TEXTS: usize = 16;
/// Texts gathered from waiting interactive jobs into one call of the encoder.
const GATHERED_TEXTS: usize = 32;

/// Who waits for the vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// A person waits.
    Interactive,
    /// Ingest, training, batch commands.
    Bulk,
}

/// A handle to an encoder that runs on a thread of its own. Cheap to clone; the thread ends with the last handle.
#[derive(Clone)]
pub struct EncoderService {
    inner: Arc<Inner>,
}

struct Inner {
    queue: Arc<Queue>,
    encoder: Arc<dyn Encoder>,
}

impl std::fmt::Debug for EncoderService {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("EncoderService").field("model", &self.fingerprint()).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl EncoderService {
    /// Starts the thread.
    pub fn start(encoder: Box<dyn Encoder>) -> Result<Self, EncodeError> {
        let (queue, encoder) = (Arc::new(Queue::new(QUEUE_LIMIT)), Arc::<dyn Encoder>::from(encoder));
        let inner = Inner { queue: Arc::clone(&queue), encoder: Arc::clone(&encoder) };
        std::thread::Builder::new()
            .name("encoder".to_owned())
            .spawn(move || run(encoder.as_ref(), &queue))
            .map_err(|error| EncodeError::Failed(error.to_string()))?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// See [`Encoder::fingerprint`].
    pub fn fingerprint(&self) -> &str {
        self.inner.encoder.fingerprint()
    }

    /// Length of a vector.
    pub fn dimensions(&self) -> usize {
        self.inner.encoder.dimensions()
    }

    /// See [`Encoder::count_tokens`]. Does not wait for the thread.
    pub fn count_tokens(&self, text: &str) -> Option<usize> {
        self.inner.encoder.count_tokens(text)
    }

    /// One vector a text, in order.
    pub async fn embed(&self, texts: Vec<String>, priority: Priority) -> Result<Vec<Embedding>, EncodeError> {
        match priority {
            Priority::Interactive => self.submit(texts, priority).await,
            Priority::Bulk => {
                let mut vectors = Vec::with_capacity(texts.len());
                for part in texts.chunks(BULK_TEXTS) {
                    vectors.extend(self.submit(part.to_vec(), priority).await?);
                }
                Ok(vectors)
            }
        }
    }

    /// The vector of one text that a person waits for.
    pub async fn embed_one(&self, text: &str) -> Result<Embedding, EncodeError> {
        let vectors = self.embed(vec![text.to_owned()], Priority::Interactive).await?;
        vectors.into_iter().next().ok_or(EncodeError::Stopped)
    }

    async fn submit(&self, texts: Vec<String>, priority: Priority) -> Result<Vec<Embedding>, EncodeError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        self.inner.queue.push(Job { texts, reply }, |lanes| match priority {
            Priority::Interactive => &mut lanes.interactive,
            Priority::Bulk => &mut lanes.bulk,
        })?;
        answer.await.map_err(|_| EncodeError::Stopped)?
    }
}

fn run(encoder: &dyn Encoder, queue: &Queue) {
    while let Some(mut jobs) = queue.take(GATHERED_TEXTS) {
        jobs.retain(|job| !job.reply.is_closed());
        let texts: Vec<&str> = jobs.iter().flat_map(|job| job.texts.iter().map(String::as_str)).collect();
        #[expect(clippy::cast_precision_loss, reason = "some thousands at most")]
        histogram!("porter_encoder_batch_texts").record(texts.len() as f64);
        let result = catch_unwind(AssertUnwindSafe(|| encoder.encode(&texts)));
        match result {
            Ok(Ok(vectors)) => {
                let mut vectors = vectors.into_iter();
                for job in jobs {
                    let own = vectors.by_ref().take(job.texts.len()).collect();
                    // A caller that hung up needs no answer.
                    let _ = job.reply.send(Ok(own));
                }
            }
            Ok(Err(error)) => refuse(jobs, &error.to_string()),
            Err(_) => refuse(jobs, "the model panicked"),
        }
    }
}

fn refuse(jobs: Vec<Job>, cause: &str) {
    tracing::error!(cause, "encoding failed");
    for job in jobs {
        let _ = job.reply.send(Err(EncodeError::Failed(cause.to_owned())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes a text as its length, and panics on request.
    struct Lengths;

    impl Encoder for Lengths {
        fn fingerprint(&self) -> &str {
            "lengths"
        }
        fn dimensions(&self) -> usize {
            1
        }
        fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
            if texts.contains(&"panic") {
                panic!("asked to");
            }
            Ok(texts.iter().map(|text| vec![text.chars().fold(0.0, |sum, _| sum + 1.0)]).collect())
        }
    }

    #[tokio::test]
    async fn callers_get_their_own_vectors_in_order() {
        let service = EncoderService::start(Box::new(Lengths)).unwrap();
        let calls = (0..50_usize).map(|n| {
            let service = service.clone();
            async move {
                let priority = if n % 2 == 0 { Priority::Bulk } else { Priority::Interactive };
                let texts: Vec<String> = (0..40).map(|m| "x".repeat(n + m)).collect();
                let vectors = service.embed(texts.clone(), priority).await.unwrap();
                assert_eq!(vectors.len(), 40);
                for (text, vector) in texts.iter().zip(vectors) {
                    assert_eq!(vector[0].to_string(), text.len().to_string());
                }
            }
        });
        futures::future::join_all(calls).await;
    }

    #[tokio::test]
    async fn a_panic_in_the_model_is_an_error_and_the_service_goes_on() {
        let service = EncoderService::start(Box::new(Lengths)).unwrap();
        assert!(matches!(service.embed_one("panic").await, Err(EncodeError::Failed(_))));
        assert_eq!(service.embed_one("four").await.unwrap(), vec![4.0]);
    }

    #[tokio::test]
    async fn an_empty_call_needs_no_model() {
        let service = EncoderService::start(Box::new(Lengths)).unwrap();
        assert!(service.embed(Vec::new(), Priority::Interactive).await.unwrap().is_empty());
    }
}
