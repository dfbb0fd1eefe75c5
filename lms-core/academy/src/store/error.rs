//! What can go wrong in the academy's store.

use porter_kernel::db::DbError;

use crate::domain::RevocationReason;
use crate::domain::catalogue::Refusal;

/// The store's failure.
#[derive(Debug, thiserror::Error)]
pub enum AcademyError {
    /// There is none, or it is somebody else's.
    #[error("there is no such thing, or it is not yours")]
    NotFound,
    /// An idempotency key came again with another request or from another account.
    #[error("this request's key was used for another request")]
    KeyReused,
    /// It is there, and not to be had now.
    #[error("{0}")]
    Refused(Refusal),
    /// The certificate counts no more.
    #[error("this certificate was revoked: {}", .0.said())]
    Revoked(RevocationReason),
    /// It could have been done until then.
    #[error("it is too late for that")]
    TooLate,
    /// An administrator who would lock or demote themselves.
    #[error("nobody changes their own account here")]
    NotYourself,
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<sqlx::Error> for AcademyError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// The store's result.
pub type Result<T> = std::result::Result<T, AcademyError>;
