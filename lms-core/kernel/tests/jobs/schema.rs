use std::collections::BTreeSet;
use std::path::Path;

use porter_kernel::db::Database;
use porter_kernel::jobs::migrate;

use crate::Queue;

#[test]
fn both_engines_have_the_same_schema() {
    porter_testkit::run(async {
        let (_folder, sqlite) = porter_testkit::sqlite().await;
        let postgres = porter_testkit::postgres_db().await;
        migrate(&Database::Sqlite(sqlite.clone())).await.unwrap();
        migrate(&Database::Postgres(postgres.clone())).await.unwrap();
        porter_testkit::assert_same_schema(&sqlite, &postgres).await;
    });
}

#[test]
fn the_twin_folders_have_the_same_migrations() {
    let names = |engine: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect::<BTreeSet<_>>()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

async fn migrations_can_be_applied_again(queue: Queue) {
    let id = queue.added().await;
    migrate(&queue.db.db).await.unwrap();
    assert_eq!(queue.state(id).await, "waiting");
}

porter_testkit::both_engines!(Queue::open; migrations_can_be_applied_again);
