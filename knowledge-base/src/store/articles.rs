//! The article store, once for each engine.

use std::collections::HashMap;

use async_trait::async_trait;
use porter_kernel::{clock::Timestamp, db::storable};
use sqlx::{QueryBuilder, migrate::Migrator, types::Json};
use uuid::Uuid;

use super::{
    Article, ArticleError, ArticleHead, ArticleRow, ArticleStore, Embedded, Fingerprint, Passage, PassageRow, Result, UNANSWERED,
    embedding::Embedding,
    rows::{ArticleRecord, EmbeddedRecord, FingerprintRecord, HeadRecord, PassageRecord},
};

pub(super) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
pub(super) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How many values one statement names: far below either engine's limit on bound values.
const AT_ONCE: usize = 500;

macro_rules! head {
    () => {
        "slug, source, title, summary, category, intents, updated, ingested_at, audience"
    };
}
macro_rules! passage {
    () => {
        "SELECT p.slug, a.title, p.ordinal, p.point_id, p.kind, p.anchor, p.heading, p.text, p.embed_text, a.audience \
         FROM passage p JOIN article a ON a.slug = p.slug "
    };
}
macro_rules! embedded {
    () => {
        "SELECT p.point_id, p.slug, p.kind, p.anchor, p.embed_text, a.audience, p.embedding \
         FROM passage p JOIN article a ON a.slug = p.slug "
    };
}

/// The text of an optional column as both engines store it.
fn optional(text: Option<&str>) -> Option<String> {
    text.map(|text| storable(text).into_owned())
}

/// What was found, in the order in which it was asked for.
fn in_order<T>(points: &[Uuid], mut found: HashMap<Uuid, T>) -> Vec<T> {
    points.iter().filter_map(|point| found.remove(point)).collect()
}

