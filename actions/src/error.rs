//! The closed set of reasons why an action was not carried out. What the student is told of them is the desk's matter.

use std::time::Duration;

use porter_kernel::db::DbError;

use crate::LmsError;

/// How long to wait when the LMS asks to, and does not say how long.
const BUSY: Duration = Duration::from_secs(60);

/// Why an action was not carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The sign-in has run out, or the account was signed out or locked. Nothing happened.
    #[error("the person is not signed in any more")]
    SignedOut,
    /// The LMS or the database does not work. Nothing happened.
    #[error("a part that is needed does not work; nothing happened")]
    Unavailable,
    /// The LMS was asked for an effect and gave no answer that can be read: it may have happened. The same key asks again without a second effect.
    #[error("the LMS was asked and did not answer: it may have happened")]
    Unclear,
    /// Asked for too often. Nothing happened.
    #[error("asked for too often; again in {} s", .retry_after.as_secs())]
    OverBudget {
        /// When it may be asked for again.
        retry_after: Duration,
    },
    /// The option is not one of the choice, or not one of this person's. Nothing happened.
    #[error("there is no such option")]
    NotOffered,
    /// The key belongs to another request. Nothing happened.
    #[error("the key belongs to another request")]
    Conflict,
}

impl ActionError {
    /// One word for metrics, logs and the audit.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Unavailable => "unavailable",
            Self::Unclear => "unclear",
            Self::OverBudget { .. } => "over_budget",
            Self::NotOffered => "not_offered",
            Self::Conflict => "conflict",
        }
    }
}

impl From<LmsError> for ActionError {
    fn from(error: LmsError) -> Self {
        match error {
            LmsError::SignedOut => Self::SignedOut,
            LmsError::NotFound => Self::NotOffered,
            LmsError::Busy => Self::OverBudget { retry_after: BUSY },
            LmsError::KeyUsed => Self::Conflict,
            LmsError::Down(_) => Self::Unavailable,
            LmsError::Unclear(_) => Self::Unclear,
        }
    }
}

/// Logs the cause, once.
impl From<DbError> for ActionError {
    fn from(error: DbError) -> Self {
        tracing::error!(%error, "the record of actions does not work");
        Self::Unavailable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_lms_says_keeps_its_meaning() {
        for (lms, word) in [
            (LmsError::SignedOut, "signed_out"),
            (LmsError::NotFound, "not_offered"),
            (LmsError::Busy, "over_budget"),
            (LmsError::KeyUsed, "conflict"),
            (LmsError::Down("refused".to_owned()), "unavailable"),
            (LmsError::Unclear("timed out".to_owned()), "unclear"),
        ] {
            assert_eq!(ActionError::from(lms).as_str(), word);
        }
    }
}
