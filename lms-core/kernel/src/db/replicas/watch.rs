//! The tasks that ask the primary and each replica where they are.

use std::{sync::Arc, time::Duration};

use sqlx::{ConnectOptions as _, PgConnection, postgres::PgConnectOptions};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::{Identity, Replica, Shared, connected};
use crate::db::Position;

/// How often each server is asked.
const EVERY: Duration = Duration::from_millis(150);
/// How long it has to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the primary says. The flushed position: what is not flushed is not sent to replicas.
const PRIMARY: &str = "SELECT pg_current_wal_flush_lsn()::text, \
     ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int, \
     (SELECT system_identifier FROM pg_control_system())";
/// What a replica says. The timeline that it receives is not for every role to see; the last restart point's is.
const REPLICA: &str = "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn()::text, \
     coalesce((SELECT received_tli FROM pg_stat_wal_receiver), (SELECT timeline_id FROM pg_control_checkpoint())), \
     (SELECT system_identifier FROM pg_control_system())";

/// A connection of its own: pools may be busy, and a server that was replaced must be noticed.
struct Line {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

impl Line {
    fn new(options: PgConnectOptions) -> Self {
        Self { options, connection: None }
    }

    /// Asks; connects first when it must. After a failure the connection is not used again.
    async fn ask<R>(&mut self, question: &'static str) -> Result<R, sqlx::Error>
    where
        R: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
    {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        let answer = sqlx::query_as(question).fetch_one(&mut connection).await?;
        self.connection = Some(connection);
        Ok(answer)
    }

    async fn answer<R>(&mut self, question: &'static str) -> Option<R>
    where
        R: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
    {
        timeout(PATIENCE, self.ask(question)).await.ok()?.ok()
    }
}

pub(super) async fn primary(options: PgConnectOptions, shared: Arc<Shared>) {
    let mut line = Line::new(options);
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // The time before the question: a position is never noted as newer than it is.
        let at = Instant::now();
        if let Some((lsn, timeline, system)) = line.answer::<(String, i32, i64)>(PRIMARY).await
            && let Some(position) = Position::from_lsn(&lsn)
        {
            shared.primary_is(Identity { system, timeline }, at, position);
        }
    }
}

pub(super) async fn replica(options: PgConnectOptions, replica: Arc<Replica>, shared: Arc<Shared>) {
    let mut line = Line::new(options);
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let answer = line.answer::<(bool, Option<String>, i32, i64)>(REPLICA).await;
        let Some((standby, lsn, timeline, system)) = answer else {
            replica.leaves("it does not answer");
            continue;
        };
        let Some(replayed) = lsn.as_deref().and_then(Position::from_lsn).filter(|_| standby) else {
            replica.leaves("it is not a standby");
            continue;
        };
        connected(&replica, &shared, Identity { system, timeline }, replayed);
    }
}
