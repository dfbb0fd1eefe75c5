//! Who teaches what.

use async_trait::async_trait;
use uuid::Uuid;

use super::{Result, Teaching};
use crate::domain::{AccountId, CourseId};

porter_kernel::for_both_engines! {
    siblings academy;

    #[async_trait]
    impl Teaching for academy::Academy {
        async fn teaches(&self, account: AccountId, course: CourseId) -> Result<bool> {
            let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM course_instructor WHERE account_id = $1 AND course_id = $2")
                .bind(account.0)
                .bind(course.0)
                .fetch_one(self.db.read_fresh())
                .await?;
            Ok(count > 0)
        }

        async fn courses_taught(&self, account: AccountId) -> Result<Vec<(CourseId, String, String)>> {
            let rows: Vec<(Uuid, String, String)> = sqlx::query_as(
                "SELECT c.id, c.slug, c.title FROM course_instructor i JOIN course c ON c.id = i.course_id WHERE i.account_id = $1 ORDER BY c.title, c.id",
            )
            .bind(account.0)
            .fetch_all(self.db.read_fresh())
            .await?;
            Ok(rows.into_iter().map(|(id, slug, title)| (CourseId(id), slug, title)).collect())
        }

        async fn let_teach(&self, account: AccountId, course: CourseId) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("INSERT INTO course_instructor (course_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(course.0)
                .bind(account.0)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }
    }
}
