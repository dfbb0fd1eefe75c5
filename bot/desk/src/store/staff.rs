//! Staff and their sessions.

use async_trait::async_trait;
use porter_kernel::{
    clock::Timestamp,
    db::{DbError, storable},
    ids::TokenHash,
};

use super::{Credentials, DeskError, NewStaff, Result, Staff, rows::StaffRow};
use crate::domain::{StaffId, StaffMember};

porter_kernel::for_both_engines! {
    siblings desk, sql;

    #[async_trait]
    impl Staff for desk::Desk {
        async fn staff_by_email(&self, email: &str) -> Result<Option<Credentials>> {
            let row: Option<StaffRow> = sqlx::query_as("SELECT id, email, name, role, password_hash FROM staff WHERE email = $1")
                .bind(storable(&email.to_lowercase()))
                .fetch_optional(self.db.read_fresh())
                .await?;
            Ok(row.map(Into::into))
        }

        async fn staff_count(&self) -> Result<i64> {
            let count = sqlx::query_scalar("SELECT COUNT(*) FROM staff");
            Ok(count.fetch_one(self.db.read_fresh()).await?)
        }

        async fn create_staff(&self, staff: &NewStaff, now: Timestamp) -> Result<StaffMember> {
            let member = StaffMember {
                id: staff.id,
                email: storable(&staff.email.to_lowercase()).into_owned(),
                name: storable(&staff.name).into_owned(),
                role: staff.role,
            };
            let mut tx = self.db.write().await?;
            sqlx::query(
                "INSERT INTO staff (id, email, name, role, password_hash, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(member.id.0)
            .bind(&member.email)
            .bind(&member.name)
            .bind(member.role.as_str())
            .bind(storable(&staff.password_hash))
            .bind(now)
            .execute(&mut *tx)
            .await
            .map_err(|error| match DbError::from(error) {
                DbError::Conflict { constraint } if constraint.contains("email") => DeskError::EmailTaken,
                error => error.into(),
            })?;
            tx.commit().await?;
            Ok(member)
        }

        async fn create_session(
            &self,
            token_hash: &TokenHash,
            staff: StaffId,
            now: Timestamp,
            expires_at: Timestamp,
        ) -> Result<()> {
            let mut tx = self.db.write().await?;
            sql::member(&mut tx, staff).await?;
            sqlx::query("INSERT INTO staff_session (token_hash, staff_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
                .bind(token_hash.as_str())
                .bind(staff.0)
                .bind(now)
                .bind(expires_at)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn staff_by_session(&self, token_hash: &TokenHash, now: Timestamp) -> Result<Option<StaffMember>> {
            let row: Option<StaffRow> = sqlx::query_as(
                "SELECT s.id, s.email, s.name, s.role, s.password_hash FROM staff_session e \
                 JOIN staff s ON s.id = e.staff_id WHERE e.token_hash = $1 AND e.expires_at > $2",
            )
            .bind(token_hash.as_str())
            .bind(now)
            .fetch_optional(self.db.read_fresh())
            .await?;
            Ok(row.map(Into::into))
        }

        async fn delete_session(&self, token_hash: &TokenHash) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("DELETE FROM staff_session WHERE token_hash = $1").bind(token_hash.as_str()).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn delete_expired(&self, now: Timestamp) -> Result<u64> {
            let mut tx = self.db.write().await?;
            let deleted = sqlx::query("DELETE FROM staff_session WHERE expires_at <= $1").bind(now).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(deleted.rows_affected())
        }
    }
}
