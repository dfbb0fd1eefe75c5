//! The store's failures as problems, in one place.

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
            AcademyError::NotYourself => {
                Self::conflict("You cannot change your own role or lock yourself. Another administrator can do it.")
            }
            AcademyError::Database(error) => error.into(),
        }
    }
}
