//! Passwords of learners and staff: argon2id, off the async threads, a few at a time.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::http::Problem;

/// Hashes computed at the same time: each takes its memory and a core.
const AT_ONCE: usize = 2;
static PERMITS: Semaphore = Semaphore::const_new(AT_ONCE);

/// The hash failed to be computed.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct PasswordError(String);

/// 19 MiB, two passes, one lane: OWASP's first recommendation for argon2id.
fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl fmt::Display) -> PasswordError {
    PasswordError(error.to_string())
}

/// A PHC string of the password with a random salt.
///
/// # Errors
/// When no random salt can be had, or the runtime is ending.
pub async fn hash(password: String) -> Result<String, PasswordError> {
    let _permit = PERMITS.acquire().await.map_err(failed)?;
    tokio::task::spawn_blocking(move || Ok(hasher()?.hash_password(password.as_bytes()).map_err(failed)?.to_string()))
        .await
        .map_err(failed)?
}

/// Compares a password with a PHC string. Without one, as for an address that nobody has, it takes as long and says no.
///
/// # Errors
/// When what is stored is no PHC string, or the runtime is ending.
pub async fn matches(password: String, phc: Option<String>) -> Result<bool, PasswordError> {
    let _permit = PERMITS.acquire().await.map_err(failed)?;
    tokio::task::spawn_blocking(move || {
        let hasher = hasher()?;
        match phc {
            Some(phc) => {
                let parsed = PasswordHash::new(&phc).map_err(failed)?;
                Ok(hasher.verify_password(password.as_bytes(), &parsed).is_ok())
            }
            None => hasher.hash_password(password.as_bytes()).map(|_| false).map_err(failed),
        }
    })
    .await
    .map_err(failed)?
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        tracing::error!(%error, "a password could not be worked with");
        Self::internal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches_and_the_parameters_are_strong() {
        let phc = hash("correct horse".to_owned()).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(matches("correct horse".to_owned(), Some(phc.clone())).await.unwrap());
        assert!(!matches("wrong horse".to_owned(), Some(phc)).await.unwrap());
        assert!(!matches("correct horse".to_owned(), None).await.unwrap());
        assert!(matches("x".to_owned(), Some("not a hash".to_owned())).await.is_err());
    }
}
