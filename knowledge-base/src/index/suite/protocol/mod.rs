//! The gRPC protocol of Qdrant before shards of `qdrant-edge`: enough of it for the index, and as strict as the server where that matters (names
//! that are not there, vectors that do not fit, keys).

mod collections;
mod points;
mod wire;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use qdrant_client::qdrant::collections_server::CollectionsServer;
use qdrant_client::qdrant::points_server::PointsServer;
use qdrant_edge::EdgeShard;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Status};

/// A collection: a shard in a folder of its own.
struct Collection {
    shard: EdgeShard,
    dimensions: usize,
    _folder: TempDir,
}

#[derive(Default)]
struct State {
    collections: HashMap<String, Arc<Collection>>,
    aliases: HashMap<String, String>,
}

/// What the services share.
#[derive(Clone, Default)]
struct Shared {
    state: Arc<Mutex<State>>,
    silent: Arc<AtomicBool>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The collection of that name or alias.
    async fn collection(&self, name: &str) -> Result<Arc<Collection>, Status> {
        if self.silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        let state = self.lock();
        let name = state.aliases.get(name).map_or(name, String::as_str);
        let missing = || Status::not_found(format!("Not found: Collection `{name}` doesn't exist!"));
        state.collections.get(name).cloned().ok_or_else(missing)
    }
}

/// A running server; it ends when this is dropped.
pub(super) struct Server {
    pub(super) url: String,
    shared: Shared,
    _stop: oneshot::Sender<()>,
}

impl Server {
    pub(super) const KEY: &'static str = "the key of the tests";

    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared::default();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = tonic::transport::Server::builder()
            .add_service(CollectionsServer::with_interceptor(shared.clone(), allowed))
            .add_service(PointsServer::with_interceptor(shared.clone(), allowed));
        tokio::spawn(router.serve_with_incoming_shutdown(TcpIncoming::from(listener), async {
            let _ = stopped.await;
        }));
        Self { url, shared, _stop: stop }
    }

    /// From now on questions about points are heard and never answered.
    pub(super) fn fall_silent(&self) {
        self.shared.silent.store(true, Ordering::Relaxed);
    }
}

fn allowed(request: Request<()>) -> Result<Request<()>, Status> {
    match request.metadata().get("api-key") {
        Some(key) if key == Server::KEY => Ok(request),
        _ => Err(Status::unauthenticated("Must provide an API key or an Authorization bearer token")),
    }
}

/// Calls that the index does not make.
macro_rules! not_served {
    ($($call:ident($request:ty) -> $response:ty),* $(,)?) => {
        $(fn $call<'service, 'call>(
            &'service self,
            _request: tonic::Request<$request>,
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<tonic::Response<$response>, tonic::Status>> + Send + 'call>>
        where
            'service: 'call,
            Self: 'call,
        {
            Box::pin(async { Err(tonic::Status::unimplemented(stringify!($call))) })
        })*
    };
}
use not_served;
