//! `porter up`: every role in one process on embedded parts.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use porter_desk::http::{Desk, DeskParts, DeskSettings, router};
use porter_desk::store::DeskStore;
use porter_desk::{Live, Turns, store};
use porter_kernel::clock::{Clock, SystemClock};
use porter_kernel::db::Database;
use porter_kernel::http::{Ops, instrument, no_route, ops_router};
use porter_kernel::ids::{Ids, RandomIds};
use porter_kernel::shutdown::{Shutdown, wait_for_signal};
use porter_kernel::telemetry;
use tokio::net::TcpListener;

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::data_dir::{DataDir, Running};
use crate::demo::{self, Account};
use crate::error::PorterError;
use crate::say;

/// How long requests and turns in progress may take after a signal.
const DRAIN: Duration = Duration::from_secs(10);

pub(crate) async fn run(config: Config) -> Result<ExitCode, PorterError> {
    let metrics = telemetry::init(config.log.format, &config.log.filter)?;
    // Listening for signals begins before the work, so that Ctrl-C during the first start ends in order too.
    let signal = tokio::spawn(wait_for_signal());
    let folder = DataDir::take_alone(&config.data_dir)?;
    let listener = TcpListener::bind(config.listen).await.map_err(|cause| PorterError::Listen { address: config.listen, cause })?;
    let address = listener.local_addr()?;

    let stopped = Shutdown::default();
    let stop = stopped.clone();
    let watcher = tokio::spawn(async move {
        let name = signal.await.unwrap_or("a lost signal handler");
        tracing::info!(signal = name, "stopping");
        stop.trigger();
    });
    let prepared = tokio::select! {
        prepared = prepare(&config, address, &stopped) => prepared?,
        () = stopped.triggered() => return Ok(ExitCode::SUCCESS),
    };
    folder.announce(&Running { pid: std::process::id(), address, token: prepared.token })?;

    let database = prepared.database.clone();
    let ops = Ops::new(metrics).check("database", move || {
        let database = database.clone();
        async move { database.ping().await.map_err(|error| error.to_string()) }
    });
    let (desk_routes, description) = router(&prepared.desk);
    let description = Arc::new(serde_json::to_value(&description).map_err(std::io::Error::other)?);
    let routes: Router = desk_routes
        .route("/openapi.json", get(async move || axum::Json(description.as_ref().clone())))
        .merge(ops_router(ops))
        .fallback(no_route);
    let service = instrument(routes, Arc::new(RandomIds)).into_make_service_with_connect_info::<SocketAddr>();

    let workers = tokio::spawn(prepared.turns.run(stopped.clone()));
    welcome(address, &config, &prepared.accounts);
    let graceful = stopped.clone();
    let server = tokio::spawn(async move {
        axum::serve(listener, service).with_graceful_shutdown(async move { graceful.triggered().await }).await
    });
    stopped.triggered().await;
    let drained = tokio::time::timeout(DRAIN, async {
        let served = server.await;
        let worked = workers.await;
        served.map_err(std::io::Error::other)??;
        worked.map_err(std::io::Error::other)
    })
    .await;
    match drained {
        Ok(result) => result?,
        Err(_) => tracing::warn!("some requests did not end in time and were cut off"),
    }
    watcher.abort();
    prepared.database.close().await;
    drop(folder);
    say::note("Stopped; everything is saved.");
    Ok(ExitCode::SUCCESS)
}

struct Prepared {
    database: Database,
    desk: Arc<Desk>,
    turns: Turns,
    accounts: Vec<Account>,
    token: String,
}

async fn prepare(config: &Config, address: SocketAddr, shutdown: &Shutdown) -> Result<Prepared, PorterError> {
    let bars = Bars::default();
    let (clock, ids): (Arc<dyn Clock>, Arc<dyn Ids>) = (Arc::new(SystemClock), Arc::new(RandomIds));
    let database = Database::open(&config.database(), config.database.replica.as_ref()).await?;
    store::migrate(&database).await?;
    let desk_store: Arc<dyn DeskStore> = store::open(&database);
    let encoder = assemble::encoder(config, &bars).await?;
    let knowledge = assemble::knowledge(config, &database, &config.data_dir.join("index"), encoder, &bars).await?;
    let settings = settings(config)?;
    let responder = assemble::responder(config, knowledge, &bars).await?;
    let accounts = if config.demo.accounts && address.ip().is_loopback() {
        demo::accounts(&config.data_dir, desk_store.as_ref(), clock.as_ref(), ids.as_ref()).await?
    } else {
        Vec::new()
    };
    let (live, token) = (Arc::new(Live::default()), ids.token());
    let turns = Turns {
        store: Arc::clone(&desk_store),
        responder: responder.clone(),
        live: Arc::clone(&live),
        clock: Arc::clone(&clock),
        ids: Arc::clone(&ids),
    };
    let operator = token.hash();
    let desk =
        Desk::new(DeskParts { settings, store: desk_store, responder, live, clock, ids, operator, shutdown: shutdown.clone() });
    Ok(Prepared { database, desk, turns, accounts, token: token.reveal().to_owned() })
}

fn settings(config: &Config) -> Result<DeskSettings, PorterError> {
    let (facts, _) = assemble::academy(config)?;
    let fact = |key: &str| facts.get(key).unwrap_or_default().to_owned();
    Ok(DeskSettings {
        academy_name: config.academy.name.clone().unwrap_or_else(|| fact("academy.name")),
        support_hours: config.academy.support_hours.clone().unwrap_or_else(|| fact("support.hours")),
        widget_sites: config.widget.sites.clone(),
        secure_cookies: config.widget.secure_cookies,
    })
}

fn welcome(address: SocketAddr, config: &Config, accounts: &[Account]) {
    say::line(format_args!(
        "\nPorter is ready.\n\n  Demo page with the chat   http://{address}/\n  Help centre               http://{address}/help\n  Agents' inbox             http://{address}/inbox\n  API description           http://{address}/openapi.json\n  Data                      {}",
        config.data_dir.display()
    ));
    if !accounts.is_empty() {
        say::line("\n  Demo accounts for the inbox");
        for account in accounts {
            say::line(format_args!("    {:28} {}", account.email, account.password));
        }
    }
    say::line("\n  Ctrl-C stops it.\n");
}
