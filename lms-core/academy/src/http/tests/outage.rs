//! The drill "primary-killed": the database's primary is killed under writes, again and again.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use porter_kernel::db::Database;
use porter_kernel::ids::{Ids as _, RandomIds};
use porter_testkit::Cluster;
use tokio::time::{Instant, interval, sleep_until, timeout};
use uuid::Uuid;

use crate::store::jobs::PASSWORD_RESET_BY_ADDRESS;
use crate::testing::{Answer, World};

const WRITERS: usize = 8;
/// How soon after the database is back somebody must have written.
const RECOVERY: Duration = Duration::from_secs(15);

#[derive(Default)]
struct Tally {
    acknowledged: Mutex<Vec<Uuid>>,
    unavailable: AtomicU64,
    pages: AtomicU64,
    unavailable_pages: AtomicU64,
    slowest: Mutex<Duration>,
    end: AtomicBool,
}

impl Tally {
    fn count(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    async fn reaches(&self, count: usize) {
        let mut ticks = interval(Duration::from_millis(5));
        while self.count() < count {
            ticks.tick().await;
        }
    }

    fn took(&self, since: Instant) {
        let mut slowest = self.slowest.lock().unwrap();
        *slowest = slowest.max(since.elapsed());
    }
}

/// A refusal that says when to come again.
fn is_clear(answer: &Answer, media_type: &str) -> bool {
    answer.status == StatusCode::SERVICE_UNAVAILABLE
        && answer.header("retry-after").parse::<u32>().is_ok()
        && answer.header("content-type").starts_with(media_type)
}

/// Every write has a key of its own, so each that was acknowledged can be asked for.
async fn write(world: Arc<World>, tally: Arc<Tally>) {
    while !tally.end.load(Ordering::Relaxed) {
        let (key, begun) = (RandomIds.uuid(), Instant::now());
        let body = format!("{{\"address\":\"{}@learner.example\"}}", key.simple());
        let request = world.support("POST", "/password-resets").header("idempotency-key", key.to_string());
        let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
        let answer = world.call(request).await;
        tally.took(begun);
        if answer.status == 202 {
            tally.acknowledged.lock().unwrap().push(key);
        } else {
            assert!(is_clear(&answer, "application/problem+json"), "{answer:?}");
            tally.unavailable.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn look(world: Arc<World>, tally: Arc<Tally>) {
    while !tally.end.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let answer = world.get("/", "").await;
        tally.took(begun);
        if answer.status == 200 {
            tally.pages.fetch_add(1, Ordering::Relaxed);
        } else {
            assert!(is_clear(&answer, "text/html"), "{answer:?}");
            tally.unavailable_pages.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[test]
fn drill_primary_killed() {
    let kills = if std::env::var("PORTER_DRILL").as_deref() == Ok("full") { 20 } else { 3 };
    porter_testkit::run(async move {
        let cluster = Cluster::start(0);
        let world = Arc::new(World::on_cluster(&cluster).await);
        let tally = Arc::new(Tally::default());
        let mut tasks: Vec<_> = (0..WRITERS).map(|_| tokio::spawn(write(Arc::clone(&world), Arc::clone(&tally)))).collect();
        tasks.push(tokio::spawn(look(Arc::clone(&world), Arc::clone(&tally))));

        let mut slowest_recovery = Duration::ZERO;
        for kill in 0..kills {
            timeout(RECOVERY, tally.reaches(tally.count() + 100)).await.expect("writing goes on");
            tokio::task::block_in_place(|| if kill % 4 == 3 { cluster.primary.stop("immediate") } else { cluster.primary.kill() });
            // A blink, and an outage that outlasts everybody's patience.
            let outage = if kill % 2 == 0 { Duration::from_secs(5) } else { Duration::from_millis(200) };
            sleep_until(Instant::now() + outage).await;
            tokio::task::block_in_place(|| cluster.primary.start());
            let back = Instant::now();
            timeout(RECOVERY, tally.reaches(tally.count() + 1)).await.expect("it recovers by itself");
            slowest_recovery = slowest_recovery.max(back.elapsed());
        }
        timeout(RECOVERY, tally.reaches(tally.count() + 100)).await.expect("writing goes on");
        tally.end.store(true, Ordering::Relaxed);
        for task in tasks {
            task.await.expect("nothing panics");
        }

        let Database::Postgres(db) = &world.db.db else { unreachable!("a cluster is PostgreSQL's") };
        let kept: Vec<Uuid> = sqlx::query_scalar("SELECT key FROM request_key").fetch_all(db.read_fresh()).await.unwrap();
        let jobs: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM job WHERE kind = $1")
            .bind(PASSWORD_RESET_BY_ADDRESS)
            .fetch_one(db.read_fresh())
            .await
            .unwrap();
        let (kept, acknowledged) = (kept.into_iter().collect::<HashSet<_>>(), tally.acknowledged.lock().unwrap().clone());
        let lost = acknowledged.iter().filter(|key| !kept.contains(key)).count();
        let (refused, refused_pages) = (tally.unavailable.load(Ordering::Relaxed), tally.unavailable_pages.load(Ordering::Relaxed));
        println!(
            "primary-killed: {kills} kills, {} acknowledged writes, {lost} lost, {} unacknowledged but kept; {refused} writes and \
             {refused_pages} of {} pages answered by a clear 503; slowest answer {:.1} s; slowest recovery {:.2} s",
            acknowledged.len(),
            kept.len() - (acknowledged.len() - lost),
            refused_pages + tally.pages.load(Ordering::Relaxed),
            tally.slowest.lock().unwrap().as_secs_f64(),
            slowest_recovery.as_secs_f64(),
        );
        assert_eq!(lost, 0, "an acknowledged write is not there");
        assert_eq!(usize::try_from(jobs).unwrap(), kept.len(), "a write was done by halves");
        assert!(refused > 0, "nobody noticed: this is no outage");
    });
}
