//! 50,000 mails wait, and a person who has forgotten a password.

use std::time::Duration;

use porter_kernel::db::Database;
use porter_kernel::jobs::{LEASE, NewJob, Priority, Room, Timing};

use crate::worker::{Event, Running, gated};
use crate::{KIND, Queue};

const CROWD: i64 = 50_000;

impl Queue {
    /// So many jobs that are due, and older than any that a test adds.
    async fn crowded(&self) {
        let due = self.now() - Duration::from_secs(60);
        // In one statement, or the crowd takes longer to come than the test.
        match &self.db.db {
            Database::Sqlite(db) => {
                let mut tx = db.write().await.unwrap();
                sqlx::query(
                    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $3) \
                     INSERT INTO job (id, kind, payload, priority, state, run_at, attempt, max_attempts, budget, enqueued_at) \
                     SELECT randomblob(16), $1, '{}', i % 2, 'waiting', $2, 0, 3, 3, $2 FROM n",
                )
                .bind(KIND)
                .bind(due)
                .bind(CROWD)
                .execute(&mut *tx)
                .await
                .unwrap();
                tx.commit().await.unwrap();
            }
            Database::Postgres(db) => {
                let mut tx = db.write().await.unwrap();
                sqlx::query(
                    "INSERT INTO job (id, kind, payload, priority, state, run_at, attempt, max_attempts, budget, enqueued_at) \
                     SELECT gen_random_uuid(), $1, '{}', i % 2, 'waiting', $2, 0, 3, 3, $2 FROM generate_series(1, $3) AS n (i)",
                )
                .bind(KIND)
                .bind(due)
                .bind(CROWD)
                .execute(&mut *tx)
                .await
                .unwrap();
                tx.commit().await.unwrap();
            }
        }
    }
}

async fn a_reset_overtakes_fifty_thousand_mails(queue: Queue) {
    queue.crowded().await;
    // Several workers, each with one slot for such mails, and each mail takes for ever.
    let (fake, _gate) = gated();
    let workers: Vec<Running> = (0..3).map(|_| Running::start(queue.worker(&fake).with_slots(2))).collect();
    for _ in &workers {
        assert!(matches!(fake.next().await, Event::Began(_, 1)));
    }
    for _ in 0..3 {
        let reset = queue.add(NewJob { priority: Priority::Urgent, ..queue.job() }).await;
        assert_eq!(fake.next().await, Event::Began(reset, 1), "a mail was begun before it");
    }
    for worker in workers {
        worker.kill().await;
    }
}

async fn of_one_slot_the_reset_gets_it(queue: Queue) {
    queue.crowded().await;
    let owner = queue.uuid();
    let reset = queue.add(NewJob { priority: Priority::Urgent, ..queue.job() }).await;
    let room = Room { any: 1, ordinary: 1 };
    let taken = queue.store.take_within(&[KIND], owner, queue.now(), LEASE, room).await.unwrap();
    assert_eq!(taken.iter().map(|job| job.id).collect::<Vec<_>>(), [reset]);
    let full = Room { any: 1, ordinary: 0 };
    assert_eq!(queue.store.take_within(&[KIND], owner, queue.now(), LEASE, full).await.unwrap(), [], "no mail in the urgent slot");
}

porter_testkit::both_engines!(
    Queue::open;
    a_reset_overtakes_fifty_thousand_mails,
    of_one_slot_the_reset_gets_it,
);

/// How many rows PostgreSQL has read by going through the whole table, how often it looked into an index of it, and how many rows it fetched by one. Making
/// an index of the table while it is empty reads no row, whenever the server counts it.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
struct Reads {
    whole: i64,
    looks: i64,
    fetched: i64,
}

async fn reads(queue: &Queue) -> Reads {
    let Database::Postgres(db) = &queue.db.db else { panic!("PostgreSQL alone counts them") };
    let sql = "SELECT seq_tup_read AS whole, COALESCE(idx_scan, 0) AS looks, COALESCE(idx_tup_fetch, 0) AS fetched \
               FROM pg_stat_user_tables WHERE relname = 'job'";
    sqlx::query_as(sql).fetch_one(db.read_fresh()).await.unwrap()
}

/// Takes two jobs at a time until the server counts more looks than these.
async fn takes_until_counted(queue: &Queue, looks: i64) -> Reads {
    let owner = queue.uuid();
    let mut look = tokio::time::interval(Duration::from_millis(50));
    loop {
        look.tick().await;
        assert_eq!(queue.take(owner, 2).await.len(), 2);
        let now = reads(queue).await;
        if now.looks > looks {
            return now;
        }
    }
}

/// SQLite's plan is looked at beside the statements themselves.
#[test]
fn a_take_reads_a_handful_of_rows_whatever_waits() {
    porter_testkit::run(async {
        let queue = Queue::open(porter_testkit::databases(porter_testkit::Engine::Postgres).await).await;
        queue.crowded().await;
        // Without statistics the planner might do worse than it will.
        let Database::Postgres(db) = &queue.db.db else { panic!("it was asked for PostgreSQL") };
        let mut tx = db.write().await.unwrap();
        sqlx::query("ANALYZE job").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        // The server counts in its own time, so it is given work until it does: first what came before, such as the making of the indexes.
        let before = takes_until_counted(&queue, 0).await;
        let after = takes_until_counted(&queue, before.looks + 20).await;
        assert_eq!(after.whole, before.whole, "a take reads the whole table");
        let (looks, fetched) = (after.looks - before.looks, after.fetched - before.fetched);
        assert!(fetched <= 10 * looks, "{fetched} rows in {looks} looks into an index");
    });
}

#[test]
fn an_orphan_waits_less_than_half_a_minute() {
    let Timing { poll, lease, .. } = Timing::default();
    // Killed just after a sign of life, found at the next look, which may wait for a statement that hangs.
    assert!(lease + poll + lease / 4 <= Duration::from_secs(30));
}
