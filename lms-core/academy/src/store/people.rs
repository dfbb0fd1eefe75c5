//! What administrators do with accounts. Every change is noted with who made it.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use uuid::Uuid;

use super::rows::AccountRow;
use super::sql::account;
use super::{AcademyError, Result};
use crate::domain::{Account, AccountId, AccountStatus, Person, PersonChange, Role};

/// What is to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonDecision {
    Role(Role),
    Lock,
    Unlock,
}

/// People, for administrators.
#[async_trait]
pub trait People: Send + Sync {
    /// Accounts whose name begins with `prefix`, as it is or with its words in capitals, by name; `after` is the last one of the page before.
    async fn people(&self, prefix: &str, after: Option<(&str, AccountId)>, limit: i64) -> Result<Vec<Account>>;

    /// One person.
    async fn person(&self, id: AccountId) -> Result<Option<Person>>;

    /// What was changed of this account, the newest first, 50 at most.
    async fn person_changes(&self, id: AccountId) -> Result<Vec<PersonChange>>;

    /// Changes the account and notes it; locking ends its sessions and links. Errors: [`AcademyError::NotYourself`] about one's own account,
    /// [`AcademyError::NotFound`] when there is none or its status does not allow it, or when `by` is no administrator (any more).
    async fn decide_about(&self, id: AccountId, decision: PersonDecision, by: AccountId, note: Uuid, now: Timestamp) -> Result<()>;
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    by_name: String,
    what: String,
    was: String,
    now_is: String,
    changed_at: Timestamp,
}

porter_kernel::for_both_engines! {
    siblings academy, sql;

    #[async_trait]
    impl People for academy::Academy {
        async fn people(&self, prefix: &str, after: Option<(&str, AccountId)>, limit: i64) -> Result<Vec<Account>> {
            // Two ranges of the index, whose order is by code points on both engines.
            const SQL: &str = concat!(
                "SELECT ",
                account!(bare),
                " FROM account WHERE ((name >= $1 AND name <= $2) OR (name >= $3 AND name <= $4)) \
                 AND (name, id) > ($5, $6) AND status <> 'erased' \
                 ORDER BY name, id LIMIT $7"
            );
            let prefix = storable(prefix);
            let capital = capitalised(&prefix);
            let (name, id) = after.map_or(("", Uuid::nil()), |(name, id)| (name, id.0));
            let rows: Vec<AccountRow> = sqlx::query_as(SQL)
                .bind(prefix.as_ref())
                .bind(end_of(&prefix))
                .bind(&capital)
                .bind(end_of(&capital))
                .bind(storable(name))
                .bind(id)
                .bind(limit)
                .fetch_all(self.db.read_fresh())
                .await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn person(&self, id: AccountId) -> Result<Option<Person>> {
            const SQL: &str = concat!("SELECT ", account!(), " FROM account a WHERE a.id = $1 AND a.status <> 'erased'");
            let row: Option<AccountRow> = sqlx::query_as(SQL).bind(id.0).fetch_optional(self.db.read_fresh()).await?;
            let Some(row) = row else { return Ok(None) };
            let second: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM two_factor WHERE account_id = $1 AND enabled_at IS NOT NULL")
                .bind(id.0)
                .fetch_one(self.db.read_fresh())
                .await?;
            Ok(Some(Person { account: row.into(), two_factor: second > 0 }))
        }

        async fn person_changes(&self, id: AccountId) -> Result<Vec<PersonChange>> {
            let rows: Vec<ChangeRow> = sqlx::query_as(
                "SELECT a.name AS by_name, c.what, c.was, c.now_is, c.changed_at FROM account_change c JOIN account a ON a.id = c.by_id \
                 WHERE c.account_id = $1 ORDER BY c.changed_at DESC, c.id DESC LIMIT 50",
            )
            .bind(id.0)
            .fetch_all(self.db.read_fresh())
            .await?;
            let change = |row: ChangeRow| PersonChange {
                by: row.by_name,
                what: row.what,
                was: row.was,
                now_is: row.now_is,
                changed_at: row.changed_at,
            };
            Ok(rows.into_iter().map(change).collect())
        }

        async fn decide_about(&self, id: AccountId, decision: PersonDecision, by: AccountId, note: Uuid, now: Timestamp) -> Result<()> {
            if id == by {
                return Err(AcademyError::NotYourself);
            }
            let mut tx = self.db.write().await?;
            // In the order of the ids, so that two administrators who change each other do not wait in a circle.
            let (first, second) = if id < by { (id, by) } else { (by, id) };
            let (first, second) = (sql::lock_account(&mut tx, first).await?, sql::lock_account(&mut tx, second).await?);
            let (person, judge) = if id < by { (first, second) } else { (second, first) };
            let may = judge.is_some_and(|judge| judge.role == Role::Administrator && judge.status == AccountStatus::Active);
            let person = person.filter(|_| may).ok_or(AcademyError::NotFound)?;
            let (what, was, now_is) = match (decision, person.status) {
                (PersonDecision::Role(role), AccountStatus::Active | AccountStatus::Locked) => ("role", person.role.as_str(), role.as_str()),
                (PersonDecision::Lock, AccountStatus::Active | AccountStatus::Locked) => ("status", person.status.as_str(), "locked"),
                (PersonDecision::Unlock, AccountStatus::Active | AccountStatus::Locked) => ("status", person.status.as_str(), "active"),
                (_, AccountStatus::Unverified | AccountStatus::Erased) => return Err(AcademyError::NotFound),
            };
            if was == now_is {
                return Ok(());
            }
            let change = if what == "role" { "UPDATE account SET role = $2 WHERE id = $1" } else { "UPDATE account SET status = $2 WHERE id = $1" };
            sqlx::query(change).bind(id.0).bind(now_is).execute(&mut *tx).await?;
            if decision == PersonDecision::Lock {
                sqlx::query("DELETE FROM session WHERE account_id = $1").bind(id.0).execute(&mut *tx).await?;
                sql::void_resets(&mut tx, id, now).await?;
            }
            sqlx::query(
                "INSERT INTO account_change (id, account_id, by_id, what, was, now_is, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(note)
            .bind(id.0)
            .bind(by.0)
            .bind(what)
            .bind(was)
            .bind(now_is)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }
    }
}

fn capitalised(prefix: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    prefix.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Behind every name that begins so.
fn end_of(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_tried_as_a_name_is_written() {
        assert_eq!(capitalised("anna k"), "Anna K");
        assert_eq!(capitalised("anna "), "Anna ");
        assert_eq!(capitalised("élise"), "Élise");
        assert_eq!(capitalised(""), "");
    }
}
