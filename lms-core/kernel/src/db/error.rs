//! What can go wrong with a database, and what to do about it.

use std::{error::Error as StdError, io};

use sqlx::error::{DatabaseError, ErrorKind};

/// A failure of the database. The message says what a person can do.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// It cannot be opened: a wrong path or address, or no permission.
    #[error("cannot open {what}: {cause}")]
    Open {
        /// Which database.
        what: String,
        /// Why.
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// It does not answer now. Nothing was written; the same request may succeed later.
    #[error("the database does not answer ({0}): check that it is running and reachable; Porter tries again by itself")]
    Unavailable(#[source] sqlx::Error),
    /// There is no room to write.
    #[error("the disk that holds the database is full ({0}): make room; what is stored is safe")]
    FullDisk(#[source] sqlx::Error),
    /// A rule of the schema forbids the change.
    #[error("the change breaks the rule {constraint:?} of the database")]
    Conflict {
        /// The constraint's name (PostgreSQL), or its columns (SQLite: `staff.email`).
        constraint: String,
    },
    /// What is stored cannot be read.
    #[error("the database is damaged ({0}): stop Porter and restore the database from a backup")]
    Corrupt(#[source] sqlx::Error),
    /// Its tables cannot be brought to the form that this version needs.
    #[error("cannot bring the {component} tables up to date: {cause}")]
    Migration {
        /// Whose tables.
        component: &'static str,
        /// Why.
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// Anything else: a fault in Porter.
    #[error("the database refused what it should accept ({0}): this is a fault in Porter, please report it")]
    Internal(#[source] sqlx::Error),
}

impl DbError {
    /// Whether the same request may succeed a little later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Stored text that this version does not understand, for example a word of a newer version.
    pub fn unreadable(cause: impl StdError + Send + Sync + 'static) -> Self {
        Self::Internal(sqlx::Error::Decode(Box::new(cause)))
    }
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let class = match &error {
            sqlx::Error::Io(cause) if is_full(cause) => Class::FullDisk,
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Class::Unavailable,
            sqlx::Error::Database(cause) => classify(&**cause),
            _ => Class::Internal,
        };
        match class {
            Class::Unavailable => Self::Unavailable(error),
            Class::FullDisk => Self::FullDisk(error),
            Class::Corrupt => Self::Corrupt(error),
            Class::Conflict(constraint) => Self::Conflict { constraint },
            Class::Internal => Self::Internal(error),
        }
    }
}

#[derive(Debug, PartialEq)]
enum Class {
    Unavailable,
    FullDisk,
    Corrupt,
    Conflict(String),
    Internal,
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn classify(error: &dyn DatabaseError) -> Class {
    if error.kind() != ErrorKind::Other {
        let constraint = error.constraint().map_or_else(
            || {
                let message = error.message();
                message.rsplit_once(": ").map_or(message, |(_, columns)| columns).to_owned()
            },
            ToOwned::to_owned,
        );
        return Class::Conflict(constraint);
    }
    let code = error.code().unwrap_or_default();
    // SQLite's codes are numbers without leading zeros, PostgreSQL's have five characters: 08006
    // would be a number too, but not a result code.
    match code.parse::<i32>() {
        Ok(code) if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() => sqlite_class(code),
        _ => postgres_class(&code),
    }
}

/// <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
fn sqlite_class(code: i32) -> Class {
    const IOERR_SHMSIZE: i32 = 4874; // the WAL index cannot grow: in practice, no room
    match (code, code & 0xff) {
        (IOERR_SHMSIZE, _) | (_, 13) => Class::FullDisk,
        // BUSY, LOCKED, READONLY, IOERR, CANTOPEN
        (_, 5 | 6 | 8 | 10 | 14) => Class::Unavailable,
        // CORRUPT, NOTADB
        (_, 11 | 26) => Class::Corrupt,
        _ => Class::Internal,
    }
}

/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn postgres_class(code: &str) -> Class {
    match code {
        "53100" => Class::FullDisk,
        "XX001" | "XX002" => Class::Corrupt,
        // serialization failure, deadlock, too many connections or other resources, lock not
        // available, statement timeout, read-only (a failover), I/O error
        "40001" | "40P01" | "53000" | "53200" | "53300" | "55P03" | "57014" | "25006" | "58030" => Class::Unavailable,
        _ if code.starts_with("08") || code.starts_with("57P") => Class::Unavailable,
        _ => Class::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_sqlite_are_sorted() {
        assert_eq!(sqlite_class(5), Class::Unavailable);
        assert_eq!(sqlite_class(517), Class::Unavailable); // BUSY_SNAPSHOT
        assert_eq!(sqlite_class(13), Class::FullDisk);
        assert_eq!(sqlite_class(4874), Class::FullDisk);
        assert_eq!(sqlite_class(11), Class::Corrupt);
        assert_eq!(sqlite_class(1), Class::Internal);
    }

    #[test]
    fn codes_of_postgres_are_sorted() {
        assert_eq!(postgres_class("08006"), Class::Unavailable);
        assert_eq!(postgres_class("57P01"), Class::Unavailable);
        assert_eq!(postgres_class("40P01"), Class::Unavailable);
        assert_eq!(postgres_class("53100"), Class::FullDisk);
        assert_eq!(postgres_class("XX001"), Class::Corrupt);
        assert_eq!(postgres_class("42601"), Class::Internal);
    }

    #[test]
    fn a_full_disk_is_told_from_a_broken_connection() {
        let full = sqlx::Error::Io(io::Error::from(io::ErrorKind::StorageFull));
        assert!(matches!(DbError::from(full), DbError::FullDisk(_)));
        let broken = sqlx::Error::Io(io::Error::from(io::ErrorKind::ConnectionReset));
        let broken = DbError::from(broken);
        assert!(broken.is_transient());
        assert!(broken.to_string().contains("check that it is running"), "{broken}");
        assert!(matches!(DbError::from(sqlx::Error::PoolTimedOut), DbError::Unavailable(_)));
        assert!(matches!(DbError::from(sqlx::Error::RowNotFound), DbError::Internal(_)));
    }
}
