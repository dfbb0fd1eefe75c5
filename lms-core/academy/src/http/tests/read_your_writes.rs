//! Pages from a replica, and the cookie that keeps them honest.

use std::time::Duration;

use porter_kernel::db::{Database, Freshness};
use porter_testkit::Cluster;

use crate::testing::{BRUNOS, COURSE, World};

#[test]
fn a_page_from_a_replica_shows_what_this_person_did() {
    porter_testkit::run(async {
        let cluster = Cluster::start(1);
        let world = World::on_cluster(&cluster).await;
        let Database::Postgres(db) = &world.db.db else { unreachable!("a cluster is PostgreSQL's") };
        let seeded = db.position().await.unwrap().unwrap();
        while db.traffic().replicas == 0 {
            drop(db.read(Freshness::Since(seeded)).await.unwrap());
            tokio::task::yield_now().await;
        }
        let session = world.sign_in(BRUNOS).await;

        cluster.replicas[0].pause_replay().await;
        assert!(world.get("/learning", &session).await.text().contains("Make my certificate"));
        let asked = world.post("/certificates/request", &session, &format!("course={}", COURSE.0)).await;
        assert_eq!(asked.status, 303, "{}", asked.text());
        let cookie = asked.header("set-cookie").to_owned();
        assert!(
            cookie.starts_with("academy_seen=") && cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=300"),
            "{cookie}"
        );
        let both = format!("{session}; {}", asked.cookie());
        let before = db.traffic();
        assert!(!world.get("/learning", &both).await.text().contains("Make my certificate"));
        assert_eq!(db.traffic().primary, before.primary + 1);
        // A person without the cookie is a person who has not written: the replica will do.
        assert!(world.get("/learning", &session).await.text().contains("Make my certificate"));
        assert_eq!(db.traffic().replicas, before.replicas + 1);

        cluster.replicas[0].resume_replay().await;
        let before = db.traffic();
        let shows = async {
            while db.traffic().replicas == before.replicas {
                assert!(!world.get("/learning", &both).await.text().contains("Make my certificate"));
            }
        };
        tokio::time::timeout(Duration::from_secs(60), shows).await.expect("the replica catches up");
    });
}

#[tokio::test]
async fn where_nothing_lags_there_is_no_cookie() {
    let world = World::new().await;
    let session = world.sign_in(BRUNOS).await;
    let answer = world.post("/certificates/request", &session, &format!("course={}", COURSE.0)).await;
    assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (303, ""));
}
