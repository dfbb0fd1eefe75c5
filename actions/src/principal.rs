//! Who is in the session, vouched for by the LMS.

use std::fmt;

use porter_kernel::clock::Timestamp;
use uuid::Uuid;

/// A short-lived text that the LMS signs for a session of its own. Porter cannot read it: it asks the LMS.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityToken(String);

impl IdentityToken {
    /// At most 1,024 visible ASCII characters: it goes into a header.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=1_024).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The text itself, for the LMS alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdentityToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityToken(…)")
    }
}

/// The person in the session. An action is carried out for this one; there is no argument that could name another. The LMS takes the subject from
/// the token, not from the id here, so a mistake in this program cannot change whom an effect concerns.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    learner: Uuid,
    name: String,
    expires_at: Timestamp,
    token: IdentityToken,
}

impl Principal {
    /// For implementations of [`crate::Lms`]: what the LMS says of a token that it has checked.
    #[must_use]
    pub fn vouched(learner: Uuid, name: String, expires_at: Timestamp, token: IdentityToken) -> Self {
        Self { learner, name, expires_at, token }
    }

    /// The learner's id, to bind conversations and budgets to.
    #[must_use]
    pub fn learner(&self) -> Uuid {
        self.learner
    }

    /// As the person is called: untrusted text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When the token runs out.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// What the LMS is shown.
    #[must_use]
    pub fn token(&self) -> &IdentityToken {
        &self.token
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal").field("learner", &self.learner).finish_non_exhaustive()
    }
}