porter_kernel::for_both_engines! {
    /// The article tables on one engine.
    #[derive(Debug)]
    pub(in crate::store) struct Articles {
        db: engine::Db,
    }

    impl Articles {
        pub(in crate::store) fn new(db: engine::Db) -> Self {
            Self { db }
        }
    }

    /// `… WHERE column IN (values)`.
    fn listed<'a, V>(sql: &'static str, values: &'a [V]) -> QueryBuilder<engine::Engine>
    where
        &'a V: sqlx::Encode<'a, engine::Engine> + sqlx::Type<engine::Engine>,
    {
        let mut query = QueryBuilder::new(sql);
        query.push(" IN (");
        let mut list = query.separated(", ");
        for value in values {
            list.push_bind(value);
        }
        query.push(")");
        query
    }

    /// Removes the articles and gives the points of their passages.
    async fn remove(tx: &mut engine::Tx, slugs: &[String]) -> Result<Vec<Uuid>> {
        let mut points = Vec::new();
        for slugs in slugs.chunks(AT_ONCE) {
            let mut select = listed("SELECT point_id FROM passage WHERE slug", slugs);
            points.extend(select.build_query_scalar::<Uuid>().fetch_all(&mut **tx).await?);
            listed("DELETE FROM article WHERE slug", slugs).build().execute(&mut **tx).await?;
        }
        Ok(points)
    }

    async fn insert(tx: &mut engine::Tx, article: &ArticleRow, now: Timestamp) -> Result<()> {
        sqlx::query(
            "INSERT INTO article (slug, source, path, fingerprint, title, summary, category, intents, updated, \
             markdown, ingested_at, audience, encoder) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(storable(&article.slug))
        .bind(storable(&article.source))
        .bind(storable(&article.path))
        .bind(storable(&article.fingerprint))
        .bind(storable(&article.title))
        .bind(optional(article.summary.as_deref()))
        .bind(optional(article.category.as_deref()))
        .bind(Json(article.intents.iter().map(|intent| storable(intent)).collect::<Vec<_>>()))
        .bind(optional(article.updated.as_deref()))
        .bind(storable(&article.markdown))
        .bind(now)
        .bind(article.audience.as_str())
        .bind(storable(&article.encoder))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    async fn insert_passage(tx: &mut engine::Tx, slug: &str, ordinal: i32, passage: &PassageRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO passage (slug, ordinal, point_id, kind, anchor, heading, text, embed_text, embedding) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(storable(slug))
        .bind(ordinal)
        .bind(passage.point_id)
        .bind(storable(&passage.kind))
        .bind(optional(passage.anchor.as_deref()))
        .bind(optional(passage.heading.as_deref()))
        .bind(storable(&passage.text))
        .bind(storable(&passage.embed_text))
        .bind(Embedding(passage.embedding.clone()))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    #[async_trait]
    impl ArticleStore for Articles {
        async fn replace_article(&self, article: &ArticleRow, passages: &[PassageRow], now: Timestamp) -> Result<Vec<Uuid>> {
            let mut tx = self.db.write().await?;
            let before: Vec<(String, String)> =
                sqlx::query_as("SELECT slug, source FROM article WHERE slug = $1 OR (source = $2 AND path = $3)")
                    .bind(storable(&article.slug))
                    .bind(storable(&article.source))
                    .bind(storable(&article.path))
                    .fetch_all(&mut *tx)
                    .await?;
            if let Some((slug, owner)) = before.iter().find(|(_, source)| *source != article.source) {
                return Err(ArticleError::SlugTaken { slug: slug.clone(), owner: owner.clone() });
            }
            let slugs: Vec<String> = before.into_iter().map(|(slug, _)| slug).collect();
            let mut gone = remove(&mut tx, &slugs).await?;
            insert(&mut tx, article, now).await?;
            for (ordinal, passage) in (0..).zip(passages) {
                insert_passage(&mut tx, &article.slug, ordinal, passage).await?;
            }
            tx.commit().await?;
            gone.retain(|point| !passages.iter().any(|passage| passage.point_id == *point));
            Ok(gone)
        }

        async fn delete_articles(&self, source: &str, slugs: &[String]) -> Result<Vec<Uuid>> {
            let mut tx = self.db.write().await?;
            let mut ours = Vec::new();
            for slugs in slugs.chunks(AT_ONCE) {
                let mut select = listed("SELECT slug FROM article WHERE slug", slugs);
                select.push(" AND source = ").push_bind(source);
                ours.extend(select.build_query_scalar::<String>().fetch_all(&mut *tx).await?);
            }
            let gone = remove(&mut tx, &ours).await?;
            tx.commit().await?;
            Ok(gone)
        }

        async fn fingerprints(&self, source: &str) -> Result<Vec<Fingerprint>> {
            let mut rows: Vec<FingerprintRecord> = sqlx::query_as("SELECT path, slug, fingerprint FROM article WHERE source = $1")
                .bind(source)
                .fetch_all(self.db.read_fresh())
                .await?;
            rows.sort_unstable_by(|left, right| left.path.cmp(&right.path));
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn slug_owner(&self, slug: &str) -> Result<Option<String>> {
            let owner = sqlx::query_scalar("SELECT source FROM article WHERE slug = $1").bind(storable(slug));
            Ok(owner.fetch_optional(self.db.read_fresh()).await?)
        }

        async fn article(&self, slug: &str) -> Result<Option<Article>> {
            const SQL: &str = concat!("SELECT ", head!(), ", path, fingerprint, markdown, encoder FROM article WHERE slug = $1");
            // The slug comes from an address.
            let row: Option<ArticleRecord> = sqlx::query_as(SQL).bind(storable(slug)).fetch_optional(self.db.read_stale()).await?;
            Ok(row.map(Into::into))
        }

        async fn articles(&self) -> Result<Vec<ArticleHead>> {
            const SQL: &str = concat!("SELECT ", head!(), " FROM article");
            let rows: Vec<HeadRecord> = sqlx::query_as(SQL).fetch_all(self.db.read_stale()).await?;
            let mut heads: Vec<ArticleHead> = rows.into_iter().map(Into::into).collect();
            // Not by the engines, whose order of letters differs.
            heads.sort_unstable_by(|left, right| {
                (&left.category, &left.title, &left.slug).cmp(&(&right.category, &right.title, &right.slug))
            });
            Ok(heads)
        }

        async fn passages_by_point(&self, points: &[Uuid]) -> Result<Vec<Passage>> {
            const SQL: &str = concat!(passage!(), "WHERE p.point_id");
            let mut found = HashMap::new();
            for points in points.chunks(AT_ONCE) {
                let mut query = listed(SQL, points);
                let rows: Vec<PassageRecord> = query.build_query_as().fetch_all(self.db.read_stale()).await?;
                found.extend(rows.into_iter().map(Passage::from).map(|passage| (passage.point_id, passage)));
            }
            Ok(in_order(points, found))
        }

        async fn passages_of(&self, slug: &str) -> Result<Vec<Passage>> {
            const SQL: &str = concat!(passage!(), "WHERE p.slug = $1 ORDER BY p.ordinal");
            let rows: Vec<PassageRecord> = sqlx::query_as(SQL).bind(storable(slug)).fetch_all(self.db.read_stale()).await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn all_points(&self) -> Result<Vec<(Uuid, String)>> {
            let all = sqlx::query_as("SELECT point_id, slug FROM passage WHERE kind <> $1 ORDER BY point_id").bind(UNANSWERED);
            Ok(all.fetch_all(self.db.read_fresh()).await?)
        }

        async fn lessons(&self) -> Result<Vec<Embedded>> {
            const SQL: &str = concat!(embedded!(), "ORDER BY p.slug, p.ordinal");
            let rows: Vec<EmbeddedRecord> = sqlx::query_as(SQL).fetch_all(self.db.read_fresh()).await?;
            let mut lessons: Vec<(i32, Embedded)> = (0..).zip(rows.into_iter().map(Embedded::from)).collect();
            // Not by the engines, whose order of letters differs.
            lessons.sort_by(|(left, a), (right, b)| (&a.slug, left).cmp(&(&b.slug, right)));
            Ok(lessons.into_iter().map(|(_, lesson)| lesson).collect())
        }

        async fn embedded(&self, points: &[Uuid]) -> Result<Vec<Embedded>> {
            const SQL: &str = concat!(embedded!(), "WHERE p.point_id");
            let mut found = HashMap::new();
            for points in points.chunks(AT_ONCE) {
                let mut query = listed(SQL, points);
                let rows: Vec<EmbeddedRecord> = query.build_query_as().fetch_all(self.db.read_fresh()).await?;
                found.extend(rows.into_iter().map(Embedded::from).map(|row| (row.point_id, row)));
            }
            Ok(in_order(points, found))
        }

        async fn of_other_encoders(&self, encoder: &str) -> Result<Vec<String>> {
            let slugs = sqlx::query_scalar("SELECT slug FROM article WHERE encoder <> $1 ORDER BY slug").bind(storable(encoder));
            Ok(slugs.fetch_all(self.db.read_fresh()).await?)
        }

        async fn embed_again(&self, slug: &str, encoder: &str, vectors: &[(Uuid, Vec<f32>)]) -> Result<()> {
            let mut tx = self.db.write().await?;
            for (point, vector) in vectors {
                sqlx::query("UPDATE passage SET embedding = $1 WHERE point_id = $2 AND slug = $3")
                    .bind(Embedding(vector.clone()))
                    .bind(point)
                    .bind(storable(slug))
                    .execute(&mut *tx)
                    .await?;
            }
            sqlx::query("UPDATE article SET encoder = $1 WHERE slug = $2")
                .bind(storable(encoder))
                .bind(storable(slug))
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }
    }
}
