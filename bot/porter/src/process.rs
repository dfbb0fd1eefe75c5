//! A process with its roles: what it listens on, what it works at, and how it ends in order.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use porter_kernel::db::Database;
use porter_kernel::http::{self, Capacity, Ops, instrument, no_route, ops_router, within};
use porter_kernel::ids::RandomIds;
use porter_kernel::shutdown::{Shutdown, wait_for_signal};
use porter_kernel::telemetry;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::error::PorterError;
use crate::say;

/// How long requests, turns and jobs in progress may take after a signal.
const DRAIN: Duration = Duration::from_secs(10);

/// A process from its start to its end.
#[derive(Debug)]
pub(crate) struct Process {
    metrics: PrometheusHandle,
    stopped: Shutdown,
    tasks: Vec<JoinHandle<std::io::Result<()>>>,
    databases: Vec<Database>,
}

impl Process {
    /// Sets up logs and listens for signals. That begins before the work, so that Ctrl-C during a first start ends in order too.
    pub(crate) fn begin(config: &Config) -> Result<Self, PorterError> {
        let metrics = telemetry::init(config.log.format, &config.log.filter)?;
        let (stopped, signal) = (Shutdown::default(), tokio::spawn(wait_for_signal()));
        let stop = stopped.clone();
        tokio::spawn(async move {
            let name = signal.await.unwrap_or("a lost signal handler");
            tracing::info!(signal = name, "stopping");
            stop.trigger();
        });
        Ok(Self { metrics, stopped, tasks: Vec::new(), databases: Vec::new() })
    }

    /// Tells when it is time to end.
    pub(crate) fn stopped(&self) -> &Shutdown {
        &self.stopped
    }

    /// Does what comes before serving; `None` when a signal came first.
    pub(crate) async fn prepare<T>(&self, work: impl Future<Output = Result<T, PorterError>>) -> Result<Option<T>, PorterError> {
        tokio::select! {
            prepared = work => prepared.map(Some),
            () = self.stopped.triggered() => Ok(None),
        }
    }

    /// Closes the database when all else has ended.
    pub(crate) fn holds(&mut self, database: &Database) {
        self.databases.push(database.clone());
    }

    /// Serves these routes and their description, as far as there is room for it, and the operator's `/healthz`, `/readyz` and `/metrics`, always.
    pub(crate) fn serve(
        &mut self,
        listener: TcpListener,
        routes: Router,
        description: &utoipa::openapi::OpenApi,
        database: &Database,
        capacity: Capacity,
    ) -> Result<(), PorterError> {
        let pinged = database.clone();
        let ops = Ops::new(self.metrics.clone()).check("database", move || {
            let database = pinged.clone();
            async move { database.ping().await.map_err(|error| error.to_string()) }
        });
        let description = Arc::new(serde_json::to_value(description).map_err(std::io::Error::other)?);
        let routes = routes.route("/openapi.json", get(async move || axum::Json(description.as_ref().clone())));
        self.listen(listener, within(routes, capacity).merge(ops_router(ops)).fallback(no_route));
        Ok(())
    }

    /// Serves these routes and the operator's pages, of a role that keeps nothing.
    pub(crate) fn serve_alone(&mut self, listener: TcpListener, routes: Router, capacity: Capacity) {
        let ops = Ops::new(self.metrics.clone());
        self.listen(listener, within(routes, capacity).merge(ops_router(ops)).fallback(no_route));
    }

    /// Serves these routes and no more.
    pub(crate) fn serve_plainly(&mut self, listener: TcpListener, routes: Router, capacity: Capacity) {
        self.listen(listener, within(routes, capacity));
    }

    fn listen(&mut self, listener: TcpListener, routes: Router) {
        let (routes, stopped) = (instrument(routes, Arc::new(RandomIds)), self.stopped.clone());
        self.work(http::serve(listener, routes, stopped));
    }

    /// Works at something that ends by itself when it is told to stop.
    pub(crate) fn work(&mut self, task: impl Future<Output = std::io::Result<()>> + Send + 'static) {
        self.tasks.push(tokio::spawn(task));
    }

    /// Waits for the signal, then for the roles to end, for a while.
    pub(crate) async fn run(self) -> Result<(), PorterError> {
        self.stopped.triggered().await;
        let drained = tokio::time::timeout(DRAIN, futures::future::join_all(self.tasks)).await;
        match drained {
            Ok(ended) => {
                for task in ended {
                    task.map_err(std::io::Error::other)??;
                }
            }
            Err(_) => tracing::warn!("some requests did not end in time and were cut off"),
        }
        for database in &self.databases {
            database.close().await;
        }
        say::note("Stopped; everything is saved.");
        Ok(())
    }
}

/// Takes a port before the work begins, so that one that is taken is reported at once.
pub(crate) async fn bind(address: SocketAddr, option: &'static str) -> Result<TcpListener, PorterError> {
    TcpListener::bind(address).await.map_err(|cause| PorterError::Listen { address, option, cause })
}
