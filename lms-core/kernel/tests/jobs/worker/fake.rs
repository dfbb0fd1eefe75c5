//! A handler that does what a test tells it, and tells the test what it does.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use porter_kernel::jobs::{Failure, Handler, Job};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

use crate::KIND;

/// What a handler tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    Began(Uuid, i64),
    Ended(Uuid, i64),
    /// Stopped before its end.
    Stopped(Uuid, i64),
    Buried(Uuid, String),
}

type Work<T> = Arc<dyn Fn(Job) -> BoxFuture<'static, T> + Send + Sync>;

#[derive(Clone)]
pub(crate) struct Fake {
    timeout: Duration,
    work: Work<Result<(), Failure>>,
    funeral: Work<Result<(), Failure>>,
    events: UnboundedSender<Event>,
    received: Arc<Mutex<UnboundedReceiver<Event>>>,
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

impl Fake {
    /// A handler for [`KIND`].
    pub(crate) fn new<F>(work: impl Fn(Job) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        let (events, received) = unbounded_channel();
        Self {
            timeout: Duration::from_secs(600),
            work: Arc::new(move |job| Box::pin(work(job))),
            funeral: Arc::new(|_| Box::pin(async { Ok(()) })),
            events,
            received: Arc::new(Mutex::new(received)),
        }
    }

    pub(crate) fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    pub(crate) fn with_funeral<F>(self, funeral: impl Fn(Job) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        Self { funeral: Arc::new(move |job| Box::pin(funeral(job))), ..self }
    }

    /// What happens next.
    pub(crate) async fn next(&self) -> Event {
        std::future::poll_fn(|context| self.received.lock().unwrap().poll_recv(context)).await.unwrap()
    }

    /// What has happened and nobody has asked for.
    pub(crate) fn rest(&self) -> Vec<Event> {
        let mut received = self.received.lock().unwrap();
        std::iter::from_fn(|| received.try_recv().ok()).collect()
    }
}

/// Tells of the end however it comes.
struct Running {
    events: UnboundedSender<Event>,
    id: Uuid,
    attempt: i64,
    ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        let event = if self.ended { Event::Ended(self.id, self.attempt) } else { Event::Stopped(self.id, self.attempt) };
        let _ = self.events.send(event);
    }
}

#[async_trait]
impl Handler for Fake {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn timeout(&self) -> Duration {
        self.timeout
    }

    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let _ = self.events.send(Event::Began(job.id, job.attempt));
        let mut running = Running { events: self.events.clone(), id: job.id, attempt: job.attempt, ended: false };
        let result = (self.work)(job.clone()).await;
        running.ended = true;
        result
    }

    async fn buried(&self, job: &Job, reason: &str) -> Result<(), Failure> {
        let _ = self.events.send(Event::Buried(job.id, reason.to_owned()));
        (self.funeral)(job.clone()).await
    }
}
