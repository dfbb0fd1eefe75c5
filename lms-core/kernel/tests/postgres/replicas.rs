//! Reads from replicas: who is in rotation, and that people see what they wrote.

use std::time::Duration;

use porter_kernel::db::{Freshness, postgres::Db};
use porter_testkit::Cluster;

use super::{note, noted, until};

async fn in_rotation(db: &Db, count: usize) {
    until(&format!("{count} in rotation"), async || db.replicas_in_rotation() == count).await;
}

async fn sees(db: &Db, freshness: Freshness) -> Vec<String> {
    noted(&mut db.read(freshness).await.unwrap()).await.unwrap()
}

#[test]
fn a_replica_that_lags_dies_or_is_promoted_leaves_the_rotation() {
    porter_testkit::run(async {
        let cluster = Cluster::start(2);
        cluster.primary.execute("CREATE TABLE noted (name TEXT NOT NULL)").await;
        let db = cluster.open_within(Duration::from_secs(1)).await;
        in_rotation(&db, 2).await;
        let (first, second) = (&cluster.replicas[0], &cluster.replicas[1]);

        first.pause_replay().await;
        note(&db, "a").await.unwrap();
        in_rotation(&db, 1).await;
        assert_eq!(sees(&db, Freshness::Stale).await, ["a"], "a replica beyond the bound is not read");
        first.resume_replay().await;
        in_rotation(&db, 2).await;

        first.kill();
        // At no time does a reader notice.
        for _ in 0..50 {
            assert_eq!(sees(&db, Freshness::Stale).await, ["a"]);
        }
        in_rotation(&db, 1).await;
        first.start();
        in_rotation(&db, 2).await;

        first.promote();
        in_rotation(&db, 1).await;
        first.execute("INSERT INTO noted VALUES ('another history')").await;
        note(&db, "b").await.unwrap();
        let position = db.position().await.unwrap().unwrap();
        for _ in 0..20 {
            assert_eq!(sees(&db, Freshness::Since(position)).await, ["a", "b"]);
        }

        second.kill();
        in_rotation(&db, 0).await;
        let before = db.traffic();
        assert_eq!(sees(&db, Freshness::Stale).await, ["a", "b"]);
        assert_eq!(db.traffic().primary, before.primary + 1);
        db.close().await;
    });
}

#[test]
fn one_sees_what_one_wrote_and_reads_it_off_the_primary_as_soon_as_may_be() {
    porter_testkit::run(async {
        let cluster = Cluster::start(1);
        cluster.primary.execute("CREATE TABLE noted (name TEXT NOT NULL)").await;
        let db = cluster.open().await;
        in_rotation(&db, 1).await;
        let behind = db.position().await.unwrap().unwrap();
        until("the table is there", async || db.read(Freshness::Since(behind)).await.is_ok() && db.traffic().replicas > 0).await;

        cluster.replicas[0].pause_replay().await;
        note(&db, "mine").await.unwrap();
        let mine = db.position().await.unwrap().unwrap();
        assert!(mine > behind);
        assert_eq!(sees(&db, Freshness::Stale).await, [""; 0]);
        assert_eq!(sees(&db, Freshness::Since(behind)).await, [""; 0]);
        assert_eq!(sees(&db, Freshness::Since(mine)).await, ["mine"]);
        assert_eq!(sees(&db, Freshness::Fresh).await, ["mine"]);

        cluster.replicas[0].resume_replay().await;
        let before = db.traffic();
        until("the replica has it", async || {
            assert_eq!(sees(&db, Freshness::Since(mine)).await, ["mine"]);
            db.traffic().replicas > before.replicas
        })
        .await;

        let mut reader = db.read(Freshness::Stale).await.unwrap();
        let setting: String = sqlx::query_scalar("SHOW default_transaction_read_only").fetch_one(&mut *reader).await.unwrap();
        assert_eq!(setting, "on");
    });
}

#[tokio::test]
async fn what_is_no_standby_is_not_read() {
    let server = porter_testkit::postgres();
    let (primary, other) = (server.fresh_database().await, server.fresh_database().await);
    let db = Db::open(&primary, [&other]).await.unwrap();
    let name: String = sqlx::query_scalar("SELECT current_database()::text").fetch_one(db.read_stale()).await.unwrap();
    assert!(primary.reveal().ends_with(&name), "{name}");
    assert_eq!(db.replicas_in_rotation(), 0);
}
