//! Who is behind a conversation, as far as the LMS vouches for it.

use std::fmt;

use porter_actions::{IdentityToken, Principal};
use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whose conversation it is. Set once, by the first person who is signed in and uses it; it never becomes anybody else's.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    /// The learner's id in the LMS.
    pub learner: Uuid,
    /// As the LMS knows the person: untrusted text.
    pub name: String,
}

/// Without the name: logs hold no personal data.
impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("learner", &self.learner).finish_non_exhaustive()
    }
}

/// A person whom the LMS vouches for, and what proves it to the LMS until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who it is.
    pub subject: Subject,
    /// Shown to the LMS when the bot acts for this person.
    pub token: IdentityToken,
    /// When the token runs out and is forgotten.
    pub until: Timestamp,
}

impl From<&Principal> for Identity {
    fn from(principal: &Principal) -> Self {
        Self {
            subject: Subject { learner: principal.learner(), name: principal.name().to_owned() },
            token: principal.token().clone(),
            until: principal.expires_at(),
        }
    }
}

/// What agents are told about who is asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assured {
    /// As the LMS knows the person: untrusted text.
    pub name: String,
    /// The LMS has vouched for it. Always true: of others nothing is said.
    pub verified: bool,
}

impl From<Subject> for Assured {
    fn from(subject: Subject) -> Self {
        Self { name: subject.name, verified: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_the_name_nor_the_token_is_printed() {
        let token = IdentityToken::parse("very-secret").unwrap();
        let until = Timestamp::from_micros(0).unwrap();
        let identity = Identity { subject: Subject { learner: Uuid::from_u128(7), name: "Anna Berg".to_owned() }, token, until };
        let printed = format!("{identity:?}");
        assert!(printed.contains(&Uuid::from_u128(7).to_string()), "{printed}");
        assert!(!printed.contains("Anna") && !printed.contains("secret"), "{printed}");
    }
}
