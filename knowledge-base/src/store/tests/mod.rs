//! One conformance suite, run on both engines, and the schemas compared.

mod articles;
mod passages;

use std::sync::Arc;

use porter_kernel::clock::{Clock as _, ManualClock, Timestamp};
use porter_testkit::TestDb;
use uuid::Uuid;

use crate::audience::Audience;

use super::{ArticleRow, ArticleStore, PassageRow, articles as tables, migrate, open};

struct Shelf {
    store: Arc<dyn ArticleStore>,
    now: Timestamp,
    _db: TestDb,
}

impl Shelf {
    async fn open(db: TestDb) -> Self {
        migrate(&db.db).await.unwrap();
        migrate(&db.db).await.unwrap();
        Self { store: open(&db.db), now: ManualClock::default().now(), _db: db }
    }

    /// Writes an article of the source `help` with passages of these points.
    async fn put(&self, slug: &str, points: &[u128]) -> Vec<Uuid> {
        self.store.replace_article(&article(slug), &passages(points), self.now).await.unwrap()
    }

    async fn points(&self) -> Vec<(u128, String)> {
        let all = self.store.all_points().await.unwrap();
        all.into_iter().map(|(point, slug)| (point.as_u128(), slug)).collect()
    }
}

fn article(slug: &str) -> ArticleRow {
    ArticleRow {
        slug: slug.to_owned(),
        source: "help".to_owned(),
        path: format!("billing/{slug}.md"),
        fingerprint: format!("{slug}-1"),
        title: format!("About {slug}"),
        summary: Some("In short.".to_owned()),
        category: Some("billing".to_owned()),
        intents: vec!["refund_request".to_owned(), "refund_status".to_owned()],
        updated: Some("2026-11-20".to_owned()),
        markdown: "## How\n\nLike this.".to_owned(),
        audience: Audience::Everyone,
        encoder: "encoder-1".to_owned(),
    }
}

fn passages(points: &[u128]) -> Vec<PassageRow> {
    points
        .iter()
        .map(|point| PassageRow {
            point_id: Uuid::from_u128(*point),
            kind: "section".to_owned(),
            anchor: Some(format!("p{point}")),
            heading: Some("How".to_owned()),
            text: format!("text {point}"),
            embed_text: format!("embedded {point}"),
            embedding: vec![1.0, -0.5, f32::MIN_POSITIVE, 3.0e38],
        })
        .collect()
}

fn ids(points: &[u128]) -> Vec<Uuid> {
    points.iter().copied().map(Uuid::from_u128).collect()
}

#[test]
fn both_engines_have_the_same_schema() {
    porter_testkit::run(async {
        let (_folder, sqlite) = porter_testkit::sqlite().await;
        let postgres = porter_testkit::postgres_db().await;
        sqlite.migrate("articles", &tables::SQLITE).await.unwrap();
        postgres.migrate("articles", &tables::POSTGRES).await.unwrap();
        porter_testkit::assert_same_schema(&sqlite, &postgres).await;
    });
}

#[test]
fn the_twin_folders_have_the_same_migrations() {
    let names = |migrator: &sqlx::migrate::Migrator| {
        migrator.iter().map(|step| (step.version, step.description.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(names(&tables::SQLITE), names(&tables::POSTGRES));
}
