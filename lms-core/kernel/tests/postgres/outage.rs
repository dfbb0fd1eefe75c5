//! The primary killed.

use porter_kernel::db::{Freshness, postgres::Db};
use porter_testkit::Cluster;

use super::{note, noted, until};

#[test]
fn a_primary_that_was_killed_keeps_what_it_acknowledged_and_is_found_again() {
    porter_testkit::run(async {
        let cluster = Cluster::start(0);
        cluster.primary.execute("CREATE TABLE noted (name TEXT NOT NULL)").await;
        let db: Db = cluster.open().await;
        note(&db, "before").await.unwrap();
        cluster.primary.kill();
        let error = note(&db, "meanwhile").await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        let error = db.read(Freshness::Fresh).await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");

        cluster.primary.start();
        until("it is written to again", async || note(&db, "since").await.is_ok()).await;
        assert_eq!(noted(&mut db.read(Freshness::Fresh).await.unwrap()).await.unwrap(), ["before", "since"]);
    });
}
