//! Read replicas in rotation.
//!
//! A task for each server asks it where it is. What is kept of a replica's answer is a lower bound: it can only have replayed more since. So a
//! read that needs a position goes to a replica that is known to have it, without asking, or else to the primary. What could break that is a
//! server that goes *back*: replaced, restored, or restarted after a crash (it opens before it has replayed all that it had). Every one of
//! these breaks its connections, and a new connection is used only when its server has reached what is kept: see [`Replicas::open`].

mod history;
mod watch;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{
    PgConnection,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout},
};

use super::Position;
use history::History;

/// How long a read waits for a replica before it goes to the primary.
const PATIENCE: Duration = Duration::from_millis(300);
/// How long a pool tries to connect: longer than a read waits, for those that use the pool itself.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(1);
/// Of each replica.
const CONNECTIONS: u32 = 16;
/// How far behind a replica may be, unless the configuration says otherwise.
pub const MAX_LAG: Duration = Duration::from_secs(10);

/// Which history of writes a server follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    system: i64,
    timeline: i32,
}

#[derive(Debug)]
struct Primary {
    identity: Identity,
    history: History,
}

/// What the tasks share.
#[derive(Debug)]
struct Shared {
    /// `None`: it has not answered yet.
    primary: Mutex<Option<Primary>>,
    max_lag: Duration,
}

impl Shared {
    fn primary_is(&self, identity: Identity, at: Instant, position: Position) {
        let mut primary = self.primary.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *primary {
            Some(known) if known.identity == identity => known.history.note(at, position),
            other => {
                let mut history = History::new(self.max_lag);
                history.note(at, position);
                *other = Some(Primary { identity, history });
            }
        }
    }

    /// `Err` says why it may not be read.
    fn lag(&self, identity: Identity, replayed: Position) -> Result<Duration, &'static str> {
        let primary = self.primary.lock().unwrap_or_else(PoisonError::into_inner);
        let primary = primary.as_ref().ok_or("the primary has not answered yet")?;
        if primary.identity != identity {
            return Err("it follows another primary or timeline");
        }
        match primary.history.lag(replayed) {
            Some(lag) if lag <= self.max_lag => Ok(lag),
            _ => Err("it lags"),
        }
    }
}

/// One replica.
#[derive(Debug)]
struct Replica {
    /// Without the password.
    name: String,
    pool: PgPool,
    /// The position that it had replayed when it was asked last; 0: not in rotation.
    ready: Arc<AtomicU64>,
}

impl Replica {
    fn has(&self, position: Position) -> bool {
        let ready = self.ready.load(Ordering::Acquire);
        ready != 0 && ready >= position.raw()
    }

    fn leaves(&self, why: &'static str) {
        if self.ready.swap(0, Ordering::AcqRel) != 0 {
            tracing::warn!(replica = self.name, why, "a read replica left the rotation");
        }
        metrics::gauge!("porter_replica_in_rotation", "replica" => self.name.clone()).set(0.0);
    }
}

/// A replica answered.
fn connected(replica: &Replica, shared: &Shared, identity: Identity, replayed: Position) {
    match shared.lag(identity, replayed) {
        Ok(lag) => {
            if replica.ready.swap(replayed.raw(), Ordering::AcqRel) == 0 {
                tracing::info!(replica = replica.name, "a read replica is in rotation");
            }
            metrics::gauge!("porter_replica_lag_seconds", "replica" => replica.name.clone()).set(lag.as_secs_f64());
            metrics::gauge!("porter_replica_in_rotation", "replica" => replica.name.clone()).set(1.0);
        }
        Err(why) => replica.leaves(why),
    }
}

/// How many reads went where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// To the primary.
    pub primary: u64,
    /// To replicas.
    pub replicas: u64,
}

/// The replicas of a database. Dropped, its tasks end.
#[derive(Debug)]
pub(super) struct Replicas {
    replicas: Vec<Arc<Replica>>,
    turn: AtomicUsize,
    to_primary: AtomicU64,
    to_replicas: AtomicU64,
    tasks: Vec<JoinHandle<()>>,
}

