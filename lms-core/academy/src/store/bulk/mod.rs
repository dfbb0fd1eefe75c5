//! Filling an academy by the thousand rows: `COPY` on PostgreSQL, long `INSERT`s on SQLite.

mod cell;
mod postgres_copy;
mod sqlite_insert;
mod tables;

use async_trait::async_trait;
use porter_kernel::db::DbError;

use super::{Result, Seed};
use crate::domain::{CourseId, IssuedCertificate, LessonId, LessonKind, Money};

pub(super) use cell::{Cell, Table};

/// A course as the crowd takes it.
#[derive(Debug, Clone)]
pub struct CrowdCourse {
    pub id: CourseId,
    pub title: String,
    pub signatory: String,
    pub signatory_role: String,
    pub price: Money,
    pub pass_percent: i64,
    /// In their order.
    pub lessons: Vec<(LessonId, LessonKind)>,
}

#[derive(Debug, sqlx::FromRow)]
struct CourseRow {
    id: uuid::Uuid,
    title: String,
    signatory: String,
    signatory_role: String,
    price_minor: i64,
    currency: String,
    pass_percent: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct LessonRow {
    course_id: uuid::Uuid,
    id: uuid::Uuid,
    #[sqlx(try_from = "String")]
    kind: LessonKind,
}

/// Filling an academy with a crowd: see [`crate::crowd`].
#[async_trait]
pub trait Bulk: Send + Sync {
    /// The courses of the catalogue that begin at once, with their lessons.
    async fn crowd_courses(&self) -> Result<Vec<CrowdCourse>>;

    /// How many accounts have an address that ends in `@` and `domain`. Reads the whole table.
    async fn crowd_size(&self, domain: &str) -> Result<i64>;

    /// Adds the learners of `seed`, with their certificates, or nothing. Its courses, lessons and certificates are not read: the first two are there
    /// already, and `certificates` has the names that stand on the paper.
    async fn load(&self, seed: &Seed, certificates: &[IssuedCertificate]) -> Result<()>;

    /// Lets the database look at what it holds, so that its plans fit: after many rows were added.
    async fn count_anew(&self) -> Result<()>;
}

porter_kernel::for_both_engines! {
    siblings academy;

    #[async_trait]
    impl Bulk for academy::Academy {
        async fn crowd_courses(&self) -> Result<Vec<CrowdCourse>> {
            let courses: Vec<CourseRow> = sqlx::query_as(
                "SELECT id, title, signatory, signatory_role, price_minor, currency, pass_percent FROM course \
                 WHERE published AND starts_at IS NULL ORDER BY slug",
            )
            .fetch_all(self.db.read_fresh())
            .await?;
            let lessons: Vec<LessonRow> =
                sqlx::query_as("SELECT course_id, id, kind FROM lesson ORDER BY course_id, place").fetch_all(self.db.read_fresh()).await?;
            let courses = courses.into_iter().map(|row| CrowdCourse {
                id: CourseId(row.id),
                title: row.title,
                signatory: row.signatory,
                signatory_role: row.signatory_role,
                price: Money { minor: row.price_minor, currency: row.currency },
                pass_percent: row.pass_percent,
                lessons: lessons.iter().filter(|lesson| lesson.course_id == row.id).map(|lesson| (LessonId(lesson.id), lesson.kind)).collect(),
            });
            Ok(courses.collect())
        }

        async fn crowd_size(&self, domain: &str) -> Result<i64> {
            let count = sqlx::query_scalar("SELECT COUNT(*) FROM account WHERE email LIKE $1");
            Ok(count.bind(format!("%@{domain}")).fetch_one(self.db.read_fresh()).await?)
        }

        async fn load(&self, seed: &Seed, certificates: &[IssuedCertificate]) -> Result<()> {
            let mut tx = self.db.write().await?;
            for table in tables::of(seed, certificates) {
                load_table(&mut tx, &table).await?;
            }
            tx.commit().await?;
            Ok(())
        }

        async fn count_anew(&self) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("ANALYZE").execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(())
        }
    }

    async fn load_table(tx: &mut engine::Tx, table: &Table<'_>) -> std::result::Result<(), DbError> {
        <engine::Engine as cell::Loading>::load(tx, table).await
    }
}
