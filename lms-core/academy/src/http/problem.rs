//! The store's failures as problems, in one place.

use axum::http::StatusCode;
use porter_kernel::http::Problem;

use crate::store::AcademyError;

impl From<AcademyError> for Problem {
    fn from(error: AcademyError) -> Self {
        match error {
            // One text for "there is none" and "it is somebody else's".
            AcademyError::NotFound => Self::not_found("There is no such thing here."),
            AcademyError::KeyReused => {
                Self::conflict("This Idempotency-Key was used for another request. Make a new one for each request.")
            }
            AcademyError::Refused(refusal) => Self::conflict(refusal.to_string()),
            AcademyError::Revoked(reason) => Self::new(
                StatusCode::GONE,
                "revoked",
                format!("This certificate was revoked ({}), so it cannot be downloaded or sent any more.", reason.said()),
            ),
            AcademyError::TooLate => Self::conflict("It is too late for that: the time in which it could be done has passed."),
            AcademyError::NotYourself => {
                Self::conflict("You cannot change your own role or lock yourself. Another administrator can do it.")
            }
            AcademyError::Database(error) => error.into(),
        }
    }
}