impl Replicas {
    /// Begins to watch. Nothing is in rotation before it has answered.
    pub(super) fn open(primary: &PgConnectOptions, replicas: Vec<(String, PgConnectOptions)>, max_lag: Duration) -> Self {
        metrics::describe_gauge!("porter_replica_lag_seconds", metrics::Unit::Seconds, "How far behind a replica in rotation is.");
        metrics::describe_gauge!("porter_replica_in_rotation", "Whether reads go to a replica.");
        metrics::describe_counter!("porter_database_reads_total", "Reads, by where they went.");
        let shared = Arc::new(Shared { primary: Mutex::new(None), max_lag });
        let mut tasks = Vec::new();
        let replicas: Vec<Arc<Replica>> = replicas
            .into_iter()
            .map(|(name, options)| {
                let ready = Arc::new(AtomicU64::new(0));
                let replica = Arc::new(Replica { name, pool: pool(options.clone(), Arc::clone(&ready)), ready });
                tasks.push(tokio::spawn(watch::replica(options, Arc::clone(&replica), Arc::clone(&shared))));
                replica
            })
            .collect();
        if !replicas.is_empty() {
            tasks.push(tokio::spawn(watch::primary(primary.clone(), shared)));
        }
        Self { replicas, turn: AtomicUsize::new(0), to_primary: AtomicU64::new(0), to_replicas: AtomicU64::new(0), tasks }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.replicas.is_empty()
    }

    /// The next one in turn that has the position.
    fn next(&self, position: Position) -> Option<&Replica> {
        let count = self.replicas.len();
        let first = self.turn.fetch_add(1, Ordering::Relaxed).checked_rem(count)?;
        let in_turn = self.replicas.iter().cycle().skip(first).take(count);
        in_turn.map(Arc::as_ref).find(|replica| replica.has(position))
    }

    /// A connection to a replica that has the position, when there is one soon.
    pub(super) async fn reader(&self, position: Position) -> Option<PoolConnection<sqlx::Postgres>> {
        let replica = self.next(position)?;
        let connection = timeout(PATIENCE, replica.pool.acquire()).await.ok()?.ok()?;
        self.to_replicas.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("porter_database_reads_total", "from" => "replica").increment(1);
        Some(connection)
    }

    /// The pool of one in rotation.
    pub(super) fn pool(&self) -> Option<&PgPool> {
        self.next(Position::default()).map(|replica| &replica.pool)
    }

    pub(super) fn count_primary(&self) {
        self.to_primary.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("porter_database_reads_total", "from" => "primary").increment(1);
    }

    pub(super) fn traffic(&self) -> Traffic {
        Traffic { primary: self.to_primary.load(Ordering::Relaxed), replicas: self.to_replicas.load(Ordering::Relaxed) }
    }

    /// How many are in rotation.
    pub(super) fn in_rotation(&self) -> usize {
        self.replicas.iter().filter(|replica| replica.has(Position::default())).count()
    }

    pub(super) async fn close(&self) {
        for task in &self.tasks {
            task.abort();
        }
        for replica in &self.replicas {
            replica.leaves("the database was closed");
            replica.pool.close().await;
        }
    }
}

impl Drop for Replicas {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// A pool whose connections all lead to a standby that is no further back than what is kept of it.
fn pool(options: PgConnectOptions, ready: Arc<AtomicU64>) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| Box::pin(check(connection, Arc::clone(&ready))))
        .connect_lazy_with(options)
}

async fn check(connection: &mut PgConnection, ready: Arc<AtomicU64>) -> Result<(), sqlx::Error> {
    let question = sqlx::query_scalar("SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END");
    let replayed: Option<String> = question.fetch_one(connection).await?;
    let replayed = replayed.as_deref().and_then(Position::from_lsn).ok_or_else(|| refused("it is not a standby"))?;
    if replayed.raw() < ready.load(Ordering::Acquire) { Err(refused("it has gone back")) } else { Ok(()) }
}

fn refused(why: &str) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::other(format!("a read replica is not used: {why}")))
}
