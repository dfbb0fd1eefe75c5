//! Where the suite runs.

use std::future::Future;
use std::panic::resume_unwind;
use std::time::Duration;

use async_trait::async_trait;
use qdrant_client::Qdrant;
use tempfile::TempDir;
use uuid::Uuid;

use super::DIMENSIONS;
use super::protocol::Server;
use crate::index::{EdgeIndex, ServerIndex, ServerSettings, VectorIndex};

/// Opens indexes that stand in one place.
#[async_trait]
pub(super) trait Stand: Send + Sync {
    async fn open(&self, encoder: &str) -> Box<dyn VectorIndex>;
}

pub(super) struct Edge(TempDir);

impl Edge {
    pub(super) fn begin() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

#[async_trait]
impl Stand for Edge {
    async fn open(&self, encoder: &str) -> Box<dyn VectorIndex> {
        Box::new(EdgeIndex::open(self.0.path(), encoder, DIMENSIONS).unwrap())
    }
}

/// A server and the names that a test may use on it.
#[derive(Debug, Clone)]
pub(super) struct Remote {
    pub(super) settings: ServerSettings,
}

impl Remote {
    fn at(url: &str, api_key: Option<String>) -> Self {
        let prefix = format!("porter-test-{}", Uuid::from_bytes(rand_bytes()).simple());
        Self { settings: ServerSettings { url: url.to_owned(), api_key, prefix, timeout: Duration::from_secs(20) } }
    }

    pub(super) async fn open(&self, encoder: &str) -> ServerIndex {
        ServerIndex::open(&self.settings, encoder, DIMENSIONS).await.unwrap()
    }

    /// The client as such, to look behind the index.
    pub(super) fn client(&self) -> Qdrant {
        let mut builder = Qdrant::from_url(&self.settings.url).skip_compatibility_check();
        builder.api_key.clone_from(&self.settings.api_key);
        builder.build().unwrap()
    }

    /// The collections of this test.
    pub(super) async fn collections(&self) -> Vec<String> {
        let all = self.client().list_collections().await.unwrap().collections;
        all.into_iter().map(|own| own.name).filter(|name| name.starts_with(&self.settings.prefix)).collect()
    }

    /// What the alias of this test names.
    pub(super) async fn in_force(&self) -> Option<String> {
        let aliases = self.client().list_aliases().await.unwrap().aliases;
        aliases.into_iter().find(|alias| alias.alias_name == self.settings.prefix).map(|alias| alias.collection_name)
    }
}

/// The gRPC protocol before a shard of `qdrant-edge`.
pub(super) struct Protocol {
    remote: Remote,
    _server: Server,
}

impl Protocol {
    pub(super) async fn begin() -> Self {
        let server = Server::start().await;
        Self { remote: Remote::at(&server.url, Some(Server::KEY.to_owned())), _server: server }
    }

    pub(super) fn remote(&self) -> &Remote {
        &self.remote
    }
}

#[async_trait]
impl Stand for Protocol {
    async fn open(&self, encoder: &str) -> Box<dyn VectorIndex> {
        Box::new(self.remote.open(encoder).await)
    }
}

/// A Qdrant server, named by `PORTER_TEST_QDRANT_URL` and opened by `PORTER_TEST_QDRANT_API_KEY`.
pub(super) struct Real(Remote);

impl Real {
    /// Runs a test there, and removes its collections whatever becomes of it. Without a server there is nothing to test.
    pub(super) async fn each<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(Self) -> F) {
        let Ok(url) = std::env::var("PORTER_TEST_QDRANT_URL") else { return };
        let remote = Remote::at(&url, std::env::var("PORTER_TEST_QDRANT_API_KEY").ok());
        let done = tokio::spawn(test(Self(remote.clone()))).await;
        let client = remote.client();
        for name in remote.collections().await {
            client.delete_collection(name).await.unwrap();
        }
        if let Err(error) = done {
            resume_unwind(error.into_panic());
        }
    }

    pub(super) fn remote(&self) -> &Remote {
        &self.0
    }
}

#[async_trait]
impl Stand for Real {
    async fn open(&self, encoder: &str) -> Box<dyn VectorIndex> {
        Box::new(self.0.open(encoder).await)
    }
}

/// Names that two runs at the same time do not share.
fn rand_bytes() -> [u8; 16] {
    use std::hash::{BuildHasher, RandomState};
    let random = || RandomState::new().hash_one(std::process::id()).to_le_bytes();
    let (first, second) = (random(), random());
    std::array::from_fn(|place| if place < 8 { first[place] } else { second[place - 8] })
}
