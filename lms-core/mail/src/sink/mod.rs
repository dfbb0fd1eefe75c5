//! An SMTP server that takes every mail and sends none: for development and tests.
//!
//! It speaks plain SMTP (RFC 5321) without TLS or passwords, so it belongs on loopback. A mail that it acknowledged is in the folder:
//! written, synced and renamed before the 250 goes out.

mod command;
mod connection;
mod data;
mod refusals;
mod reply;
mod session;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use porter_kernel::clock::Clock;
use porter_kernel::ids::Ids;
use porter_kernel::shutdown::Shutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::folder::{Folder, Trace};

use reply::Reply;
use session::Envelope;

pub use refusals::{Refusal, Refusals, Stage};

/// How large a mail may be: 25 MB.
const MAIL_BYTES: usize = 25_000_000;
/// The same, as `EHLO` tells it.
const SIZE: &str = "SIZE 25000000";
/// How many clients are served at once; the others wait.
const CONNECTIONS: usize = 64;
/// How long a mail in transfer may still take after a signal.
const DRAIN: Duration = Duration::from_secs(5);

/// The server, not serving yet.
#[derive(Debug)]
pub struct Sink {
    listener: TcpListener,
    house: Arc<House>,
}

/// What all connections share.
#[derive(Debug)]
struct House {
    folder: Folder,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    refusals: Refusals,
}

impl Sink {
    /// Serves `listener`; mail goes to the folder at `path`, which is made when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn new(listener: TcpListener, path: &Path, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> io::Result<Self> {
        let house = House { folder: Folder::open(path)?, clock, ids, refusals: Refusals::default() };
        Ok(Self { listener, house: Arc::new(house) })
    }

    /// Takes a port (0 for any that is free), and then as [`Sink::new`].
    ///
    /// # Errors
    /// When the port is taken, or the folder cannot be made or read.
    pub async fn bind(address: SocketAddr, path: &Path, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> io::Result<Self> {
        Self::new(TcpListener::bind(address).await?, path, clock, ids)
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What it has caught, for [`crate::mailbox::router`] and for tests.
    #[must_use]
    pub fn folder(&self) -> Folder {
        self.house.folder.clone()
    }

    /// Makes it refuse mail, in tests.
    #[must_use]
    pub fn refusals(&self) -> Refusals {
        self.house.refusals.clone()
    }

    /// Serves until it is told to stop. Mails in transfer get five more seconds.
    pub async fn serve(self, shutdown: Shutdown) {
        let (slots, mut clients) = (Arc::new(Semaphore::new(CONNECTIONS)), JoinSet::new());
        loop {
            while clients.try_join_next().is_some() {}
            let accepted = tokio::select! {
                accepted = self.accept(&slots) => accepted,
                () = shutdown.triggered() => break,
            };
            let Some((stream, slot)) = accepted else { continue };
            let (house, shutdown) = (Arc::clone(&self.house), shutdown.clone());
            clients.spawn(async move {
                if let Err(error) = connection::converse(stream, &house, &shutdown).await {
                    tracing::debug!(%error, "a mail client went away");
                }
                drop(slot);
            });
        }
        drop(self.listener);
        let ended = async { while clients.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, ended).await.is_err() {
            tracing::warn!("a mail in transfer was cut off; its sender was told nothing and will try again");
        }
    }

    async fn accept(&self, slots: &Arc<Semaphore>) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        let slot = Arc::clone(slots).acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((stream, _)) => Some((stream, slot)),
            Err(error) => {
                tracing::warn!(%error, "a mail client could not be accepted");
                pause().await;
                None
            }
        }
    }
}

/// A process without free file handles gets them back in time, and not by asking again at once.
#[expect(clippy::disallowed_methods, reason = "the pause is the point: accepting fails for as long as handles are short")]
async fn pause() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

impl House {
    /// Keeps a mail and says how that went.
    async fn keep(&self, envelope: Envelope, bytes: Vec<u8>) -> Reply {
        let trace = Trace {
            id: self.ids.uuid(),
            received_at: self.clock.now(),
            client: envelope.client,
            extended: envelope.extended,
            from: envelope.from,
            to: envelope.recipients,
        };
        let (folder, id) = (self.folder.clone(), trace.id);
        let kept = tokio::task::spawn_blocking(move || folder.store(trace, &bytes)).await;
        match kept.map_err(io::Error::other).flatten() {
            Ok(()) => {
                tracing::info!(mail = %id, "mail caught");
                Reply::new(250, "2.0.0 Kept")
            }
            Err(error) => {
                tracing::error!(%error, "a mail could not be kept");
                Reply::new(452, "4.3.1 No room for it now")
            }
        }
    }
}
